"""A TOML file as the same tree that a JSON file gives.

The data is tomllib's. The spans are found by reading the lines: exact for tables and for ``key = value``
lines, and for what stands inside an inline table or array the span of the whole value.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from koze_lsp.syntax.jsonc import (
    JsonArray,
    JsonLiteral,
    JsonMember,
    JsonNode,
    JsonNumber,
    JsonObject,
    JsonProblem,
    JsonString,
    JsonTree,
    ProblemKind,
)
from koze_lsp.text import Position, Span, Text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Path = tuple[str | int, ...]


class _Place(NamedTuple):
    """Where a value stands: its key, and itself."""

    key: Span
    value: Span


_KEY = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"[ \t]*(?P<open>\[\[?)[ \t]*(?P<keys>{_DOTTED})[ \t]*\]\]?")
_PAIR = re.compile(rf"[ \t]*(?P<keys>{_DOTTED})[ \t]*=[ \t]*(?P<value>[^\r\n]*)")
_ONE_KEY = re.compile(_KEY)
_STRING = re.compile(r'"(?:[^"\\\r\n]|\\.)*"|\'[^\'\r\n]*\'')
_NOT_CODE = re.compile(r'"(?:[^"\\\r\n]|\\.)*"|\'[^\'\r\n]*\'|#.*')
_ERROR_AT = re.compile(r"\(at line (\d+), column (\d+)\)")
_START = Span(0, 0)


def parse(source: str) -> JsonTree:
    """The tree of a TOML text; without a root, and with one problem, where it is not TOML."""
    try:
        data = tomllib.loads(source.removeprefix("\ufeff"))
        places = _places(Text(source))
        root = _node(data, (), places, _START)
    except tomllib.TOMLDecodeError as error:
        return JsonTree(source, None, (_problem(source, str(error)),), ())
    except (RecursionError, ValueError) as error:
        problem = JsonProblem(ProblemKind.INVALID_TOML, _START, f"the file is not readable: {error}")
        return JsonTree(source, None, (problem,), ())
    return JsonTree(source, root, (), ())


def _problem(source: str, message: str) -> JsonProblem:
    text = Text(source)
    span = Span(len(source), len(source))
    found = _ERROR_AT.search(message)
    if found:
        at = text.offset(Position(int(found[1]) - 1, int(found[2]) - 1))
        span = Span(at, min(at + 1, len(source)))
    message = message.split(" (at ", maxsplit=1)[0]
    return JsonProblem(ProblemKind.INVALID_TOML, span, message[:1].lower() + message[1:])


def _node(data: Any, path: Path, places: Mapping[Path, _Place], around: Span) -> JsonNode:
    place = places.get(path)
    span = place.value if place is not None else around
    if isinstance(data, dict):
        members = []
        for key, value in data.items():
            inner = (*path, key)
            at = places.get(inner)
            node = _node(value, inner, places, span)
            key_span = at.key if at is not None else node.span
            members.append(
                JsonMember(Span(key_span.start, max(key_span.end, node.span.end)), JsonString(key_span, key), node)
            )
        return JsonObject(span, tuple(members))
    if isinstance(data, list):
        items = tuple(_node(value, (*path, index), places, span) for index, value in enumerate(data))
        if place is None and items:
            span = items[0].span
        return JsonArray(span, items)
    if isinstance(data, bool):
        return JsonLiteral(span, data)
    if isinstance(data, (int, float)):
        return JsonNumber(span, data)
    return JsonString(span, str(data))


def _places(text: Text) -> dict[Path, _Place]:
    """Where each table and each ``key = value`` of a valid TOML text stands."""
    places: dict[Path, _Place] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    closing = ""
    depth = 0
    for line in range(text.line_count):
        start, end = text.line_span(line)
        row = text.source[start:end]
        if closing:  # inside a string of several lines
            closing = "" if closing in row else closing
            continue
        if depth > 0:  # inside an array of several lines
            depth += _balance(row)
            continue
        header = _HEADER.match(row)
        if header:
            table = _table(header, start, places, counts)
            continue
        pair = _PAIR.match(row)
        if not pair:
            continue
        path = (*table, *_keys(pair["keys"]))
        value = pair["value"]
        at = start + pair.start("value")
        places[path] = _Place(
            Span(start + pair.start("keys"), start + pair.end("keys")), Span(at, at + _value_length(value))
        )
        if value[:3] in ('"""', "'''"):
            closing = value[:3] if value[:3] not in value[3:] else ""
        else:
            depth = max(_balance(value), 0)
    return places


def _table(header: re.Match[str], start: int, places: dict[Path, _Place], counts: dict[Path, int]) -> Path:
    """Enter a table, and note where it is."""
    path: Path = ()
    keys = _keys(header["keys"])
    for index, key in enumerate(keys):
        path = (*path, key)
        if index < len(keys) - 1 and path in counts:
            path = (*path, counts[path] - 1)
    key_span = Span(start + header.start("keys"), start + header.end("keys"))
    whole = Span(start + header.start("open"), start + header.end())
    if header["open"] == "[[":
        places.setdefault(path, _Place(key_span, whole))
        counts[path] = counts.get(path, 0) + 1
        path = (*path, counts[path] - 1)
    places[path] = _Place(key_span, whole)
    for length in range(1, len(path)):  # tables that are only named on the way
        places.setdefault(path[:length], _Place(key_span, whole))
    return path


def _keys(dotted: str) -> list[str]:
    return [key.strip("\"'") for key in _ONE_KEY.findall(dotted)]


def _value_length(value: str) -> int:
    string = _STRING.match(value)
    if string and value[:3] not in ('"""', "'''"):
        return string.end()
    if value[:1] in "[{":
        return len(value.rstrip())
    return len(value.split("#", maxsplit=1)[0].rstrip())


def _balance(row: str) -> int:
    code = _NOT_CODE.sub("", row)
    return code.count("[") + code.count("{") - code.count("]") - code.count("}")
