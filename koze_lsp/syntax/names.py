"""The names of a tree: what is declared, where it counts, and what uses it. `koze_lsp.syntax.scope` finds them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.syntax.fragments import Placed

BindingKind = Literal["import", "const", "let", "var", "function", "class", "enum", "parameter", "catch", "loop"]


@dataclass(slots=True, eq=False)
class Binding:
    """One declared name.

    Attributes:
        span: the declaring identifier.
        init: the expression that a ``const``, ``let`` or ``var`` starts with, as far as it has one.
        path: how a destructured name is reached from ``init``: property names, or None where that is not
            known (computed keys, rest elements, array places); empty for a plain name.
        default: whether the destructuring gives the name a default value.
        declaration: the declaring node (declarator, parameter, import specifier, function, class, …).
        met: the uses that were met in the tree.
        placed: the fragments that hold other uses.
    """

    name: str
    kind: BindingKind
    span: Span
    declaration: Node
    scope: Scope
    init: Node | None = None
    path: tuple[str, ...] | None = ()
    default: bool = False
    met: list[Use] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    _all: list[Use] | None = None

    @property
    def uses(self) -> list[Use]:
        """Every other identifier that refers to this name, in source order."""
        if not self.placed:
            return self.met
        if self._all is None:
            self._all = sorted([*self.met, *(use for placed in self.placed for use in placed.uses_of(self))], key=_span)
        return self._all

    @property
    def used(self) -> bool:
        """Whether anything refers to the name."""
        return bool(self.met or self.placed)

    @property
    def written(self) -> bool:
        """Whether something is assigned to the name after its declaration."""
        return any(use.write for use in self.met) or any(placed.writes(self.name) for placed in self.placed)


@dataclass(slots=True, eq=False)
class Use:
    """One identifier that is not a declaration.

    Attributes:
        where: its node, or the tree in which it is looked for when somebody asks.
        binding: None for a global or undeclared name.
    """

    name: str
    span: Span
    where: Node | SyntaxTree = field(repr=False)
    write: bool = False
    binding: Binding | None = None

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.span.start

    @property
    def node(self) -> Node:
        """The identifier in the tree."""
        if isinstance(self.where, SyntaxTree):
            self.where = self.where.node_at(*self.span)
        return self.where


_span = attrgetter("span")


@dataclass(slots=True, eq=False)
class Scope:
    """A region in which names can be declared.

    Attributes:
        home: where its ``var`` are declared: the scope of the function around it; None for itself.
        depth: how many scopes are around it.
        uses: the identifiers that stand directly in it.
        inner: the scopes that stand directly in it.
        placed: the statements that stand directly in it and were read in an earlier version of the text.
    """

    parent: Scope | None
    node: Node
    home: Scope | None = None
    depth: int = 0
    names: dict[str, Binding] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.parent is not None:
            self.home = self.parent.home or self.parent
            self.depth = self.parent.depth + 1
            self.parent.inner.append(self)

    def find(self, name: str) -> Binding | None:
        """The binding that a name has here."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None


class Names:
    """All names of one tree. Made by `koze_lsp.syntax.scope.resolve`.

    What stands in a statement that an earlier version of the text had too is not looked up before somebody asks.

    Scopes, bindings and uses refer to each other in circles, a few thousand objects of every version of a page that
    somebody types into. They are let go together with this object, so that the garbage collector has nothing to look
    for: don't keep one of them longer than its Names.
    """

    def __init__(self, tree: SyntaxTree, root: Scope) -> None:
        self.root = root
        self._tree = tree
        self._bindings: list[Binding] = []
        self._uses: list[Use] = []
        self._placed: list[Placed] = []

    def __del__(self) -> None:
        for placed in self._placed:
            self._bindings += placed.let_go()
        for binding in self._bindings:
            binding.met = []
            binding.placed = []
            binding._all = None
            binding.scope.names.clear()
        stack = [self.root]
        while stack:
            scope = stack.pop()
            stack += scope.inner
            scope.inner = []
            scope.uses = []
            scope.placed = []

    # --- made by the resolver

    def add_binding(self, binding: Binding) -> None:
        """Take a declared name."""
        self._bindings.append(binding)

    def add_use(self, use: Use) -> None:
        """Take an identifier that is no declaration."""
        self._uses.append(use)

    def add_placed(self, placed: Placed) -> None:
        """Take a statement that was read before."""
        self._placed.append(placed)

    def settle(self) -> None:
        """Give every use its binding: one walk over the scopes, with what each name means at the moment."""
        known: dict[str, list[Binding]] = {}
        stack: list[tuple[Scope, bool]] = [(self.root, False)]
        while stack:
            scope, left = stack.pop()
            if left:
                for name in scope.names:
                    known[name].pop()
                continue
            for name, binding in scope.names.items():
                known.setdefault(name, []).append(binding)
            for use in scope.uses:
                meant = known.get(use.name)
                if meant:
                    use.binding = meant[-1]
            for placed in scope.placed:
                for name in placed.fragment.free:
                    meant = known.get(name)
                    if meant:
                        meant[-1].placed.append(placed)
            if scope.names:
                stack.append((scope, True))
            stack += [(inner, False) for inner in scope.inner]
        self._uses.sort(key=_span)
        for use in self._uses:
            if use.binding is not None:
                use.binding.met.append(use)

    # --- what there is

    @cached_property
    def bindings(self) -> list[Binding]:
        """Every declared name, in source order."""
        inner = [binding for placed in self._placed for binding in placed.inner_bindings()]
        return sorted([*self._bindings, *inner], key=_span)

    @cached_property
    def uses(self) -> list[Use]:
        """Every identifier that is no declaration, in source order."""
        if not self._placed:
            return self._uses
        bound = [use for binding in self.bindings for use in binding.uses]
        return sorted([*bound, *self.undeclared], key=_span)

    @cached_property
    def undeclared(self) -> list[Use]:
        """The uses of names that the text does not declare, in source order."""
        found = [use for use in self._uses if use.binding is None]
        return sorted(found + [use for placed in self._placed for use in placed.undeclared()], key=_span)

    def binding_of(self, node: Node) -> Binding | None:
        """What an identifier node refers to, if it is the use of a declared name."""
        start = self._tree.offset(node.start_byte)
        placed = self._placed_at(start)
        if placed is not None:
            return placed.binding_used_at(start)
        use = self._by_start.get(start)
        return use.binding if use is not None else None

    def declared_at(self, start: int) -> Binding | None:
        """The name whose declaring identifier begins at an offset."""
        found = self._declared.get(start)
        if found is None and (placed := self._placed_at(start)) is not None:
            return placed.binding_declared_at(start)
        return found

    @cached_property
    def _by_start(self) -> dict[int, Use]:
        return {use.span.start: use for use in self._uses}

    @cached_property
    def _declared(self) -> dict[int, Binding]:
        return {binding.span.start: binding for binding in self._bindings}

    @cached_property
    def _starts(self) -> list[int]:
        self._placed.sort(key=attrgetter("start"))
        return [placed.start for placed in self._placed]

    def _placed_at(self, start: int) -> Placed | None:
        at = bisect_right(self._starts, start) - 1 if self._placed else -1
        return self._placed[at] if at >= 0 and start < self._placed[at].end else None
