"""What small statements declare and use, kept from one version of a text to the next.

Which names a statement declares, and which of its identifiers mean them, depends on its text alone, once the tree says
where it begins and ends and that it is whole. A fragment is therefore kept by its text, with places relative to its
start, and a new version of a text puts its fragments into their scopes: a keystroke costs a look-up for each statement
and reading for the one that it changed. What the scopes around it mean by a name is not part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from koze_lsp.syntax.names import Binding, BindingKind, Names, Scope, Use
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.text import Span

_LONGEST = 2_000
"""Bytes of a statement that is kept whole; those in a longer one's blocks are kept one by one."""
_DEEPEST = 32
"""Scopes around a statement that is kept: looking for a node costs time that grows with its depth."""
_NOT_KEPT = frozenset({"comment", "empty_statement", "import_statement", "hash_bang_line", "ERROR"})

Position = tuple[int, bool]
"""Where a use begins, and whether it is written to."""


class Where(NamedTuple):
    """A node: its kind and, relative to the fragment, its span."""

    kind: str
    start: int
    end: int


class Declared(NamedTuple):
    """One name that a fragment declares (see `Binding`).

    Attributes:
        scope: the number of its scope in the fragment; -1 for the one around it, -2 for that one's home.
        uses: those in the fragment, of a name that is declared in one of its own scopes.
    """

    name: str
    kind: BindingKind
    start: int
    declaration: Where
    scope: int
    init: Where | None
    path: tuple[str, ...] | None
    default: bool
    uses: tuple[Position, ...]


AROUND = -1
HOME = -2


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """A statement's names.

    Attributes:
        declared: what it declares, for itself and for the scopes around it, in source order.
        scopes: its own scopes that declare names: the node of each, and the number of the one around it.
        free: the uses of all other names.
        facts: what others keep with it; the key names the asker.
    """

    length: int
    declared: tuple[Declared, ...]
    scopes: tuple[tuple[Where, int], ...]
    free: dict[str, tuple[Position, ...]]
    facts: dict[object, object] = field(default_factory=dict)


class Fragments:
    """The fragments of one version of a text, by kind and text."""

    def __init__(self, older: Fragments | None) -> None:
        self._known: dict[tuple[str, str], Fragment] = {}
        # A version whose names nobody asked for hands on what it got.
        self._older: dict[tuple[str, str], Fragment] = (older._known or older._older) if older is not None else {}

    def of(self, tree: SyntaxTree, node: Node, scope: Scope, read: Callable[[Scope, Node], Names]) -> Fragment | None:
        """The fragment of a statement in a scope; None if it is not worth one or not whole.

        ``read`` finds the names of a statement anew.
        """
        kind = node.type
        if kind in _NOT_KEPT or node.end_byte - node.start_byte > _LONGEST or scope.depth > _DEEPEST:
            return None
        key = (kind, tree.text(node))
        found = self._known.get(key) or self._older.get(key)
        if found is None:
            if node.has_error:
                return None
            home = Scope(None, node)
            around = Scope(home, node)
            found = _frozen(tree, tree.span(node), read(around, node), home, around)
        self._known[key] = found
        return found

    def settle(self) -> None:
        """Let go of what only the older version has."""
        self._older = {}


