"""What small statements read of a status, kept from one version of a text to the next.

A use of a status in a statement says the same wherever the statement stands, as long as the value does not go into
another name, out of a function or into a list, and is held against nothing but literals. Such a statement's reads are
kept with its `Fragment`; any other is followed anew in every version.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from koze_lsp.syntax.fragments import Placed, Where
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.status import Comparison, StatusFlow, StatusRead
from koze_lsp.syntax.status_follow import LIMIT, Follower
from koze_lsp.syntax.status_role import Role
from koze_lsp.syntax.tree import Node
from koze_lsp.syntax.values import Value
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.syntax.script import ScriptFacts

_LITERALS = frozenset({"string", "number", "true", "false", "null", "undefined"})
_LEAVING = frozenset(
    {"variable_declarator", "assignment_expression", "array", "arrow_function", "return_statement", "program"}
)
"""What takes a value somewhere else."""


class _Read(NamedTuple):
    """A `StatusRead` with places relative to the fragment; ``fields`` are those that the fragment itself reads."""

    path: tuple[str, ...]
    fields: tuple[Span, ...]
    optional: tuple[bool, ...]
    start: int
    end: int
    where: Where
    replaced: bool


class _Comparison(NamedTuple):
    """A `Comparison` with a string; ``read`` is where the expression begins that is held against it."""

    read: int
    start: int
    end: int
    text: str
    negated: bool


class _Kept(NamedTuple):
    """All that a fragment reads of a name; ``places`` is how many were followed."""

    places: int
    reads: tuple[_Read, ...]
    comparisons: tuple[_Comparison, ...]


class _OpenError(Exception):
    """A value leaves the statement, or something outside of it decides."""


def followed(facts: ScriptFacts) -> StatusFlow:
    """Where the results of a script's calls go; what a statement reads is kept for the next version."""
    follower = _Keeping(facts)
    flow = follower.run()
    return Follower(facts).run() if follower.in_doubt() else flow


class _Keeping(Follower):
    """Takes what fragments read from where it is kept."""

    def __init__(self, facts: ScriptFacts) -> None:
        super().__init__(facts)
        self.places = 0
        self.told: dict[tuple[int, str, int, tuple[str, ...]], tuple[bool, bool]] = {}
        self.differs = False

    def in_doubt(self) -> bool:
        """Whether following everything anew could give something else.

        A place that is reached in two ways counts once, and which one that is depends on the order; so does what
        is left out of a page with too many.
        """
        if self.differs or len(self.seen) + self.places >= LIMIT:
            return self.places > 0
        reads = self.flow.reads
        return self.places > 0 and any(
            one.span == other.span and one.path == other.path and one.call is other.call
            for one, other in pairwise(reads)
        )

    def used_in(self, placed: Placed, binding: Binding, role: Role) -> None:
        """Read off what the statement does with the name, or follow it there."""
        kept = None
        if role.shape == "status" and not role.promise:
            key = (_Keeping, binding.name, role.path, role.until, role.replaced)
            facts = placed.fragment.facts
            if key not in facts:
                facts[key] = self.find(placed, binding, role)
            found = facts[key]
            kept = found if isinstance(found, _Kept) else None
        if kept is None:
            super().used_in(placed, binding, role)
            return
        way = (role.until, role.replaced)
        if self.told.setdefault((placed.start, binding.name, role.call.span.start, role.path), way) != way:
            self.differs = True
        self.places += kept.places
        self.place(kept, placed, role)

    def place(self, kept: _Kept, placed: Placed, role: Role) -> None:
        """Add the reads and comparisons of a fragment where it stands."""
        base, template = placed.start, self.facts.template or Span(0, 0)
        first, behind = template
        reads = self.flow.reads
        for path, fields, optional, start, end, where, replaced in kept.reads:
            at = base + start
            spans = (*role.spans, *[Span(base + a, base + b) for a, b in fields])
            span, within = Span(at, base + end), first <= at < behind
            reads.append(
                StatusRead(
                    role.call, path, spans, optional, span, within, role.until, role.name, (placed, where), replaced
                )
            )
        for read, start, end, text, negated in kept.comparisons:
            span, within = Span(base + start, base + end), first <= base + read < behind
            literal = Value("string", span, span, text)
            self.flow.comparisons.append(Comparison(role.call, literal, negated, within, role.until))

    def find(self, placed: Placed, binding: Binding, role: Role) -> _Kept | None:
        """What a fragment reads of a name that has a role; None if that can't be told from the fragment alone."""
        inner = _Closed(self.facts)
        Follower.used_in(inner, placed, binding, role)
        try:
            inner.follow_all()
        except _OpenError:
            return None
        base, given = placed.start, len(role.spans)
        reads: list[_Read] = []
        for read in inner.flow.reads:
            start, end = read.span.shift(-base)
            where = Where(read.node.type, *self.tree.span(read.node).shift(-base))
            fields = tuple(span.shift(-base) for span in read.fields[given:])
            reads.append(_Read(read.path, fields, read.optional, start, end, where, read.replaced))
        comparisons = tuple(
            _Comparison(read - base, *one.literal.span.shift(-base), one.literal.string or "", one.negated)
            for read, one in zip(inner.compared_from, inner.flow.comparisons, strict=True)
        )
        return _Kept(len(inner.seen), tuple(reads), comparisons)


class _Closed(Follower):
    """Follows a value as long as nothing outside of the statement can matter."""

    def __init__(self, facts: ScriptFacts) -> None:
        super().__init__(facts)
        self.compared_from: list[int] = []  # where the read of each comparison begins

    def read(self, node: Node, role: Role) -> None:
        super().read(node, role)
        while len(self.compared_from) < len(self.flow.comparisons):
            self.compared_from.append(self.flow.reads[-1].span.start)

    def step(self, node: Node, role: Role) -> None:
        parent = self.tree.parent(node)
        kind = parent.type if parent is not None else ""
        chosen = kind == "ternary_expression" and parent is not None and parent.child_by_field_name("condition") != node
        if chosen or kind in _LEAVING:
            raise _OpenError
        super().step(node, role)

    def listed(self, array: Node) -> tuple[Value, ...]:
        if array.type != "array" or any(child.type not in _LITERALS for child in array.named_children):
            raise _OpenError
        return super().listed(array)

    def strings(self, nodes: list[Node], negated: bool) -> Iterator[tuple[Value, bool]]:
        if any(node.type not in _LITERALS for node in nodes):
            raise _OpenError
        return super().strings(nodes, negated)
