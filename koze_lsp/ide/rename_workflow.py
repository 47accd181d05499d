"""The edits that rename workflows: every form of the name, in every file, as one set of changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from koze_lsp.ide import modules
from koze_lsp.ide.app_types import union_edits
from koze_lsp.ide.changes import Edits
from koze_lsp.ide.naming import Renaming
from koze_lsp.ide.places import Identity, Place, places
from koze_lsp.ide.targets import Role
from koze_lsp.ide.types import Annotated, Rename
from koze_lsp.project.document import SCRIPT_KINDS, TEMPLATE_KINDS, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Change, RenameFile

_NEVER_IMPORTED = frozenset({FileKind.ROUTE, FileKind.LAYOUT})


def renames(project: Project, found: Sequence[Renaming], *, move_files: bool = True) -> Rename:
    """All changes of some renamings made together.

    ``move_files=False`` leaves out the files' own moves, which an editor is about to make.
    """
    found = [one for one in found if _changes(one)]
    if not found:
        return Rename()
    edits = Edits()
    for one in found:
        _names(project, one, edits)
    moved = {one.workflow.path: one.new_path for one in found if one.new_path != one.workflow.path}
    move_imports(project, moved, SCRIPT_KINDS | TEMPLATE_KINDS, edits)
    if project.app_dts is not None and any(one.new_path != one.workflow.path for one in found):
        renamed = {one.workflow.name: one.new_name for one in found}
        edits.add(project.app_dts.path, union_edits(project, _discovered(project, found), renamed))
    moves = [RenameFile(one.workflow.path, one.new_path) for one in found if one.new_path != one.workflow.path]
    return Rename(grouped(project, edits, moves if move_files else []))


def _changes(one: Renaming) -> bool:
    return one.new_path != one.workflow.path or one.new_class is not None


def _discovered(project: Project, found: Sequence[Renaming]) -> list[str]:
    """The workflow files in the order in which the framework finds them after the renamings."""
    moved = {one.workflow.path: one.new_path for one in found}
    paths = (moved.get(path, path) for path in project.paths(FileKind.WORKFLOW))
    return sorted(paths, key=os.fsencode)


def _names(project: Project, one: Renaming, edits: Edits) -> None:
    """The edits of every place that names the workflow, but for WorkflowName."""
    workflow = one.workflow
    texts = {
        Role.STATUS: one.new_name,
        Role.ENV: one.new_binding,
        Role.ENTRY_BINDING: one.new_binding,
        Role.ENTRY_NAME: one.new_wrangler_name,
        Role.CLASS: one.new_class,
        Role.ENTRY_CLASS: one.new_class,
    }
    old = {
        Role.STATUS: workflow.name,
        Role.ENV: workflow.binding,
        Role.ENTRY_BINDING: workflow.binding,
        Role.ENTRY_NAME: workflow.wrangler_name,
        Role.CLASS: workflow.class_name,
        Role.ENTRY_CLASS: workflow.class_name,
    }
    for place in places(project, Identity(workflow.name, workflow.binding, (workflow,))):
        new = texts.get(place.role)
        if new is not None and new != old[place.role]:
            edits.replace(place.path, place.span, _text_at(project, place, new))


def _text_at(project: Project, place: Place, new: str) -> str:
    """The new text of a place; ``{ OLD }`` in a destructuring keeps the local name: ``{ NEW: OLD }``."""
    if project.files[place.path] is FileKind.SCENARIO:
        return _key_at(project, place, new)
    if place.role is not Role.ENV:
        return new
    with modules.reading(project, place.path) as document:
        if document is None:
            return new
        node = document.script.tree.node_at(*place.span)
        if node.type == "shorthand_property_identifier_pattern":
            return f"{new}: {document.source[place.span.start : place.span.end]}"
    return new


def _key_at(project: Project, place: Place, new: str) -> str:
    """A key of a scenario file: one without quotes gets them where the new name needs them."""
    document = project.document(place.path)
    quoted = document is not None and document.source[place.span.start - 1 : place.span.start] in ("'", '"')
    return new if quoted or new.isidentifier() else f'"{new}"'


def move_imports(project: Project, moved: Mapping[str, str], kinds: frozenset[FileKind], edits: Edits) -> None:
    """Bring the specifiers of files of some kinds up to date after files moved (old path → new path)."""
    stems = {modules.stem(path) for path in moved if project.files[path] not in _NEVER_IMPORTED}
    for importer in project.files if stems else moved:
        if project.files[importer] not in kinds:
            continue
        new_importer = moved.get(importer, importer)
        with modules.reading(project, importer) as document:
            if document is None or (new_importer == importer and not any(stem in document.source for stem in stems)):
                continue
            for specifier in modules.specifiers(document.script):
                target = modules.resolve(project, importer, specifier.text)
                if target is None:
                    continue
                before = modules.respell(importer, specifier.text, target)
                after = modules.respell(new_importer, specifier.text, moved.get(target, target))
                if before != after:
                    edits.replace(importer, specifier.span, after)


def grouped(project: Project, edits: Edits, moves: Iterable[RenameFile] = ()) -> tuple[Annotated, ...]:
    """Edits and moves under labels, by the kind of file; each file is in one group, moves come last."""
    labels = {
        "pages": "Pages and components",
        "server": "Server code",
        "scenarios": "Preview scenarios",
        "wrangler": "Wrangler configuration",
        "types": "WorkflowName",
        "workflow": "Workflow file",
    }
    groups: dict[str, list[str]] = {label: [] for label in labels}
    for path in edits.paths:
        groups[_group(project.files.get(path))].append(path)
    moved = tuple(moves)
    found: list[Annotated] = []
    for key, label in labels.items():
        changes: list[Change] = [edits.of(path) for path in groups[key]]
        if key == "workflow":
            changes += moved
        if changes:
            found.append(Annotated(label, tuple(changes)))
    return tuple(found)


def _group(kind: FileKind | None) -> str:
    if kind is None:
        return "server"
    if kind.has_template:
        return "pages"
    named = {
        FileKind.SCENARIO: "scenarios",
        FileKind.WRANGLER: "wrangler",
        FileKind.APP_DTS: "types",
        FileKind.WORKFLOW: "workflow",
    }
    return named.get(kind, "server")
