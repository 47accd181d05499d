"""TypeScript syntax trees with offsets in code points, parsed again only where the text changed.

The only module that imports tree-sitter. Its trees count UTF-8 bytes; everything that leaves here counts
code points. A text that is not ASCII keeps a table of the places where the two drift apart.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser, Point, Tree

from koze_lsp.syntax.node_kinds import TRANSPARENT
from koze_lsp.text import Span

__all__ = ["Node", "SyntaxTree", "descendants", "parse", "unwrapped"]

_PARSER = Parser(Language(tree_sitter_typescript.language_typescript()))
_WIDE = re.compile(r"[^\x00-\x7f]+")
_SAMPLE = 64
"""Every so many times that a parent is asked for, the place of the node is looked at: is it nested deeply?"""
_DEEP = 64
"""From that depth on, a table of all parents is cheaper than asking for them one by one."""


class SyntaxTree:
    """A parsed TypeScript text. Broken text gives a tree with error nodes, never an exception."""

    __slots__ = ("_asked", "_byte_steps", "_char_steps", "_parents", "_tree", "data", "root", "source")

    def __init__(self, source: str, data: bytes, tree: Tree) -> None:
        self.source = source
        self.data = data
        self._tree = tree
        self.root = tree.root_node
        self._asked = 0
        self._parents: dict[int, Node] | None = None
        # Offsets after each run of wide characters, in bytes and in characters.
        self._byte_steps: list[int] = []
        self._char_steps: list[int] = []
        if len(data) != len(source):
            self._index_wide_characters()

    def _index_wide_characters(self) -> None:
        drift = 0
        for match in _WIDE.finditer(self.source):
            for offset, character in enumerate(match.group(), match.start() + 1):
                drift += len(character.encode("utf-8", "surrogatepass")) - 1
                self._byte_steps.append(offset + drift)
                self._char_steps.append(offset)

    def offset(self, byte: int) -> int:
        """The offset in code points of an offset in bytes."""
        at = bisect_right(self._byte_steps, byte) - 1
        return byte if at < 0 else self._char_steps[at] + byte - self._byte_steps[at]

    def byte(self, offset: int) -> int:
        """The offset in bytes of an offset in code points."""
        at = bisect_right(self._char_steps, offset) - 1
        return offset if at < 0 else self._byte_steps[at] + offset - self._char_steps[at]

    def span(self, node: Node) -> Span:
        """A node's span in code points."""
        if not self._byte_steps:
            return Span(node.start_byte, node.end_byte)
        return Span(self.offset(node.start_byte), self.offset(node.end_byte))

    def text(self, node: Node) -> str:
        """A node's text."""
        if not self._byte_steps:
            return self.source[node.start_byte : node.end_byte]
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    def word(self, node: Node) -> tuple[str, Span]:
        """A node's text and span."""
        start, end = node.start_byte, node.end_byte
        if self._byte_steps:
            start, end = self.offset(start), self.offset(end)
        return self.source[start:end], Span(start, end)

    def parent(self, node: Node) -> Node | None:
        """The node around a node of this tree; None for the root.

        tree-sitter looks for a parent from the root down. That is quick in a tree as people write them, and makes
        everything quadratic in one that is nested deeply: such a tree keeps a table of all parents.
        """
        if self._parents is None:
            self._asked += 1
            if self._asked % _SAMPLE or not self._is_deep(node.start_byte):
                return node.parent
            self._parents = _parents(self.root)
        return self._parents.get(node.id)

    def _is_deep(self, byte: int) -> bool:
        cursor = self.root.walk()
        while cursor.depth < _DEEP:
            if cursor.goto_first_child_for_byte(byte) is None:
                return False
        return True

    def node_at(self, offset: int, end: int | None = None) -> Node:
        """The smallest node, named or not, that holds an offset (or a span)."""
        start_byte = self.byte(offset)
        found = self.root.descendant_for_byte_range(start_byte, start_byte if end is None else self.byte(end))
        return found or self.root

    def node_of(self, kind: str, start: int, end: int) -> Node:
        """The innermost node of a kind that holds a span (code points); the root where there is none."""
        node = self.node_at(start, end)
        while node.type != kind and (parent := self.parent(node)) is not None:
            node = parent
        return node


def parse(source: str, previous: SyntaxTree | None = None) -> SyntaxTree:
    """Parse a text; with the tree of an earlier version, only what changed is parsed again, unless it is broken.

    The change is taken to be one edit: all that lies between the common start and the common end.
    """
    data = source.encode("utf-8", "surrogatepass")
    if previous is not None and previous.data == data:
        return previous
    # How tree-sitter recovers from errors, and where it ends a markup comment, depends on what it reuses; the
    # editor must see what a fresh check sees.
    if previous is None or previous.root.has_error or b"<!--" in data or b"<!--" in previous.data:
        return SyntaxTree(source, data, _PARSER.parse(data))
    start, old_end, new_end = _changed(previous.data, data)
    old = previous._tree.copy()
    points = (_point(previous.data, start), _point(previous.data, old_end), _point(data, new_end))
    old.edit(start, old_end, new_end, *points)
    tree = _PARSER.parse(data, old)
    if tree.root_node.has_error:
        tree = _PARSER.parse(data)
    return SyntaxTree(source, data, tree)


def _changed(old: bytes, new: bytes) -> tuple[int, int, int]:
    """Start, old end and new end (bytes) of the one edit that leads from a text to the next."""
    limit = min(len(old), len(new))
    start = _halving(limit, lambda low, high: old[low:high] == new[low:high])
    end = _halving(
        limit - start,
        lambda low, high: old[len(old) - high : len(old) - low] == new[len(new) - high : len(new) - low],
    )
    return start, len(old) - end, len(new) - end


def _halving(limit: int, equal: Callable[[int, int], bool]) -> int:
    """The greatest length up to ``limit`` for which all is equal, asking for ever smaller pieces."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if equal(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _point(data: bytes, byte: int) -> Point:
    """tree-sitter needs rows and columns for an edit's scanner state; columns count bytes."""
    row = data.count(b"\n", 0, byte)
    point: Point = Point(row, byte - (data.rfind(b"\n", 0, byte) + 1))
    return point


def _parents(root: Node) -> dict[int, Node]:
    """The parent of every node by the node's id."""
    found: dict[int, Node] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        children = node.children
        for child in children:
            found[child.id] = node
        stack += children
    return found


def descendants(node: Node) -> Iterator[Node]:
    """A node and all named nodes below it, in source order, without recursion (trees can be deep)."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.named_children))


def unwrapped(node: Node) -> Node:
    """An expression without the parentheses and types around it."""
    while node.type in TRANSPARENT and node.named_children:
        node = node.named_children[0]
    return node
