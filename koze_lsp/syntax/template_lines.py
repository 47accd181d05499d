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
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

from koze_lsp.syntax.javascript_scan import expression_end
from koze_lsp.syntax.template_code import InlineIfElse, LineKind, classify_line, inline_if_else
from koze_lsp.syntax.template_scan import (
    JS_SPACE,
    JS_SPACE_RANGES,
    OUTSIDE,
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
    "Line",
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
    "read_line",
    "segments",
    "tag_end",
]


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


class Segment(NamedTuple):
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


class Line(NamedTuple):
    """What there is to know of one template line, wherever it stands.

    Attributes:
        code: the framework emits it as JavaScript, if it looks at it at all.
        inline: it is a one-line if/else.
        raw: the element whose text begins on it, STYLE or SCRIPT.
        head: the PascalCase name of the tag that it begins with, or ''.
        joins: it leaves a `{` open.
        state: where it ends, if it begins outside of tags.
    """

    trimmed: str
    kind: LineKind
    code: bool
    inline: bool
    raw: SegmentKind | None
    head: str
    joins: bool
    state: TagState


def read_line(text: str) -> Line:
    """Look at one line, without its `\\n`."""
    trimmed = js_trim(text)
    kind = classify_line(trimmed)
    raw = None
    if "<" in text:
        structural = js_trim(_without_comments(text))
        if _STYLE_OPEN.search(structural):
            raw = SegmentKind.STYLE
        elif _SCRIPT_OPEN.search(structural):
            raw = SegmentKind.SCRIPT
    inline = kind is LineKind.IF and inline_if_else(trimmed) is not None
    state = OUTSIDE.advance(text)
    return Line(trimmed, kind, kind.is_code, inline, raw, component_head(trimmed), has_unclosed_brace(text), state)


def segments(
    template: str,
    is_component: Callable[[str], bool] = lambda _name: False,
    read: Callable[[str], Line] = read_line,
) -> Iterator[Segment]:
    """The template, cut as the framework cuts it; the segments cover every line once, in order.

    `is_component(name)` tells which PascalCase names are imported components: only their tags are special.
    Children of a component block are part of its segment; cut them by calling `segments` on them.
    `read` is `read_line`, or gives what it gave for the same text before.
    """
    return _Cutter(template, is_component, read).run()


class _Cutter:
    def __init__(self, template: str, is_component: Callable[[str], bool], read: Callable[[str], Line]) -> None:
        self.texts = template.split("\n")  # only `\n` ends a line, as in the framework
        self.starts = [0]
        at = 0
        for text in self.texts:
            at += len(text) + 1
            self.starts.append(at)
        self.is_component = is_component
        self.read = read

    def run(self) -> Iterator[Segment]:
        texts, starts, read = self.texts, self.starts, self.read
        state = OUTSIDE
        index, count = 0, len(texts)
        while index < count:
            text, start = texts[index], starts[index]
            end = starts[index + 1] - 1
            line = read(text)
            if line.raw is not None:
                after = self.raw_end(index, line.raw)
                if line.raw is SegmentKind.SCRIPT:
                    yield Segment(line.raw, start, self.end(after - 1))
                else:
                    yield from (Segment(line.raw, starts[each], self.end(each)) for each in range(index, after))
                index = after
                continue
            began_quoted = state.quote
            state = line.state if state is OUTSIDE else state.advance(text)
            index += 1
            if began_quoted:
                yield Segment(SegmentKind.QUOTED, start, end)
            elif not line.trimmed:
                yield Segment(SegmentKind.BLANK, start, end, LineKind.BLANK)
            elif line.inline:
                yield Segment(SegmentKind.INLINE_IF_ELSE, start, end, LineKind.IF)
            elif line.code:
                yield Segment(SegmentKind.CODE, start, end, line.kind)
            elif line.head and self.is_component(line.head) and (found := self.component(index - 1, line)):
                segment, index = found
                yield segment
            else:
                if line.joins or state.in_tag:
                    index, state = self.join(index - 1, state)
                    end = self.end(index - 1)
                yield Segment(SegmentKind.TEXT, start, end)

    def end(self, index: int) -> int:
        """Where a line ends, without its `\\n`."""
        return self.starts[index + 1] - 1

    def raw_end(self, index: int, kind: SegmentKind) -> int:
        """The line behind a <style> or <script>."""
        close = _STYLE_CLOSE if kind is SegmentKind.STYLE else _SCRIPT_CLOSE
        for current in range(index, len(self.texts)):
            if close.search(_without_comments(self.texts[current])):
                return current + 1
        return len(self.texts)

    def component(self, index: int, line: Line) -> tuple[Segment, int] | None:
        """The component that begins on a line, and the line behind it; None if it is text."""
        start, joined = self.starts[index], line.trimmed
        after = index + 1
        scan = TagScan()
        end_of_tag = scan.feed(joined, 1)
        while end_of_tag == -1 and after < len(self.texts):
            joined = " " + js_trim(self.texts[after])
            end_of_tag = scan.feed(joined)
            after += 1
        head_end = self.end(after - 1)
        if end_of_tag == -1:
            return None
        rest = js_trim(joined[end_of_tag + 1 :])
        before = joined[:end_of_tag].rstrip(JS_SPACE)
        last = after - 1
        while not before and last > index:
            last -= 1
            before = self.texts[last].rstrip(JS_SPACE)
        if before.endswith("/"):
            return None if rest else (Segment(SegmentKind.COMPONENT, start, head_end, head_end=head_end), after)
        if re.search(f"</{line.head}>[{JS_SPACE_RANGES}]*\\Z", rest):
            return Segment(SegmentKind.COMPONENT, start, head_end, head_end=head_end), after
        if rest:
            return None
        close, closed = self.closing_line(after, line.head)
        children_end = self.end(close - 1)
        whole = (SegmentKind.COMPONENT_BLOCK, start, self.end(min(close, len(self.texts) - 1)))
        return Segment(*whole, head_end=head_end, children_end=children_end, closed=closed), close + 1

    def closing_line(self, index: int, name: str) -> tuple[int, bool]:
        """The line that is exactly `</name>`, nested openings counted; the number of lines if there is none."""
        opening = re.compile(f"<{name}[{JS_SPACE_RANGES}>]")
        depth = 1
        for current in range(index, len(self.texts)):
            text = self.texts[current]
            if name not in text:
                continue
            trimmed = js_trim(text)
            if opening.match(trimmed) and "/>" not in trimmed:
                depth += 1
            if trimmed == f"</{name}>":
                depth -= 1
                if depth == 0:
                    return current, True
        return len(self.texts), False

    def join(self, index: int, state: TagState) -> tuple[int, TagState]:
        """The line behind the text segment that begins on a line, and the tag state there.

        `state` is the state after the first line. First an open `{` takes further lines, then an open tag does.
        """
        braces = BraceScan().feed(self.texts[index])
        after = index + 1
        while after < len(self.texts) and braces.depth > 0:
            braces.feed(self.texts[after])
            after += 1
        while state.in_tag and after < len(self.texts):
            state = state.advance(self.texts[after])
            after += 1
        return after, state


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
