"""Calls of workflowStatus: arguments, options, and what becomes of the promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import Property, Value, evaluate
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.syntax.script import ScriptFacts

FUNCTIONS = frozenset(
    {"arrow_function", "function_declaration", "function_expression", "generator_function", "method_definition"}
)
LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
BRANCHES = frozenset({"if_statement", "ternary_expression", "switch_case", "switch_default", "catch_clause"})
TRANSPARENT = frozenset({"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"})
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
                call = _called(use.node)
                if call is not None:
                    nodes.append((call, use.node))
        elif imported.imported == "*" and imported.module.endswith(":workflow") and imported.binding is not None:
            nodes += _namespace_calls(facts, imported.binding)
    nodes.sort(key=lambda pair: pair[0].start_byte)
    return tuple(_call(facts, call, callee) for call, callee in nodes)


def _called(callee: Node) -> Node | None:
    """The call whose function a node is. The grammar reads ``await f<T>(x)`` as a call of ``await f``."""
    parent = callee.parent
    if parent is not None and parent.type == "await_expression" and parent.parent is not None:
        callee, parent = parent, parent.parent
    if parent is not None and parent.type == "call_expression" and _is(parent, "function", callee):
        return parent
    return None


def awaits_callee(call: Node) -> bool:
    """Whether a call node holds its own ``await`` (see `_called`)."""
    function = call.child_by_field_name("function")
    return function is not None and function.type == "await_expression"


def _namespace_calls(facts: ScriptFacts, binding: Binding) -> Iterator[tuple[Node, Node]]:
    for use in binding.uses:
        member = use.node.parent
        if member is None or member.type != "member_expression" or member.parent is None:
            continue
        name = member.child_by_field_name("property")
        called = member.parent.type == "call_expression" and _is(member.parent, "function", member)
        if name is not None and called and facts.tree.text(name) == "workflowStatus":
            yield member.parent, name


def _is(parent: Node, field_name: str, node: Node) -> bool:
    return parent.child_by_field_name(field_name) == node


def _call(facts: ScriptFacts, node: Node, callee: Node) -> StatusCall:
    tree = facts.tree
    listed = node.child_by_field_name("arguments")
    given = [child for child in listed.named_children if child.type != "comment"] if listed is not None else []
    values = [evaluate(tree, facts.names, child) for child in given[:3]]
    values_or_none: list[Value | None] = [*values, None, None, None]
    outer = tree.span(listed) if listed is not None else tree.span(callee)
    place = _place(node)
    span = Span(tree.span(callee).start, tree.span(node).end) if awaits_callee(node) else tree.span(node)
    top, outcome, variable = _outcome(facts, node)
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
        statement=tree.span(place.statement),
        function=place.function,
        loop=place.loop,
        conditional=place.conditional,
        bare=top.parent is not None and top.parent.type == "expression_statement",
        in_template=facts.in_template(span.start),
        variable=variable,
        node=node,
    )


@dataclass(slots=True)
class _Place:
    statement: Node
    awaitable: bool = True
    function: bool = False
    loop: bool = False
    conditional: bool = False


def _place(node: Node) -> _Place:
    """What a call stands in, from the inside out."""
    place = _Place(node)
    current: Node | None = node
    while current is not None and current.parent is not None:
        parent = current.parent
        kind = parent.type
        if kind in FUNCTIONS:
            if not place.function:
                place.awaitable = any(child.type == "async" for child in parent.children)
            place.function = True
        elif kind in LOOPS:
            place.loop = True
        elif kind in BRANCHES and parent.child_by_field_name("condition") != current:
            place.conditional = True
        elif kind == "binary_expression" and _is(parent, "right", current):
            operator = parent.child_by_field_name("operator")
            place.conditional = place.conditional or (operator is not None and operator.type in ("&&", "||", "??"))
        elif kind in ("program", "statement_block") and place.statement is node:
            place.statement = current
        current = parent
    return place


def _outcome(facts: ScriptFacts, node: Node) -> tuple[Node, Outcome, Binding | None]:
    """The outermost expression that is the same value, what becomes of it, and the name that takes it."""
    current = node
    awaited = awaits_callee(node)
    while (parent := current.parent) is not None:
        if parent.type == "await_expression":
            awaited = True
        elif _consumes(parent, current):
            return current, Outcome.AWAITED if awaited else Outcome.USED, None
        elif parent.type not in TRANSPARENT and parent.type not in ("ternary_expression", "binary_expression"):
            break
        current = parent
    variable = _variable(facts, current)
    if awaited:
        return current, Outcome.AWAITED, variable
    return current, _unawaited(facts, current, variable), None


def _consumes(parent: Node, node: Node) -> bool:
    """Whether a parent makes something else of a value: a condition or an arithmetic operator."""
    if parent.type == "ternary_expression":
        return _is(parent, "condition", node)
    return parent.type == "binary_expression" and not _choice(parent)


def _choice(node: Node) -> bool:
    """``&&``, ``||`` and ``??`` give one of their sides as it is."""
    operator = node.child_by_field_name("operator")
    return operator is not None and operator.type in ("&&", "||", "??")


def _variable(facts: ScriptFacts, value: Node) -> Binding | None:
    """The plain variable that a value is stored in."""
    parent = value.parent
    if parent is None:
        return None
    target = None
    if parent.type == "variable_declarator" and _is(parent, "value", value):
        target = parent.child_by_field_name("name")
    elif parent.type == "assignment_expression" and _is(parent, "right", value):
        target = parent.child_by_field_name("left")
    if target is None or target.type != "identifier":
        return None
    return facts.declared.get(facts.tree.span(target).start) or facts.names.binding_of(target)


def _unawaited(facts: ScriptFacts, node: Node, variable: Binding | None) -> Outcome:
    parent = node.parent
    match parent.type if parent is not None else "":
        case "expression_statement":
            in_template = facts.in_template(facts.tree.span(node).start)
            return Outcome.USED if in_template else Outcome.DROPPED
        case "member_expression" | "subscript_expression":
            return Outcome.PASSED if _chained(facts.tree, parent) else Outcome.USED
        case "return_statement" | "arrow_function" | "yield_expression":
            return Outcome.RETURNED
        case "variable_declarator":
            if variable is None:  # const { status } = workflowStatus(…)
                return Outcome.USED
            return Outcome.USED if _used_as_value(facts, variable) else Outcome.KEPT
        case "template_substitution" | "if_statement" | "for_in_statement" | "switch_statement":
            return Outcome.USED
    return Outcome.PASSED


def _chained(tree: SyntaxTree, member: Node | None) -> bool:
    name = member.child_by_field_name("property") if member is not None else None
    return name is not None and tree.text(name) in _PROMISE_METHODS


def _used_as_value(facts: ScriptFacts, variable: Binding) -> bool:
    """Whether a stored promise is only ever read like a status: nothing awaits it or hands it on."""
    for use in variable.uses:
        if use.write:
            return False
        node, parent = use.node, use.node.parent
        while parent is not None and parent.type in TRANSPARENT:
            node, parent = parent, parent.parent
        if parent is None or not _reads_value(facts, node, parent):
            return False
    return True


def _reads_value(facts: ScriptFacts, node: Node, parent: Node) -> bool:
    match parent.type:
        case "member_expression" | "subscript_expression":
            return _is(parent, "object", node) and not _chained(facts.tree, parent)
        case "expression_statement":  # {status} in the template
            return facts.in_template(facts.tree.span(node).start)
        case "template_substitution" | "if_statement" | "unary_expression":
            return True
        case "variable_declarator":  # const { status } = promise
            name = parent.child_by_field_name("name")
            return name is not None and name.type == "object_pattern"
    return False
