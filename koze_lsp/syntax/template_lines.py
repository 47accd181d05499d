"""How a Koze template is cut into code lines, text, tags and expressions: the one place that knows it.

A template is read line by line. A trimmed line that has the form of a control line is *code* and is run as
JavaScript; every other line is *text*, in which `{…}` interpolates. The language server (`syntax.route`) and
the preview's compiler (`preview.template`) both use the functions below, so they cannot disagree.

Everything here is pure: no I/O, nothing raises, each function takes time linear in its input. Offsets are
code points of a Python `str`; "not found" is -1, as with `str.find`. White space means JavaScript's
(`String.trim`, `\\s`).

Two families of scanners are used here, and they differ on purpose:

* the *framework's* own scanners in `template_scan` (`closing_brace`, `has_unclosed_brace`, `tag_end`, `TagState`)
  know quotes and back-slashes only: a quote in a comment or a regular expression fools them, as it fools the framework;
* `expression_end` in `javascript_scan` reads JavaScript properly (strings, nested template literals, comments, regular
  expressions), for what a *person* meant: use it for hover, completion and diagnostics.

Source: the Koze framework's template compiler (MIT-licensed), its behaviour observed at 0.0.x.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from koze_lsp.syntax.javascript_scan import expression_end
from koze_lsp.syntax.template_scan import (
    JS_SPACE,
    JS_SPACE_RANGES,
    BraceScan,
    TagScan,
    TagState,
    brace_delta,
    closing_brace,
    has_unclosed_brace,
    js_trim,
    matching,
    tag_end,
)

__all__ = [
    "JS_SPACE",
    "JS_SPACE_RANGES",
    "InlineIfElse",
    "LineKind",
    "Segment",
    "SegmentKind",
    "TagState",
    "brace_delta",
    "classify_line",
    "closing_brace",
    "component_head",
    "expression_end",
    "has_unclosed_brace",
    "inline_if_else",
    "js_trim",
    "matching",
    "segments",
    "tag_end",
]

_S = f"[{JS_SPACE_RANGES}]"


class LineKind(Enum):
    """What a trimmed template line is. Everything but TEXT and BLANK is emitted as JavaScript."""

    BLANK = "blank"
    TEXT = "text"
    FOR = "for"
    IF = "if"
    WHILE = "while"
    SWITCH = "switch"
    CASE = "case"
    DEFAULT = "default"
    DO = "do"
    TRY = "try"
    CATCH = "catch"
    FINALLY = "finally"
    DO_WHILE = "} while"
    BREAK = "break"
    CONTINUE = "continue"
    THROW = "throw"
    ELSE_IF = "} else if"
    ELSE = "} else"
    CLOSE = "}"
    UPDATE = "update"
    DECLARATION = "declaration"

    @property
    def is_code(self) -> bool:
        """True if the framework emits such a line as JavaScript."""
        return self not in (LineKind.BLANK, LineKind.TEXT)


# In the framework's order; the first that matches decides: (kind, first characters, pattern), `~` is white space.
# A `.` must not match JavaScript's line ends. Patterns are compiled when a line first needs them.
_CODE_LINES: tuple[tuple[LineKind, tuple[str, ...], str], ...] = (
    (LineKind.FOR, ("for",), r"for~*\("),
    (LineKind.IF, ("if",), r"if~*\("),
    (LineKind.WHILE, ("while",), r"while~*\("),
    (LineKind.SWITCH, ("switch",), r"switch~*\("),
    (LineKind.CASE, ("case",), r"case~+[^\n\r\u2028\u2029]+:~*\Z"),
    (LineKind.DEFAULT, ("default",), r"default~*:~*\Z"),
    (LineKind.DO, ("do",), r"do~*\{?~*\Z"),
    (LineKind.TRY, ("try",), r"try~*\{?~*\Z"),
    (LineKind.CATCH, ("}", "catch"), r"\}?~*catch~*\("),
    (LineKind.FINALLY, ("}", "finally"), r"\}?~*finally~*\{?~*\Z"),
    (LineKind.DO_WHILE, ("}",), r"\}~*while~*\("),
    (LineKind.BREAK, ("break",), r"break~*;~*\Z"),
    (LineKind.CONTINUE, ("continue",), r"continue~*;~*\Z"),
    (LineKind.THROW, ("throw",), r"throw\b[\s\S]*;~*\Z"),
    (LineKind.ELSE_IF, ("}",), r"\}~*else~*if~*\("),
    (LineKind.ELSE, ("}",), r"\}~*else~*\{?~*\Z"),
    (LineKind.CLOSE, ("}",), r"\}~*\Z"),
    (LineKind.DECLARATION, ("let", "const", "var"), r"(?:let|const|var)~+"),
)
_UPDATE = r"\w[\w.]*~*(?:\+\+|--)~*;~*\Z"


@lru_cache(maxsize=64)
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source.replace("~", _S), re.ASCII)


def classify_line(trimmed: str) -> LineKind:
    """What the framework makes of one trimmed template line, on its own.

    Whether the line is looked at at all (not inside `<style>`, an open quote or a joined expression) is the
    business of `segments`.
    """
    if not trimmed:
        return LineKind.BLANK
    for kind, first, pattern in _CODE_LINES:
        if trimmed.startswith(first) and _pattern(pattern).match(trimmed):
            return kind
    # Last in the framework's order but for declarations, which never end like this and match it too.
    if trimmed.endswith(";") and ("++" in trimmed or "--" in trimmed) and _pattern(_UPDATE).match(trimmed):
        return LineKind.UPDATE
    return LineKind.TEXT


@dataclass(frozen=True, slots=True)
class InlineIfElse:
    """`if (c) { markup } else { markup }` on one line: spans (start, end) relative to the trimmed line."""

    condition: tuple[int, int]
    then: tuple[int, int]
    otherwise: tuple[int, int]


_IF_HEAD = re.compile(f"if{_S}*\\(")
_ELSE_HEAD = re.compile(f"{_S}*else{_S}*(?={{)")


def inline_if_else(trimmed: str) -> InlineIfElse | None:
    """The parts of a one-line if/else whose branches are markup, or None if `trimmed` is not one."""
    if not _IF_HEAD.match(trimmed):
        return None
    paren = trimmed.index("(")
    paren_end = matching(trimmed, paren, "(", ")")
    if paren_end == -1 or not js_trim(trimmed[paren + 1 : paren_end]):
        return None
    then = trimmed.find("{", paren_end + 1)
    then_end = matching(trimmed, then, "{", "}") if then != -1 else -1
    if then_end == -1:
        return None
    head = _ELSE_HEAD.match(trimmed, then_end + 1)
    if head is None:
        return None
    otherwise_end = matching(trimmed, head.end(), "{", "}")
    if otherwise_end == -1 or js_trim(trimmed[otherwise_end + 1 :]):
        return None
    return InlineIfElse((paren + 1, paren_end), (then + 1, then_end), (head.end() + 1, otherwise_end))


# --- the template as a sequence of segments


class SegmentKind(Enum):
    """How the framework treats a run of template lines."""

    BLANK = "blank"
    CODE = "code"
    INLINE_IF_ELSE = "inline if/else"
    TEXT = "text"
    STYLE = "style"  # a line of a <style> element: literal
    SCRIPT = "script"  # a whole <script> element, possible in the shell only
    QUOTED = "quoted"  # a line that begins inside a tag's quoted attribute: literal
    COMPONENT = "component"  # <Card …/> or <Card …>…</Card> on its own line(s)
    COMPONENT_BLOCK = "component block"  # <Card …> on its own line(s), children, </Card> alone on a line


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of whole template lines, `template[start:end]`, without the last line's `\\n`."""

    kind: SegmentKind
    start: int
    end: int
    line_kind: LineKind = LineKind.TEXT
    head_end: int = -1
    """Of a component: the offset behind the lines of its opening tag."""
    children_end: int = -1
    """Of a component block: the offset where its children's lines end; they begin behind `head_end` and a
    `\\n`. A block that is never closed takes the rest of the template."""
    closed: bool = True
    """False: a component block without its `</Card>` line."""


