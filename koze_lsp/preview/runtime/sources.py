"""The files of one compiled page in one address space.

Every character of every file gets one number, so that generated code, which mixes several files, needs only one
offset per character to name file, line and column.
"""

from __future__ import annotations

from bisect import bisect_right

from koze_lsp.preview.template.errors import Place
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.text import Text

__all__ = ["Place", "Sources"]


class Sources:
    """Files by the base offset at which each begins."""

    def __init__(self) -> None:
        self._bases: list[int] = []
        self._files: list[tuple[str, Text]] = []

    def add(self, path: str, text: str) -> Mapped:
        """Register a file; its text with global offsets."""
        base = self._bases[-1] + len(self._files[-1][1].source) + 1 if self._files else 0
        self._bases.append(base)
        self._files.append((path, Text(text)))
        return Mapped.source(text, base)

    def place(self, offset: int) -> Place | None:
        """The place of a global offset; None for "nowhere"."""
        if offset < 0 or not self._bases:
            return None
        index = bisect_right(self._bases, offset) - 1
        path, text = self._files[index]
        local = offset - self._bases[index]
        position = text.position(local)
        return Place(path, position.line + 1, position.character + 1, local)
