"""Code actions: the fixes of findings, all safe fixes of a document at once, and refactorings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from koze_lsp.ide.changes import Edits
from koze_lsp.ide.file_operations import will_create
from koze_lsp.ide.fix_all import safe_edits
from koze_lsp.ide.refactor_branches import branch_refactorings
from koze_lsp.ide.refactor_calls import call_refactorings
from koze_lsp.ide.types import Action, ActionKind
from koze_lsp.project.document import SCRIPT_KINDS, Document
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Change, CreateFile, Diagnostic, FileEdit, Fix
from koze_lsp.text import Span

_FIX_ALL = "Fix all safe koze problems in this file"


def actions(project: Project, document: Document, span: Span, diagnostics: Sequence[Diagnostic]) -> list[Action]:
    """What can be done about some findings and at a selection: fixes first, then refactorings."""
    found = _quick_fixes(project, document, diagnostics)
    found += call_refactorings(document, span) if _has_script(document) else ()
    found += branch_refactorings(document, span)
    return found


def fix_all(project: Project, document: Document) -> Action | None:
    """All safe fixes of a document as one action; None where there is nothing to fix."""
    edits = safe_edits(project, document)
    if not edits:
        return None
    return Action(_FIX_ALL, ActionKind.FIX_ALL, (FileEdit(document.path, edits),))


def _has_script(document: Document) -> bool:
    return document.kind.has_template or document.kind in SCRIPT_KINDS


def _quick_fixes(project: Project, document: Document, diagnostics: Iterable[Diagnostic]) -> list[Action]:
    """One action a fix; findings that one fix answers alike share it."""
    fixes: dict[tuple[str, tuple[Change, ...]], tuple[Fix, list[Diagnostic]]] = {}
    alone: set[int] = set()
    for diagnostic in diagnostics:
        for fix in diagnostic.fixes:
            key = (fix.title, fix.changes)
            fixes.setdefault(key, (fix, []))[1].append(diagnostic)
            if len(diagnostic.fixes) == 1:
                alone.add(id(fixes[key][0]))
    return [
        Action(
            fix.title,
            ActionKind.QUICK_FIX,
            completed(project, document, fix.changes),
            tuple(answered),
            preferred=fix.preferred or id(fix) in alone,
        )
        for fix, answered in fixes.values()
    ]


def completed(project: Project, document: Document, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """A fix that creates a workflow file also adds its wrangler entry and its WorkflowName member."""
    created = [change.path for change in changes if isinstance(change, CreateFile)]
    if not created:
        return changes
    edits = Edits()
    others: list[Change] = []
    for change in changes:
        if isinstance(change, FileEdit):
            edits.add(change.path, change.edits)
        elif isinstance(change, CreateFile):
            others.append(CreateFile(change.path, _with_newlines(change.content, document)))
        else:
            others.append(change)
    given = set(edits.paths)
    for group in will_create(project, created).groups:
        for change in group.changes:
            if isinstance(change, FileEdit) and change.path not in given:
                edits.add(change.path, change.edits)
    return (*others, *edits.changes())


def _with_newlines(text: str, document: Document) -> str:
    """A new file's text with the line breaks of the file that it is made from."""
    return text.replace("\r\n", "\n").replace("\n", document.text.newline())
