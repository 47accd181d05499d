"""The first string, template literal, comment or regular expression of a script that does not end, or a character
that no script may hold.

A parser that goes on past it reports a place further down; TypeScript, which the Koze framework asks, reports this one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["LexicalFault", "lexical_fault", "waits_for_value"]

_SPECIAL = re.compile(r"[\"'`/{}\\#@]|<!--|[^\x00-\x7f]")
_REGEX_END = re.compile(r"(?:[^/\\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])*(/?)")
_STRING = {quote: re.compile(rf"(?:[^{quote}\\\n]|\\[\s\S])*({quote}?)") for quote in "\"'"}
_TEMPLATE = re.compile(r"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{|)")
_VALUE_END = re.compile(r"(?:[\w$)\]}\"'`]|\+\+|--)\s*\Z")
_KEYWORD = re.compile(
    r"(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|await|yield|do|else|instanceof)\s*\Z"
)
_FORMAT = "\u200c\u200d\ufeff"
_NAME_START = re.compile(r"#[^\W\d]|#[$\\]|@\s*[^\W\d]|@\s*[$(]")


@dataclass(frozen=True, slots=True)
class LexicalFault:
    """`seen` is the offset at which it begins, `at` where TypeScript reports it: a text that runs on to the end of the
    script is reported there."""

    seen: int
    at: int
    message: str


_WAITS = re.compile(
    r"(?:[(=+\-*/%<>!&|?:~^]|(?:^|[^\w$.])(?:typeof|case|in|of|delete|void|throw|new|await|instanceof|extends))\s*\Z"
)


def waits_for_value(text: str) -> bool:
    """True if the script ends where a value has to come: TypeScript reports that behind its last token, and anything
    else that is missing at the end of the script."""
    return _WAITS.search(text) is not None


def lexical_fault(text: str) -> LexicalFault | None:
    """The first thing that does not end; offsets are code points of `text`."""
    templates: list[int] = []  # depths of braces at which a template literal goes on
    depth = 0
    index = 0
    while match := _SPECIAL.search(text, index):
        start, char = match.start(), match.group()
        index = start + 1
        if char in "\"'":
            end = _match_end(_STRING[char], text, index)
            if end is None:
                return LexicalFault(start, start, "Unterminated string literal.")
            index = end
        elif char == "`" or (char == "}" and templates and templates[-1] == depth):
            if char == "}":
                templates.pop()
                depth -= 1
            found = _TEMPLATE.match(text, index)
            if found is None or not found.group(1):
                return LexicalFault(start, len(text), "Unterminated template literal.")
            index = found.end()
            if found.group(1) == "${":
                depth += 1
                templates.append(depth)
        elif char == "/":
            fault, index = _slash(text, start)
            if fault:
                return fault
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif _is_stray(text, start, char):
            return LexicalFault(start, start, "Invalid character.")
    return None


def _is_stray(text: str, start: int, char: str) -> bool:
    """True for a character that begins nothing here."""
    if char == "\\":
        return not text.startswith("\\u", start)
    if char == "<!--":
        return not _VALUE_END.search(text[max(0, start - 200) : start])
    if char in "#@":
        return not _NAME_START.match(text, start) and not (start == 0 and text.startswith("#!"))
    return not ("a" + char).isidentifier() and not char.isspace() and char not in _FORMAT


def _match_end(pattern: re.Pattern[str], text: str, index: int) -> int | None:
    found = pattern.match(text, index)
    return found.end() if found and found.group(1) else None


def _slash(text: str, start: int) -> tuple[LexicalFault | None, int]:
    """A fault in the comment or regular expression that begins here, and the offset behind what begins here."""
    if text.startswith("//", start):
        end = text.find("\n", start)
        return None, len(text) if end == -1 else end
    if text.startswith("/*", start):
        end = text.find("*/", start + 2)
        if end == -1:
            return LexicalFault(start, len(text), "`*/` expected."), len(text)
        return None, end + 2
    before = text[max(0, start - 200) : start]
    if _VALUE_END.search(before) and not _KEYWORD.search(before):
        return None, start + 1  # a division
    end_of = _match_end(_REGEX_END, text, start + 1)
    if end_of is None:
        return LexicalFault(start, start, "Unterminated regular expression literal."), start + 1
    return None, end_of
