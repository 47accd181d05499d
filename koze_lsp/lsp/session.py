"""The state of one session, used on the worker's thread only: documents, folders, applications, settings.

Edits are taken over into the workspace when something needs them, so that ten of them in a burst cost one snapshot.
Whatever changes what diagnostics may say is told to `Diagnostics`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from koze_lsp.lsp import uris
from koze_lsp.lsp.capabilities import Client
from koze_lsp.lsp.collector import Collector
from koze_lsp.lsp.documents import OpenDocument, OpenDocuments
from koze_lsp.lsp.queue import Priority, Task

if TYPE_CHECKING:
    from koze_lsp.lsp.diagnostics import Diagnostics
    from koze_lsp.lsp.folders import Folders
    from koze_lsp.lsp.indexing import Indexer
    from koze_lsp.lsp.protocol import Protocol
    from koze_lsp.lsp.queue import Worker
    from koze_lsp.lsp.watching import Watcher
    from koze_lsp.project.document import Document
    from koze_lsp.project.project import Project
    from koze_lsp.project.workspace import Workspace

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about: one file in the snapshot of its application."""

    project: Project
    document: Document
    open: OpenDocument | None


class Session:
    """Everything that is known between ``initialize`` and the end."""

    def __init__(self, protocol: Protocol, client: Client) -> None:
        from koze_lsp.lsp.diagnostics import Diagnostics  # noqa: PLC0415 - these three need the class above
        from koze_lsp.lsp.folders import Folders  # noqa: PLC0415
        from koze_lsp.lsp.indexing import Indexer  # noqa: PLC0415

        self.protocol = protocol
        self.client = client
        self.trusted = client.trusted
        self.collector = Collector(protocol.worker)
        self.documents = OpenDocuments(client.encoding)
        self.folders: Folders = Folders(self)
        self.diagnostics: Diagnostics = Diagnostics(self)
        self.indexer: Indexer = Indexer(self)
        self.watcher: Watcher | None = None
        self.status: dict[str, object] = {}
        self.has_preview = False
        self._workspace: Workspace | None = None
        self._unplaced: dict[str, OpenDocument] = {}
        self._waiting: dict[str, int] = {}

    @property
    def worker(self) -> Worker:
        """The thread that all this runs on."""
        return self.protocol.worker

    @property
    def workspace(self) -> Workspace:
        """The applications, with every edit that has arrived."""
        self.place()
        return self._loaded()

    def _loaded(self) -> Workspace:
        if self._workspace is None:
            from koze_lsp.project.workspace import Workspace  # noqa: PLC0415 - brings the parsers

            self._workspace = Workspace()
        return self._workspace

    # --- documents

    def expect_change(self, uri: str) -> None:
        """The reading thread has seen a change of a document that the worker has not made yet."""
        key = uris.key(uri)
        self._waiting[key] = self._waiting.get(key, 0) + 1

    def is_outdated(self, uri: str) -> bool:
        """Whether a change of a document waits behind the present request."""
        return self._waiting.get(uris.key(uri), 0) > 0

    def open(self, item: types.TextDocumentItem) -> None:
        """The client opened a document."""
        document = self.documents.open(item)
        self._edited(document)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        """The client edited a document."""
        key = uris.key(params.text_document.uri)
        left = self._waiting.pop(key, 1) - 1
        if left > 0:
            self._waiting[key] = left
        document = self.documents.change(params.text_document, params.content_changes)
        if document is not None:
            self._edited(document)

    def close(self, uri: str) -> None:
        """The client closed a document: the disk counts again."""
        self.place()
        document = self.documents.close(uri)
        if document is None:
            return
        self.diagnostics.closed(document)
        if document.path is None or self._workspace is None:
            return
        located = self._workspace.locate(document.path)
        self._workspace.close(document.path)
        if located is None:
            return
        project, relative = located
        before, now = project.held().get(relative), self._workspace.project(project.root)
        after = now.held().get(relative)
        if now.files is not project.files:
            self.diagnostics.listed_anew(project, now)
            self.indexer.start()
        elif before is not None and (after is None or after.text != before.text):
            self.diagnostics.changed(document.path, before.kind)
        self.let_go()

    def _edited(self, document: OpenDocument) -> None:
        if document.path is not None:
            self._unplaced[document.path] = document
            self.diagnostics.edited(document)

    def place(self) -> None:
        """Lay the texts that have changed over the workspace."""
        if not self._unplaced:
            return
        unplaced, self._unplaced = self._unplaced, {}
        workspace = self._loaded()
        for path, document in unplaced.items():
            if self.documents.at(path) is not document:
                continue
            self._place(workspace, path, document)

    def _place(self, workspace: Workspace, path: str, document: OpenDocument) -> None:
        known = workspace.roots()
        before = workspace.locate(path)
        if workspace.roots() != known:
            self.indexer.start()
            self.worker.task("watch", Priority.INDEX, self._watch_later)
        workspace.open(path, document.text, document.version)
        document.placed = True
        after = workspace.locate(path)
        if before is None or after is None:
            return
        old, new = before[0].held().get(before[1]), after[0].held().get(after[1])
        if before[0].files is not after[0].files:
            self.diagnostics.listed_anew(before[0], after[0])
            self.indexer.start()
        elif new is not None and (old is None or old.text != new.text):
            self.diagnostics.changed(path, new.kind, is_new=old is None)

    # --- what requests need

    def target(self, uri: str) -> Target | None:
        """The file that a request is about; None for one that belongs to no application or is none of ours."""
        path = uris.to_path(uri)
        if path is None:
            return None
        located = self.workspace.locate(path)
        if located is None:
            return None
        project, relative = located
        document = project.document(relative)
        return None if document is None else Target(project, document, self.documents.at(path))

    def uri(self, path: str) -> str:
        """The URI of a path, spelled as the client does: its own for what it has open or has as a folder."""
        document = self.documents.at(path)
        return document.uri if document is not None else self.folders.uri(path)

    def let_go(self) -> None:
        """Let the documents go that were only looked at: memory holds what is open and what every rule needs."""
        if self._workspace is None:
            return
        for project in self._workspace.projects():
            project.release_passing()

    # --- what changes everything

    def watch(self) -> None:
        """See to it that changes on disk are told: by the own watcher if the client can't."""
        if self.client.register_watchers:
            return
        from koze_lsp.lsp.watching import Watcher, folders_to_watch  # noqa: PLC0415 - few clients need it

        if self.watcher is None:
            self.watcher = Watcher(self._seen_on_disk, self._began_to_watch)
        self.watcher.watch(*folders_to_watch(self.folders.paths(), self.workspace.roots()))

    def _watch_later(self) -> Task:
        self.watch()
        yield

    def _began_to_watch(self) -> None:
        self.protocol.enqueue("the watcher's beginning", lambda _params: self.folders.catch_up())

    def _seen_on_disk(self, paths: set[str]) -> None:
        self.protocol.enqueue("a change on disk", lambda _params: self.disk_changed(sorted(paths)))

    def disk_changed(self, paths: Iterable[str]) -> None:
        """Files or folders were created, changed or deleted outside the editor (absolute paths)."""
        self.folders.disk_changed(paths)

    def configure(self, settings: object) -> None:
        """The client's settings (section ``koze``) are these now."""
        from koze_lsp.project.config import Settings  # noqa: PLC0415 - brings the parsers

        data: Mapping[str, Any] = settings if isinstance(settings, dict) else {}
        preview = data.get("preview")
        trusted = preview.get("trusted") if isinstance(preview, dict) else None
        self.trusted = trusted if isinstance(trusted, bool) else self.client.trusted
        self.workspace.configure(Settings(data))
        self.diagnostics.everything_changed()
