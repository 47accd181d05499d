"""Where the results of workflowStatus go, and what is read of them.

A status is followed from its call through ``await``, variables, destructuring, ``Promise.all``, ``map``
callbacks, arrays, records and loops, in script and template alike. What can't be followed ends there:
nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from koze_lsp.syntax.calls import StatusCall, awaits_callee
from koze_lsp.syntax.fragments import Placed
from koze_lsp.syntax.node_kinds import TRANSPARENT
from koze_lsp.syntax.patterns import names_in, places_in
from koze_lsp.syntax.scope import Binding, Use
from koze_lsp.syntax.status import Comparison, StatusFlow, StatusName, StatusRead
from koze_lsp.syntax.status_role import Role, Shape
from koze_lsp.syntax.tree import Node, SyntaxTree, descendants
from koze_lsp.syntax.upwards import Upwards
from koze_lsp.syntax.values import Value, evaluate
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.syntax.script import ScriptFacts

_EQUALITY = frozenset({"===", "==", "!==", "!="})
_EACH = frozenset({"map", "forEach", "some", "every", "flatMap", "filter", "find", "findLast", "findIndex", "sort"})
_COMBINATORS = frozenset({"all", "race", "any"})
LIMIT = 4_000
"""Followed places in one file; a page that needs more is not a page."""
_MAX_FIELDS = 32  # fields of fields; what is read below them is not followed


class Follower:
    """Goes from place to place of a script with what the value is there; ``flow`` is what it comes by."""

    def __init__(self, facts: ScriptFacts) -> None:
        self.facts = facts
        self.tree = facts.tree
        self.flow = StatusFlow()
        self.stack: list[tuple[Node, Role]] = []
        self.items: dict[int, dict[int, int]] = {}  # of each array: the places of its elements
        self.patterns: dict[int, list[Node | None]] = {}  # of each array pattern: its elements
        self.seen: set[tuple[int, int, Shape, tuple[str, ...], bool, int]] = set()
        self.listed_names: set[int] = set()
        self.functions: Upwards[Node | Literal[False]] = Upwards(facts.tree, False)

    def declared_with(self, pattern: Node, value: Node) -> Iterator[Binding]:
        """The names in a pattern that are declared to be an expression's value, or a part of it."""
        for node in descendants(pattern):
            if node.type in ("identifier", "shorthand_property_identifier_pattern"):
                binding = self.facts.names.declared_at(self.tree.span(node).start)
                if binding is not None and binding.init == value:
                    yield binding

    def run(self) -> StatusFlow:
        """Follow the results of all calls."""
        for call in self.facts.status_calls:
            self.go(call.node, Role(call, promise=not awaits_callee(call.node)))
            self.until(call)
        self.follow_all()
        self.flow.reads.sort(key=lambda read: (read.span, read.path, read.call.span))
        self.flow.comparisons.sort(key=lambda comparison: (comparison.literal.span, comparison.call.span))
        self.flow.names.sort(key=lambda name: name.binding.span)
        return self.flow

    def follow_all(self) -> None:
        """Look at all that waits, and at what comes of it."""
        seen = self.seen
        while self.stack and len(seen) < LIMIT:
            node, role = self.stack.pop()
            key = (node.id, role.call.span.start, role.shape, role.path, role.promise, role.place)
            if key not in seen:
                seen.add(key)
                self.step(node, role)

    def go(self, node: Node, role: Role) -> None:
        """Look at an expression later."""
        self.stack.append((node, role))

    def until(self, call: StatusCall) -> None:
        """The status is also the parameter of the call's ``until``."""
        option = call.option("until")
        function = option.value.function if option is not None else None
        if function is not None and function.parameters:
            self.parameter(function.node, Role(call, promise=False, until=True))

    def step(self, node: Node, role: Role) -> None:
        """Where an expression's value goes next."""
        parent = self.tree.parent(node)
        if parent is None:
            return
        kind = parent.type
        if kind in ("member_expression", "subscript_expression") and parent.child_by_field_name("object") == node:
            self.member(parent, role)
        elif kind in TRANSPARENT:
            self.go(parent, role._replace(origin=role.origin or node))
        elif kind == "ternary_expression" and parent.child_by_field_name("condition") != node:
            self.go(parent, self.replaceable(node, role)._replace(origin=role.origin or node, replaced=True))
        elif kind == "await_expression":
            self.go(parent, role._replace(promise=False, origin=None))
        elif kind == "variable_declarator":
            self.declared(parent, node, role)
        elif kind == "assignment_expression" and parent.child_by_field_name("right") == node:
            self.assigned(parent, node, role)
        elif kind == "for_in_statement" and parent.child_by_field_name("right") == node and not role.promise:
            self.loop(parent, node, role)
        else:
            self.combined(parent, node, role)
            if not role.promise and role.shape == "status":
                self.read(node, role)
                if kind == "binary_expression" and _operator(parent) in ("??", "||"):
                    self.go(
                        parent, role._replace(origin=role.origin or node, replaced=True) if role.is_output else role
                    )

    def replaceable(self, node: Node, role: Role) -> Role:
        """The role of an output that goes where something else may stand too: what is read of it is read here."""
        if not role.is_output or role.promise:
            return role
        self.read(node, role)
        return role._replace(replaced=True, origin=role.origin or node)

    # --- into names

    def declared(self, declarator: Node, value: Node, role: Role) -> None:
        pattern = declarator.child_by_field_name("name")
        if pattern is None:
            return
        if pattern.type == "array_pattern":
            self.array_pattern(pattern, role)
            return
        for binding in self.declared_with(pattern, value):
            if binding.path is None or (role.promise and binding.path):
                continue
            if role.shape != "status" and binding.path:
                continue
            changes = binding.written or binding.kind == "var"
            self.named(binding, self.replaceable(value, role) if changes else role)

    def named(self, binding: Binding, role: Role) -> None:
        """A name now has the role: so has every use of it."""
        path = binding.path or ()
        spans = tuple(binding.span for _ in path)
        extended = role._replace(
            path=(*role.path, *path),
            spans=(*role.spans, *spans),
            optional=(*role.optional, *(False for _ in path)),
            name=binding,
            origin=None,
        )
        if path and binding.written and extended.is_output:
            extended = extended._replace(replaced=True)
        if role.shape == "status" and not role.promise:
            if not extended.path and not role.until:
                self.flow.names.append(StatusName(role.call, binding))
            elif path:
                self.destructured(binding, extended)
        # In source order, whatever is kept: of several ways to a place the last one counts.
        waiting: list[Use | Placed] = [*binding.met, *binding.placed]
        for each in sorted(waiting, key=attrgetter("start")):
            if isinstance(each, Use):
                self.use(each, extended)
            else:
                self.used_in(each, binding, extended)

    def use(self, use: Use, role: Role) -> None:
        """Look at a use of a name later."""
        if not use.write:
            self.go(use.node, role)

    def used_in(self, placed: Placed, binding: Binding, role: Role) -> None:
        """A statement uses the name."""
        for use in placed.uses_of(binding):
            self.use(use, role)

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
                role.replaced,
            )
        )

    def assigned(self, assignment: Node, value: Node, role: Role) -> None:
        left = assignment.child_by_field_name("left")
        binding = self.facts.names.binding_of(left) if left is not None and left.type == "identifier" else None
        if binding is not None:
            self.named(binding, self.replaceable(value, role))

    def array_pattern(self, pattern: Node, role: Role) -> None:
        if role.promise or role.shape not in ("tuple", "list", "pair"):
            return
        if pattern.id not in self.patterns:
            self.patterns[pattern.id] = places_in(pattern)
        places = self.patterns[pattern.id]
        wanted = places[role.place : role.place + 1]
        if role.shape != "tuple":
            wanted = places if role.shape == "list" else places[1:2]
        for child in wanted:
            if child is not None:
                self.target(child, role._replace(shape="status", place=0))

    def target(self, pattern: Node, role: Role) -> None:
        """A pattern that takes the value: a name, an object pattern, or a pair."""
        if pattern.type == "array_pattern":
            self.array_pattern(pattern, role)
            return
        for name, path in names_in(self.tree, pattern):
            binding = self.facts.names.declared_at(self.tree.span(name).start)
            if binding is not None and (role.shape == "status" or not path):
                self.named(replace(binding, path=path), role)

    def parameter(self, function: Node, role: Role) -> None:
        """The first parameter of a callback takes the value."""
        single = function.child_by_field_name("parameter")
        if single is None:
            listed = function.child_by_field_name("parameters")
            first = listed.named_children[0] if listed is not None and listed.named_children else None
            single = first.child_by_field_name("pattern") if first is not None else None
        if single is not None:
            self.target(single, role)

    def loop(self, statement: Node, value: Node, role: Role) -> None:
        """``for (const s of list)``, and ``for (const row of status.output.rows)``, which reads the status."""
        if role.shape == "status":
            self.read(value, role)
            return
        left, operator = statement.child_by_field_name("left"), statement.child_by_field_name("operator")
        if left is None or operator is None or operator.type != "of":
            return
        if role.shape in ("list", "tuple"):
            self.target(left, role._replace(shape="status"))
        elif role.shape == "entries":
            self.target(left, role._replace(shape="pair"))

    # --- into and out of what holds statuses

    def combined(self, parent: Node, node: Node, role: Role) -> None:
        kind = parent.type
        if kind == "array":
            if role.shape == "status" and not role.path:
                if parent.id not in self.items:
                    listed = (child for child in parent.named_children if child.type != "comment")
                    self.items[parent.id] = {child.id: place for place, child in enumerate(listed)}
                items = self.items[parent.id]
                place = items.get(node.id, 0)
                if not role.promise and place == 1 and len(items) == 2 and _is_callback_result(self.tree, parent):
                    self.go(parent, role._replace(shape="pair"))
                else:
                    self.go(parent, role._replace(shape="tuple", place=place))
        elif kind == "arrow_function" and parent.child_by_field_name("body") == node:
            self.callback_result(parent, role)
        elif kind == "return_statement":
            function = self.functions.of(parent, _function)
            if function and function.type in ("arrow_function", "function_expression"):
                self.callback_result(function, role)
        elif kind == "arguments":
            call = self.tree.parent(parent)
            if call is not None and call.type == "call_expression":
                self.argument(call, role)

    def callback_result(self, function: Node, role: Role) -> None:
        """What a ``map`` callback gives becomes an array of it."""
        arguments = self.tree.parent(function)
        call = self.tree.parent(arguments) if arguments is not None and arguments.type == "arguments" else None
        if call is None or _method(self, call) not in ("map", "flatMap") or role.path:
            return
        if role.shape == "pair":
            self.go(call, role._replace(shape="entries", promise=True))
        elif role.shape == "status":
            is_async = any(child.type == "async" for child in function.children)
            self.go(call, role._replace(shape="list", promise=role.promise or is_async))

    def argument(self, call: Node, role: Role) -> None:
        called = self.tree.text(callee) if (callee := call.child_by_field_name("function")) is not None else ""
        if called.startswith("Promise.") and called[8:] in _COMBINATORS and role.shape in ("tuple", "list", "entries"):
            if called == "Promise.all":
                self.go(call, role._replace(promise=True))
            else:
                self.go(call, role._replace(promise=True, shape="status"))
        elif called == "Object.fromEntries" and role.shape == "entries" and not role.promise:
            self.go(call, role._replace(shape="record"))
        elif called in ("Object.values", "Object.entries") and role.shape == "record":
            self.go(call, role._replace(shape="list" if called == "Object.values" else "entries"))

    def member(self, member: Node, role: Role) -> None:
        name = member.child_by_field_name("property")
        if role.promise:
            return
        if role.shape == "status":
            self.field(member, name, role)
        elif role.shape == "record" or (role.shape in ("list", "tuple") and member.type == "subscript_expression"):
            self.go(member, role._replace(shape="status"))
        elif name is not None and role.shape in ("list", "tuple", "entries"):
            self.each(member, self.tree.text(name), role)

    def each(self, member: Node, method: str, role: Role) -> None:
        """``list.map((s) => …)`` and its kin: the callback's parameter is a status."""
        call = self.tree.parent(member)
        if call is None or call.type != "call_expression" or method not in _EACH:
            return
        arguments = call.child_by_field_name("arguments")
        callback = arguments.named_children[0] if arguments is not None and arguments.named_children else None
        if callback is not None and callback.type in ("arrow_function", "function_expression"):
            shape: Shape = "pair" if role.shape == "entries" else "status"
            self.parameter(callback, role._replace(shape=shape))

    # --- reads

    def field(self, member: Node, name: Node | None, role: Role) -> None:
        if len(role.path) == _MAX_FIELDS:
            self.read(member, role)
            return
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
        optional = member.child_by_field_name("optional_chain") is not None
        self.go(
            member,
            role._replace(
                path=(*role.path, text),
                spans=(*role.spans, name_span),
                optional=(*role.optional, optional),
                origin=None,
            ),
        )

    def read(self, node: Node, role: Role) -> None:
        if role.replaced and role.origin is not None and role.is_output:
            return  # recorded where it came from
        inner = role.origin or node
        span = self.tree.span(inner)
        in_template = self.facts.in_template(span.start)
        self.flow.reads.append(
            StatusRead(
                role.call,
                role.path,
                role.spans,
                role.optional,
                span,
                in_template,
                role.until,
                role.name,
                inner,
                role.replaced,
            )
        )
        if role.path == ("status",):
            for literal, negated in self.compared(node):
                self.flow.comparisons.append(Comparison(role.call, literal, negated, in_template, role.until))

    def compared(self, node: Node) -> Iterator[tuple[Value, bool]]:
        """The strings that an expression is held against."""
        parent = self.tree.parent(node)
        while parent is not None and parent.type in TRANSPARENT:
            node, parent = parent, self.tree.parent(parent)
        if parent is None:
            return
        if parent.type == "binary_expression" and _operator(parent) in _EQUALITY:
            left, right = parent.child_by_field_name("left"), parent.child_by_field_name("right")
            other = right if left == node else left
            if other is not None:
                yield from self.strings([other], _operator(parent).startswith("!"))
        elif parent.type == "arguments" and (call := self.tree.parent(parent)) is not None:
            callee = call.child_by_field_name("function")
            owner = callee.child_by_field_name("object") if callee is not None else None
            if owner is not None and _method(self, call) == "includes":
                yield from ((item, False) for item in self.listed(owner) if item.string is not None)
        elif parent.type == "switch_statement":
            body = parent.child_by_field_name("body")
            cases = [child for child in body.named_children if child.type == "switch_case"] if body is not None else []
            values = [case.child_by_field_name("value") for case in cases]
            yield from self.strings([value for value in values if value is not None], False)

    def listed(self, array: Node) -> tuple[Value, ...]:
        """The elements of an array that is written here, or in a ``const``; of that only where it is first used."""
        found = evaluate(self.tree, self.facts.names, array) if array.type != "identifier" else None
        if found is not None:
            return found.items
        binding = self.facts.names.binding_of(array)
        if binding is None or binding.span.start in self.listed_names:
            return ()
        self.listed_names.add(binding.span.start)
        return evaluate(self.tree, self.facts.names, array).items

    def strings(self, nodes: list[Node], negated: bool) -> Iterator[tuple[Value, bool]]:
        for node in nodes:
            value = evaluate(self.tree, self.facts.names, node)
            if value.string is not None:
                yield value, negated


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""


def _method(follower: Follower, call: Node) -> str:
    """The name of the method that a call calls, or ''."""
    callee = call.child_by_field_name("function") if call.type == "call_expression" else None
    name = callee.child_by_field_name("property") if callee is not None else None
    return follower.tree.text(name) if name is not None else ""


def _function(parent: Node, _: Node) -> Node | Literal[False] | None:
    return parent if parent.type in ("arrow_function", "function_expression", "function_declaration") else None


def _is_callback_result(tree: SyntaxTree, array: Node) -> bool:
    parent = tree.parent(array)
    while parent is not None and parent.type in TRANSPARENT:
        parent = tree.parent(parent)
    return parent is not None and parent.type in ("arrow_function", "return_statement")
