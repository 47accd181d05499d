"""Edits of a JSON file with comments that leave everything else as it is, byte for byte.

Each function takes the tree as `koze_lsp.syntax.jsonc.parse` gave it, without a problem that wrangler
refuses, and a node of that tree. What is new is laid out as its neighbours are: their indentation, their
line breaks, their spaces, their trailing commas. Every comment stays, except one that stands on the line
of a thing that is removed.

Edits of two calls on one tree may be applied together where they do not overlap. Where a second call
would have to know of the first (two keys added to one empty object), their edits do overlap, so that an
editor or ``koze-lsp fix`` notices and applies them one after the other.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_fields
from typing import Any

from koze_lsp.syntax.jsonc import JsonArray, JsonMember, JsonNode, JsonObject, JsonTree, to_data
from koze_lsp.text import Span, TextEdit, apply_edits

Container = JsonObject | JsonArray

_BLANK = " \t"
_BLANKS = re.compile(r"[ \t]*")
_TRIVIA = re.compile(r"(?:[ \t\r\n]|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")
_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_INDENT = re.compile(r"(?:^|[\n\r])([ \t]+)[^\s]")


@dataclass(frozen=True, slots=True)
class Style:
    """How a value is written.

    Attributes:
        unit: one step of indentation.
        newline: the line break of the file.
        colon: what stands between a key and its value.
        lines: one element a line, rather than all on one.
        pad: what stands inside the braces of an object on one line.
        gap: what follows a comma on one line.
        trailing: whether a comma follows the last element, where there is one element a line.
    """

    unit: str = "  "
    newline: str = "\n"
    colon: str = ": "
    lines: bool = True
    pad: str = " "
    gap: str = " "
    trailing: bool = False


def append_item(tree: JsonTree, array: JsonArray, value: Any) -> tuple[TextEdit, ...]:
    """Add a value at the end of an array, laid out as the item before it."""
    style = _file_style(tree)
    spans = [item.span for item in array.items]
    if not array.items:
        return _fill(tree, array, style, lambda indent: render(value, style, indent))
    last = array.items[-1]
    if _own_indent(tree.source, last.span.start) is None:
        style = with_fields(style, lines=False)
    style = _style_of(tree, last, style)
    return _append(tree, array, spans, style, lambda indent: render(value, style, indent))


def add_member(tree: JsonTree, parent: JsonObject, key: str, value: Any) -> tuple[TextEdit, ...]:
    """Add a key at the end of an object. The object must not have the key yet."""
    style = _style_of(tree, parent, _file_style(tree))

    def text(indent: str) -> str:
        return _quote(key) + style.colon + render(value, style, indent)

    if not parent.members:
        return _fill(tree, parent, style, text)
    spans = [member.span for member in parent.members]
    edits = _append(tree, parent, spans, style, text)
    # Two keys added at one place could be one key twice: let the edits overlap, see the module's text.
    return tuple(_grip(tree, edit) for edit in edits)


def set_value(tree: JsonTree, parent: JsonObject, key: str, value: Any) -> tuple[TextEdit, ...]:
    """Give a key of an object a value, adding the key where it is missing."""
    member = parent.member(key)
    if member is None or member.value is None:
        return add_member(tree, parent, key, value)
    return replace(tree, member.value, value)


def replace(tree: JsonTree, node: JsonNode, value: Any) -> tuple[TextEdit, ...]:
    """Write another value in the place of a node; nothing where it has that value already.

    Comments inside the node go with it.
    """
    if _same(to_data(node), value):
        return ()
    style = _style_of(tree, node, _file_style(tree))
    return (TextEdit(node.span, render(value, style, _indent_at(tree.source, node.span.start))),)


def remove_item(tree: JsonTree, array: JsonArray, index: int) -> tuple[TextEdit, ...]:
    """Remove one item of an array, and a comment behind it on its line."""
    return _remove(tree, array, [item.span for item in array.items], index)


def remove_member(tree: JsonTree, parent: JsonObject, member: JsonMember) -> tuple[TextEdit, ...]:
    """Remove one key of an object with its value, and a comment behind it on its line."""
    index = next(index for index, other in enumerate(parent.members) if other is member)
    return _remove(tree, parent, [other.span for other in parent.members], index)


def render(value: Any, style: Style, indent: str = "") -> str:
    """JSON data as text. ``indent`` is the indentation of the line on which the text begins."""
    if isinstance(value, dict):
        parts = [_quote(key) + style.colon + _nested(item, style, indent) for key, item in value.items()]
        return _enclose("{", parts, "}", style, indent)
    if isinstance(value, (list, tuple)):
        return _enclose("[", [_nested(item, style, indent) for item in value], "]", style, indent)
    return json.dumps(value, ensure_ascii=False)


def _nested(value: Any, style: Style, indent: str) -> str:
    return render(value, style, indent + style.unit if style.lines else indent)


def _enclose(opening: str, parts: list[str], closing: str, style: Style, indent: str) -> str:
    if not parts:
        return opening + closing
    if not style.lines:
        pad = style.pad if opening == "{" else ""
        return opening + pad + ("," + style.gap).join(parts) + pad + closing
    inner = style.newline + indent + style.unit
    body = ("," + inner).join(parts) + ("," if style.trailing else "")
    return opening + inner + body + style.newline + indent + closing


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1, at any depth."""
    try:
        return bool(json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True))
    except RecursionError:  # nested deeper than anything that is written by purpose
        return False


