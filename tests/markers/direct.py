"""The backend that calls the editor features themselves, without a protocol."""

from __future__ import annotations

import os
from collections.abc import Iterable

from koze_lsp.ide import (
    actions,
    calls,
    completion,
    definition,
    file_operations,
    hover,
    inlay,
    lens,
    links,
    references,
    rename,
    signature,
    symbols,
)
from koze_lsp.ide.types import Location, NotRenamableError, Rename, Symbol
from koze_lsp.project import config as configuration
from koze_lsp.project.config import Config, Settings
from koze_lsp.project.document import Document
from koze_lsp.project.kinds import kind_of
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Change, CreateFile, FileEdit, RenameFile
from koze_lsp.rules.engine import check_document
from koze_lsp.text import Span, Text, TextEdit, apply_edits

from .backend import Choice, Finding, Help, Item, Outline, Place, RefusedError, Tree


class Direct:
    """Answers from one snapshot."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.project = _project({})

    def open(self, files: Tree) -> None:
        self.files = dict(files)
        self.project = _project(files)

    def close(self) -> None:
        self.files = {}

    def at(self, path: str) -> Document:
        document = self.project.document(path)
        assert document is not None, f"the case has no file {path}"
        return document

    def diagnostics(self, path: str) -> list[Finding]:
        return [Finding(item.span, item.code, item.severity.value) for item in check_document(self.project, path)]

    def complete(self, path: str, offset: int) -> list[Item]:
        return [
            Item(
                item.label,
                item.kind.value,
                item.detail,
                item.documentation or "",
                TextEdit(item.span, item.insert),
                item.is_snippet,
                item.extra,
                item.filter or item.label,
            )
            for item in completion.complete(self.project, self.at(path), offset)
        ]

    def document(self, path: str, offset: int, label: str) -> str:
        for item in completion.complete(self.project, self.at(path), offset):
            if item.label == label:
                return item.documentation or (completion.resolve(self.project, item.resolve) if item.resolve else "")
        return ""

    def hover(self, path: str, offset: int) -> tuple[str, Span | None] | None:
        found = hover.hover(self.project, self.at(path), offset)
        return (found.markdown, found.span) if found is not None else None

    def signature(self, path: str, offset: int) -> Help | None:
        found = signature.signature(self.project, self.at(path), offset)
        if found is None:
            return None
        active = found.parameters[found.active].label if found.active is not None else None
        return Help(found.label, found.label[active.start : active.end] if active is not None else None)

    def hints(self, path: str) -> list[tuple[int, str]]:
        document = self.at(path)
        return [
            (hint.offset, hint.label) for hint in inlay.hints(self.project, document, Span(0, len(document.source)))
        ]

    def lenses(self, path: str) -> list[tuple[Span, str, str | None]]:
        return [(item.span, item.title, item.command) for item in lens.lenses(self.project, self.at(path))]

    def definition(self, path: str, offset: int) -> list[Place]:
        return [_place(item) for item in definition.definition(self.project, self.at(path), offset)]

    def declaration(self, path: str, offset: int) -> list[Place]:
        return [_place(item) for item in definition.declaration(self.project, self.at(path), offset)]

    def references(self, path: str, offset: int, declaration: bool) -> list[Place]:
        return [_place(item) for item in references.references(self.project, self.at(path), offset, declaration)]

    def highlights(self, path: str, offset: int) -> list[tuple[Span, str]]:
        return [(item.span, item.kind.value) for item in references.highlights(self.project, self.at(path), offset)]

    def links(self, path: str) -> list[tuple[Span, str]]:
        return [(item.span, item.path) for item in links.links(self.project, self.at(path))]

    def symbols(self, path: str) -> list[Outline]:
        return [_outline(item) for item in symbols.document_symbols(self.project, self.at(path))]

    def workspace_symbols(self, query: str) -> list[tuple[str, Place]]:
        return [(item.name, _place(item.location)) for item in symbols.workspace_symbols(self.project, query)]

    def prepare_rename(self, path: str, offset: int) -> str:
        try:
            return rename.prepare(self.project, self.at(path), offset)[1]
        except NotRenamableError as error:
            raise RefusedError(str(error)) from error

    def rename(self, path: str, offset: int, new_name: str) -> Tree:
        try:
            return self.after(_changes(rename.rename(self.project, self.at(path), offset, new_name)))
        except NotRenamableError as error:
            raise RefusedError(str(error)) from error

    def move(self, path: str, new_path: str) -> Tree:
        tree = dict(self.after(_changes(file_operations.will_rename(self.project, [(path, new_path)]))))
        if path in tree:  # the editor moves the file itself, after the edits
            tree[new_path] = tree.pop(path)
        return tree

    def actions(self, path: str, span: Span) -> list[Choice]:
        found = [item for item in check_document(self.project, path) if _touch(item.span, span)]
        listed = actions.actions(self.project, self.at(path), span, found)
        return [Choice(item.title, item.kind.value, item.preferred, self.after(item.changes)) for item in listed]

    def fix_all(self, path: str) -> Tree | None:
        found = actions.fix_all(self.project, self.at(path))
        return self.after(found.changes) if found is not None else None

    def incoming(self, path: str, offset: int) -> list[str]:
        items = calls.prepare(self.project, self.at(path), offset)
        return [edge.item.name for item in items for edge in calls.incoming(self.project, item.key)]

    def outgoing(self, path: str, offset: int) -> list[str]:
        items = calls.prepare(self.project, self.at(path), offset)
        return [edge.item.name for item in items for edge in calls.outgoing(self.project, item.key)]

    def after(self, changes: Iterable[Change]) -> Tree:
        """The workspace after some changes, made in their order."""
        tree = dict(self.files)
        for change in changes:
            match change:
                case FileEdit(path, edits):
                    tree[path] = apply_edits(tree[path], edits)
                case CreateFile(path, content):
                    assert path not in tree, f"{path} exists already"
                    tree[path] = content
                case RenameFile(path, new_path):
                    tree[new_path] = tree.pop(path)
        return tree


def _project(files: Tree) -> Project:
    documents = {path: Document(path, kind_of(path), Text(text)) for path, text in files.items()}
    kinds = {path: documents[path].kind for path in sorted(files, key=os.fsencode)}
    config = configuration.resolve(documents.get("package.json"), Settings()) if files else Config()
    return Project("/app", kinds, config, lambda path, _: documents[path], documents=documents)


def _place(location: Location) -> Place:
    return Place(location.path, location.selection or location.span)


def _outline(symbol: Symbol) -> Outline:
    span = symbol.location.selection or symbol.location.span
    return Outline(symbol.kind.value, symbol.name, span, tuple(_outline(child) for child in symbol.children))


def _changes(found: Rename) -> list[Change]:
    return [change for group in found.groups for change in group.changes]


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