_STYLE_OPEN = re.compile(f"<style[{JS_SPACE_RANGES}>]", re.IGNORECASE)
_STYLE_CLOSE = re.compile(r"</style>", re.IGNORECASE)
_SCRIPT_OPEN = re.compile(f"<script[{JS_SPACE_RANGES}>]", re.IGNORECASE)
_SCRIPT_CLOSE = re.compile(r"</script>", re.IGNORECASE)
_COMPONENT = re.compile(f"<([A-Z]\\w*)(?=[{JS_SPACE_RANGES}/>]|\\Z)", re.ASCII)


def component_head(trimmed: str) -> str:
    """The PascalCase tag name with which a trimmed line begins, or ''."""
    match = _COMPONENT.match(trimmed)
    return match.group(1) if match else ""


def segments(template: str, is_component: Callable[[str], bool] = lambda _name: False) -> Iterator[Segment]:
    """The template, cut as the framework cuts it; the segments cover every line once, in order.

    `is_component(name)` tells which PascalCase names are imported components: only their tags are special.
    Children of a component block are part of its segment; cut them by calling `segments` on them.
    """
    lines = _line_starts(template)
    state = TagState()
    index = 0
    while index < len(lines):
        start, end = lines[index]
        line = template[start:end]
        trimmed = js_trim(line)
        structural = js_trim(_without_comments(line))
        if _STYLE_OPEN.search(structural):
            index = yield from _raw_lines(template, lines, index, SegmentKind.STYLE, _STYLE_CLOSE)
            continue
        if _SCRIPT_OPEN.search(structural):
            index = yield from _raw_lines(template, lines, index, SegmentKind.SCRIPT, _SCRIPT_CLOSE)
            continue
        began_quoted = bool(state.quote)
        state = state.advance(line)
        if began_quoted:
            yield Segment(SegmentKind.QUOTED, start, end)
            index += 1
        elif not trimmed:
            yield Segment(SegmentKind.BLANK, start, end, LineKind.BLANK)
            index += 1
        elif inline_if_else(trimmed):
            yield Segment(SegmentKind.INLINE_IF_ELSE, start, end, LineKind.IF)
            index += 1
        elif (kind := classify_line(trimmed)).is_code:
            yield Segment(SegmentKind.CODE, start, end, kind)
            index += 1
        elif found := _component(template, lines, index, is_component):
            segment, index = found
            yield segment
        else:
            index, state = _join(template, lines, index, state)
            yield Segment(SegmentKind.TEXT, start, lines[index - 1][1])


