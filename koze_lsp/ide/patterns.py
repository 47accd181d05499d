"""Names that are read in other ways than behind a dot: ``const { ‸ } = status``, ``status['‸']``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from koze_lsp.ide.context import Cursor
from koze_lsp.ide.tokens import chain

_DECLARES = frozenset({"const", "let", "var"})
_VALUE = re.compile(r"\s*=(?![=>])\s*")
_CALL = re.compile(r"await\s+([\w$.]+)\s*\(\s*(?:(['\"`])([^'\"`\r\n]*)\2)?")
_NAMES = re.compile(r"(?:this\.)?[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)*")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Pattern:
    """The cursor is where a destructuring pattern names what it takes.

    Attributes:
        names: the dotted name whose properties are taken; empty for an awaited call.
        callee: the awaited call's function, with its first argument where that is a string.
        path: the keys of the patterns around the innermost.
    """

    names: tuple[str, ...]
    callee: str
    argument: str | None
    path: tuple[str, ...]


def pattern(cursor: Cursor) -> Pattern | None:
    """The pattern that holds the cursor, once its value is written: ``const { ‸ } = await workflowStatus('x', id)``."""
    if cursor.string is not None or cursor.frame is None or not cursor.frame.is_object or cursor.frame.at_value:
        return None
    last = cursor.last()
    if last is None or last.text not in ("{", ","):
        return None
    path: list[str] = []
    for depth in range(len(cursor.frames) - 1, -1, -1):
        frame = cursor.frames[depth]
        if not frame.is_object:
            return None
        before = [token for token in cursor.tokens if token.end <= frame.start]
        if before and before[-1].text in _DECLARES:
            return _taken_from(cursor, len(cursor.frames) - depth, tuple(reversed(path)))
        if depth == 0 or (key := cursor.frames[depth - 1].key) is None:
            return None
        path.append(key)
    return None


def _taken_from(cursor: Cursor, depth: int, path: tuple[str, ...]) -> Pattern | None:
    """What stands behind the pattern, whose braces are ``depth`` deep at the cursor."""
    source = cursor.source
    end = min(cursor.limit, cursor.offset + _LONGEST)
    at = cursor.offset
    while at < end and depth:
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        at += 1
    value = _VALUE.match(source, at, end) if not depth else None
    if value is None:
        return None
    call = _CALL.match(source, value.end(), end)
    if call is not None:
        return Pattern((), call.group(1), call.group(3), path)
    names = _NAMES.match(source, value.end(), end)
    if names is None or source.startswith("(", names.end()):
        return None
    return Pattern(tuple(names.group().replace("?.", ".").split(".")), "", None, path)


def indexed(cursor: Cursor) -> tuple[str, ...] | None:
    """The dotted name before the bracket, where the cursor is in a string in it: ``status['‸']``."""
    frame = cursor.frame
    if cursor.string is None or frame is None or frame.opener != "[" or frame.index:
        return None
    tokens = [token for token in cursor.tokens if token.end <= frame.start]
    if tokens and tokens[-1].text == "?.":
        tokens.pop()
    last = cursor.last()
    if not tokens or tokens[-1].kind != "word" or last is None or last.start != frame.start:
        return None
    before = chain(tokens[:-1])
    return (*(before[0] if before is not None else ()), tokens[-1].text)
