"""What an expression is, in terms of a status that is followed through a script."""

from __future__ import annotations

from typing import Literal, NamedTuple

from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.tree import Node
from koze_lsp.text import Span

Shape = Literal["status", "list", "tuple", "record", "entries", "pair"]


class Role(NamedTuple):
    """What an expression is, in terms of a call's result.

    Attributes:
        promise: it still has to be awaited.
        shape: a status, or what holds statuses.
        place: the index in a tuple.
        path: the fields read of the status so far, with their spans and whether each was read by ``?.``.
        origin: the read itself, where parentheses or a choice (``? :``) around it are looked at.
        replaced: something else may stand here where the output is null (see `StatusRead`).
    """

    call: StatusCall
    promise: bool = True
    shape: Shape = "status"
    place: int = 0
    path: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    optional: tuple[bool, ...] = ()
    name: Binding | None = None
    until: bool = False
    origin: Node | None = None
    replaced: bool = False

    @property
    def is_output(self) -> bool:
        """Whether it is the output, or a part of it."""
        return self.path[:1] == ("output",)
