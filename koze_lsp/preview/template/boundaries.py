"""If-chains that wait for a promise: the framework streams them.

An `if` chain whose condition reads `.pending`, `.error` or `.success` of a name that the template also reads as
`name.pending` is cut out of the template, compiled on its own, printed in its pending state and filled in when the
promise is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from koze_lsp.preview.template.mapped import Mapped

__all__ = ["Boundary", "cut_boundaries"]


@dataclass(frozen=True, slots=True)
class Boundary:
    """A chain cut out: the marker that stands for it, its source, and the names that it waits for."""

    marker: str
    source: Mapped
    names: tuple[str, ...]


_PENDING = re.compile(r"\b([A-Za-z_$][\w$]*)\.pending\b", re.ASCII)
_STATE = re.compile(r"\b([A-Za-z_$][\w$]*)\.(?:pending|error|success)\b", re.ASCII)
_WORD = re.compile(r"\b[A-Za-z_$][\w$]*\b", re.ASCII)
_IF = re.compile(r"\s*if\s*\(([^)]+)\)\s*\{\s*\Z")
_ELSE_IF = re.compile(r"\s*\}\s*else\s+if\s*\(([^)]+)\)\s*\{\s*\Z")
_ELSE = re.compile(r"\s*\}\s*else\s*\{\s*\Z")
_CLOSE = re.compile(r"\s*\}\s*\Z")
_OPENS = re.compile(r"\{\s*\Z")
_CLOSES = re.compile(r"\s*\}")


def cut_boundaries(template: Mapped, candidates: set[str]) -> tuple[Mapped, list[Boundary]]:
    """The template with a marker comment for each streamed chain, and the chains.

    `candidates` are the names that the script declares at its top level.
    """
    waiting = {match.group(1) for match in _PENDING.finditer(template.text)} & candidates
    if not waiting:
        return template, []
    lines = _lines(template)
    kept: list[Mapped] = []
    found: list[Boundary] = []
    index = 0
    while index < len(lines):
        end = _chain_end(lines, index, waiting)
        if end == -1:
            kept.append(lines[index])
            index += 1
            continue
        source = Mapped.join(_with_newlines(lines[index : end + 1]))
        marker = f"<!--koze:auto-boundary:{len(found)}-->"
        found.append(Boundary(marker, source, _names(lines[index : end + 1], waiting)))
        kept.append(Mapped.made(marker, lines[index].start))
        index = end + 1
    return Mapped.join(_with_newlines(kept)), found


def _lines(template: Mapped) -> list[Mapped]:
    lines = []
    start = 0
    for line in template.text.split("\n"):
        lines.append(template[start : start + len(line)])
        start += len(line) + 1
    return lines


def _with_newlines(lines: list[Mapped]) -> list[Mapped]:
    return [line + "\n" if index + 1 < len(lines) else line for index, line in enumerate(lines)]


def _chain_end(lines: list[Mapped], index: int, waiting: set[str]) -> int:
    """Index of the line that closes the chain which begins at `index`; -1 if none begins there or it never ends."""
    head = _IF.match(lines[index].text)
    if head is None or not {match.group(1) for match in _STATE.finditer(head.group(1))} & waiting:
        return -1
    depth = 1
    for current in range(index + 1, len(lines)):
        text = lines[current].text
        if depth == 1:
            if _ELSE_IF.match(text) or _ELSE.match(text):
                continue
            if _CLOSE.match(text):
                return current
        depth += bool(_OPENS.search(text)) - bool(_CLOSES.match(text))
    return -1


def _names(lines: list[Mapped], waiting: set[str]) -> tuple[str, ...]:
    """The waiting names in the order in which the framework finds them: conditions first, then all words."""
    ordered: dict[str, None] = {}
    for line in lines:
        condition = _IF.match(line.text) if not ordered else _ELSE_IF.match(line.text)
        for match in _STATE.finditer(condition.group(1)) if condition else ():
            ordered.setdefault(match.group(1))
    for line in lines:
        for match in _WORD.finditer(line.text):
            ordered.setdefault(match.group())
    return tuple(name for name in ordered if name in waiting)