# Layout


def _file_style(tree: JsonTree) -> Style:
    """How the file is laid out as a whole."""
    source = tree.source
    line_break = _LINE_BREAK.search(source)
    root = tree.root
    unit = "  "
    if isinstance(root, (JsonObject, JsonArray)):
        children = root.members if isinstance(root, JsonObject) else root.items
        unit = next(
            (
                indent
                for child in children
                if (indent := _own_indent(source, child.span.start)) and indent.strip(_BLANK) == ""
            ),
            "",
        )
    if not unit:
        found = _INDENT.search(source)
        unit = found.group(1) if found else "  "
    colon = re.search(r'"(:[ \t]*)', source)
    gap = re.search(r",([ \t]*)[\"{\[]", source)
    compact = colon is not None and colon.group(1) == ":"
    is_empty = isinstance(root, JsonObject) and not root.members
    lines = line_break is not None or is_empty
    return Style(
        unit=unit,
        newline=line_break.group() if line_break else "\n",
        colon=colon.group(1) if colon else ": ",
        lines=lines,
        pad="" if compact else " ",
        gap=gap.group(1) if gap else ("" if compact else " "),
    )


def _style_of(tree: JsonTree, node: JsonNode, style: Style) -> Style:
    """The style of the file, changed to how one object or array in it is laid out."""
    source = tree.source
    if isinstance(node, JsonObject) and node.members:
        first = node.members[0]
        if first.value is not None:
            between = source[first.key.span.end : first.value.span.start]
            if re.fullmatch(r":[ \t]*", between):
                style = with_fields(style, colon=between)
        start = first.span.start
    elif isinstance(node, JsonArray) and node.items:
        start = node.items[0].span.start
    else:
        return style
    own = _own_indent(source, start)
    if own is not None:
        outer = _indent_at(source, node.span.start)
        unit = own[len(outer) :] if own.startswith(outer) and own != outer else style.unit
        return with_fields(style, lines=True, unit=unit, trailing=node.trailing_comma is not None)
    before = source[node.span.start + 1 : start]
    pad = before if before.strip(_BLANK) == "" else style.pad
    return with_fields(style, lines=False, pad=pad if isinstance(node, JsonObject) else style.pad)


def _line_start(source: str, at: int) -> int:
    return max(source.rfind("\n", 0, at), source.rfind("\r", 0, at)) + 1


def _indent_at(source: str, at: int) -> str:
    """The indentation of the line that holds an offset."""
    start = _line_start(source, at)
    end = start
    while end < at and source[end] in _BLANK:
        end += 1
    return source[start:end]


def _own_indent(source: str, at: int) -> str | None:
    """The white space before an offset on its line; None where something else stands there."""
    start = _line_start(source, at)
    before = source[start:at]
    return before if start > 0 and before.strip(_BLANK) == "" else None


# Adding


def _append(
    tree: JsonTree, container: Container, spans: Sequence[Span], style: Style, text: Callable[[str], str]
) -> tuple[TextEdit, ...]:
    """Put an element behind the last one. ``text`` writes it for the indentation of its line."""
    source = tree.source
    last = spans[-1]
    comma = container.trailing_comma
    at = last.end if comma is None else comma + 1
    indent = _own_indent(source, last.start)
    if indent is None:
        new = _gap(source, spans, style) + text(_indent_at(source, last.start))
        return (TextEdit(Span(at, at), new + "," if comma is not None else "," + new),)
    new = style.newline + indent + text(indent)
    behind = _comments_behind(tree, at, container.span.end - 1)
    if comma is not None:
        return (TextEdit(Span(behind, behind), new + ","),)
    return (TextEdit(Span(at, behind), "," + source[at:behind] + new),)


