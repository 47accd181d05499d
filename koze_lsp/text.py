"""A text and its positions: line index, columns in UTF-8, UTF-16 and UTF-32, and edits.

Inside koze-lsp a place in a file is an *offset*: the number of code points before it, that is, an index
into the Python string. Lines and columns exist only at the doors (the protocol and the output writers),
and this module is the one place that converts between the two.

A line ends at LF, CRLF or a lone CR, as the Language Server Protocol has it; U+2028, U+0085 and form
feeds, at which ``str.splitlines`` breaks, are ordinary characters here. A CRLF is never split: the
position of the LF inside it is the end of its line.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")
_LAST_BMP = "\uffff"


class Span(NamedTuple):
    """The half-open range ``[start, end)`` of offsets (code points)."""

    start: int
    end: int

    def contains(self, offset: int) -> bool:
        """Whether the offset lies in the span or touches either end, as a cursor does."""
        return self.start <= offset <= self.end

    def covers(self, other: Span) -> bool:
        """Whether the other span lies wholly inside this one."""
        return self.start <= other.start and other.end <= self.end

    def shift(self, by: int) -> Span:
        """The same span, moved by a number of code points."""
        return Span(self.start + by, self.end + by)


class Position(NamedTuple):
    """A 0-based line, and the units before the position on it (UTF-8 bytes, UTF-16 units or code points)."""

    line: int
    character: int


class Range(NamedTuple):
    """The half-open range between two positions."""

    start: Position
    end: Position


class TextEdit(NamedTuple):
    """Replace the text of a span."""

    span: Span
    new_text: str


def units(text: str, encoding: Encoding) -> int:
    """The length of a text in the units of an encoding.

    A lone surrogate, which a client can send, counts as three bytes or one UTF-16 unit.
    """
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text) + sum(character > _LAST_BMP for character in text)
    return len(text.encode("utf-8", "surrogatepass"))


class Text:
    """An immutable text with its line index, which is made when it is first asked for."""

    __slots__ = ("_starts", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._starts: list[int] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Text({len(self.source)} characters)"

    @property
    def line_starts(self) -> Sequence[int]:
        """The offset of each line's first character; there is always a line 0."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.source))]
        return self._starts

    @property
    def line_count(self) -> int:
        """The number of lines; a text that ends in a line break has an empty last line."""
        return len(self.line_starts)

    def line_span(self, line: int) -> Span:
        """The span of a line without its line break. The line must exist."""
        starts = self.line_starts
        start = starts[line]
        if line + 1 == len(starts):
            return Span(start, len(self.source))
        end = starts[line + 1] - 1
        if end > start and self.source[end] == "\n" and self.source[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_at(self, offset: int) -> int:
        """The 0-based line that holds an offset; an offset outside the text counts as its nearest end."""
        return max(bisect_right(self.line_starts, offset) - 1, 0)

    def position(self, offset: int, encoding: Encoding = "utf-32") -> Position:
        """The position of an offset; one outside the text, or inside a line break, is moved to the nearest."""
        offset = min(max(offset, 0), len(self.source))
        line = self.line_at(offset)
        start, end = self.line_span(line)
        return Position(line, units(self.source[start : min(offset, end)], encoding))

    def offset(self, position: Position, encoding: Encoding = "utf-32") -> int:
        """The offset of a position.

        A column past the end of its line is the line's end, as the protocol says, and one inside a
        character is moved to that character's start. A line past the last is the end of the text.
        """
        line, character = position
        if line < 0:
            return 0
        if line >= self.line_count:
            return len(self.source)
        start, end = self.line_span(line)
        text = self.source[start:end]
        if encoding == "utf-32" or text.isascii():
            return start + min(max(character, 0), len(text))
        return start + _characters(text, character, encoding)

    def range(self, span: Span, encoding: Encoding = "utf-32") -> Range:
        """The range of a span."""
        return Range(self.position(span.start, encoding), self.position(span.end, encoding))

    def span(self, range_: Range, encoding: Encoding = "utf-32") -> Span:
        """The span of a range; one that ends before it starts is taken as empty at its start."""
        start = self.offset(range_.start, encoding)
        return Span(start, max(start, self.offset(range_.end, encoding)))

    def replace(self, span: Span, new_text: str) -> Text:
        """The text after one edit."""
        return Text(self.source[: span.start] + new_text + self.source[span.end :])

    def newline(self) -> str:
        """The line break that the text uses, by its first one; LF if it has none."""
        match = _LINE_END.search(self.source)
        return match.group() if match else "\n"


def _characters(text: str, wanted: int, encoding: Encoding) -> int:
    """How many whole characters of a line fit into a number of units."""
    used = 0
    for index, character in enumerate(text):
        used += units(character, encoding)
        if used > wanted:
            return index
    return len(text)


class OverlappingEditsError(ValueError):
    """Two edits of one set touch the same characters."""


def apply_edits(source: str, edits: Iterable[TextEdit]) -> str:
    """The text after a set of edits, whose spans all refer to the text before.

    Insertions at one place are made in the order in which they are given.

    Raises:
        OverlappingEditsError: two spans share a character, or an insertion lies inside a replaced span.
    """
    parts: list[str] = []
    at = 0
    for span, new_text in sorted(edits, key=lambda edit: edit.span):
        if span.start < at:
            raise OverlappingEditsError(f"an edit at {span.start} overlaps one that ends at {at}")
        parts += [source[at : span.start], new_text]
        at = span.end
    return "".join([*parts, source[at:]])
