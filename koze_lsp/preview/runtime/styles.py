"""Scoping a component's `<style>` to the component: each selector is put under the component's class."""

from __future__ import annotations

import re

__all__ = ["scope_css"]

_GROUPS = frozenset({"container", "document", "layer", "media", "scope", "supports"})
_AT_RULE = re.compile(r"\s*@(-?[\w-]+)")


def scope_css(source: str, scope: str) -> str:
    """The style sheet with `.scope ` before every selector; group rules are entered, other at-rules copied."""
    out: list[str] = []
    cursor = 0
    while cursor < len(source):
        end = _scan(source, cursor, "{;")
        if end == -1:
            break
        prelude = source[cursor:end]
        if source[end] == ";":
            out.append(source[cursor : end + 1])
            cursor = end + 1
            continue
        close = _block_end(source, end + 1)
        body = source[end + 1 : close]
        rule = _AT_RULE.match(prelude)
        if rule is None:
            out.append(f"{_selectors(prelude, scope)}{{{body}}}")
        else:
            inner = scope_css(body, scope) if rule.group(1).lower() in _GROUPS else body
            out.append(f"{prelude}{{{inner}}}")
        cursor = close + 1
    out.append(source[cursor:])
    return "".join(out)


def _skip(source: str, index: int) -> int:
    """Behind the comment or string at `index`; `index` itself if there is none."""
    if source.startswith("/*", index):
        end = source.find("*/", index + 2)
        return len(source) if end == -1 else end + 2
    if source[index] in "\"'":
        quote = source[index]
        index += 1
        while index < len(source) and source[index] != quote:
            index += 2 if source[index] == "\\" else 1
        return min(index + 1, len(source))
    return index


def _scan(source: str, start: int, wanted: str) -> int:
    """The next of the `wanted` characters outside comments, strings and brackets, or -1."""
    depth = 0
    index = start
    while index < len(source):
        after = _skip(source, index)
        if after != index:
            index = after
            continue
        char = source[index]
        if char in "([":
            depth += 1
        elif char in ")]":
            depth = max(0, depth - 1)
        elif char in wanted and depth == 0:
            return index
        index += 1
    return -1


def _block_end(source: str, start: int) -> int:
    depth = 1
    index = start
    while index < len(source):
        after = _skip(source, index)
        if after != index:
            index = after
            continue
        if source[index] == "{":
            depth += 1
        elif source[index] == "}":
            depth -= 1
            if depth == 0:
                return index
        index += 1
    return len(source)


def _selectors(prelude: str, scope: str) -> str:
    out: list[str] = []
    cursor = 0
    while True:
        comma = _scan(prelude, cursor, ",")
        selector = prelude[cursor : len(prelude) if comma == -1 else comma]
        trimmed = selector.strip()
        if trimmed and not trimmed.startswith(f".{scope} "):
            lead = selector[: len(selector) - len(selector.lstrip())]
            tail = selector[len(selector.rstrip()) :]
            selector = f"{lead}.{scope} {trimmed}{tail}"
        out.append(selector)
        if comma == -1:
            return ",".join(out)
        cursor = comma + 1
