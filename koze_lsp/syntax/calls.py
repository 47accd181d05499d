"""Calls of workflowStatus: arguments, options, and what becomes of the promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from koze_lsp.syntax.node_kinds import TRANSPARENT
from koze_lsp.syntax.places import Places, is_choice
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import Property, Value, evaluate
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.syntax.script import ScriptFacts

_PROMISE_METHODS = frozenset({"then", "catch", "finally"})


class Outcome(Enum):
    """What the text does with the promise that a call gives."""

    AWAITED = "awaited"
    RETURNED = "returned"
    PASSED = "passed"
    """Handed on: to Promise.all, to a function, into an array or object, chained with then."""
    KEPT = "kept"
    """Stored in a variable that something awaits or hands on later."""
    DROPPED = "dropped"
    """A statement of its own."""
    USED = "used"
    """Used as if it were the status itself: this is the mistake."""


@dataclass(frozen=True, slots=True)
class StatusCall:
    """One call of workflowStatus.

    Attributes:
        span: the call, without ``await``.
        callee: the function's name as written.
        arguments: between the parentheses.
        name, instance, options: the three arguments, None where missing.
        has_spread: an argument is ``...x``, so that places are not known.
        awaitable: ``await`` may be written here: at top level or in an async function.
        statement: the whole statement that holds the call.
        function: nested in a function; ``loop``: in a loop or an array's callback.
        conditional: some renders do not reach it.
        variable: the plain name that takes the awaited value.
        bare: the statement is nothing but the call, awaited or not.
    """

    span: Span
    callee: Span
    arguments: Span
    name: Value | None
    instance: Value | None
    options: Value | None
    has_spread: bool
    outcome: Outcome
    awaitable: bool
    statement: Span
    function: bool
    loop: bool
    conditional: bool
    bare: bool
    in_template: bool
    variable: Binding | None = field(repr=False, compare=False)
    node: Node = field(repr=False, compare=False)

    def option(self, key: str) -> Property | None:
        """An option written in the call, or in the ``const`` that it names."""
        return self.options.member(key) if self.options is not None and self.options.kind == "object" else None


def find_calls(facts: ScriptFacts) -> tuple[StatusCall, ...]:
    """The calls of every imported workflowStatus, in source order."""
    nodes: list[tuple[Node, Node]] = []
    for imported in facts.imports:
        if imported.is_status and not imported.type_only and imported.binding is not None:
            for use in imported.binding.uses:
                call = _called(facts.tree, use.node)
                if call is not None:
                    nodes.append((call, use.node))
        elif imported.imported == "*" and imported.module.endswith(":workflow") and imported.binding is not None:
            nodes += _namespace_calls(facts, imported.binding)
    nodes.sort(key=lambda pair: pair[0].start_byte)
    finder = _Finder(facts)
    return tuple(finder.call(call, callee) for call, callee in nodes)


def _called(tree: SyntaxTree, callee: Node) -> Node | None:
    """The call whose function a node is. The grammar reads ``await f<T>(x)`` as a call of ``await f``."""
    parent = tree.parent(callee)
    if parent is not None and parent.type == "await_expression" and (outer := tree.parent(parent)) is not None:
        callee, parent = parent, outer
    if parent is not None and parent.type == "call_expression" and _is(parent, "function", callee):
        return parent
    return None


def awaits_callee(call: Node) -> bool:
    """Whether a call node holds its own ``await`` (see `_called`)."""
    function = call.child_by_field_name("function")
    return function is not None and function.type == "await_expression"


def _namespace_calls(facts: ScriptFacts, binding: Binding) -> Iterator[tuple[Node, Node]]:
    for use in binding.uses:
        member = facts.tree.parent(use.node)
        call = facts.tree.parent(member) if member is not None and member.type == "member_expression" else None
        if member is None or call is None:
            continue
        name = member.child_by_field_name("property")
        called = call.type == "call_expression" and _is(call, "function", member)
        if name is not None and called and facts.tree.text(name) == "workflowStatus":
            yield call, name


def _is(parent: Node, field_name: str, node: Node) -> bool:
    return parent.child_by_field_name(field_name) == node


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far an expression's value goes as it is: to ``top``, there held by ``parent``."""

    top: Node
    parent: Node | None
    awaited: bool = False
    consumed: bool = False


