"""Runs the markers of a case against a backend: each kind of marker is one function below.

A marker's function gives the arguments (or goldens) that would have been right; where they differ from what is
written, the run has a mismatch, and `rewrite` can put them in the place of the written ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from typing import cast

from koze_lsp.text import Span, Text, apply_edits

from .backend import Backend, Outline, Place, Refused, Tree
from .case import DELETED, Case, CaseError, Marker, Name

_SNIPPET = re.compile(r"\$\{\d+\|([^,|}]*)[^}]*\}|\$\{\d+:((?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.)*\})*)\}|\$\{\d+\}|\$\d+")


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
        except Refused as error:
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
        return f"{self.case.path.name}:{marker.case_line} ({marker.path}, {'CRLF' if self.newline != chr(10) else 'LF'})"

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

    def shown(self, marker: Marker, place: Place) -> object:
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
                shown = next((item for item in left if self.shown(marker, item) == arg), None)
                if shown is not None:
                    left.remove(shown)
                    result.append(arg)
        return (*result, *(self.shown(marker, item) for item in left))

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


# Kinds ---------------------------------------------------------------------------------------------------


@kind
def complete(run: Run, marker: Marker) -> Args:
    """``complete(at, *labels)``: exactly these completions, in this order."""
    _, offset = run.spot(marker, marker.args[0])
    return (marker.args[0], *(item.label for item in run.backend.complete(marker.path, offset)))


@kind
def offers(run: Run, marker: Marker) -> Args:
    """``offers(at, *labels)``: these completions among others."""
    _, offset = run.spot(marker, marker.args[0])
    labels = [item.label for item in run.backend.complete(marker.path, offset)]
    missing = [label for label in marker.args[1:] if label not in labels]
    return marker.args if not missing else (marker.args[0], *labels)


@kind
def lacks(run: Run, marker: Marker) -> Args:
    """``lacks(at, *labels)``: none of these completions."""
    _, offset = run.spot(marker, marker.args[0])
    labels = [item.label for item in run.backend.complete(marker.path, offset)]
    return (marker.args[0], *(label for label in marker.args[1:] if label not in labels))


@kind
def item(run: Run, marker: Marker) -> Args:
    """``item(at, label, detail, *documentation)``: a completion's detail, and parts of its documentation."""
    _, offset = run.spot(marker, marker.args[0])
    label = str(marker.args[1])
    found = next((entry for entry in run.backend.complete(marker.path, offset) if entry.label == label), None)
    if found is None:
        return (marker.args[0], f"no {label}")
    text = run.backend.document(marker.path, offset, label) if len(marker.args) > 3 else ""
    return (marker.args[0], label, found.detail, *_parts(marker.args[3:], text))


@kind
def accept(run: Run, marker: Marker) -> Args:
    """``accept(at, label, *lines)``: the lines that are new or changed once the completion is taken."""
    _, offset = run.spot(marker, marker.args[0])
    label = str(marker.args[1])
    found = next((entry for entry in run.backend.complete(marker.path, offset) if entry.label == label), None)
    if found is None:
        return (marker.args[0], f"no {label}")
    source = run.files[marker.path]
    typed = source[found.edit.span.start : offset].lower()
    rest = iter(found.filter.lower())
    if not all(letter in rest for letter in typed):  # an editor would not show it
        return (marker.args[0], label, f"hidden: {found.filter!r} does not match what is typed: {typed!r}")
    new_text = expand(found.edit.new_text) if found.is_snippet else found.edit.new_text
    after = apply_edits(source, [found.edit._replace(new_text=new_text), *found.extra])
    return (marker.args[0], label, *_changed_lines(source, after))


def expand(snippet: str) -> str:
    """A snippet's text with every default taken."""
    previous = None
    while previous != snippet:
        previous = snippet
        snippet = _SNIPPET.sub(lambda match: match.group(1) or match.group(2) or "", snippet)
    return re.sub(r"\\([\\$}])", r"\1", snippet)


def _changed_lines(before: str, after: str) -> list[str]:
    old, new = before.splitlines(), after.splitlines()
    changed: list[str] = []
    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag in ("replace", "insert"):
            changed += new[start:end]
    return changed


