"""What a place of a script stands in: its statement, functions, loops and branches."""

from __future__ import annotations

from dataclasses import dataclass

from koze_lsp.syntax.node_kinds import FUNCTIONS, LOOPS
from koze_lsp.syntax.tree import Node, SyntaxTree

BRANCHES = frozenset({"if_statement", "ternary_expression", "switch_case", "switch_default", "catch_clause"})


@dataclass(frozen=True, slots=True)
class Place:
    """What a node stands in.

    Attributes:
        statement: the statement of a block or of the file that holds the node.
        awaitable: ``await`` may be written here: at top level or in an async function.
        conditional: some runs do not reach it.
    """

    statement: Node | None = None
    awaitable: bool = True
    function: bool = False
    loop: bool = False
    conditional: bool = False


_NOWHERE = Place()


class Places:
    """The places of one tree's nodes. What is around two nodes is looked at once, so that all take linear time."""

    def __init__(self, tree: SyntaxTree) -> None:
        self._tree = tree
        self._known: dict[int, Place] = {}

    def of(self, node: Node) -> Place:
        """The place of a node."""
        path: list[tuple[Node, Node]] = []  # each node on the way up and its parent
        current = node
        while current.id not in self._known and (parent := self._tree.parent(current)) is not None:
            path.append((current, parent))
            current = parent
        place = self._known.get(current.id, _NOWHERE)
        for inner, parent in reversed(path):
            place = self._known[inner.id] = _inside(place, parent, inner)
        return place


def _inside(outer: Place, parent: Node, node: Node) -> Place:
    """The place of a node, given its parent's."""
    kind = parent.type
    statement = node if kind in ("program", "statement_block") else outer.statement
    if kind in FUNCTIONS:
        is_async = any(child.type == "async" for child in parent.children)
        return Place(statement, is_async, True, outer.loop, outer.conditional)
    if kind in LOOPS:
        return Place(statement, outer.awaitable, outer.function, True, outer.conditional)
    if (kind in BRANCHES and parent.child_by_field_name("condition") != node) or (
        kind == "binary_expression" and _may_be_skipped(parent, node)
    ):
        return Place(statement, outer.awaitable, outer.function, outer.loop, True)
    if statement is outer.statement:
        return outer
    return Place(statement, outer.awaitable, outer.function, outer.loop, outer.conditional)


def is_choice(node: Node) -> bool:
    """Whether a binary expression gives one of its sides as it is: ``&&``, ``||`` or ``??``."""
    operator = node.child_by_field_name("operator")
    return operator is not None and operator.type in ("&&", "||", "??")


def _may_be_skipped(binary: Node, side: Node) -> bool:
    return binary.child_by_field_name("right") == side and is_choice(binary)
