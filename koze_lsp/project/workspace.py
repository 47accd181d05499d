"""All applications of a session: what editors have open laid over what is on disk.

The workspace changes; what it hands out does not. Every change makes a new `Project` snapshot of the one
application it touches, and a request works on its snapshot to the end.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from koze_lsp.project import config as configuration
from koze_lsp.project.config import Config, Settings
from koze_lsp.project.discovery import Listing, find_apps, find_root, list_files, order, would_list
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.kinds import kind_of
from koze_lsp.project.project import Project
from koze_lsp.project.reading import read_document
from koze_lsp.text import Text


@dataclass(frozen=True, slots=True)
class Overlay:
    """What an editor holds of a file: it counts, not the disk."""

    text: Text
    version: int | None


@dataclass
class _App:
    """``guests`` are the files that are there because they are open: a listing of the disk did not give them."""

    root: str
    project: Project
    opened: set[str] = field(default_factory=set)
    guests: set[str] = field(default_factory=set)


class Workspace:
    """The applications that are being looked at. Paths are absolute, POSIX, normalised."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._apps: dict[str, _App] = {}
        self._overlays: dict[str, Overlay] = {}

    # --- applications

    def add_folder(self, folder: str) -> list[str]:
        """Load the applications in and below a folder, or the one that holds it; gives their roots."""
        roots = find_apps(folder)
        if not roots:
            around = find_root(folder)
            roots = [around] if around is not None else []
        for root in roots:
            self.load(root)
        return roots

    def remove_folder(self, folder: str) -> None:
        """Forget the applications in and below a folder."""
        for root in [root for root in self._apps if _inside(root, folder)]:
            del self._apps[root]

    def roots(self) -> list[str]:
        """The applications' folders, in byte order."""
        return sorted(self._apps)

    def project(self, root: str) -> Project:
        """The present snapshot of an application that has been loaded."""
        return self._apps[root].project

    def projects(self) -> list[Project]:
        """The present snapshots of all applications."""
        return [self._apps[root].project for root in self.roots()]

    def locate(self, path: str) -> tuple[Project, str] | None:
        """The application that holds a file (the nearest), and the file's path in it."""
        root = self._root_of(path)
        if root is None:
            root = find_root(path.rsplit("/", 1)[0] or "/")
            if root is None:
                return None
            self.load(root)
        return self._apps[root].project, path[len(root) + 1 :]

    def _root_of(self, path: str) -> str | None:
        return max((root for root in self._apps if _inside(path, root)), key=len, default=None)

    def load(self, root: str) -> None:
        """Load the application at a root, if that has not been done."""
        app = self._apps.get(root)
        if app is None:
            listing = list_files(root)
            app = _App(root, self._snapshot(root, listing.files, listing.unreadable, {}))
            self._apps[root] = app
            for path in list(self._overlays):
                if self._root_of(path) == root:
                    self._place(path)

    def _snapshot(
        self, root: str, files: dict[str, FileKind], unlistable: dict[str, str], documents: dict[str, Document]
    ) -> Project:
        def read(path: str, kind: FileKind) -> Document:
            return read_document(root, path, kind)

        first = Project(root, files, Config(), read, unlistable=unlistable, documents=documents)
        config = configuration.resolve(first.package, self.settings)
        return Project(root, files, config, read, unlistable=unlistable, documents=first.held())

    # --- what editors do

    def open(self, path: str, text: Text, version: int | None = None) -> None:
        """An editor opened a file, or changed it: its text counts from now on."""
        self._overlays[path] = Overlay(text, version)
        self._place(path)

    def overlay(self, path: str) -> Overlay | None:
        """What an editor holds of a file, if it is open."""
        return self._overlays.get(path)

    def close(self, path: str) -> None:
        """An editor closed a file: the disk counts again."""
        if self._overlays.pop(path, None) is not None:
            self.disk_changed([path])

    def _place(self, path: str) -> None:
        """Lay an overlay over its application, if it belongs to one."""
        located = self.locate(path)
        if located is None:
            return
        project, relative = located
        app, overlay = self._apps[project.root], self._overlays[path]
        kind = project.files.get(relative) or kind_of(relative)
        if kind is FileKind.OTHER:
            return
        old = project.held().get(relative)
        document = Document(relative, kind, overlay.text, version=overlay.version, previous=old)
        app.opened.add(relative)
        if relative in project.files:
            app.project = project.replace([document], self._config(document))
        else:
            app.guests.add(relative)
            self._relist(app, {**project.files, relative: kind}, {relative: document})

    def _config(self, document: Document) -> Config | None:
        if document.kind is not FileKind.PACKAGE:
            return None
        return configuration.resolve(document, self.settings)

    # --- what happens on disk

    def disk_changed(self, paths: Iterable[str]) -> set[str]:
        """Files or folders were created, changed or deleted; gives the roots whose snapshot is new."""
        touched: dict[str, list[str]] = {}
        for path in paths:
            root = self._root_of(path)
            if root is not None:
                touched.setdefault(root, []).append(path[len(root) + 1 :])
        for root, relatives in touched.items():
            self._refresh(self._apps[root], relatives)
        return set(touched)

    def _refresh(self, app: _App, relatives: list[str]) -> None:
        project = app.project
        changed: list[Document] = []
        for relative in relatives:
            kind = project.files.get(relative)
            if f"{app.root}/{relative}" in self._overlays:
                continue
            if kind is None or not self._is_on_disk(app, relative):
                self.relist(app.root)
                return
            changed.append(read_document(app.root, relative, kind, project.held().get(relative)))
        if changed:
            package = next((document for document in changed if document.kind is FileKind.PACKAGE), None)
            config = configuration.resolve(package, self.settings) if package is not None else None
            app.project = project.replace(changed, config)

    def _is_on_disk(self, app: _App, relative: str) -> bool:
        """Whether a file of the application's is one without an editor: one that is ignored was there as a guest."""
        if relative in app.guests:
            if not would_list(app.root, relative):
                return False
            app.guests.discard(relative)
        return os.path.isfile(f"{app.root}/{relative}")

    def relist(self, root: str, listing: Listing | None = None, changed: Iterable[str] | None = None) -> None:
        """List an application's files anew: something came or went. What is open is kept.

        Args:
            root: of an application that has been loaded.
            listing: what `list_files` gives for it, if it was called already (it waits for the disk).
            changed: the files and folders (relative) whose text may have changed; None for all of them.
        """
        app = self._apps[root]
        before = app.project
        listing = listing or list_files(root)
        files = dict(listing.files)
        gone = None if changed is None else frozenset(changed)
        documents: dict[str, Document] = {}
        for path, document in before.held().items():
            if f"{root}/{path}" in self._overlays and path in app.opened:
                files.setdefault(path, document.kind)
                documents[path] = document
            elif gone is not None and path in files and not _touched(path, gone):
                documents[path] = document
        app.guests = files.keys() - listing.files.keys()
        self._relist(app, files, documents, listing.unreadable)
        if gone is not None:
            app.project.take_usages(before, (path for path in before.files if _touched(path, gone)))

    def _relist(
        self,
        app: _App,
        files: dict[str, FileKind],
        documents: dict[str, Document],
        unlistable: dict[str, str] | None = None,
    ) -> None:
        ordered = {path: files[path] for path in sorted(files, key=order)}
        held = {} if unlistable is not None else {**app.project.held()}
        known = dict(app.project.unlistable) if unlistable is None else unlistable
        app.project = self._snapshot(app.root, ordered, known, {**held, **documents})

    # --- settings

    def configure(self, settings: Settings) -> None:
        """The editor's settings changed: every application's configuration is worked out again."""
        self.settings = settings
        for app in self._apps.values():
            app.project = app.project.replace([], configuration.resolve(app.project.package, settings))


def _touched(path: str, changed: frozenset[str]) -> bool:
    """Whether a file, or a folder that holds it, is among some paths."""
    while path not in changed:
        path = path.rpartition("/")[0]
        if not path:
            return False
    return True


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")
