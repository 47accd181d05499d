"""Where the results of workflowStatus go, and what is read of them.

A status is followed from its call through ``await``, variables, destructuring, ``Promise.all``, ``map``
callbacks, arrays, records and loops, in script and template alike. What can't be followed ends there:
nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from koze_lsp.syntax.calls import TRANSPARENT, StatusCall, awaits_callee
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import Value, evaluate
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.syntax.script import ScriptFacts

Shape = Literal["status", "list", "tuple", "record", "entries", "pair"]

_EQUALITY = frozenset({"===", "==", "!==", "!="})
_EACH = frozenset({"map", "forEach", "some", "every", "flatMap", "filter", "find", "findLast", "findIndex", "sort"})
_COMBINATORS = frozenset({"all", "race", "any"})
_LIMIT = 4_000  # followed places in one file; a page that needs more is not a page


@dataclass(frozen=True, slots=True)
class Role:
    """What an expression is, in terms of a call's result.

    Attributes:
        promise: it still has to be awaited.
        shape: a status, or what holds statuses.
        index: the place in a tuple.
        path: the fields read of the status so far, with their spans and whether each was read by ``?.``.
    """

    call: StatusCall
    promise: bool = True
    shape: Shape = "status"
    index: int = 0
    path: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    optional: tuple[bool, ...] = ()
    name: Binding | None = None
    until: bool = False
    origin: Node | None = None
    """The read itself, where parentheses or a choice (``? :``) around it are looked at."""


@dataclass(frozen=True, slots=True)
class StatusRead:
    """One use of a status.

    Attributes:
        path: the fields, outermost first: ``("output", "progress")``; empty where the whole value is used.
        fields: the span of each field's name.
        optional: for each field, whether ``?.`` reads it.
        span: the whole chain.
        until: inside the ``until`` of its own call.
    """

    call: StatusCall
    path: tuple[str, ...]
    fields: tuple[Span, ...]
    optional: tuple[bool, ...]
    span: Span
    in_template: bool
    until: bool
    name: Binding | None = field(repr=False, compare=False)
    node: Node = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``status.status`` held against a string: by an operator, a ``case``, or ``[…].includes``."""

    call: StatusCall
    literal: Value
    negated: bool
    in_template: bool
    until: bool


@dataclass(frozen=True, slots=True)
class StatusName:
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
    return _Follower(facts).run()


