"""Changes as workspace edits: with file operations and annotations where the client knows them.

An edit with ``documentChanges`` is carried out in order, and each step sees the one before it. So all edits of one
file go into one step, and files are edited first and created or renamed afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.protocol import RequestError

if TYPE_CHECKING:
    from koze_lsp.ide.types import Annotated, Rename
    from koze_lsp.lsp.convert import Converter
    from koze_lsp.rules.base import Change, FileEdit

_Edit = types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit
_Operation = types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile


def can_apply(converter: Converter, changes: Iterable[Change]) -> bool:
    """Whether the client can carry the changes out: not every one creates or renames files."""
    from koze_lsp.rules.base import CreateFile, RenameFile  # noqa: PLC0415 - brings the parsers

    client = converter.session.client
    return all(
        (client.create_files or not isinstance(change, CreateFile))
        and (client.rename_files or not isinstance(change, RenameFile))
        for change in changes
    )


def workspace_edit(converter: Converter, changes: Iterable[Change]) -> types.WorkspaceEdit:
    """The edit that makes some changes together."""
    builder = _Builder(converter)
    for change in changes:
        builder.add(change, None)
    return builder.build()


def rename_edit(converter: Converter, rename: Rename) -> types.WorkspaceEdit | None:
    """The edit of a rename, its changes grouped by annotations; None if there is nothing to change.

    Raises:
        RequestError: the client can't rename or create files, so that only half of it could be done.
    """
    if not any(group.changes for group in rename.groups):
        return None
    if not all(can_apply(converter, group.changes) for group in rename.groups):
        raise RequestError("this rename moves files, which your editor does not support in a rename")
    builder = _Builder(converter)
    for number, group in enumerate(rename.groups):
        annotation = builder.annotate(f"koze-{number}", group)
        for change in group.changes:
            builder.add(change, annotation)
    return builder.build()


class _Builder:
    def __init__(self, converter: Converter) -> None:
        self._converter = converter
        self._edits: dict[str, list[_Edit]] = {}
        self._files: list[types.CreateFile | types.RenameFile] = []
        self._contents: dict[str, _Edit] = {}
        self._annotations: dict[str, types.ChangeAnnotation] = {}

    def annotate(self, name: str, group: Annotated) -> str | None:
        if not self._converter.session.client.annotations:
            return None
        self._annotations[name] = types.ChangeAnnotation(
            label=group.label, needs_confirmation=group.needs_confirmation or None
        )
        return name

    def add(self, change: Change, annotation: str | None) -> None:
        from koze_lsp.rules.base import CreateFile, RenameFile  # noqa: PLC0415 - brings the parsers

        uri = self._converter.uri
        if isinstance(change, CreateFile):
            options = types.CreateFileOptions(overwrite=False, ignore_if_exists=False)
            self._files.append(types.CreateFile(uri=uri(change.path), options=options, annotation_id=annotation))
            start = types.Position(0, 0)
            self._contents[change.path] = _edit(types.Range(start, start), change.content, annotation)
        elif isinstance(change, RenameFile):
            options_ = types.RenameFileOptions(overwrite=False, ignore_if_exists=False)
            self._files.append(
                types.RenameFile(
                    old_uri=uri(change.path),
                    new_uri=uri(change.new_path),
                    options=options_,
                    annotation_id=annotation,
                )
            )
        else:
            self._add_edits(change, annotation)

    def _add_edits(self, change: FileEdit, annotation: str | None) -> None:
        text = self._converter.text(change.path)
        if text is None:
            return
        edits = self._edits.setdefault(change.path, [])
        for span, new_text in change.edits:
            edit = _edit(self._converter.range(text, span), new_text, annotation)
            if edit not in edits:
                edits.append(edit)

    def build(self) -> types.WorkspaceEdit:
        if not self._converter.session.client.document_changes:
            return types.WorkspaceEdit(
                changes={
                    self._converter.uri(path): [types.TextEdit(edit.range, edit.new_text) for edit in edits]  # type: ignore[union-attr]
                    for path, edits in self._edits.items()
                }
            )
        operations: list[_Operation] = [self._document_edit(path, edits) for path, edits in self._edits.items()]
        operations += self._files
        operations += [self._document_edit(path, [edit]) for path, edit in self._contents.items()]
        return types.WorkspaceEdit(document_changes=operations, change_annotations=self._annotations or None)

    def _document_edit(self, path: str, edits: list[_Edit]) -> types.TextDocumentEdit:
        document = self._converter.session.documents.at(f"{self._converter.project.root}/{path}")
        identifier = types.OptionalVersionedTextDocumentIdentifier(
            uri=self._converter.uri(path), version=None if document is None else document.version
        )
        return types.TextDocumentEdit(text_document=identifier, edits=edits)


def _edit(range_: types.Range, new_text: str, annotation: str | None) -> types.TextEdit | types.AnnotatedTextEdit:
    if annotation is None:
        return types.TextEdit(range_, new_text)
    return types.AnnotatedTextEdit(annotation_id=annotation, range=range_, new_text=new_text)
