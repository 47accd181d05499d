"""The kinds of marker: each function gives the arguments that would have been right.

The first argument is mostly a place, as `tests.markers.case` tells.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from koze_lsp.text import Span, apply_edits

from .backend import Outline, Place, RefusedError
from .case import Marker
from .harness import Args, Run, kind

_SNIPPET = re.compile(r"\$\{\d+\|([^,|}]*)[^}]*\}|\$\{\d+:((?:[^}\\]|\\.)*)\}|\$\{\d+\}|\$\d+")


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
    """``signature(at, function, active parameter)``; ``signature(at)`` where there is none."""
    _, offset = run.spot(marker, marker.args[0])
    found = run.backend.signature(marker.path, offset)
    return (marker.args[0],) if found is None else (marker.args[0], found.label.split("(")[0], found.active or "")


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
    except RefusedError as error:
        return _refused(marker, str(error))


@kind
def rename(run: Run, marker: Marker) -> Args:
    """``rename(at, new, golden=name)``, or ``rename(at, new, error=part of the message)``."""
    _, offset = run.spot(marker, marker.args[0])
    try:
        after = run.backend.rename(marker.path, offset, str(marker.args[1]))
    except RefusedError as error:
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