class _Finder:
    """Makes the calls of one script; what several of them share is worked out once."""

    def __init__(self, facts: ScriptFacts) -> None:
        self.facts = facts
        self.tree = facts.tree
        self.places = Places(facts.tree)
        self.reaches: dict[int, _Reach] = {}
        self.values: dict[int, bool] = {}  # by the offset of a variable: whether it is only read like a status

    def call(self, node: Node, callee: Node) -> StatusCall:
        tree = self.tree
        listed = node.child_by_field_name("arguments")
        given = [child for child in listed.named_children if child.type != "comment"] if listed is not None else []
        values = [evaluate(tree, self.facts.names, child) for child in given[:3]]
        values_or_none: list[Value | None] = [*values, None, None, None]
        outer = tree.span(listed) if listed is not None else tree.span(callee)
        place = self.places.of(node)
        span = Span(tree.span(callee).start, tree.span(node).end) if awaits_callee(node) else tree.span(node)
        reach = self.reach(node)
        outcome, variable = self.outcome(node, reach)
        return StatusCall(
            span=span,
            callee=tree.span(callee),
            arguments=Span(outer.start + 1, max(outer.end - 1, outer.start + 1)),
            name=values_or_none[0],
            instance=values_or_none[1],
            options=values_or_none[2],
            has_spread=any(child.type == "spread_element" for child in given),
            outcome=outcome,
            awaitable=place.awaitable,
            statement=tree.span(place.statement or node),
            function=place.function,
            loop=place.loop,
            conditional=place.conditional,
            bare=reach.parent is not None and reach.parent.type == "expression_statement",
            in_template=self.facts.in_template(span.start),
            variable=variable,
            node=node,
        )

    def reach(self, node: Node) -> _Reach:
        """The outermost expression that is the same value, awaited or not."""
        path: list[tuple[Node, bool]] = []  # each node on the way up, and whether an await is around it
        current, reach = node, self.reaches.get(node.id)
        while reach is None:
            parent = self.tree.parent(current)
            if parent is None:
                reach = _Reach(current, None)
            elif parent.type == "await_expression":
                path.append((current, True))
            elif _consumes(parent, current):
                reach = _Reach(current, parent, consumed=True)
            elif parent.type in TRANSPARENT or parent.type in ("ternary_expression", "binary_expression"):
                path.append((current, False))
            else:
                reach = _Reach(current, parent)
            if reach is None and parent is not None:
                current, reach = parent, self.reaches.get(parent.id)
        self.reaches[current.id] = reach
        for inner, awaited in reversed(path):
            if awaited and not reach.awaited:
                reach = replace(reach, awaited=True)
            self.reaches[inner.id] = reach
        return reach

    def outcome(self, node: Node, reach: _Reach) -> tuple[Outcome, Binding | None]:
        """What becomes of a call's value, and the name that takes it once it was awaited."""
        awaited = reach.awaited or awaits_callee(node)
        if reach.consumed:
            return Outcome.AWAITED if awaited else Outcome.USED, None
        variable = _variable(self.facts, reach)
        if awaited:
            return Outcome.AWAITED, variable
        return self.unawaited(reach, variable), None

    def unawaited(self, reach: _Reach, variable: Binding | None) -> Outcome:
        parent = reach.parent
        match parent.type if parent is not None else "":
            case "expression_statement":
                in_template = self.facts.in_template(self.tree.span(reach.top).start)
                return Outcome.USED if in_template else Outcome.DROPPED
            case "member_expression" | "subscript_expression":
                return Outcome.PASSED if _chained(self.tree, parent) else Outcome.USED
            case "return_statement" | "arrow_function" | "yield_expression":
                return Outcome.RETURNED
            case "variable_declarator":
                if variable is None:  # const { status } = workflowStatus(…)
                    return Outcome.USED
                return Outcome.USED if self.used_as_value(variable) else Outcome.KEPT
            case "template_substitution" | "if_statement" | "for_in_statement" | "switch_statement":
                return Outcome.USED
        return Outcome.PASSED

    def used_as_value(self, variable: Binding) -> bool:
        """Whether a stored promise is only ever read like a status: nothing awaits it or hands it on."""
        start = variable.span.start
        if start not in self.values:
            self.values[start] = all(not use.write and self.reads_value(use.node) for use in variable.uses)
        return self.values[start]

    def reads_value(self, node: Node) -> bool:
        parent = self.tree.parent(node)
        while parent is not None and parent.type in TRANSPARENT:
            node, parent = parent, self.tree.parent(parent)
        match parent.type if parent is not None else "":
            case "member_expression" | "subscript_expression":
                return parent is not None and _is(parent, "object", node) and not _chained(self.tree, parent)
            case "expression_statement":  # {status} in the template
                return self.facts.in_template(self.tree.span(node).start)
            case "template_substitution" | "if_statement" | "unary_expression":
                return True
            case "variable_declarator":  # const { status } = promise
                name = parent.child_by_field_name("name") if parent is not None else None
                return name is not None and name.type == "object_pattern"
        return False


def _consumes(parent: Node, node: Node) -> bool:
    """Whether a parent makes something else of a value: a condition or an arithmetic operator."""
    if parent.type == "ternary_expression":
        return _is(parent, "condition", node)
    return parent.type == "binary_expression" and not is_choice(parent)


def _variable(facts: ScriptFacts, reach: _Reach) -> Binding | None:
    """The plain variable that a value is stored in."""
    value, parent = reach.top, reach.parent
    if parent is None:
        return None
    target = None
    if parent.type == "variable_declarator" and _is(parent, "value", value):
        target = parent.child_by_field_name("name")
    elif parent.type == "assignment_expression" and _is(parent, "right", value):
        target = parent.child_by_field_name("left")
    if target is None or target.type != "identifier":
        return None
    return facts.names.declared_at(facts.tree.span(target).start) or facts.names.binding_of(target)


def _chained(tree: SyntaxTree, member: Node | None) -> bool:
    name = member.child_by_field_name("property") if member is not None else None
    return name is not None and tree.text(name) in _PROMISE_METHODS
