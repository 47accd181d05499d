"""The workspace's folders and the applications in them, as they come, go and change on disk."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp import uris
from koze_lsp.lsp.queue import Priority, Task, aside

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session
    from koze_lsp.project.discovery import Listing
    from koze_lsp.project.workspace import Workspace

logger = logging.getLogger(__name__)

BATCH = 50
"""Files that are read again in one step: a few milliseconds."""


class Folders:
    """Which folders the client has, and which applications were found in them.

    ``are_loading`` says that there may be applications which have not been found yet, ``is_refreshing`` that files
    have changed on disk which have not been looked at.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._uris: dict[str, str] = {}
        self._pending: dict[str, None] = {}
        self.are_loading = False
        self.is_refreshing = False

    # --- folders

    def paths(self) -> list[str]:
        """The folders, in the client's order."""
        return list(self._uris)

    def note(self, uri: str) -> str | None:
        """A folder is the client's; gives its path if it is one on disk."""
        path = uris.to_path(uri)
        if path is not None:
            self._uris[path.rstrip("/") or "/"] = uri.rstrip("/")
        return path

    def uri(self, path: str) -> str:
        """The URI of a path, with the client's own spelling of the folder that holds it."""
        for folder, uri in self._uris.items():
            if path.startswith(f"{folder}/"):
                return f"{uri}/{uris.encode(path[len(folder) + 1 :])}"
        return uris.from_path(path)

    def changed(self, event: types.WorkspaceFoldersChangeEvent) -> None:
        """The client added and removed folders."""
        for folder in event.removed:
            path = uris.to_path(folder.uri)
            if path is not None:
                self._uris.pop(path.rstrip("/") or "/", None)
        for folder in event.added:
            self.note(folder.uri)
        self._forget()
        self._session.diagnostics.everything_changed()
        self.load()

    def load(self) -> None:
        """Find the applications of all folders, step by step."""
        self.are_loading = True
        self._session.worker.task("load", Priority.DEPENDENTS, self._load)

    def _load(self) -> Task:
        from koze_lsp.project.discovery import find_apps, find_root  # noqa: PLC0415 - brings the parsers

        for folder in self.paths():
            search = aside(partial(find_apps, folder))
            yield search
            if search.exception() is not None:
                logger.error("can't look for applications in %s", folder, exc_info=search.exception())
                continue
            roots = search.result()
            if not roots and (around := find_root(folder)) is not None:
                roots = [around]
            for root in roots:
                self._session.workspace.locate(f"{root}/package.json")  # loads it
                yield
        self.are_loading = False
        self._session.diagnostics.everything_changed()
        self._session.indexer.start()
        self._session.watch()
        self._session.worker.wake("load")

    def _forget(self) -> None:
        """Drop the applications that no folder holds any more; what is open brings its own back."""
        workspace = self._session.workspace
        for root in workspace.roots():
            if not any(_inside(root, folder) or _inside(folder, root) for folder in self._uris):
                self.drop(workspace, root)
        for document in self._session.documents:
            if document.path is not None:
                workspace.open(document.path, document.text, document.version)

    def drop(self, workspace: Workspace, root: str) -> None:
        """Forget one application and everything known about its files."""
        inner = [other for other in workspace.roots() if _inside(other, root)]
        workspace.remove_folder(root)
        for gone in inner:
            self._session.diagnostics.forget(gone)
            if gone != root:
                workspace.locate(f"{gone}/package.json")

    # --- the disk

    def disk_changed(self, paths: Iterable[str]) -> None:
        """Something changed on disk: looked at in steps, so that requests come in between."""
        self._pending.update(dict.fromkeys(paths))
        if self._pending and not self.is_refreshing:
            self.is_refreshing = True
            self._session.worker.task("disk", Priority.OPEN_FILES, self._refresh)

    def catch_up(self) -> None:
        """Watching has only begun now: see what has changed on disk since the applications were loaded."""
        self._session.worker.task("catch up", Priority.INDEX, self._catch_up, keep=True)

    def _catch_up(self) -> Task:
        from koze_lsp.project.discovery import list_files  # noqa: PLC0415 - brings the parsers
        from koze_lsp.project.reading import read_document  # noqa: PLC0415

        for root in self._session.workspace.roots():
            listing = aside(partial(list_files, root))
            yield listing
            if listing.exception() is not None or root not in self._session.workspace.roots():
                continue
            project = self._session.workspace.project(root)
            changed = {f"{root}/{path}" for path in project.files.keys() ^ listing.result().files.keys()}
            for path, document in tuple(project.held().items()):
                if document.version is None and read_document(root, path, document.kind).text != document.text:
                    changed.add(f"{root}/{path}")
            self.disk_changed(path for path in changed if self._session.documents.at(path) is None)
            yield

    def _refresh(self) -> Task:
        try:
            while self._pending:
                paths, self._pending = list(self._pending), {}
                yield from self._look_at(paths)
        finally:
            self.is_refreshing = False
            self._session.worker.wake("disk")

    def _look_at(self, paths: list[str]) -> Task:
        from koze_lsp.project.discovery import list_files  # noqa: PLC0415 - brings the parsers

        content, structure, strangers = self._sort(paths)
        for root in structure:
            listing = aside(partial(list_files, root))
            yield listing
            if listing.exception() is None:
                self._relist(root, listing.result(), [path[len(root) + 1 :] for path in paths if _inside(path, root)])
            yield
        if strangers:
            self._look_for_apps(strangers)
            yield
        for at in range(0, len(content), BATCH):
            self._read_again(content[at : at + BATCH])
            yield

    def _sort(self, paths: list[str]) -> tuple[list[str], list[str], list[str]]:
        """Files whose text changed, roots in which something came or went, and paths in no application."""
        from koze_lsp.project.discovery import NEVER_ENTERED  # noqa: PLC0415 - brings the parsers

        workspace = self._session.workspace
        roots = sorted(workspace.roots(), key=len, reverse=True)
        content: list[str] = []
        structure: dict[str, None] = {}
        strangers: list[str] = []
        for path in paths:
            root = next((root for root in roots if _inside(path, root)), None)
            if root is None:
                structure.update(dict.fromkeys(other for other in roots if _inside(other, path)))
                if path.endswith("/.gitignore"):
                    structure.update(dict.fromkeys(other for other in roots if _inside(other, path[:-11])))
                strangers.append(path)
                continue
            relative = path[len(root) + 1 :]
            known = relative in workspace.project(root).files
            if not NEVER_ENTERED.isdisjoint(relative.split("/")):
                continue
            if known and os.path.isfile(path):
                content.append(path)
            elif known or self._may_matter(workspace, root, relative):
                structure[root] = None
                if path.rsplit("/", 1)[-1] in _MARKERS or os.path.isdir(path):
                    strangers.append(path)
        return [path for path in content if not any(_inside(path, root) for root in structure)], [*structure], strangers

    def _may_matter(self, workspace: Workspace, root: str, relative: str) -> bool:
        """Whether a path that is no file of the application can change which files it has."""
        from koze_lsp.project.document import FileKind  # noqa: PLC0415 - brings the parsers
        from koze_lsp.project.kinds import kind_of  # noqa: PLC0415

        if not relative or relative.endswith(".gitignore") or kind_of(relative) is not FileKind.OTHER:
            return True
        if os.path.isdir(f"{root}/{relative}"):
            return True
        return any(path.startswith(f"{relative}/") for path in workspace.project(root).files)

    def _relist(self, root: str, listing: Listing, changed: list[str]) -> None:
        from koze_lsp.project.discovery import is_root  # noqa: PLC0415 - brings the parsers

        workspace = self._session.workspace
        if root not in workspace.roots():
            return
        if not is_root(root):
            self.drop(workspace, root)
            return
        before = workspace.project(root)
        workspace.relist(root, listing, changed)
        self._session.diagnostics.listed_anew(before, workspace.project(root))
        self._session.indexer.start()

    def _look_for_apps(self, paths: list[str]) -> None:
        """Files changed outside every application: there may be a new one now."""
        workspace = self._session.workspace
        known = set(workspace.roots())
        for path in {path if os.path.isdir(path) else path.rsplit("/", 1)[0] + "/package.json": None for path in paths}:
            self._find_app(path)
        for document in self._session.documents:
            if document.path is not None:
                workspace.locate(document.path)  # what is open brings its application along, in no folder too
        self._session.watch()
        if set(workspace.roots()) != known:
            self._session.diagnostics.everything_changed()
            self._session.indexer.start()
        elif any(os.path.isdir(path) for path in paths):
            # A new folder is filled after it is made, perhaps before it was watched: look once more.
            self._session.worker.task("look again", Priority.INDEX, lambda: self._look_again(paths), after=0.3)

    def _look_again(self, paths: list[str]) -> Task:
        known = set(self._session.workspace.roots())
        self._session.watch()
        for path in paths:
            self._find_app(path)
            yield
        if set(self._session.workspace.roots()) != known:
            self._session.diagnostics.everything_changed()
            self._session.indexer.start()
            self._session.watch()

    def _find_app(self, path: str) -> None:
        from koze_lsp.project.discovery import find_apps, find_root  # noqa: PLC0415 - brings the parsers

        if not any(_inside(path, folder) for folder in self._uris):
            return
        around = None if os.path.isdir(path) else find_root(path.rsplit("/", 1)[0])
        for root in find_apps(path) if os.path.isdir(path) else [around] if around is not None else []:
            self._session.workspace.locate(f"{root}/package.json")

    def _read_again(self, paths: list[str]) -> None:
        workspace = self._session.workspace
        for path in paths:
            if self._session.documents.at(path) is None:
                located = workspace.locate(path)
                kind = located[0].files.get(located[1]) if located is not None else None
                if kind is not None:
                    self._session.diagnostics.changed(path, kind)
        workspace.disk_changed(paths)
        self._session.let_go()


_MARKERS = frozenset({"package.json", "wrangler.json", "wrangler.jsonc", "wrangler.toml"})


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/") or folder == "/"
