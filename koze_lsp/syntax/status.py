"""What a script and its template do with the results of workflowStatus: the facts that `status_follow` finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.fragments import Placed, Where
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.tree import Node
from koze_lsp.syntax.values import Value
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.syntax.script import ScriptFacts


class StatusRead(NamedTuple):
    """One use of a status.

    Attributes:
        path: the fields, outermost first: ``("output", "progress")``; empty where the whole value is used.
        fields: the span of each field's name.
        optional: for each field, whether ``?.`` reads it.
        span: the whole chain.
        until: inside the ``until`` of its own call.
        name: the variable that it is read of, as far as there is one.
        replaced: something else may stand there where the output is null: behind ``??``, ``||`` or ``? :``, or in a
            name that is assigned to.
        where: its node, or the fragment that holds it and the place there.
    """

    call: StatusCall
    path: tuple[str, ...]
    fields: tuple[Span, ...]
    optional: tuple[bool, ...]
    span: Span
    in_template: bool
    until: bool
    name: Binding | None
    where: Node | tuple[Placed, Where]
    replaced: bool = False

    @property
    def node(self) -> Node:
        """The expression, or the declaration that takes the field out of the status."""
        if isinstance(self.where, tuple):
            placed, where = self.where
            return placed.node(where)
        return self.where


class Comparison(NamedTuple):
    """``status.status`` held against a string: by an operator, a ``case``, or ``[…].includes``."""

    call: StatusCall
    literal: Value
    negated: bool
    in_template: bool
    until: bool


class StatusName(NamedTuple):
    """A variable that holds a whole status (``kind`` as declared)."""

    call: StatusCall
    binding: Binding


@dataclass
class StatusFlow:
    """Everything that is known of the results. Each list is in source order."""

    reads: list[StatusRead] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    names: list[StatusName] = field(default_factory=list)


def follow(facts: ScriptFacts) -> StatusFlow:
    """Follow the results of all calls of a script."""
    from koze_lsp.syntax.status_fragments import followed  # noqa: PLC0415 - it makes what is declared here

    return followed(facts)
