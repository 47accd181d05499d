"""Every safe fix of a document as one edit, found by checking again until nothing is left to fix."""

from __future__ import annotations

from collections.abc import Iterable

from koze_lsp.ide.changes import difference
from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, FileEdit
from koze_lsp.rules.engine import check_document
from koze_lsp.rules.fixing import pick
from koze_lsp.text import Text, TextEdit, apply_edits

_ROUNDS = 100


def safe_edits(project: Project, document: Document) -> tuple[TextEdit, ...]:
    """The edits that bring a document to where no safe fix is left; edits of other files are not among them."""
    first = _edits(check_document(project, document.path), document.path)
    if not first:
        return ()
    source = document.source
    edits, snapshot, current = first, project, document
    for round_ in range(_ROUNDS):
        text = Text(apply_edits(current.source, edits))
        current = Document(document.path, document.kind, text, previous=current)
        snapshot = snapshot.replace([current])
        edits = _edits(check_document(snapshot, document.path), document.path)
        if not edits:
            return first if round_ == 0 else difference(source, current.source)
    return difference(source, current.source)


def _edits(diagnostics: Iterable[Diagnostic], path: str) -> tuple[TextEdit, ...]:
    """The edits of the safe fixes that can be made together, in order; one that overlaps waits for the next round."""
    kept: list[TextEdit] = []
    for diagnostic in diagnostics:
        fix = pick(diagnostic)
        if fix is None or not fix.changes or not all(isinstance(c, FileEdit) and c.path == path for c in fix.changes):
            continue
        edits = [edit for change in fix.changes if isinstance(change, FileEdit) for edit in change.edits]
        if edits and not any(_clash(edit, other) for edit in edits for other in kept):
            kept += edits
    return tuple(sorted(kept, key=lambda edit: edit.span))


def _clash(one: TextEdit, other: TextEdit) -> bool:
    """Whether two edits touch; insertions at one place do, for each was made without knowing of the other."""
    return one.span.start <= other.span.end and other.span.start <= one.span.end