def _gap(source: str, spans: Sequence[Span], style: Style) -> str:
    """What follows a comma between elements on one line."""
    if len(spans) > 1:
        between = source[spans[-2].end : spans[-1].start]
        if between[:1] == "," and not between[1:].strip(_BLANK):
            return between[1:]
    return style.gap


def _comments_behind(tree: JsonTree, at: int, end: int) -> int:
    """The end of the comments that begin behind an offset on its line, or the offset itself."""
    first = bisect_left(tree.comments, at, key=lambda comment: comment.span.start)
    for comment in tree.comments[first:]:
        if comment.span.end > end or tree.source[at : comment.span.start].strip(_BLANK):
            break
        at = comment.span.end
    return at


def _fill(tree: JsonTree, container: Container, style: Style, text: Callable[[str], str]) -> tuple[TextEdit, ...]:
    """Put the first element into an empty object or array."""
    source, span = tree.source, container.span
    close = span.end - 1
    first = bisect_left(tree.comments, span.start, key=lambda comment: comment.span.start)
    inside = [comment for comment in tree.comments[first:] if comment.span.end <= close]
    start = inside[-1].span.end if inside else span.start + 1
    outer = _indent_at(source, span.start)
    if not style.lines:
        pad = style.pad if isinstance(container, JsonObject) or inside else ""
        return (TextEdit(Span(start - 1, span.end), source[start - 1] + pad + text(outer) + pad + source[close]),)
    indent = _own_indent(source, inside[-1].span.start) if inside else None
    if indent is None:
        indent = outer + style.unit
    new = style.newline + indent + text(indent) + ("," if style.trailing else "") + style.newline + outer
    # The edit takes a character on either side along, so that a second first element overlaps it.
    return (TextEdit(Span(start - 1, span.end), source[start - 1] + new + source[close]),)


def _grip(tree: JsonTree, edit: TextEdit) -> TextEdit:
    """The same edit, holding on to the character before it where it replaces none."""
    at = edit.span.start
    if edit.span.end > at:
        return edit
    return TextEdit(Span(at - 1, at), tree.source[at - 1] + edit.new_text)


# Removing


def _remove(tree: JsonTree, container: Container, spans: Sequence[Span], index: int) -> tuple[TextEdit, ...]:
    edits = _cut(tree, container, spans, index)
    if len(spans) > 1:
        return edits
    whole = container.span
    text = apply_edits(tree.source[: whole.end], edits)[whole.start :]
    if not text[1:-1].strip(" \t\r\n"):
        text = text[0] + text[-1]
    return (TextEdit(whole, text),)


def _cut(tree: JsonTree, container: Container, spans: Sequence[Span], index: int) -> tuple[TextEdit, ...]:
    """Take out an element and one comma."""
    source, span = tree.source, spans[index]
    is_last = index == len(spans) - 1
    comma = container.trailing_comma if is_last else _comma_after(source, span.end)
    if comma is not None:
        if source[span.end : comma].strip(" \t\r\n"):  # a comment stands between
            return (_cut_span(tree, span, is_last), TextEdit(Span(comma, comma + 1), ""))
        return (_cut_span(tree, Span(span.start, comma + 1), is_last),)
    if index == 0:
        return (_cut_span(tree, span, is_last),)
    before = _comma_after(source, spans[index - 1].end)
    assert before is not None
    if source[before + 1 : span.start].strip(_BLANK):  # a line break or a comment stands between
        return (TextEdit(Span(before, before + 1), ""), _cut_span(tree, span, is_last))
    return (_cut_span(tree, Span(before, span.end), is_last),)


def _cut_span(tree: JsonTree, span: Span, is_last: bool) -> TextEdit:
    """Take out a piece of text: its whole lines where nothing but comments shares them."""
    source = tree.source
    line = _line_start(source, span.start)
    if line > 0 and not source[line : span.start].strip(_BLANK):
        behind = _comments_behind(tree, span.end, len(source))
        rest = _BLANKS.match(source, behind)
        assert rest is not None
        line_break = _LINE_BREAK.match(source, rest.end())
        if line_break is not None:
            return TextEdit(Span(line, line_break.end()), "")
    if is_last:  # hold on to the next character: nothing may be appended to what goes
        return TextEdit(Span(span.start, span.end + 1), source[span.end])
    blanks = _BLANKS.match(source, span.end)
    assert blanks is not None
    return TextEdit(Span(span.start, blanks.end()), "")


def _comma_after(source: str, at: int) -> int | None:
    """The offset of the comma that follows an element, comments aside."""
    trivia = _TRIVIA.match(source, at)
    assert trivia is not None
    return trivia.end() if source[trivia.end() : trivia.end() + 1] == "," else None
