"""Splitting a route, layout, component or shell into its script and its template.

Source: the Koze framework's file parser. At most one `<script>`, before the template; only white space, a doctype
and comments may come before it. A shell may hold any number of scripts, and only a leading one is special.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.syntax.template_lines import JS_SPACE_RANGES

__all__ = ["RouteFile", "split_file"]

_SPECIAL = re.compile(f"<!--|<(?:script|style)(?=[{JS_SPACE_RANGES}/>]|\\Z)", re.IGNORECASE)
_PREFIX = re.compile(f"(?:[{JS_SPACE_RANGES}]+|<!doctype[^>]*>|<!--[\\s\\S]*?-->)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RouteFile:
    """`script` is trimmed, None without a script element; `template` is the rest. `element` is the script untrimmed,
    so that what is missing at its end is missing where the element is closed."""

    script: Mapped | None
    template: Mapped
    element: Mapped


@dataclass(frozen=True, slots=True)
class _Script:
    start: int
    content_start: int
    content_end: int
    end: int


def split_file(source: Mapped, path: str, *, shell: bool = False) -> RouteFile:
    """The script and the template of a file.

    Raises:
        CompileError: a script tag is not closed, comes after markup, or is the second one.
    """
    scripts = _scripts(source, path)
    prefix = _PREFIX.match(source.text)
    allowed = prefix.end() if prefix else 0
    wrong = [script for index, script in enumerate(scripts) if index or script.start != allowed]
    if wrong and not shell:
        raise CompileError(
            "Only one top-level <script> block is allowed, and it must appear before template markup.",
            path=path,
            offset=source.origin(wrong[0].start),
            code="KUR_SCRIPT_PLACEMENT",
            hint="Move additional browser code into a $lib module and import it from the top script.",
        )
    if not scripts or scripts[0].start != allowed:
        return RouteFile(None, source, source[:0])
    script = scripts[0]
    template = source[script.end :].trim()
    before = source[: script.start].trim()
    if before:
        template = Mapped.join([before, template], "\n")
    element = source[script.content_start : script.content_end]
    return RouteFile(element.trim(), template, element)


def _scripts(source: Mapped, path: str) -> list[_Script]:
    text = source.text
    found: list[_Script] = []
    cursor = 0
    while match := _SPECIAL.search(text, cursor):
        start = match.start()
        if match.group() == "<!--":
            end = text.find("-->", start + 4)
            cursor = len(text) if end == -1 else end + 3
            continue
        name = match.group()[1:].lower()
        opened = _tag_end(text, start)
        if name == "style":
            close = _close(text, "style", opened + 1) if opened != -1 else None
            cursor = close[1] if close else max(opened + 1, match.end())
            continue
        offset = source.origin(start)
        if opened == -1:
            raise CompileError("Unclosed <script> tag.", path=path, offset=offset, code="KUR_UNCLOSED_SCRIPT_TAG")
        close = _close(text, "script", opened + 1)
        if close is None:
            message = "Unclosed <script> block."
            raise CompileError(message, path=path, offset=offset, code="KUR_UNCLOSED_SCRIPT_BLOCK")
        found.append(_Script(start, opened + 1, close[0], close[1]))
        cursor = close[1]
    return found


def _tag_end(text: str, start: int) -> int:
    quote = ""
    for index in range(start, len(text)):
        char = text[index]
        if quote:
            if char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char == ">":
            return index
    return -1


def _close(text: str, name: str, start: int) -> tuple[int, int] | None:
    """Start of `</name` and the offset behind its `>`."""
    match = re.compile(f"</{name}(?=[{JS_SPACE_RANGES}/>]|\\Z)", re.IGNORECASE).search(text, start)
    end = _tag_end(text, match.start()) if match else -1
    return (match.start(), end + 1) if match and end != -1 else None