def _parts(parts: Args, text: str) -> Args:
    """The written parts, if the text holds them all; else its lines."""
    flat = " ".join(text.split())
    if all(" ".join(str(part).split()) in flat for part in parts):
        return parts
    return tuple(line for line in text.splitlines() if line.strip())


@kind
def hover(run: Run, marker: Marker) -> Args:
    """``hover(at, *parts)``: the Markdown holds these parts; without parts there is no hover."""
    _, offset = run.spot(marker, marker.args[0])
    found = run.backend.hover(marker.path, offset)
    if found is None:
        return (marker.args[0],)
    if len(marker.args) == 1:
        return (marker.args[0], found[0].splitlines()[0])
    if found[1] is not None and not found[1].contains(offset):
        return (marker.args[0], f"its range {found[1]} does not hold the cursor {offset}")
    return (marker.args[0], *_parts(marker.args[1:], found[0]))


@kind
def signature(run: Run, marker: Marker) -> Args:
    """``signature(at, label, active parameter)``; ``signature(at)`` where there is none."""
    _, offset = run.spot(marker, marker.args[0])
    found = run.backend.signature(marker.path, offset)
    return (marker.args[0],) if found is None else (marker.args[0], found.label, found.active or "")


@kind
def hint(run: Run, marker: Marker) -> Args:
    """``hint(text, label)``: an inlay hint right behind a text."""
    span, _ = run.spot(marker, marker.args[0])
    labels = [label for offset, label in run.backend.hints(marker.path) if offset == span.end]
    return (marker.args[0], *labels)


@kind
def nohints(run: Run, marker: Marker) -> Args:
    """``nohints()``: no inlay hint on the line."""
    line = run.line(marker)
    return tuple(label for offset, label in run.backend.hints(marker.path) if line.contains(offset))


@kind
def lens(run: Run, marker: Marker) -> Args:
    """``lens(*titles)``: exactly these code lenses on the line; a command stands behind ``→``."""
    line = run.line(marker)
    found = [entry for entry in run.backend.lenses(marker.path) if line.contains(entry[0].start)]
    return tuple(title if command is None else f"{title} → {command}" for _, title, command in found)


@kind
def diag(run: Run, marker: Marker) -> Args:
    """``diag(text, code)``: a diagnostic on exactly that text. A file with one must name all it has."""
    span, _ = run.spot(marker, marker.args[0])
    found = [entry.code for entry in run.backend.diagnostics(marker.path) if entry.span == span]
    return marker.args if marker.args[1] in found else (marker.args[0], *found)


@kind
def nodiag(run: Run, marker: Marker) -> Args:
    """``nodiag()``: the file has no diagnostics that no marker names."""
    return marker.args


@kind
def definition(run: Run, marker: Marker) -> Args:
    """``definition(at, *places)``"""
    _, offset = run.spot(marker, marker.args[0])
    return (marker.args[0], *run.places(marker, marker.args[1:], run.backend.definition(marker.path, offset)))


@kind
def declaration(run: Run, marker: Marker) -> Args:
    """``declaration(at, *places)``"""
    _, offset = run.spot(marker, marker.args[0])
    return (marker.args[0], *run.places(marker, marker.args[1:], run.backend.declaration(marker.path, offset)))


@kind
def references(run: Run, marker: Marker) -> Args:
    """``references(at, *places)``, the declaration included."""
    _, offset = run.spot(marker, marker.args[0])
    return (marker.args[0], *run.places(marker, marker.args[1:], run.backend.references(marker.path, offset, True)))


@kind
def highlight(run: Run, marker: Marker) -> Args:
    """``highlight(at, *places)``: places in the same file."""
    _, offset = run.spot(marker, marker.args[0])
    found = [Place(marker.path, span) for span, _ in run.backend.highlights(marker.path, offset)]
    return (marker.args[0], *run.places(marker, marker.args[1:], found))


@kind
def link(run: Run, marker: Marker) -> Args:
    """``link(text, path)``: a document link on exactly that text."""
    span, _ = run.spot(marker, marker.args[0])
    return (marker.args[0], *(path for found, path in run.backend.links(marker.path) if found == span))


