"""What the subjects share in making completions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from koze_lsp.ide.context import Cursor
from koze_lsp.ide.imports import quote_of
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project
from koze_lsp.text import TextEdit

_MEMBER = re.compile(r"""\s*(?:[\w$]+|'[^'\r\n]*'|"[^"\r\n]*")\s*:""")


def order(number: int) -> str:
    """A sort key for the n-th completion."""
    return f"{number:04d}"


def distinct(project: Project) -> list[Workflow]:
    """The workflows in discovery order, of several with one name the one that counts."""
    by_name = project.workflows.by_name
    return [by_name[name] for name in dict.fromkeys(project.workflows.names)]


def quoted(cursor: Cursor, text: str) -> str:
    """A string literal, as far as it is not typed yet: without quotes inside them, with them outside."""
    before, after = quotes(cursor)
    return f"{before}{text}{after}"


def quotes(cursor: Cursor) -> tuple[str, str]:
    """What stands before and after the text of a string literal, as far as it is not typed yet."""
    if cursor.string is not None:
        return "", cursor.closing
    quote = quote_of(cursor.document)
    return quote, quote


def named(cursor: Cursor, name: str) -> str:
    """A property's name as it is written at the cursor: behind a dot and in braces bare, in brackets a string."""
    return quoted(cursor, name) if cursor.string is not None else name


def strings(
    cursor: Cursor,
    values: Mapping[str, str],
    kind: CompletionKind,
    *,
    documentation: bool = True,
    first: int = 0,
    extra: tuple[TextEdit, ...] = (),
) -> list[Completion]:
    """Completions of string literals: value → what it means."""
    return [
        Completion(
            value,
            kind,
            cursor.span,
            quoted(cursor, value),
            detail="" if documentation else meaning,
            documentation=meaning if documentation else None,
            sort=order(first + number),
            extra=extra,
        )
        for number, (value, meaning) in enumerate(values.items())
    ]


def members(
    cursor: Cursor, keys: Mapping[str, tuple[str, str]], values: Mapping[str, str], taken: Iterable[str]
) -> list[Completion]:
    """Completions of an object's keys: key → (type, documentation), each with the snippet of a value."""
    found: list[Completion] = []
    followed = _colon_follows(cursor)
    gone = set(taken)
    for number, (key, (detail, text)) in enumerate(keys.items()):
        if key in gone:
            continue
        value = values.get(key, "$1")
        insert = key if followed else f"{key}: {value}{separator(cursor.source, cursor.word.end)}"
        found.append(
            Completion(
                key,
                CompletionKind.PROPERTY,
                cursor.word,
                insert,
                detail=detail,
                documentation=text,
                sort=order(number),
                is_snippet=not followed,
                plain=key if followed else f"{key}: ",
            )
        )
    return found


def separator(source: str, end: int) -> str:
    """The comma to put behind a new member at an offset, where another member follows there."""
    if _MEMBER.match(source, end) is None:
        return ""
    return "," if source[end].isspace() else ", "


def _colon_follows(cursor: Cursor) -> bool:
    end = cursor.word.end
    rest = cursor.source[end : end + 40].lstrip(" \t")
    return rest.startswith(":")


def taken_keys(cursor: Cursor) -> set[str]:
    """The keys that the innermost object has besides the one at the cursor."""
    frame = cursor.frame
    return {*(frame.keys if frame is not None else ()), *cursor.keys_after()}
