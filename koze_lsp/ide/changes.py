"""Collecting edits of several files, so that each file's edits come out once and in order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from koze_lsp.rules.base import Change, FileEdit
from koze_lsp.text import Span, TextEdit


class Edits:
    """Edits by file. Of two for one span the first counts; one that overlaps another is left out."""

    def __init__(self) -> None:
        self._by_path: dict[str, dict[Span, str]] = {}

    def replace(self, path: str, span: Span, text: str) -> None:
        """Replace a span of a file."""
        self._by_path.setdefault(path, {}).setdefault(span, text)

    def add(self, path: str, edits: Iterable[TextEdit]) -> None:
        """Add edits of a file."""
        for span, text in edits:
            self.replace(path, span, text)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that have edits, sorted."""
        return tuple(sorted(path for path, edits in self._by_path.items() if edits))

    def of(self, path: str) -> FileEdit:
        """One file's edits, sorted and without overlaps."""
        kept: list[TextEdit] = []
        for span in sorted(self._by_path.get(path, ())):
            if not kept or span.start >= kept[-1].span.end:
                kept.append(TextEdit(span, self._by_path[path][span]))
        return FileEdit(path, tuple(kept))

    def changes(self) -> tuple[Change, ...]:
        """All files' edits."""
        return tuple(self.of(path) for path in self.paths)


def difference(old: str, new: str) -> tuple[TextEdit, ...]:
    """The edits that lead from a text to another, in whole lines but trimmed to what differs in them."""
    if old == new:
        return ()
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        _trimmed(Span(starts[i1], starts[i2]), old[starts[i1] : starts[i2]], "".join(after[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    )


def _trimmed(span: Span, old: str, new: str) -> TextEdit:
    head = _common(zip(old, new, strict=False))
    tail = _common(zip(reversed(old[head:]), reversed(new[head:]), strict=False))
    return TextEdit(Span(span.start + head, span.end - tail), new[head : len(new) - tail])


def _common(pairs: Iterator[tuple[str, str]]) -> int:
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count
