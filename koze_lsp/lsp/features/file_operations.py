"""Files that the user is about to create, rename or delete in the explorer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp import uris
from koze_lsp.lsp.convert import Converter
from koze_lsp.lsp.edits import rename_edit

if TYPE_CHECKING:
    from koze_lsp.ide.types import Rename
    from koze_lsp.lsp.session import Session
    from koze_lsp.project.project import Project


def will_create(session: Session, params: types.CreateFilesParams) -> types.WorkspaceEdit | None:
    """What must change with new files."""
    from koze_lsp.ide import file_operations as ide  # noqa: PLC0415

    return _edit(session, [file.uri for file in params.files], ide.will_create)


def will_delete(session: Session, params: types.DeleteFilesParams) -> types.WorkspaceEdit | None:
    """What must change with files that go."""
    from koze_lsp.ide import file_operations as ide  # noqa: PLC0415

    return _edit(session, [file.uri for file in params.files], ide.will_delete)


def will_rename(session: Session, params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
    """What must change with files and folders that get other names. A move to another application is left alone."""
    from koze_lsp.ide import file_operations as ide  # noqa: PLC0415

    pairs: dict[str, list[tuple[str, str]]] = {}
    for file in params.files:
        old, new = _located(session, file.old_uri), _located(session, file.new_uri)
        if old is not None and new is not None and old[0].root == new[0].root:
            pairs.setdefault(old[0].root, []).append((old[1], new[1]))
    return _merge(
        rename_edit(Converter(session, project), ide.will_rename(project, pairs[root]))
        for root in pairs
        for project in (session.workspace.project(root),)
    )


def _edit(
    session: Session, given: Iterable[str], feature: Callable[[Project, list[str]], Rename]
) -> types.WorkspaceEdit | None:
    paths: dict[str, list[str]] = {}
    for uri in given:
        located = _located(session, uri)
        if located is not None:
            paths.setdefault(located[0].root, []).append(located[1])
    return _merge(
        rename_edit(Converter(session, project), feature(project, paths[root]))
        for root in paths
        for project in (session.workspace.project(root),)
    )


def _located(session: Session, uri: str) -> tuple[Project, str] | None:
    path = uris.to_path(uri)
    return None if path is None else session.workspace.locate(path)


def _merge(edits: Iterable[types.WorkspaceEdit | None]) -> types.WorkspaceEdit | None:
    """The edits of several applications as one."""
    merged: types.WorkspaceEdit | None = None
    for edit in edits:
        if edit is None:
            continue
        if merged is None:
            merged = edit
            continue
        if edit.document_changes is not None:
            merged.document_changes = [*(merged.document_changes or ()), *edit.document_changes]
        if edit.changes is not None:
            merged.changes = {**(merged.changes or {}), **edit.changes}
        if edit.change_annotations is not None:
            merged.change_annotations = {**(merged.change_annotations or {}), **edit.change_annotations}
    return merged
