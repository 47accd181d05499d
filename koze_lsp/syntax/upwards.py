"""Questions that a node answers by what is around it, in time that is linear for all nodes together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from koze_lsp.syntax.tree import Node, SyntaxTree

Answer = TypeVar("Answer")


class Upwards(Generic[Answer]):
    """Goes up from a node until something around it decides, and remembers the answer for all nodes on the way.

    ``otherwise`` is the answer where nothing up to the root decides.
    """

    def __init__(self, tree: SyntaxTree, otherwise: Answer) -> None:
        self._tree = tree
        self._otherwise = otherwise
        self._known: dict[int, Answer] = {}

    def of(self, node: Node, decide: Callable[[Node, Node], Answer | None]) -> Answer:
        """The answer for a node.

        ``decide(parent, node)`` gives it for the node and all below it, or None where the parent is to be asked. It
        must be the same each time.
        """
        way: list[int] = []
        current, known = node, self._known
        while (answer := known.get(current.id)) is None:
            way.append(current.id)
            parent = self._tree.parent(current)
            answer = self._otherwise if parent is None else decide(parent, current)
            if parent is None or answer is not None:
                break
            current = parent
        assert answer is not None
        for passed in way:
            known[passed] = answer
        return answer
