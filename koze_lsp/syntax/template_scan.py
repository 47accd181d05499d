"""The Koze framework's own scanners of templates: quotes and back-slashes only.

A quote in a comment or a regular expression fools them, as it fools the framework; ``javascript_scan`` reads properly.
Offsets are code points, "not found" is -1, and every function takes time linear in its input.

Source: the Koze framework's template compiler (MIT-licensed), its behaviour observed at 0.0.x.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

JS_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""Every character that JavaScript's `trim()` removes and its `\\s` matches."""

JS_SPACE_RANGES = "\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""The same characters for the inside of a regular expression's brackets; ranges compile faster."""


def js_trim(text: str) -> str:
    """`text.trim()` of JavaScript; Python's `strip` takes other characters."""
    return text.strip(JS_SPACE)


_QUOTE_ENDS = {quote: re.compile(rf"\\[\s\S]|{quote}") for quote in "\"'`"}
"""What matters inside a quote: its end, and what a back-slash takes away."""
_BRACKETS = {"{": re.compile("[\"'`{}]"), "(": re.compile("[\"'`()]"), "[": re.compile(r"[\"'`\[\]]")}
_TAG_MARKS = re.compile("[\"'`{}>]")
_IN_TAG = re.compile("[\"'>]")


class _Unquoted:
    """Finds certain characters outside of quotes, over one piece of text after the other."""

    __slots__ = ("quote",)

    def __init__(self) -> None:
        self.quote = ""

    def find(self, wanted: re.Pattern[str], text: str, start: int = 0) -> Iterator[tuple[int, str]]:
        """Where each wanted character stands; ``wanted`` takes the quotes too."""
        at = start
        while (match := (_QUOTE_ENDS[self.quote] if self.quote else wanted).search(text, at)) is not None:
            at, char = match.end(), match.group()
            if self.quote:
                if char == self.quote:
                    self.quote = ""
            elif char in _QUOTE_ENDS:
                self.quote = char
            else:
                yield at - 1, char


def matching(text: str, start: int, opener: str, closer: str) -> int:
    """Offset of the `closer` that ends the `opener` at `start`, quotes skipped; -1 if it never ends."""
    depth = 0
    for at, char in _Unquoted().find(_BRACKETS[opener], text, start):
        depth += 1 if char == opener else -1
        if depth == 0 and char == closer:
            return at
    return -1


def closing_brace(text: str, start: int) -> int:
    """Offset of the `}` with which the framework ends the `{` at `start`, or -1."""
    return matching(text, start, "{", "}")


def brace_delta(text: str) -> int:
    """Number of `{` minus number of `}` outside quotes."""
    return BraceScan().feed(text).depth


def has_unclosed_brace(text: str) -> bool:
    """True if the framework joins the next line to `text` because a `{` is still open.

    An apostrophe in prose opens a quote for this scan, as in the framework.
    """
    return brace_delta(text) > 0


class BraceScan:
    """Counts braces over one line after the other, so that joining many lines stays linear."""

    __slots__ = ("_unquoted", "depth")

    def __init__(self) -> None:
        self._unquoted = _Unquoted()
        self.depth = 0

    def feed(self, line: str) -> BraceScan:
        """Count the braces of one more line."""
        for _, char in self._unquoted.find(_BRACKETS["{"], line):
            self.depth += 1 if char == "{" else -1
        return self


def tag_end(text: str, start: int) -> int:
    """Offset of the `>` that ends a tag whose name begins near `start` (quotes and braces skipped), or -1."""
    return TagScan().feed(text, start)


class TagScan:
    """Looks for the end of a tag over one piece of text after the other."""

    __slots__ = ("_unquoted", "depth")

    def __init__(self) -> None:
        self._unquoted = _Unquoted()
        self.depth = 0

    def feed(self, text: str, start: int = 0) -> int:
        """Offset in `text` of the `>` that ends the tag, or -1 if it does not end there."""
        for at, char in self._unquoted.find(_TAG_MARKS, text, start):
            if char == "{":
                self.depth += 1
            elif char == "}":
                self.depth = max(0, self.depth - 1)
            elif self.depth == 0:
                return at
        return -1


@dataclass(frozen=True, slots=True)
class TagState:
    """Where a line ends: inside a tag (`<` seen, `>` not yet), and inside which quote of it."""

    in_tag: bool = False
    quote: str = ""

    def advance(self, line: str) -> TagState:
        """The state after `line`. Any `<` opens a tag here, also `a < b`; braces mean nothing."""
        in_tag, quote = self.in_tag, self.quote
        at = 0
        while True:
            if not in_tag and not quote:
                at = line.find("<", at) + 1
                if at == 0:
                    break
                in_tag = True
            match = (_QUOTE_ENDS[quote] if quote else _IN_TAG).search(line, at)
            if match is None:
                break
            at, char = match.end(), match.group()
            if char == ">" and not quote:
                in_tag = False
            elif not quote or char == quote:
                quote = "" if quote else char
        return TagState(in_tag, quote) if in_tag or quote else OUTSIDE


OUTSIDE = TagState()
"""Where a template begins."""
