"""Runs the markers of a case against a backend: each kind of marker is one function in `kinds`.

A marker's function gives the arguments (or goldens) that would have been right; where they differ from what is
written, the run has a mismatch, and `rewrite` can put them in the place of the written ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff
from typing import cast

from koze_lsp.text import Span, Text

from .backend import Backend, Place, RefusedError, Tree
from .case import DELETED, Case, CaseError, Marker, Name


@dataclass(frozen=True)
class Mismatch:
    """A marker that does not hold: what to write in its place, and the goldens that it should have."""

    marker: Marker
    message: str
    text: str | None = None
    golden: tuple[str, dict[str, str | None]] | None = None


Args = tuple[object, ...]
Check = Callable[["Run", Marker], "Args | None"]
_KINDS: dict[str, Check] = {}


def kind(function: Check) -> Check:
    """Register a kind of marker under the function's name."""
    _KINDS[function.__name__.rstrip("_")] = function
    return function


class Run:
    """One case in one mode."""

    def __init__(self, case: Case, backend: Backend, newline: str = "\n") -> None:
        self.case = case
        self.backend = backend
        self.newline = newline
        self.files = {path: text.replace("\n", newline) for path, text in case.files.items()}
        self.texts = {path: Text(text) for path, text in self.files.items()}
        self.names: dict[str, Place] = {}
        self.golden: tuple[str, dict[str, str | None]] | None = None

    def run(self) -> list[Mismatch]:
        """Check every marker; the mismatches in the order of the file."""
        for marker in self.case.markers:
            if marker.name == "loc":
                self.names[cast(Name, marker.args[0]).id] = self.place(marker, marker.args[1])
        self.backend.open(self.files)
        try:
            found = [self.check(marker) for marker in self.case.markers if marker.name != "loc"]
        finally:
            self.backend.close()
        return [*(mismatch for mismatch in found if mismatch is not None), *self._unexpected()]

    def check(self, marker: Marker) -> Mismatch | None:
        """Check one marker."""
        check = _KINDS.get(marker.name)
        if check is None:
            raise CaseError(f"{self.where(marker)}: no kind of marker is called {marker.name}")
        self.golden = None
        try:
            wanted = check(self, marker)
        except RefusedError as error:
            return Mismatch(marker, f"{self.where(marker)}: {marker.name}: the server refused: {error}")
        if wanted is not None and wanted != marker.args:
            text = marker.text(wanted)
            written = marker.text(marker.args)
            return Mismatch(marker, f"{self.where(marker)}:\n  written {written}\n  answer  {text}", text)
        golden = cast("tuple[str, dict[str, str | None]] | None", self.golden)
        if golden is not None and golden[1] != self.case.goldens.get(golden[0]):
            return Mismatch(marker, f"{self.where(marker)}: {_golden_diff(self.case, golden)}", None, golden)
        return None

    def where(self, marker: Marker) -> str:
        """Where a marker stands, for messages."""
        return (
            f"{self.case.path.name}:{marker.case_line} ({marker.path}, {'CRLF' if self.newline != chr(10) else 'LF'})"
        )

    # --- places

    def line(self, marker: Marker) -> Span:
        """The line that a marker is about."""
        text = self.texts[marker.path]
        return text.line_span(min(marker.line, text.line_count - 1))

    def spot(self, marker: Marker, arg: object) -> tuple[Span, int]:
        """The span of a text on the marker's line, and the offset of the ``^`` in it (else its start)."""
        if not isinstance(arg, str):
            raise CaseError(f"{self.where(marker)}: the place must be a text")
        line = self.line(marker)
        source = self.files[marker.path][line.start : line.end]
        cursor = arg.find("^")
        plain = arg.replace("^", "", 1)
        if source.count(plain) != 1 and plain:
            raise CaseError(f"{self.where(marker)}: {plain!r} stands {source.count(plain)} times on the line: {source}")
        start = line.start + source.index(plain)
        span = Span(start, start + len(plain))
        return span, start + max(cursor, 0)

    def place(self, marker: Marker, arg: object) -> Place:
        """A named place, or a text on the marker's line."""
        if isinstance(arg, Name):
            found = self.names.get(arg.id)
            if found is None:
                raise CaseError(f"{self.where(marker)}: no loc is called {arg.id}")
            return found
        return Place(marker.path, self.spot(marker, arg)[0])

    def shown(self, place: Place) -> object:
        """A place as a marker would write it: a named one by its name, else its text, with its file."""
        for name, named in self.names.items():
            if named == place:
                return Name(name)
        text = self.texts.get(place.path)
        if text is None:
            return f"{place.path}"
        line = text.line_at(place.span.start) + 1
        return f"{place.path}:{line}:{text.source[place.span.start : place.span.end]}"

    def places(self, marker: Marker, wanted: Args, found: list[Place]) -> Args:
        """The places of an answer as arguments, in the order of the written ones where those are right."""
        left = list(dict.fromkeys(found))
        result: list[object] = []
        for arg in wanted:
            place = self.place(marker, arg) if isinstance(arg, Name) else None
            if place in left:
                left.remove(cast(Place, place))
                result.append(arg)
            else:
                shown = next((item for item in left if self.shown(item) == arg), None)
                if shown is not None:
                    left.remove(shown)
                    result.append(arg)
        return (*result, *(self.shown(item) for item in left))

    def compare(self, marker: Marker, after: Tree) -> None:
        """Compare the files that an edit changed with a golden."""
        name = str(marker.kwargs["golden"])
        changed: dict[str, str | None] = {}
        for path in sorted({*self.files, *after}):
            new, old = after.get(path), self.files.get(path)
            if new == old:
                continue
            if new is not None and self.newline == "\r\n":
                bare = re.search(r"(?<!\r)\n", new)
                assert bare is None or old is None, f"{self.where(marker)}: {path} lost a CRLF"
                new = new.replace("\r\n", "\n")
            changed[path] = new if new is None or new.endswith("\n") else new + "\n"
        self.golden = (name, changed)

    def _unexpected(self) -> list[Mismatch]:
        """Diagnostics that no marker names, in the files that name any."""
        found: list[Mismatch] = []
        for path in {marker.path: None for marker in self.case.markers if marker.name in ("diag", "nodiag")}:
            markers = [marker for marker in self.case.markers if marker.path == path and marker.name == "diag"]
            named = {(self.spot(marker, marker.args[0])[0], marker.args[1]) for marker in markers}
            self.backend.open(self.files)
            for item in self.backend.diagnostics(path):
                if (item.span, item.code) not in named:
                    line = self.texts[path].line_at(item.span.start) + 1
                    text = self.files[path][item.span.start : item.span.end]
                    message = f"{self.case.path.name}: {path}:{line}: not named: diag({text!r}, {item.code!r})"
                    marker = next(marker for marker in self.case.markers if marker.path == path)
                    found.append(Mismatch(marker, message))
            self.backend.close()
        return found


