"""Keys and values of JSON, JSON with comments and JSON5, whether their quotes are typed yet or not."""

from __future__ import annotations

import json
import re
from typing import Any

from koze_lsp.ide.completion.items import order, separator
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.text import Span

_SNIPPET_SPECIAL = re.compile(r"([\\$}])")


def literal_span(cursor: Cursor) -> Span:
    """What a key or value at the cursor replaces: with its quotes, where it has them."""
    if cursor.string is None:
        return cursor.word
    inner = cursor.span
    closed = cursor.source.startswith(cursor.string.quote, inner.end)
    return Span(inner.start - 1, inner.end + (1 if closed else 0))


def key(
    cursor: Cursor,
    name: str,
    number: int,
    *,
    value: str = "$1",
    detail: str = "",
    documentation: str | None = None,
    bare: bool = False,
) -> Completion:
    """A member: the key, a colon and a snippet for the value (or the key alone, where a colon follows)."""
    span = literal_span(cursor)
    text = name if bare and cursor.string is None else f'"{name}"'
    if bare and cursor.string is not None:
        text = f"{cursor.string.quote}{name}{cursor.string.quote}"
    followed = cursor.source[span.end : span.end + 20].lstrip().startswith(":")
    return Completion(
        name,
        CompletionKind.PROPERTY,
        span,
        text if followed else f"{text}: {value}{separator(cursor.source, span.end)}",
        detail=detail,
        documentation=documentation,
        sort=order(number),
        filter=text if cursor.string is not None else name,
        is_snippet=not followed,
        plain=text if followed else f"{text}: ",
    )


def value(
    cursor: Cursor,
    data: Any,
    number: int,
    *,
    detail: str = "",
    documentation: str | None = None,
    kind: CompletionKind = CompletionKind.VALUE,
) -> Completion:
    """A string, number, boolean or null as a value."""
    quote = cursor.string.quote if cursor.string is not None else '"'
    text = f"{quote}{data}{quote}" if isinstance(data, str) else json.dumps(data)
    return Completion(
        str(data) if isinstance(data, str) else text,
        kind,
        literal_span(cursor),
        text,
        detail=detail,
        documentation=documentation,
        sort=order(number),
        filter=text if cursor.string is not None else str(data),
    )


def escape(text: str) -> str:
    """A text as it must be written in a snippet."""
    return _SNIPPET_SPECIAL.sub(r"\\\1", text)
