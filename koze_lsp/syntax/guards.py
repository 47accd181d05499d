"""Under which conditions a place in a script or template is reached."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property

from koze_lsp.syntax.node_kinds import EXITS, FUNCTIONS
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.script import ScriptFacts
from koze_lsp.syntax.status import StatusRead
from koze_lsp.syntax.tree import Node, descendants, unwrapped
from koze_lsp.syntax.upwards import Upwards

_EXIT_WORDS = (b"return", b"throw", b"continue", b"break")
_NOT_COMPLETE = frozenset(
    {"queued", "running", "paused", "errored", "terminated", "waiting", "waitingForPause", "rollingBack", "unknown"}
)
_NEVER_TELLS = frozenset({"pending", "success", "error"})
"""Fields that are the same before and after completion."""
_NEVER = 1 << 62


class Guards:
    """The conditions of one script and its template. Each is looked at once, however much stands behind it."""

    def __init__(self, facts: ScriptFacts) -> None:
        self._names = facts.names
        self._tree = facts.tree
        self._reads = {facts.tree.byte(read.span.start): read for read in facts.status_flow.reads}
        self._by_name: dict[int, Upwards[bool]] = {}
        self._first_exits: dict[int, int] = {}

    def may_be_complete_only(self, read: StatusRead) -> bool:
        """Whether a read is, or may be, reached only when its status has an output.

        True in doubt: a guard that is not understood may well be the right one.
        """
        place = read.name.span.start if read.name is not None else -1
        known = self._by_name.get(place)
        if known is None:
            known = self._by_name[place] = Upwards(self._tree, False)
        return known.of(read.node, self._protects(read.name))

    def _protects(self, name: Binding | None) -> Callable[[Node, Node], bool | None]:
        """What is around a node: True if it tells that the output is there, or may; None if it does not."""

        def decide(parent: Node, node: Node) -> bool | None:
            kind = parent.type
            if kind in ("try_statement", "switch_case", "switch_default"):
                return True
            if kind in FUNCTIONS:
                return None if name is not None and name.scope.node == parent else True
            if kind in ("statement_block", "program"):
                return self._exits_before(parent, node) or None
            condition, holds = _condition(parent, kind, node)
            return (condition is not None and self._tells(condition, holds, 0)) or None

        return decide

    def _exits_before(self, block: Node, node: Node) -> bool:
        """Whether a statement before this one may leave the block: what comes after it is guarded by it."""
        if not self._exits:
            return False
        first = self._first_exits.get(block.id)
        if first is None:
            leaving = (child for child in block.named_children if child.type == "if_statement" and self._leaves(child))
            first = next((child.start_byte for child in leaving), _NEVER)
            self._first_exits[block.id] = first
        return first < node.start_byte

    def _leaves(self, node: Node) -> bool:
        at = bisect_left(self._exits, node.start_byte)
        return at < len(self._exits) and self._exits[at] < node.end_byte

    @cached_property
    def _exits(self) -> list[int]:
        """Where each return, throw, continue and break begins, in bytes."""
        data = self._tree.data
        if not any(word in data for word in _EXIT_WORDS):
            return []
        return [node.start_byte for node in descendants(self._tree.root) if node.type in EXITS]

    # --- what a condition tells

    def _tells(self, node: Node, holds: bool, depth: int) -> bool:
        """Whether a condition, or a part of it, tells (or may tell) that the output is there."""
        node = unwrapped(node)
        if depth > 40:
            return True
        operator = node.child_by_field_name("operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type == "binary_expression" and operator is not None and left is not None and right is not None:
            if operator.type in ("&&", "||"):
                decided = (operator.type == "&&") == holds  # both sides are known then
                sides = [self._tells(side, holds, depth + 1) for side in (left, right)]
                return any(sides) if decided else all(sides)
            return self._comparison_tells(left, right, operator.type, holds)
        if node.type == "unary_expression" and operator is not None and operator.type == "!":
            argument = node.child_by_field_name("argument")
            return argument is None or self._tells(argument, not holds, depth + 1)
        if node.type in ("true", "false", "string", "number", "null"):
            return False
        read = self._reads.get(node.start_byte)
        if read is not None and node.type in ("member_expression", "identifier"):
            return holds and bool(read.path) and read.path[0] not in _NEVER_TELLS
        return self._is_local(node)

    def _comparison_tells(self, left: Node, right: Node, operator: str, holds: bool) -> bool:
        if operator not in ("===", "==", "!==", "!="):
            return any(self._is_local(side) for side in (left, right))
        equal = holds is not operator.startswith("!")
        for one, other in ((left, right), (right, left)):
            read = self._reads.get(one.start_byte)
            if read is None:
                continue
            if read.path == ("status",):
                if other.type != "string":
                    return True
                literal = self._tree.text(other)[1:-1]
                return equal and literal not in _NOT_COMPLETE
            if read.path[:1] == ("output",):
                return not equal if other.type in ("null", "undefined") else True
            return not read.path or read.path[0] not in _NEVER_TELLS
        return any(self._is_local(side) for side in (left, right))

    def _is_local(self, node: Node) -> bool:
        """Whether an expression names or calls anything of which the text could have made a flag."""
        start, end = node.start_byte, node.end_byte
        at = bisect_left(self._locals, start)
        if at < len(self._locals) and self._locals[at] < end:
            return True
        starts, ends = self._calls
        at = bisect_left(starts, start)
        if at < len(starts) and starts[at] == start and ends[start] > end:
            at += 1  # the calls that begin here are around the node
        return at < len(starts) and starts[at] < end

    @cached_property
    def _locals(self) -> list[int]:
        """Where each use of a name that the text declares, and does not import, begins, in bytes."""
        return [
            self._tree.byte(use.span.start)
            for use in self._names.uses
            if use.binding is not None and use.binding.kind != "import"
        ]

    @cached_property
    def _calls(self) -> tuple[list[int], dict[int, int]]:
        """Where calls begin, in bytes, and where the innermost one that begins there ends."""
        ends: dict[int, int] = {}
        for node in descendants(self._tree.root):
            if node.type == "call_expression":
                ends[node.start_byte] = node.end_byte  # inner ones come later
        return list(ends), ends


def _condition(parent: Node, kind: str, node: Node) -> tuple[Node | None, bool]:
    """The condition under which a part of its parent is reached, and whether it holds there."""
    if kind in ("if_statement", "ternary_expression", "while_statement"):
        condition = parent.child_by_field_name("condition")
        if condition is None or condition == node:
            return None, True
        return condition, parent.child_by_field_name("alternative") != node
    if kind == "binary_expression" and parent.child_by_field_name("right") == node:
        operator = parent.child_by_field_name("operator")
        if operator is not None and operator.type in ("&&", "||"):
            return parent.child_by_field_name("left"), operator.type == "&&"
    return None, True


def may_be_complete_only(facts: ScriptFacts, read: StatusRead) -> bool:
    """Whether a read is, or may be, reached only when its status has an output (see `Guards`)."""
    return facts.guards.may_be_complete_only(read)
