"""Under which conditions a place in a script or template is reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.syntax.calls import FUNCTIONS, TRANSPARENT
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.script import ScriptFacts
from koze_lsp.syntax.status import StatusRead
from koze_lsp.syntax.tree import Node, descendants

_EXITS = frozenset({"return_statement", "throw_statement", "continue_statement", "break_statement"})
_NOT_COMPLETE = frozenset(
    {"queued", "running", "paused", "errored", "terminated", "waiting", "waitingForPause", "rollingBack", "unknown"}
)
_NEVER_TELLS = frozenset({"pending", "success", "error"})
"""Fields that are the same before and after completion."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that holds (or, where ``holds`` is false, does not hold) where a place is reached."""

    condition: Node
    holds: bool


def may_be_complete_only(facts: ScriptFacts, read: StatusRead) -> bool:
    """Whether a read is, or may be, reached only when its status has an output.

    True in doubt: a guard that is not understood may well be the right one.
    """
    guards, clear = _guards(read.node, read.name)
    if not clear:
        return True
    by_place = {other.node.start_byte: other for other in facts.status_flow.reads}
    return any(_tells(facts, guard.condition, guard.holds, by_place, 0) for guard in guards)


def _guards(node: Node, name: Binding | None) -> tuple[list[Guard], bool]:
    """The guards around a node, innermost first; False where something else decides: a function, a try, an exit."""
    found: list[Guard] = []
    current = node
    while (parent := current.parent) is not None:
        kind = parent.type
        if kind == "try_statement" or (kind in FUNCTIONS and not (name and _declares(parent, name))):
            return found, False
        if kind in ("if_statement", "ternary_expression", "while_statement"):
            found += _of_branch(parent, current)
        elif kind == "binary_expression" and parent.child_by_field_name("right") == current:
            left, operator = parent.child_by_field_name("left"), parent.child_by_field_name("operator")
            if left is not None and operator is not None and operator.type in ("&&", "||"):
                found.append(Guard(left, operator.type == "&&"))
        elif kind in ("switch_case", "switch_default") or (
            kind in ("statement_block", "program") and _exits_before(parent, current)
        ):
            return found, False
        current = parent
    return found, True


def _of_branch(parent: Node, current: Node) -> Iterator[Guard]:
    condition = parent.child_by_field_name("condition")
    if condition is None or condition == current:
        return
    yield Guard(condition, parent.child_by_field_name("alternative") != current)


def _declares(function: Node, name: Binding) -> bool:
    return name.scope.node == function


def _exits_before(block: Node, node: Node) -> bool:
    """Whether a statement before this one may leave the block: what comes after it is guarded by it."""
    for sibling in block.named_children:
        if sibling == node:
            return False
        if sibling.type == "if_statement" and any(inner.type in _EXITS for inner in descendants(sibling)):
            return True
    return False


def _tells(facts: ScriptFacts, node: Node, holds: bool, reads: dict[int, StatusRead], depth: int) -> bool:
    """Whether a condition, or a part of it, tells (or may tell) that the output is there."""
    while node.type in TRANSPARENT and node.named_children:
        node = node.named_children[0]
    if depth > 40:
        return True
    operator = node.child_by_field_name("operator")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if node.type == "binary_expression" and operator is not None and left is not None and right is not None:
        if operator.type in ("&&", "||"):
            decided = (operator.type == "&&") == holds  # both sides are known then
            sides = [_tells(facts, side, holds, reads, depth + 1) for side in (left, right)]
            return any(sides) if decided else all(sides)
        return _comparison_tells(facts, left, right, operator.type, holds, reads)
    if node.type == "unary_expression" and operator is not None and operator.type == "!":
        argument = node.child_by_field_name("argument")
        return argument is None or _tells(facts, argument, not holds, reads, depth + 1)
    if node.type in ("true", "false", "string", "number", "null"):
        return False
    read = reads.get(node.start_byte)
    if read is not None and node.type in ("member_expression", "identifier"):
        return holds and bool(read.path) and read.path[0] not in _NEVER_TELLS
    return _is_local(facts, node)


def _comparison_tells(
    facts: ScriptFacts, left: Node, right: Node, operator: str, holds: bool, reads: dict[int, StatusRead]
) -> bool:
    if operator not in ("===", "==", "!==", "!="):
        return any(_is_local(facts, side) for side in (left, right))
    equal = holds is not operator.startswith("!")
    for one, other in ((left, right), (right, left)):
        read = reads.get(one.start_byte)
        if read is None:
            continue
        if read.path == ("status",):
            if other.type != "string":
                return True
            literal = facts.tree.text(other)[1:-1]
            return equal and literal not in _NOT_COMPLETE
        if read.path[:1] == ("output",):
            return not equal if other.type in ("null", "undefined") else True
        return not read.path or read.path[0] not in _NEVER_TELLS
    return any(_is_local(facts, side) for side in (left, right))


def _is_local(facts: ScriptFacts, node: Node) -> bool:
    """Whether an expression names or calls anything of which the text could have made a flag."""
    for inner in descendants(node):
        if inner.type == "call_expression":
            return True
        if inner.type in ("identifier", "shorthand_property_identifier"):
            binding = facts.names.binding_of(inner)
            if binding is not None and binding.kind != "import":
                return True
    return False
