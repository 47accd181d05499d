"""What the path of a route says: its segments and parameters.

Source: the Koze framework's router: ``[x]`` is a parameter, ``[...x]`` the rest; whole segments only, and
of two sibling folders that name one level's parameter differently the first registered wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PARAMETER = re.compile(r"\[(?:(\.\.\.)(?=[^\]]))?([^\]]+)\]")
_ANY_BRACKETS = re.compile(r"\[[^\]/]*\]")


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a route. ``parameter`` is None for a literal one; ``path`` is the file or folder."""

    text: str
    parameter: str | None
    rest: bool
    path: str


def segments(path: str) -> tuple[Segment, ...]:
    """The segments of a route file's path; a segment equal to ``index`` counts for nothing."""
    parts = path.removeprefix("src/routes/").rsplit(".", 1)[0].split("/")
    found: list[Segment] = []
    folder = "src/routes"
    for number, part in enumerate(parts):
        folder = f"{folder}/{part}"
        if part == "index":
            continue
        match = _PARAMETER.fullmatch(part)
        where = path if number == len(parts) - 1 else folder
        found.append(Segment(part, match.group(2) if match else None, bool(match and match.group(1)), where))
    return tuple(found)


class RouteTree:
    """All routes of an application."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(paths)
        self._first: dict[tuple[str, ...], Segment] | None = None
        self._rivals = False
        self._one_name: bool | None = None

    def parameters(self, path: str) -> tuple[Segment, ...]:
        """The parameter segments of a route or of a layout's folder."""
        return tuple(segment for segment in segments(path) if segment.parameter is not None)

    @property
    def has_rivals(self) -> bool:
        """Whether any level of the tree has parameters of different names."""
        if self._one_name is None:  # most applications name all their parameters alike, or few of them
            self._one_name = len(set(_ANY_BRACKETS.findall("\n".join(self.paths)))) <= 1
        if self._one_name:
            return False
        self._first_names()
        return self._rivals

    def winner(self, path: str, name: str) -> Segment | None:
        """The segment of another route that gave a parameter's level another name first."""
        first = self._first_names()
        level: tuple[str, ...] = ()
        for segment in segments(path):
            level = (*level, _shape(segment))
            if segment.parameter == name:
                found = first.get(level)
                return found if found is not None and found.parameter != name else None
        return None

    def _first_names(self) -> dict[tuple[str, ...], Segment]:
        if self._first is not None:
            return self._first
        self._first = {}
        seen: set[str] = set()
        for path in self.paths:
            last = path.rfind("[")
            upto = path.find("/", last) if last >= 0 else -1
            folder = path if upto < 0 else path[:upto]
            if last < 0 or folder in seen:  # a folder's parameters are those of any route in it
                continue
            seen.add(folder)
            level: tuple[str, ...] = ()
            for segment in segments(path):
                level = (*level, _shape(segment))
                if segment.parameter is not None:
                    first = self._first.setdefault(level, segment)
                    self._rivals = self._rivals or first.parameter != segment.parameter
        return self._first


def _shape(segment: Segment) -> str:
    if segment.parameter is None:
        return segment.text
    return "[...]" if segment.rest else "[]"