def _golden_diff(case: Case, golden: tuple[str, dict[str, str | None]]) -> str:
    name, changed = golden
    written = case.goldens.get(name, {})
    lines: list[str] = []
    for path in sorted({*written, *changed}):
        old, new = written.get(path, ""), changed.get(path, "")
        if path not in changed:
            lines.append(f"{path} does not change")
        elif old != new or path not in written:
            new_lines = ["(deleted)\n"] if new is None else new.splitlines(True)
            old_lines = ["(deleted)\n"] if old is None else old.splitlines(True)
            lines += unified_diff(old_lines, new_lines, f"written @{name}/{path}", f"answer {path}", n=2)
    return f"golden {name} differs:\n" + "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def rewrite(case: Case, mismatches: list[Mismatch]) -> str:
    """The case's text with every answer in the place of what was written."""
    text = case.text
    for mismatch in sorted(mismatches, key=lambda item: item.marker.where, reverse=True):
        if mismatch.text is not None:
            start, end = mismatch.marker.where
            text = text[:start] + mismatch.text + text[end:]
    for mismatch in mismatches:
        if mismatch.golden is not None:
            text = _with_golden(text, *mismatch.golden)
    return text


def _with_golden(text: str, name: str, files: dict[str, str | None]) -> str:
    """The case's text with the sections of one golden replaced; they move to its end."""
    section = re.compile(rf"^-- @{re.escape(name)}/.* --[ \t]*\n(?:(?!-- .+ --[ \t]*$).*\n?)*", re.MULTILINE)
    kept = section.sub("", text).rstrip("\n") + "\n"
    for path, content in files.items():
        kept += f"-- @{name}/{path}{DELETED if content is None else ''} --\n{content or ''}"
    return kept
