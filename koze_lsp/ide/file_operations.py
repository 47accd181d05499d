"""What creating, renaming or deleting files in the explorer entails: the edits that go with it.

Only edits that are certain are made: a name that would collide, a wrangler file that can't be read or a file
that leaves ``src/server`` changes nothing, and the diagnostics say what is left to do.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from koze_lsp.ide.app_types import union_edits
from koze_lsp.ide.changes import Edits
from koze_lsp.ide.naming import Renaming, renaming
from koze_lsp.ide.rename_workflow import grouped, move_imports, renames
from koze_lsp.ide.types import Annotated, NotRenamableError, Rename
from koze_lsp.ide.wrangler_edits import Entry, add_entries, entry, remove_entries
from koze_lsp.project.document import TEMPLATE_KINDS, FileKind
from koze_lsp.project.kinds import kind_of
from koze_lsp.project.naming import binding_name, in_union, status_name, wrangler_name
from koze_lsp.project.project import Project
from koze_lsp.rules.base import FileEdit
from koze_lsp.rules.scaffold import class_name as conventional_class
from koze_lsp.syntax.workflow_class import find_class

_NAME_LIMIT = 64  # of a workflow's name: wrangler


def will_rename(project: Project, pairs: Iterable[tuple[str, str]]) -> Rename:
    """The edits that go with renaming files or folders (old path, new path; relative to the project's root).

    Imports of workflow files are brought up to date everywhere, those of other files in templates alone: the
    TypeScript server knows modules, but not what is inside a page.
    """
    moved = _moved(project, pairs)
    found = _renamings(project, moved)
    groups = renames(project, found, move_files=False).groups
    edits = Edits()
    move_imports(project, moved, TEMPLATE_KINDS, edits)
    created = [new for path, new in moved.items() if _was_meant(project, path)]
    return Rename((*_merged(groups, grouped(project, edits)), *will_create(project, created, moved).groups))


def _was_meant(project: Project, path: str) -> bool:
    """Whether a file that is no workflow yet is one but for its name or place."""
    kind = project.files[path]
    if kind is not FileKind.SERVER:
        return kind is FileKind.WORKFLOW_LOOKALIKE
    document = project.document(path)
    return document is not None and "WorkflowEntrypoint" in document.source and find_class(document.source) is not None


def _merged(first: Sequence[Annotated], second: Sequence[Annotated]) -> tuple[Annotated, ...]:
    """Groups put together so that no file is in two of them."""
    edits = Edits()
    labels: dict[str, list[str]] = {}
    for group in (*first, *second):
        for change in group.changes:
            if isinstance(change, FileEdit):
                edits.add(change.path, change.edits)
                if not any(change.path in paths for paths in labels.values()):
                    labels.setdefault(group.label, []).append(change.path)
    return tuple(Annotated(label, tuple(edits.of(path) for path in paths)) for label, paths in labels.items())


def will_create(project: Project, paths: Iterable[str], moved: dict[str, str] | None = None) -> Rename:
    """The wrangler entries and WorkflowName members of new workflow files."""
    old = {new: path for path, new in (moved or {}).items()}
    created = [path for path in paths if kind_of(path) is FileKind.WORKFLOW and path not in project.files]
    created = [path for path in created if _free(project, path, created)]
    if not created:
        return Rename()
    new = [_entry(path, _class_of(project, old.get(path), path)) for path in created]
    edits = Edits()
    if project.wrangler is not None:
        edits.add(project.wrangler.path, add_entries(project, new))
    if project.app_dts is not None:
        everything = sorted([*project.paths(FileKind.WORKFLOW), *created], key=os.fsencode)
        edits.add(project.app_dts.path, union_edits(project, everything))
    return Rename(grouped(project, edits))


def will_delete(project: Project, paths: Iterable[str]) -> Rename:
    """The removal of the wrangler entries and WorkflowName members of workflow files that are deleted."""
    gone = {path for deleted in paths for path in _below(project, deleted)}
    deleted = [workflow for workflow in project.workflows.workflows if workflow.path in gone]
    if not deleted:
        return Rename()
    kept = [workflow for workflow in project.workflows.workflows if workflow.path not in gone]
    bindings = {workflow.binding for workflow in deleted} - {workflow.binding for workflow in kept}
    edits = Edits()
    if project.wrangler is not None:
        edits.add(project.wrangler.path, remove_entries(project, sorted(bindings)))
    if project.app_dts is not None:
        edits.add(project.app_dts.path, union_edits(project, [workflow.path for workflow in kept]))
    return Rename(grouped(project, edits))


def _below(project: Project, path: str) -> list[str]:
    """The project's files that a path is or holds."""
    path = path.rstrip("/")
    return [path] if path in project.files else [file for file in project.files if file.startswith(f"{path}/")]


def _moved(project: Project, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Every file that moves, with its new path."""
    moved: dict[str, str] = {}
    for old, new in pairs:
        for path in _below(project, old):
            moved[path] = new.rstrip("/") + path[len(old.rstrip("/")) :]
    return moved


def _renamings(project: Project, moved: dict[str, str]) -> list[Renaming]:
    """The workflows that get another name or place and stay workflows, those left out that would collide."""
    found: list[Renaming] = []
    for workflow in project.workflows.workflows:
        new = moved.get(workflow.path)
        if new is None or kind_of(new) is not FileKind.WORKFLOW or len(_twins(project, workflow.binding)) > 1:
            continue
        try:
            found.append(renaming(project, workflow, status_name(new), path=new, others=moved))
        except NotRenamableError:
            continue
    bindings = [one.new_binding for one in found]
    return [one for one in found if bindings.count(one.new_binding) == 1]


def _twins(project: Project, binding: str) -> Sequence[object]:
    return project.workflows.by_binding.get(binding, ())


def _free(project: Project, path: str, created: list[str]) -> bool:
    """Whether a new file's names are valid and nobody else's."""
    name = status_name(path)
    binding = binding_name(name)
    if not in_union(name) or "$" in name or name.startswith(("_", "-")) or len(wrangler_name(binding)) > _NAME_LIMIT:
        return False
    twins = [other for other in created if binding_name(status_name(other)) == binding]
    return len(twins) == 1 and binding not in project.workflows.by_binding


def _class_of(project: Project, old: str | None, path: str) -> str:
    """The class that a file has already, if it is an old one under a new name; else the conventional one."""
    document = project.document(old) if old is not None else None
    found = find_class(document.source) if document is not None else None
    return found.name if found is not None else conventional_class(status_name(path))


def _entry(path: str, class_name: str) -> Entry:
    binding = binding_name(status_name(path))
    return entry(wrangler_name(binding), binding, class_name)
