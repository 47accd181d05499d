"""The template as a list of tags, expressions, comments and raw blocks, for validation and name collection.

This is the framework's second, coarser look at a template: where the line compiler decides what is printed, this
one decides which expressions are checked before, which names a page needs, and what a comment hides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from koze_lsp.syntax.template_lines import JS_SPACE_RANGES, closing_brace, js_trim, tag_end

__all__ = ["Attribute", "Node", "NodeKind", "blank_out", "parse_nodes"]


class NodeKind(Enum):
    """What a node is; plain text has no node."""

    COMMENT = "comment"
    TAG = "tag"
    RAW = "raw"  # a whole <script> or <style> element
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name`, `name=value`; `start` and `value_start` are offsets in the template, `value` keeps its quotes."""

    name: str
    start: int
    value: str | None
    value_start: int


@dataclass(frozen=True, slots=True)
class Node:
    """One node: `template[start:end]`."""

    kind: NodeKind
    start: int
    end: int
    name: str = ""
    attributes: tuple[Attribute, ...] = ()
    closing: bool = False
    content: tuple[int, int] = (-1, -1)


_NAME = re.compile(r"[A-Za-z][\w:-]*", re.ASCII)
_BLOCK_LINE = re.compile(
    r"(?:for|if|switch|while|catch|with)~*\(|(?:try|finally|do)\b|\}?~*else\b|throw\b|(?:const|let|var)\b".replace(
        "~", f"[{JS_SPACE_RANGES}]"
    ),
    re.ASCII,
)


def parse_nodes(source: str) -> list[Node]:
    """The nodes of a template, in order."""
    nodes: list[Node] = []
    cursor = 0
    special = re.compile(r"[<{]")
    while match := special.search(source, cursor):
        at = match.start()
        if source.startswith("<!--", at):
            end = source.find("-->", at + 4)
            cursor = len(source) if end == -1 else end + 3
            nodes.append(Node(NodeKind.COMMENT, at, cursor))
        elif source[at] == "<":
            end = tag_end(source, at + 1)
            if end == -1:
                break
            cursor = _add_tag(source, at, end, nodes)
        elif _opens_block(source, at):
            cursor = at + 1
        else:
            end = closing_brace(source, at)
            if end == -1:
                cursor = at + 1
            else:
                nodes.append(Node(NodeKind.EXPRESSION, at, end + 1))
                cursor = end + 1
    return nodes


def blank_out(source: str, nodes: list[Node], kinds: tuple[NodeKind, ...]) -> str:
    """The template with nodes of these kinds replaced by their line ends."""
    parts: list[str] = []
    cursor = 0
    for node in nodes:
        if node.kind in kinds:
            parts.append(source[cursor : node.start])
            parts.append(re.sub(r"[^\r\n]", "", source[node.start : node.end]))
            cursor = node.end
    parts.append(source[cursor:])
    return "".join(parts)


def _add_tag(source: str, start: int, end: int, nodes: list[Node]) -> int:
    """Append the tag (or the whole raw block) that begins at `start`; the offset behind it."""
    inner = js_trim(source[start + 1 : end])
    closing = inner.startswith("/")
    normal = js_trim(inner[1:]) if closing else inner
    match = None if inner.startswith("!") else _NAME.match(normal)
    if match is None:
        return end + 1
    name = match.group()
    self_closing = not closing and normal.endswith("/")
    attributes: tuple[Attribute, ...] = ()
    if not closing:
        head = source.index(name, start) + len(name)
        tail = end
        if self_closing:
            tail = source.rindex("/", start, end)
        attributes = _attributes(source, head, tail)
    if name.lower() in ("script", "style") and not closing and not self_closing:
        raw = _raw_block(source, name, start, end, attributes)
        if raw:
            nodes.append(raw)
            return raw.end
    nodes.append(Node(NodeKind.TAG, start, end + 1, name, attributes, closing))
    return end + 1


def _raw_block(source: str, name: str, start: int, end: int, attributes: tuple[Attribute, ...]) -> Node | None:
    close = re.compile(f"</{name}(?=[{JS_SPACE_RANGES}/>]|\\Z)", re.IGNORECASE).search(source, end + 1)
    if close is None:
        return None
    close_end = tag_end(source, close.start() + 1)
    if close_end == -1:
        return None
    content = (end + 1, close.start())
    return Node(NodeKind.RAW, start, close_end + 1, name.lower(), attributes, content=content)


_SPACES = re.compile(f"[{JS_SPACE_RANGES}]*")
_ATTRIBUTE_NAME = re.compile(f"[^=/>{JS_SPACE_RANGES}]+")
_BARE_VALUE = re.compile(f"[^>{JS_SPACE_RANGES}]*")


def _attributes(source: str, start: int, end: int) -> tuple[Attribute, ...]:
    found: list[Attribute] = []
    at = start
    while at < end:
        at = _space_end(source, at, end)
        name = _ATTRIBUTE_NAME.match(source, at, end)
        if name is None:
            break
        after = _space_end(source, name.end(), end)
        if after >= end or source[after] != "=":
            found.append(Attribute(name.group(), at, None, after))
            at = after
            continue
        value = _space_end(source, after + 1, end)
        value_end = _value_end(source, value, end)
        found.append(Attribute(name.group(), at, source[value:value_end], value))
        at = value_end
    return tuple(found)


def _space_end(source: str, at: int, end: int) -> int:
    match = _SPACES.match(source, at, end)
    return match.end() if match else at


def _value_end(source: str, at: int, end: int) -> int:
    """Behind the attribute value that begins at `at`."""
    if at >= end:
        return end
    quote = source[at]
    if quote in "\"'":
        at += 1
        while at < end:
            if source[at] == "\\":
                at += 2
            elif source[at] == quote:
                return at + 1
            else:
                at += 1
        return end
    if quote == "{":
        close = closing_brace(source[:end], at)
        return end if close == -1 else close + 1
    match = _BARE_VALUE.match(source, at, end)
    return match.end() if match else end


def _opens_block(source: str, brace: int) -> bool:
    """True if the `{` belongs to a control line rather than to an expression."""
    start = source.rfind("\n", 0, brace) + 1
    end = source.find("\n", brace + 1)
    line = js_trim(source[start : len(source) if end == -1 else end])
    return _BLOCK_LINE.match(line) is not None
