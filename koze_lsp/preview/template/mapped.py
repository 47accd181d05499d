"""A text that remembers where each of its characters came from.

The template compiler rewrites a template several times before it is JavaScript. Working on `Mapped` instead of
`str` keeps, through every rewrite, the offset in the source file for each generated character, so that an error
in the generated JavaScript names the place in the user's file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable

from koze_lsp.syntax.template_lines import JS_SPACE

__all__ = ["Mapped"]


class Mapped:
    """An immutable text with one source offset (code points) for each of its characters; -1 is "nowhere"."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: list[int]) -> None:
        self.text = text
        self.at = at

    @classmethod
    def source(cls, text: str, start: int = 0) -> Mapped:
        """Text of the user's file that begins at offset `start` there."""
        return cls(text, list(range(start, start + len(text))))

    @classmethod
    def made(cls, text: str, at: int = -1) -> Mapped:
        """Generated text that stands for the place `at`."""
        return cls(text, [at] * len(text))

    @classmethod
    def join(cls, parts: Iterable[Mapped], separator: str = "") -> Mapped:
        """`separator.join(parts)`; the separators come from nowhere."""
        texts: list[str] = []
        offsets: list[int] = []
        for index, part in enumerate(parts):
            if index and separator:
                texts.append(separator)
                offsets.extend([-1] * len(separator))
            texts.append(part.text)
            offsets.extend(part.at)
        return cls("".join(texts), offsets)

    def __len__(self) -> int:
        return len(self.text)

    def __bool__(self) -> bool:
        return bool(self.text)

    def __repr__(self) -> str:
        return f"Mapped({self.text!r}, from {self.start})"

    def __add__(self, other: Mapped | str) -> Mapped:
        if isinstance(other, str):
            return Mapped(self.text + other, self.at + [-1] * len(other))
        return Mapped(self.text + other.text, self.at + other.at)

    def __getitem__(self, key: slice) -> Mapped:
        return Mapped(self.text[key], self.at[key])

    @property
    def start(self) -> int:
        """The source offset of the first character that has one; -1 if none has."""
        return next((offset for offset in self.at if offset >= 0), -1)

    def trim(self) -> Mapped:
        """JavaScript's `trim()`."""
        left = len(self.text) - len(self.text.lstrip(JS_SPACE))
        return self[left : max(left, len(self.text.rstrip(JS_SPACE)))]

    def trim_end(self) -> Mapped:
        """JavaScript's `trimEnd()`."""
        return self[: len(self.text.rstrip(JS_SPACE))]

    def sub(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], Mapped | None]) -> Mapped:
        """Like `pattern.sub`, left to right; where `replace` gives None the match stays as it is."""
        parts: list[Mapped] = []
        cursor = 0
        for match in pattern.finditer(self.text):
            new = replace(match)
            if new is None:
                continue
            parts += (self[cursor : match.start()], new)
            cursor = match.end()
        return Mapped.join([*parts, self[cursor:]]) if parts else self

    def origin(self, index: int) -> int:
        """The source offset for the generated offset `index`, or that of the nearest mapped character before it;
        -1 if there is none."""
        for position in range(min(index, len(self.at) - 1), -1, -1):
            if self.at[position] >= 0:
                return self.at[position]
        return -1

    def line_starts(self) -> list[int]:
        """The offset at which each line of the text begins (only `\\n` ends a line)."""
        starts = [0]
        starts.extend(match.end() for match in re.finditer("\n", self.text))
        return starts

    def offset_of(self, line: int, column: int) -> int:
        """The offset of a 1-based line and a 1-based column (UTF-16 units, as V8 counts), clipped to the text."""
        starts = self.line_starts()
        if not 1 <= line <= len(starts):
            return max(0, len(self.text) - 1)
        start = starts[line - 1]
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return min(start + _code_points(self.text[start:end], column - 1), len(self.text))

    def line_of(self, offset: int) -> int:
        """The 1-based line of an offset in this text."""
        return bisect_right(self.line_starts(), offset)


def _code_points(line: str, units: int) -> int:
    """How many code points of `line` lie before the UTF-16 offset `units`."""
    if line.isascii():
        return min(units, len(line))
    used = 0
    for index, char in enumerate(line):
        if used >= units:
            return index
        used += 2 if ord(char) > 0xFFFF else 1
    return len(line)
