"""Applying fixes to whole projects: in rounds, until nothing is left that may be applied.

Everything happens in memory, over a workspace's overlays; writing is the command line's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from koze_lsp.project.document import FileKind
from koze_lsp.project.project import Project
from koze_lsp.project.workspace import Workspace
from koze_lsp.rules.base import CreateFile, Diagnostic, FileEdit, Fix, RenameFile
from koze_lsp.rules.engine import CHECKED, check_document
from koze_lsp.text import Span, Text, TextEdit, apply_edits

MAX_ROUNDS = 1_000
_CENTRAL = frozenset({FileKind.WRANGLER, FileKind.APP_DTS, FileKind.PACKAGE})


@dataclass
class Fixed:
    """The outcome: new texts and new files by path (relative to the root), and how many findings went."""

    root: str
    texts: dict[str, str] = field(default_factory=dict)
    created: dict[str, str] = field(default_factory=dict)
    applied: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """The number of findings that were answered."""
        return sum(self.applied.values())


def pick(diagnostic: Diagnostic, *, unsafe: bool = False) -> Fix | None:
    """The fix to apply unasked: a safe one, or, with ``unsafe``, the only one there is."""
    safe = next((fix for fix in diagnostic.fixes if fix.safe), None)
    if safe is not None or not unsafe:
        return safe
    only = diagnostic.fixes[0] if len(diagnostic.fixes) == 1 else None
    return None if only is None or any(isinstance(change, RenameFile) for change in only.changes) else only


def fix_project(
    workspace: Workspace,
    root: str,
    wanted: Callable[[str], bool] = lambda _: True,
    *,
    unsafe: bool = False,
    codes: Callable[[str], bool] = lambda _: True,
) -> Fixed:
    """Fix an application's files in memory; the workspace then holds the new texts as overlays.

    Fixes that touch the same place wait for the next round, which sees what the first one left.
    """
    outcome = Fixed(root)
    pending = [path for path, kind in workspace.project(root).files.items() if kind in CHECKED and wanted(path)]
    seen: set[tuple[str, int]] = set()
    for _ in range(MAX_ROUNDS):
        project = workspace.project(root)
        chosen = _Round(project)
        for path in pending:
            for diagnostic in check_document(project, path):
                fix = pick(diagnostic, unsafe=unsafe) if codes(diagnostic.code) else None
                if fix is not None and all(wanted(change.path) for change in fix.changes) and chosen.take(fix):
                    outcome.applied[diagnostic.code] = outcome.applied.get(diagnostic.code, 0) + 1
        changed = chosen.apply(workspace, outcome, seen)
        if not changed:
            break
        project = workspace.project(root)
        again = {path for path, kind in project.files.items() if kind in _CENTRAL and wanted(path)}
        pending = sorted(again | {path for path in changed if wanted(path)})
    return outcome


class _Round:
    """The fixes of one round, none of which touches what another one touches."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.edits: dict[str, list[TextEdit]] = {}
        self.created: dict[str, str] = {}

    def take(self, fix: Fix) -> bool:
        """Take a fix in, unless it overlaps what has been taken, or can't be made here."""
        edits = [change for change in fix.changes if isinstance(change, FileEdit)]
        creates = [change for change in fix.changes if isinstance(change, CreateFile)]
        if len(edits) + len(creates) != len(fix.changes):
            return False
        if any(change.path in self.created or change.path in self.project.files for change in creates):
            return False
        if any(_clash(edit, self.edits.get(change.path, ())) for change in edits for edit in change.edits):
            return False
        for change in edits:
            self.edits.setdefault(change.path, []).extend(change.edits)
        self.created.update({change.path: change.content for change in creates})
        return True

    def apply(self, workspace: Workspace, outcome: Fixed, seen: set[tuple[str, int]]) -> set[str]:
        """Lay the new texts over the project; gives the paths that changed. A text seen before ends the rounds."""
        changed: set[str] = set()
        for path, edits in self.edits.items():
            document = self.project.document(path)
            if document is None:
                continue
            new = apply_edits(document.source, edits)
            if new == document.source or (path, hash(new)) in seen:
                continue
            seen.add((path, hash(new)))
            target = outcome.created if path in outcome.created else outcome.texts
            target[path] = new
            workspace.open(f"{self.project.root}/{path}", Text(new))
            changed.add(path)
        for path, content in self.created.items():
            outcome.created[path] = content
            workspace.open(f"{self.project.root}/{path}", Text(content))
            changed.add(path)
        return changed


def _clash(edit: TextEdit, others: Iterable[TextEdit]) -> bool:
    """Whether two edits touch; insertions at one place do, for each was made without knowing of the other."""
    return any(_touch(edit.span, other.span) for other in others)


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