class _Follower:
    def __init__(self, facts: ScriptFacts) -> None:
        self.facts = facts
        self.tree = facts.tree
        self.flow = StatusFlow()
        self.seen: set[tuple[int, int, Shape, tuple[str, ...], bool, int]] = set()
        self.by_init: dict[int, list[Binding]] = {}
        for binding in facts.names.bindings:
            if binding.init is not None:
                self.by_init.setdefault(binding.init.id, []).append(binding)

    def run(self) -> StatusFlow:
        stack: list[tuple[Node, Role]] = []
        for call in self.facts.status_calls:
            stack.append((call.node, Role(call, promise=not awaits_callee(call.node))))
            stack += self.until(call)
        while stack and len(self.seen) < _LIMIT:
            node, role = stack.pop()
            key = (node.id, role.call.span.start, role.shape, role.path, role.promise, role.index)
            if key not in self.seen:
                self.seen.add(key)
                stack.extend(self.step(node, role))
        self.flow.reads.sort(key=lambda read: read.span)
        self.flow.comparisons.sort(key=lambda comparison: comparison.literal.span)
        self.flow.names.sort(key=lambda name: name.binding.span)
        return self.flow

    def until(self, call: StatusCall) -> Iterator[tuple[Node, Role]]:
        """The status is also the parameter of the call's ``until``."""
        option = call.option("until")
        function = option.value.function if option is not None else None
        if function is not None and function.parameters:
            role = Role(call, promise=False, until=True)
            yield from self.parameter(function.node, role)

    def step(self, node: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        """Where an expression's value goes next."""
        parent = node.parent
        if parent is None:
            return
        kind = parent.type
        if kind in TRANSPARENT or (kind == "ternary_expression" and parent.child_by_field_name("condition") != node):
            yield parent, replace(role, origin=role.origin or node)
        elif kind == "await_expression":
            yield parent, replace(role, promise=False, origin=None)
        elif kind == "variable_declarator":
            yield from self.declared(parent, node, role)
        elif kind == "assignment_expression" and parent.child_by_field_name("right") == node:
            yield from self.assigned(parent, role)
        elif kind == "for_in_statement" and parent.child_by_field_name("right") == node and not role.promise:
            yield from self.loop(parent, role)
        elif kind in ("member_expression", "subscript_expression") and parent.child_by_field_name("object") == node:
            yield from self.member(parent, role)
        else:
            yield from self.combined(parent, node, role)
            if not role.promise and role.shape == "status":
                self.read(node, role)
                if kind == "binary_expression" and _operator(parent) in ("??", "||"):
                    yield parent, role

    # --- into names

    def declared(self, declarator: Node, value: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        pattern = declarator.child_by_field_name("name")
        if pattern is None:
            return
        if pattern.type == "array_pattern":
            yield from self.array_pattern(pattern, role)
            return
        for binding in self.by_init.get(value.id, ()):
            if binding.path is None or (role.promise and binding.path):
                continue
            if role.shape != "status" and binding.path:
                continue
            yield from self.named(binding, role)

    def named(self, binding: Binding, role: Role) -> Iterator[tuple[Node, Role]]:
        """A name now has the role: so has every use of it."""
        path = binding.path or ()
        spans = tuple(binding.span for _ in path)
        extended = replace(
            role,
            path=(*role.path, *path),
            spans=(*role.spans, *spans),
            optional=(*role.optional, *(False for _ in path)),
            name=binding,
            origin=None,
        )
        if role.shape == "status" and not role.promise:
            if not extended.path and not role.until:
                self.flow.names.append(StatusName(role.call, binding))
            elif path:
                self.destructured(binding, extended)
        for use in binding.uses:
            if not use.write:
                yield use.node, extended

    def destructured(self, binding: Binding, role: Role) -> None:
        in_template = self.facts.in_template(binding.span.start)
        self.flow.reads.append(
            StatusRead(
                role.call,
                role.path,
                role.spans,
                role.optional,
                binding.span,
                in_template,
                role.until,
                binding,
                binding.declaration,
            )
        )

    def assigned(self, assignment: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        left = assignment.child_by_field_name("left")
        binding = self.facts.names.binding_of(left) if left is not None and left.type == "identifier" else None
        if binding is not None:
            yield from self.named(binding, role)

    def array_pattern(self, pattern: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        if role.promise or role.shape not in ("tuple", "list", "pair"):
            return
        for place, child in enumerate(_places(pattern)):
            wanted = role.shape == "list" or place == (1 if role.shape == "pair" else role.index)
            if child is not None and wanted:
                yield from self.target(child, replace(role, shape="status", index=0))

    def target(self, pattern: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        """A pattern that takes the value: a name, an object pattern, or a pair."""
        if pattern.type == "array_pattern":
            yield from self.array_pattern(pattern, role)
            return
        for name, path in _names_in(self.tree, pattern):
            binding = self.facts.declared.get(self.tree.span(name).start)
            if binding is not None and (role.shape == "status" or not path):
                yield from self.named(replace(binding, path=path), role)

    def parameter(self, function: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        """The first parameter of a callback takes the value."""
        single = function.child_by_field_name("parameter")
        if single is None:
            listed = function.child_by_field_name("parameters")
            first = listed.named_children[0] if listed is not None and listed.named_children else None
            single = first.child_by_field_name("pattern") if first is not None else None
        if single is not None:
            yield from self.target(single, role)

    def loop(self, statement: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        """``for (const s of list)``"""
        left, operator = statement.child_by_field_name("left"), statement.child_by_field_name("operator")
        if left is None or operator is None or operator.type != "of":
            return
        if role.shape in ("list", "tuple"):
            yield from self.target(left, replace(role, shape="status"))
        elif role.shape == "entries":
            yield from self.target(left, replace(role, shape="pair"))

    # --- into and out of what holds statuses

    def combined(self, parent: Node, node: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        kind, outer = parent.type, parent.parent
        if kind == "array":
            items = [child for child in parent.named_children if child.type != "comment"]
            index = items.index(node) if node in items else 0
            if role.shape == "status" and not role.path:
                if not role.promise and index == 1 and len(items) == 2 and _is_callback_result(parent):
                    yield parent, replace(role, shape="pair")
                else:
                    yield parent, replace(role, shape="tuple", index=index)
        elif kind == "arrow_function" and parent.child_by_field_name("body") == node:
            yield from self.callback_result(parent, role)
        elif kind == "return_statement":
            function = _function_of(parent)
            if function is not None and function.type in ("arrow_function", "function_expression"):
                yield from self.callback_result(function, role)
        elif kind == "arguments" and outer is not None and outer.type == "call_expression":
            yield from self.argument(outer, role)

    def callback_result(self, function: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        """What a ``map`` callback gives becomes an array of it."""
        arguments = function.parent
        call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
        if call is None or _method(self, call) not in ("map", "flatMap") or role.path:
            return
        if role.shape == "pair":
            yield call, replace(role, shape="entries", promise=True)
        elif role.shape == "status":
            is_async = any(child.type == "async" for child in function.children)
            yield call, replace(role, shape="list", promise=role.promise or is_async)

    def argument(self, call: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        called = self.tree.text(callee) if (callee := call.child_by_field_name("function")) is not None else ""
        if called.startswith("Promise.") and called[8:] in _COMBINATORS and role.shape in ("tuple", "list", "entries"):
            if called == "Promise.all":
                yield call, replace(role, promise=True)
            else:
                yield call, replace(role, promise=True, shape="status")
        elif called == "Object.fromEntries" and role.shape == "entries" and not role.promise:
            yield call, replace(role, shape="record")
        elif called in ("Object.values", "Object.entries") and role.shape == "record":
            yield call, replace(role, shape="list" if called == "Object.values" else "entries")

    def member(self, member: Node, role: Role) -> Iterator[tuple[Node, Role]]:
        name = member.child_by_field_name("property")
        if role.promise:
            return
        if role.shape == "status":
            yield from self.field(member, name, role)
        elif role.shape == "record" or (role.shape in ("list", "tuple") and member.type == "subscript_expression"):
            yield member, replace(role, shape="status")
        elif name is not None and role.shape in ("list", "tuple", "entries"):
            yield from self.each(member, self.tree.text(name), role)

    def each(self, member: Node, method: str, role: Role) -> Iterator[tuple[Node, Role]]:
        """``list.map((s) => …)`` and its kin: the callback's parameter is a status."""
        call = member.parent
        if call is None or call.type != "call_expression" or method not in _EACH:
            return
        arguments = call.child_by_field_name("arguments")
        callback = arguments.named_children[0] if arguments is not None and arguments.named_children else None
        if callback is not None and callback.type in ("arrow_function", "function_expression"):
            shape: Shape = "pair" if role.shape == "entries" else "status"
            yield from self.parameter(callback, replace(role, shape=shape))

    # --- reads

    def field(self, member: Node, name: Node | None, role: Role) -> Iterator[tuple[Node, Role]]:
        if member.type == "subscript_expression":
            index = member.child_by_field_name("index")
            if index is None or index.type != "string":
                self.read(member, role)
                return
            text, span = self.tree.text(index)[1:-1], self.tree.span(index)
            name_span = Span(span.start + 1, span.end - 1)
        else:
            text = self.tree.text(name) if name is not None else ""
            name_span = self.tree.span(name) if name is not None else self.tree.span(member)
        optional = any(child.type == "optional_chain" for child in member.children)
        yield (
            member,
            replace(
                role,
                path=(*role.path, text),
                spans=(*role.spans, name_span),
                optional=(*role.optional, optional),
                origin=None,
            ),
        )

    def read(self, node: Node, role: Role) -> None:
        inner = role.origin or node
        span = self.tree.span(inner)
        in_template = self.facts.in_template(span.start)
        self.flow.reads.append(
            StatusRead(role.call, role.path, role.spans, role.optional, span, in_template, role.until, role.name, inner)
        )
        if role.path == ("status",):
            for literal, negated in self.compared(node):
                self.flow.comparisons.append(Comparison(role.call, literal, negated, in_template, role.until))

    def compared(self, node: Node) -> Iterator[tuple[Value, bool]]:
        """The strings that an expression is held against."""
        parent = node.parent
        while parent is not None and parent.type in TRANSPARENT:
            node, parent = parent, parent.parent
        if parent is None:
            return
        if parent.type == "binary_expression" and _operator(parent) in _EQUALITY:
            left, right = parent.child_by_field_name("left"), parent.child_by_field_name("right")
            other = right if left == node else left
            if other is not None:
                yield from self.strings([other], _operator(parent).startswith("!"))
        elif parent.type == "arguments" and parent.parent is not None:
            callee = parent.parent.child_by_field_name("function")
            owner = callee.child_by_field_name("object") if callee is not None else None
            if owner is not None and _method(self, parent.parent) == "includes":
                listed = evaluate(self.tree, self.facts.names, owner)
                yield from ((item, False) for item in listed.items if item.string is not None)
        elif parent.type == "switch_statement" or (node.parent is not None and node.parent.type == "switch_statement"):
            body = parent.child_by_field_name("body")
            cases = [child for child in body.named_children if child.type == "switch_case"] if body is not None else []
            values = [case.child_by_field_name("value") for case in cases]
            yield from self.strings([value for value in values if value is not None], False)

    def strings(self, nodes: list[Node], negated: bool) -> Iterator[tuple[Value, bool]]:
        for node in nodes:
            value = evaluate(self.tree, self.facts.names, node)
            if value.string is not None:
                yield value, negated


def _names_in(tree: SyntaxTree, pattern: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The names in a pattern and the fields that lead to each."""
    stack: list[tuple[Node, tuple[str, ...]]] = [(pattern, ())]
    while stack:
        node, path = stack.pop()
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        if node.type == "identifier":
            yield node, path
        elif node.type == "shorthand_property_identifier_pattern":
            yield node, (*path, tree.text(node))
        elif node.type == "object_pattern":
            stack.extend((child, path) for child in node.named_children)
        elif node.type == "pair_pattern" and key is not None and value is not None:
            stack.append((value, (*path, tree.text(key))))
        elif node.type == "object_assignment_pattern" and node.named_children:
            stack.append((node.named_children[0], path))


def _places(pattern: Node) -> list[Node | None]:
    """The elements of an array pattern by place; holes are None."""
    found: list[Node | None] = [None]
    for child in pattern.children:
        if child.type == ",":
            found.append(None)
        elif child.is_named and child.type != "comment":
            found[-1] = child
    return found


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""


def _method(follower: _Follower, call: Node) -> str:
    """The name of the method that a call calls, or ''."""
    callee = call.child_by_field_name("function") if call.type == "call_expression" else None
    name = callee.child_by_field_name("property") if callee is not None else None
    return follower.tree.text(name) if name is not None else ""


def _function_of(node: Node) -> Node | None:
    parent = node.parent
    while parent is not None and parent.type not in ("arrow_function", "function_expression", "function_declaration"):
        parent = parent.parent
    return parent


def _is_callback_result(array: Node) -> bool:
    parent = array.parent
    while parent is not None and parent.type in TRANSPARENT:
        parent = parent.parent
    return parent is not None and parent.type in ("arrow_function", "return_statement")