@kind
def symbols(run: Run, marker: Marker) -> Args:
    """``symbols(*lines)``: the file's outline, one ``kind name`` a line, indented by depth."""
    lines: list[str] = []

    def walk(found: list[Outline], depth: int) -> None:
        for symbol in found:
            lines.append(f"{'  ' * depth}{symbol.kind} {symbol.name}")
            walk(list(symbol.children), depth + 1)

    walk(run.backend.symbols(marker.path), 0)
    return tuple(lines)


@kind
def wsymbols(run: Run, marker: Marker) -> Args:
    """``wsymbols(query, *names)``: workspace symbols, with their files."""
    found = run.backend.workspace_symbols(str(marker.args[0]))
    return (marker.args[0], *(f"{name} {place.path}" for name, place in found))


@kind
def prepare(run: Run, marker: Marker) -> Args:
    """``prepare(at, placeholder)``, or ``prepare(at, error=part of the message)``."""
    _, offset = run.spot(marker, marker.args[0])
    try:
        return (marker.args[0], run.backend.prepare_rename(marker.path, offset))
    except Refused as error:
        return _refused(marker, str(error))


@kind
def rename(run: Run, marker: Marker) -> Args:
    """``rename(at, new, golden=name)``, or ``rename(at, new, error=part of the message)``."""
    _, offset = run.spot(marker, marker.args[0])
    try:
        after = run.backend.rename(marker.path, offset, str(marker.args[1]))
    except Refused as error:
        return _refused(marker, str(error))
    if "golden" not in marker.kwargs:
        return (*marker.args, "it was not refused")
    run.compare(marker, after)
    return marker.args


def _refused(marker: Marker, message: str) -> Args:
    wanted = marker.kwargs.get("error")
    return marker.args if isinstance(wanted, str) and wanted in message else (*marker.args, f"error: {message}")


@kind
def move(run: Run, marker: Marker) -> Args:
    """``move(new path, golden=name)``: this file is renamed in the explorer."""
    run.compare(marker, run.backend.move(marker.path, str(marker.args[0])))
    return marker.args


@kind
def action(run: Run, marker: Marker) -> Args:
    """``action(at, title, golden=name)``: the workspace after a code action."""
    span, offset = run.spot(marker, marker.args[0])
    wanted = Span(offset, offset) if "^" in str(marker.args[0]) else span
    found = run.backend.actions(marker.path, wanted)
    chosen = next((entry for entry in found if entry.title == marker.args[1]), None)
    if chosen is None:
        return (marker.args[0], *(entry.title for entry in found))
    if "golden" in marker.kwargs:
        run.compare(marker, chosen.after)
    return marker.args


@kind
def actions(run: Run, marker: Marker) -> Args:
    """``actions(at, *titles)``: exactly these code actions, ``*`` before a preferred one."""
    span, offset = run.spot(marker, marker.args[0])
    wanted = Span(offset, offset) if "^" in str(marker.args[0]) else span
    found = run.backend.actions(marker.path, wanted)
    return (marker.args[0], *(("*" if entry.preferred else "") + entry.title for entry in found))


@kind
def fixall(run: Run, marker: Marker) -> Args:
    """``fixall(golden=name)``: the workspace after source.fixAll; ``fixall()`` where there is nothing to fix."""
    after = run.backend.fix_all(marker.path)
    if after is None or "golden" not in marker.kwargs:
        return () if (after is None) == ("golden" not in marker.kwargs) else ("there is something to fix",)
    run.compare(marker, after)
    return marker.args


@kind
def incoming(run: Run, marker: Marker) -> Args:
    """``incoming(at, *names)``: the callers."""
    _, offset = run.spot(marker, marker.args[0])
    return (marker.args[0], *run.backend.incoming(marker.path, offset))


@kind
def outgoing(run: Run, marker: Marker) -> Args:
    """``outgoing(at, *names)``: what is called."""
    _, offset = run.spot(marker, marker.args[0])
    return (marker.args[0], *run.backend.outgoing(marker.path, offset))