def _without_comments(text: str) -> str:
    """The text without its comments; one that never ends stays. (A regular expression takes quadratic time.)"""
    if "<!--" not in text:
        return text
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) != -1 and (end := text.find("-->", start + 4)) != -1:
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:]])


def _line_starts(template: str) -> list[tuple[int, int]]:
    """(start, end) of each line; only `\\n` ends a line, as in the framework."""
    spans = []
    start = 0
    for line in template.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def _raw_lines(
    template: str, lines: list[tuple[int, int]], index: int, kind: SegmentKind, close: re.Pattern[str]
) -> Generator[Segment, None, int]:
    """The lines of a <style> (one segment each) or a <script> (one in all); returns the next index."""
    first = index
    while index < len(lines):
        start, end = lines[index]
        if kind is SegmentKind.STYLE:
            yield Segment(kind, start, end)
        index += 1
        if close.search(_without_comments(template[start:end])):
            break
    if kind is SegmentKind.SCRIPT:
        yield Segment(kind, lines[first][0], lines[index - 1][1])
    return index


def _component(
    template: str, lines: list[tuple[int, int]], index: int, is_component: Callable[[str], bool]
) -> tuple[Segment, int] | None:
    """The component that begins on line `index`, and the index of the line behind it; None if it is text."""
    start, end = lines[index]
    joined = js_trim(template[start:end])
    name = component_head(joined)
    if not name or not is_component(name):
        return None
    after = index + 1
    scan = TagScan()
    end_of_tag = scan.feed(joined, 1)
    while end_of_tag == -1 and after < len(lines):
        joined = " " + js_trim(template[slice(*lines[after])])
        end_of_tag = scan.feed(joined)
        after += 1
    head_end = lines[after - 1][1]
    if end_of_tag == -1:
        return None
    rest = js_trim(joined[end_of_tag + 1 :])
    before = joined[:end_of_tag].rstrip(JS_SPACE) or js_trim(template[start : lines[after - 1][0]])
    if before.endswith("/"):
        return None if rest else (Segment(SegmentKind.COMPONENT, start, head_end, head_end=head_end), after)
    if re.search(f"</{name}>{_S}*\\Z", rest):
        return Segment(SegmentKind.COMPONENT, start, head_end, head_end=head_end), after
    if rest:
        return None
    close, closed = _closing_line(template, lines, after, name)
    children_end = lines[close - 1][1]
    last = min(close, len(lines) - 1)
    whole = (SegmentKind.COMPONENT_BLOCK, start, lines[last][1])
    return Segment(*whole, head_end=head_end, children_end=children_end, closed=closed), close + 1


def _closing_line(template: str, lines: list[tuple[int, int]], index: int, name: str) -> tuple[int, bool]:
    """Index of the line that is exactly `</name>`, nested openings counted; len(lines) if there is none."""
    opening = re.compile(f"<{name}[{JS_SPACE_RANGES}>]")
    depth = 1
    for current in range(index, len(lines)):
        trimmed = js_trim(template[slice(*lines[current])])
        if opening.match(trimmed) and "/>" not in trimmed:
            depth += 1
        if trimmed == f"</{name}>":
            depth -= 1
            if depth == 0:
                return current, True
    return len(lines), False


def _join(template: str, lines: list[tuple[int, int]], index: int, state: TagState) -> tuple[int, TagState]:
    """The line behind the text segment that begins at `index`, and the tag state there.

    `state` is the state after the first line. First an open `{` takes further lines, then an open tag does.
    """
    braces = BraceScan().feed(template[slice(*lines[index])])
    after = index + 1
    while after < len(lines) and braces.depth > 0:
        braces.feed(template[slice(*lines[after])])
        after += 1
    while state.in_tag and after < len(lines):
        state = state.advance(template[slice(*lines[after])])
        after += 1
    return after, state