class Placed:
    """A fragment in a scope of one version of a text."""

    __slots__ = ("_bindings", "_scopes", "_tree", "end", "fragment", "scope", "start")

    def __init__(self, fragment: Fragment, tree: SyntaxTree, start: int, scope: Scope) -> None:
        self.fragment = fragment
        self.start = start
        self.end = start + fragment.length
        self.scope = scope
        self._tree = tree
        self._bindings: dict[int, Binding] = {}
        self._scopes: dict[int, Scope] = {}

    def exported(self) -> Iterator[Binding]:
        """The names that it declares in the scopes around it."""
        for number, declared in enumerate(self.fragment.declared):
            if declared.scope < 0:
                yield self._binding(number)

    def inner_bindings(self) -> Iterator[Binding]:
        """The names that it declares in its own scopes."""
        for number, declared in enumerate(self.fragment.declared):
            if declared.scope >= 0:
                yield self._binding(number)

    def uses_of(self, binding: Binding) -> list[Use]:
        """Its uses of a name from around it."""
        return self._uses(binding.name, self.fragment.free.get(binding.name, ()), binding)

    def writes(self, name: str) -> bool:
        """Whether it assigns to a name from around it."""
        return any(write for _, write in self.fragment.free.get(name, ()))

    def node(self, where: Where) -> Node:
        """A node of the fragment."""
        return self._tree.node_of(where.kind, self.start + where.start, self.start + where.end)

    def undeclared(self) -> Iterator[Use]:
        """Its uses of names that are declared nowhere."""
        for name, positions in self.fragment.free.items():
            if self.scope.find(name) is None:
                yield from self._uses(name, positions, None)

    def binding_used_at(self, offset: int) -> Binding | None:
        """What the identifier that begins at an offset refers to."""
        meant = _used(self.fragment).get(offset - self.start)
        if meant is None:
            return None
        return self._binding(meant) if isinstance(meant, int) else self.scope.find(meant)

    def binding_declared_at(self, offset: int) -> Binding | None:
        """The name that is declared at an offset."""
        for number, declared in enumerate(self.fragment.declared):
            if declared.start == offset - self.start:
                return self._binding(number)
        return None

    def let_go(self) -> list[Binding]:
        """Take apart what refers to this, and give the names that were asked for."""
        found = list(self._bindings.values())
        self._bindings.clear()
        self._scopes.clear()
        return found

    def _uses(self, name: str, positions: tuple[Position, ...], binding: Binding | None) -> list[Use]:
        base, length, tree = self.start, len(name), self._tree
        return [Use(name, Span(base + at, base + at + length), tree, write, binding) for at, write in positions]

    def _binding(self, number: int) -> Binding:
        found = self._bindings.get(number)
        if found is None:
            declared = self.fragment.declared[number]
            start = self.start + declared.start
            init = self.node(declared.init) if declared.init is not None else None
            found = self._bindings[number] = Binding(
                declared.name,
                declared.kind,
                Span(start, start + len(declared.name)),
                self.node(declared.declaration),
                self._scope(declared.scope),
                init,
                declared.path,
                declared.default,
            )
            found.met += self._uses(declared.name, declared.uses, found)
            if declared.scope >= 0:
                found.scope.names.setdefault(found.name, found)
        return found

    def _scope(self, number: int) -> Scope:
        if number == AROUND:
            return self.scope
        if number == HOME:
            return self.scope.home or self.scope
        found = self._scopes.get(number)
        if found is None:
            where, outer = self.fragment.scopes[number]
            found = self._scopes[number] = Scope(self._scope(outer), self.node(where))
        return found


def _frozen(tree: SyntaxTree, span: Span, names: Names, home: Scope, around: Scope) -> Fragment:
    """The names of a statement that has just been read, free of its tree."""
    freezer = _Freezer(tree, span.start, home, around)
    declared = tuple(freezer.declared(binding) for binding in names.bindings)
    free: dict[str, list[Use]] = {}
    for use in names.uses:
        if use.binding is None or freezer.number(use.binding.scope) < 0:
            free.setdefault(use.name, []).append(use)
    kept = {name: freezer.positions(uses) for name, uses in free.items()}
    return Fragment(span.end - span.start, declared, tuple(freezer.scopes), kept)


class _Freezer:
    """Makes places relative to the start of a fragment, and scopes numbers."""

    def __init__(self, tree: SyntaxTree, base: int, home: Scope, around: Scope) -> None:
        self.tree = tree
        self.base = base
        self.numbers = {id(home): HOME, id(around): AROUND}
        self.scopes: list[tuple[Where, int]] = []

    def declared(self, binding: Binding) -> Declared:
        number = self.number(binding.scope)
        return Declared(
            binding.name,
            binding.kind,
            binding.span.start - self.base,
            self.where(binding.declaration),
            number,
            self.where(binding.init) if binding.init is not None else None,
            binding.path,
            binding.default,
            self.positions(binding.uses) if number >= 0 else (),
        )

    def where(self, node: Node) -> Where:
        return Where(node.type, *self.tree.span(node).shift(-self.base))

    def number(self, scope: Scope) -> int:
        found = self.numbers.get(id(scope))
        if found is None:
            assert scope.parent is not None  # all others are in the one around the statement
            outer = self.number(scope.parent)
            found = self.numbers[id(scope)] = len(self.scopes)
            self.scopes.append((self.where(scope.node), outer))
        return found

    def positions(self, uses: Iterable[Use]) -> tuple[Position, ...]:
        return tuple((use.span.start - self.base, use.write) for use in uses)


def _used(fragment: Fragment) -> dict[int, int | str]:
    """What each identifier of a fragment means, by where it begins: the number of a name of its own, or a free name."""
    found = fragment.facts.get(_used)
    if found is None:
        found = fragment.facts[_used] = {
            **{at: name for name, positions in fragment.free.items() for at, _ in positions},
            **{at: number for number, declared in enumerate(fragment.declared) for at, _ in declared.uses},
        }
    assert isinstance(found, dict)
    return found
