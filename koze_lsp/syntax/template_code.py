"""Which lines of a template are code: what the framework makes of one trimmed line, on its own.

Source: the Koze framework's template compiler (MIT-licensed), its behaviour observed at 0.0.x.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from koze_lsp.syntax.template_scan import JS_SPACE_RANGES, js_trim, matching

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
