"""The names of a tree: what is declared, where it counts, and what uses it. `koze_lsp.syntax.scope` finds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from koze_lsp.syntax.tree import Node
from koze_lsp.text import Span

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
        uses: every other identifier that refers to this name, in source order.
    """

    name: str
    kind: BindingKind
    span: Span
    declaration: Node
    scope: Scope
    init: Node | None = None
    path: tuple[str, ...] | None = ()
    default: bool = False
    uses: list[Use] = field(default_factory=list)

    @property
    def written(self) -> bool:
        """Whether something is assigned to the name after its declaration."""
        return any(use.write for use in self.uses)


@dataclass(slots=True, eq=False)
class Use:
    """One identifier that is not a declaration. ``binding`` is None for a global or undeclared name."""

    name: str
    span: Span
    node: Node
    scope: Scope
    write: bool = False
    binding: Binding | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """A region in which names can be declared.

    Attributes:
        home: where its ``var`` are declared: the scope of the function around it; None for itself.
        uses: the identifiers that stand directly in it.
        inner: the scopes that stand directly in it.
    """

    parent: Scope | None
    node: Node
    home: Scope | None = None
    names: dict[str, Binding] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.parent is not None:
            self.home = self.parent.home or self.parent
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

    def enclosing(self) -> Iterator[Scope]:
        """This scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


class Names:
    """All names of one tree. Made by `resolve`.

    Scopes, bindings and uses refer to each other in circles, a few thousand objects of every version of a page that
    somebody types into. They are let go together with this object, so that the garbage collector has nothing to look
    for: don't keep one of them longer than its Names.
    """

    def __init__(self, root: Scope) -> None:
        self.root = root
        self.bindings: list[Binding] = []
        self.uses: list[Use] = []

    def __del__(self) -> None:
        for binding in self.bindings:
            binding.uses = []
            binding.scope.names.clear()
        stack = [self.root]
        while stack:
            scope = stack.pop()
            stack += scope.inner
            scope.inner = []
            scope.uses = []

    def use_at(self, node: Node) -> Use | None:
        """The use that an identifier node is, if it is one."""
        return self._by_start.get(node.start_byte)

    @cached_property
    def _by_start(self) -> dict[int, Use]:
        return {use.node.start_byte: use for use in self.uses}

    def binding_of(self, node: Node) -> Binding | None:
        """What an identifier node refers to."""
        use = self._by_start.get(node.start_byte)
        return use.binding if use is not None else None

    @property
    def undeclared(self) -> list[Use]:
        """The uses of names that the text does not declare."""
        return [use for use in self.uses if use.binding is None]
