"""Blocks that the browser renders again when a variable changes: an `if` or a `for` whose head reads a live name.

The framework prints a comment before such a block that holds, as JSON, every other name of it. A preview needs no
comment, but the names are read all the same: one that is not there, also in a branch that is not shown, or one that is
no JSON (a bigint, a cycle) fails the page.
"""

from __future__ import annotations

import re

from koze_lsp.preview.template.references import line_declares, template_references
from koze_lsp.syntax.template_lines import brace_delta, js_trim

__all__ = ["live_blocks"]

_HEAD = re.compile(r"(?:if|for)\s*\(")
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_RAW = {name: (re.compile(rf"<{name}[\s>]", re.I), re.compile(rf"</{name}>", re.I)) for name in ("style", "script")}
_WORDS = "undefined Math Date Number String Boolean Array Object JSON encodeURIComponent decodeURIComponent"
_GLOBALS = frozenset(_WORDS.split())
_LONGEST = 2000
"""Lines of the longest block that is looked at; the names of a longer one are not read."""


def live_blocks(template: str, live: frozenset[str], kept: frozenset[str]) -> dict[int, list[str]]:
    """By the offset of the line on which a block begins: the names that the framework reads before it.

    `live` are the names that the browser keeps up to date, `kept` the script's names that it has itself.
    """
    if not live:
        return {}
    lines = template.split("\n")
    found: dict[int, list[str]] = {}
    offset = 0
    skip_to = 0
    raw = ""
    for number, line in enumerate(lines):
        start, offset = offset, offset + len(line) + 1
        raw, hidden = _raw_state(raw, line)
        text = js_trim(line)
        if number < skip_to or hidden or not _HEAD.match(text) or "{" not in text:
            continue
        end = _block_end(lines, number)
        if end == number or end - number > _LONGEST or not template_references(line) & live:
            continue
        source = lines[number : end + 1]
        names = template_references("\n".join(source)) - _GLOBALS - kept
        for inner in source:
            names -= line_declares(inner)
        found[start] = sorted(name for name in names if _NAME.match(name))
        skip_to = end + 1
    return found


def _raw_state(raw: str, line: str) -> tuple[str, bool]:
    """Which of `<style>` and `<script>` is open behind a line, and whether the line belongs to one."""
    now = raw or next((name for name, (opened, _) in _RAW.items() if opened.search(line)), "")
    return ("" if now and _RAW[now][1].search(line) else now), bool(now)


def _block_end(lines: list[str], start: int) -> int:
    depth = brace_delta(lines[start])
    end = start
    while end + 1 < len(lines) and depth > 0:
        end += 1
        depth += brace_delta(lines[end])
    return end
