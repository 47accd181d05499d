"""Diagnostics for the client: pushed for open files, or pulled with result ids; never both.

Of a file that is not open only the result id and the number of problems are kept. A result id is made from what the
client is shown, so that a file that was checked again with the same outcome is still ``unchanged``; an open
document's id also holds when it was opened, because an editor forgets the findings of a buffer that it reloads.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from koze_lsp.lsp import preview_commands
from koze_lsp.lsp.convert import Converter
from koze_lsp.lsp.queue import Priority, Task

if TYPE_CHECKING:
    from koze_lsp.lsp.documents import OpenDocument
    from koze_lsp.lsp.session import Session
    from koze_lsp.project.document import Document, FileKind
    from koze_lsp.project.project import Project
    from koze_lsp.rules.base import Diagnostic

logger = logging.getLogger(__name__)

REFRESH_AFTER = 0.1
"""Seconds that the client's other documents wait to be asked for again, while edits go on."""

STEP = 0.003
"""Seconds that a step of a workspace report takes, and one file more; it is shorter if a request waits."""

MANY_NEWS = 1_000
"""Results that are worth being set aside for the garbage collector."""

CLEAN = "0"
"""The result id of no findings."""

_NOTHING: list[types.Diagnostic] = []


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of a checked file. ``stamp`` says under which circumstances it was checked."""

    stamp: tuple[int, ...]
    result_id: str
    problems: int


@dataclass(slots=True)
class _Stamps:
    """Counts what happened in one application: to files that all others depend on, and to the rest."""

    shared: int = 0
    leaves: int = 0


@dataclass(slots=True)
class _Open:
    """The findings in an open document, kept as long as they hold."""

    document: Document
    stamp: tuple[int, ...]
    found: list[Diagnostic]
    items: list[types.Diagnostic] | None = field(default=None)


class Diagnostics:
    """Which file has which findings, and which of them the client must hear about."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stamps: dict[str, _Stamps] = {}
        self._results: dict[str, Result] = {}
        self._open: dict[str, _Open] = {}
        self._shown: dict[str, str] = {}
        self._clock = 0

    # --- what happened

    def edited(self, document: OpenDocument) -> None:
        """An open file has a new text; the next idle moment checks it."""
        assert document.path is not None
        if not self._session.client.pull_diagnostics:
            self._push_later(document.path, Priority.OPEN_FILES, always=True)
        self._status_later()

    def changed(self, path: str, kind: FileKind, *, is_new: bool = False) -> None:
        """A file's text changed, wherever: what depends on it is checked again."""
        located = self._session.workspace.locate(path)
        if located is None:
            return
        root = located[0].root
        self._results.pop(path, None)
        self._open.pop(path, None)
        stamps = self._stamps_of(root)
        self._clock += 1
        if is_leaf(kind):
            stamps.leaves = self._clock
            if is_new:
                return  # it is only known now; nobody has seen other findings because of it
            dependents = [other for other in self._open_in(root) if not _is_leaf_path(located[0], root, other)]
        else:
            stamps.shared = self._clock
            dependents = self._open_in(root)
        self._tell_others(
            [other for other in dependents if other != path], on_disk=self._session.documents.at(path) is None
        )

    def listed_anew(self, before: Project, after: Project) -> None:
        """Files came or went."""
        for path in before.files.keys() - after.files.keys():
            self._results.pop(f"{before.root}/{path}", None)
        self._clock += 1
        self._stamps_of(after.root).shared = self._clock
        self._tell_others(self._open_in(after.root))

    def everything_changed(self) -> None:
        """Settings or folders changed: nothing that is known can be relied on."""
        self._results.clear()
        self._open.clear()
        self._clock += 1
        for stamps in self._stamps.values():
            stamps.shared = self._clock
        self._tell_others([document.path for document in self._session.documents if document.path is not None])

    def indexed(self) -> None:
        """The index is complete: the status can be told."""
        self._status_later()

    def forget(self, root: str) -> None:
        """An application is gone."""
        self._stamps.pop(root, None)
        for path in [path for path in {**self._results, **self._open} if path.startswith(f"{root}/")]:
            self._results.pop(path, None)
            self._open.pop(path, None)
        self._tell_others(self._open_in(root))

    def closed(self, document: OpenDocument) -> None:
        """A document was closed: what was pushed for it is taken back."""
        path = document.path
        if path is None:
            return
        self._session.worker.drop(("push", path))
        self._open.pop(path, None)
        self._results.pop(path, None)
        if not self._session.client.pull_diagnostics and self._shown.pop(path, CLEAN) != CLEAN:
            self._publish(document.uri, [], None)
        self._status_later()

    # --- checking

    def found(self, project: Project, relative: str) -> list[Diagnostic]:
        """The findings in a file of a snapshot; those in an open file are worked out once."""
        path = f"{project.root}/{relative}"
        document = project.document(relative)
        if document is None:
            return []
        stamp = self._stamp(project, relative)
        known = self._open.get(path)
        if known is not None and known.document is document and known.stamp == stamp:
            return known.found
        from koze_lsp.rules.engine import check_document  # noqa: PLC0415 - brings all rules

        found = check_document(project, relative)
        if self._session.documents.at(path) is not None:
            self._open[path] = _Open(document, stamp, found)
        return found

    def report(self, project: Project, relative: str) -> tuple[list[types.Diagnostic], str]:
        """The findings in a file as the client gets them, and their result id."""
        path = f"{project.root}/{relative}"
        found = self.found(project, relative)
        known = self._open.get(path)
        if known is not None and known.found is found and known.items is not None:
            return known.items, self._results[path].result_id
        document = project.document(relative)
        items = [] if document is None else Converter(self._session, project).diagnostics(document, found)
        if known is not None:
            known.items = items
        result_id = self._result_id(path, items)
        self._results[path] = Result(self._stamp(project, relative), result_id, len(items))
        return items, result_id

    def current(self, project: Project, relative: str) -> Result | None:
        """What is known of a file, if that still holds."""
        result = self._results.get(f"{project.root}/{relative}")
        return result if result is not None and result.stamp == self._stamp(project, relative) else None

    def problems(self) -> int:
        """How many problems are known, in open files and in those that the client has asked about."""
        return sum(result.problems for result in self._results.values())

    def _result_id(self, path: str, items: Sequence[types.Diagnostic]) -> str:
        digest = CLEAN
        if items:
            data = json.dumps(self._session.protocol.plain(items), sort_keys=True).encode()
            digest = hashlib.blake2b(data, digest_size=8).hexdigest()
        document = self._session.documents.at(path)
        return digest if document is None else f"{document.epoch}.{digest}"

    def _stamp(self, project: Project, relative: str) -> tuple[int, ...]:
        stamps = self._stamps_of(project.root)
        kind = project.files.get(relative)
        return (stamps.shared,) if kind is not None and is_leaf(kind) else (stamps.shared, stamps.leaves)

    def _stamps_of(self, root: str) -> _Stamps:
        stamps = self._stamps.get(root)
        if stamps is None:
            stamps = self._stamps[root] = _Stamps()
        return stamps

    def _open_in(self, root: str) -> list[str]:
        return [
            document.path
            for document in self._session.documents
            if document.path is not None and document.path.startswith(f"{root}/")
        ]

    # --- telling the client

    def _tell_others(self, paths: Sequence[str], *, on_disk: bool = True) -> None:
        """Open files may have other findings now though they were not edited, or closed ones have changed on disk."""
        client, worker = self._session.client, self._session.worker
        if not client.pull_diagnostics:
            for path in paths:
                self._push_later(path, Priority.DEPENDENTS, always=False)
        worker.wake("diagnostics")
        if paths or on_disk:
            worker.task("refresh", Priority.STATUS, self._refresh, after=REFRESH_AFTER, keep=True)
        self._status_later()

    def _refresh(self) -> Task:
        client, protocol = self._session.client, self._session.protocol
        if client.pull_diagnostics and client.refresh_diagnostics:
            protocol.ask(types.WORKSPACE_DIAGNOSTIC_REFRESH, None)
        if client.refresh_inlay_hints:
            protocol.ask(types.WORKSPACE_INLAY_HINT_REFRESH, None)
        if client.refresh_lenses:
            protocol.ask(types.WORKSPACE_CODE_LENS_REFRESH, None)
        yield

    def _status_later(self) -> None:
        preview_commands.changed_later(self._session)
        from koze_lsp.lsp.status import tell_status  # noqa: PLC0415 - it needs the session

        self._session.worker.task(
            "status", Priority.STATUS, lambda: tell_status(self._session), after=REFRESH_AFTER, keep=True
        )

    def _push_later(self, path: str, priority: Priority, *, always: bool) -> None:
        key = ("push", path)
        self._session.worker.task(key, priority, lambda: self._push(path, always), keep=not always)

    def _push(self, path: str, always: bool) -> Task:
        located = self._session.workspace.locate(path)
        document = self._session.documents.at(path)
        if document is None:
            return
        if located is None:
            items, result_id = _NOTHING, CLEAN
        else:
            items, result_id = self.report(*located)
        shown = result_id if items else CLEAN
        if always or self._shown.get(path, CLEAN) != shown:
            self._shown[path] = shown
            self._publish(document.uri, items, document.version)
        yield

    def _publish(self, uri: str, items: Sequence[types.Diagnostic], version: int | None) -> None:
        if not self._session.client.diagnostic_versions:
            version = None
        self._session.protocol.notify(
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, types.PublishDiagnosticsParams(uri, list(items), version)
        )


@cache
def is_leaf(kind: FileKind) -> bool:
    """Whether no page's findings depend on the text of a file of this kind."""
    from koze_lsp.project.document import FileKind  # noqa: PLC0415 - brings the parsers

    return kind in (FileKind.ROUTE, FileKind.SERVER, FileKind.SCENARIO)


def _is_leaf_path(project: Project, root: str, path: str) -> bool:
    kind = project.files.get(path[len(root) + 1 :])
    return kind is not None and is_leaf(kind)


def known_uris(previous: Sequence[types.PreviousResultId]) -> dict[str, tuple[str, str]]:
    """The client's result ids by `uris.key`: its own spelling of the URI, and the id."""
    from koze_lsp.lsp import uris  # noqa: PLC0415

    return {uris.key(item.uri): (item.uri, item.value) for item in previous}


class WorkspaceReport:
    """One answer to ``workspace/diagnostic``, made in steps and told in parts where the client takes parts."""

    PART = 50
    """Reports in one partial result."""

    def __init__(self, session: Session, params: types.WorkspaceDiagnosticParams) -> None:
        self._session = session
        self._previous = known_uris(params.previous_result_ids)
        self._token = params.partial_result_token
        self._items: list[Any] = []
        self._told_changes = False

    def steps(self) -> Iterator[None]:
        """Look at every file, open ones first; the reports are in ``result`` afterwards."""
        seen: set[str] = set()
        news = 0
        project: Project | None = None
        began = time.monotonic()
        for root, relative in self._paths():
            if project is None or project.root != root:
                project = self._snapshot(root)
            path = f"{root}/{relative}"
            if project is None or relative not in project.files or path in seen:
                continue
            seen.add(path)
            try:
                news += self._look_at(project, relative, path)
            except Exception:  # one file must not keep the others from being reported
                logger.exception("%s can't be checked", path)
            if self._session.worker.busy() or time.monotonic() - began >= STEP:
                self._session.let_go()
                yield
                project, began = None, time.monotonic()  # there may be a newer snapshot
        for key, (uri, value) in self._previous.items():
            if key not in seen and value != CLEAN:
                self._add(types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=[], result_id=CLEAN))
        if news >= MANY_NEWS:
            self._session.collector.keep()

    def result(self) -> types.WorkspaceDiagnosticReport | None:
        """What is left to answer; None if nothing changed and the client can be told later."""
        if self._token is not None and self._previous and not self._told_changes:
            return None
        return types.WorkspaceDiagnosticReport(items=self._items)

    def _snapshot(self, root: str) -> Project | None:
        workspace = self._session.workspace
        return workspace.project(root) if root in workspace.roots() else None

    def _paths(self) -> Iterator[tuple[str, str]]:
        from koze_lsp.rules.engine import CHECKED  # noqa: PLC0415 - brings all rules

        workspace = self._session.workspace
        for document in self._session.documents:
            if document.path is not None and (located := workspace.locate(document.path)) is not None:
                yield located[0].root, located[1]
        for project in workspace.projects():
            for relative, kind in tuple(project.files.items()):
                if kind in CHECKED:
                    yield project.root, relative

    def _look_at(self, project: Project, relative: str, path: str) -> bool:
        """Report one file; whether it had to be checked."""
        uri, before = self._previous.get(path, ("", None))
        known = self._session.diagnostics.current(project, relative)
        checked = known is None or (known.result_id != before and known.problems > 0)
        if checked:
            items, result_id = self._session.diagnostics.report(project, relative)
        else:
            assert known is not None
            items, result_id = [], known.result_id
        document = self._session.documents.at(path)
        version = None if document is None else document.version
        if result_id == before:
            if self._token is None:
                self._items.append(
                    types.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=result_id, version=version)
                )
        elif items or before is not None:
            uri = uri or self._session.uri(path)
            self._add(
                types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=items, result_id=result_id, version=version)
            )
        return checked

    def _add(self, report: types.WorkspaceFullDocumentDiagnosticReport) -> None:
        self._items.append(report)
        self._told_changes = True
        if self._token is not None and len(self._items) >= self.PART:
            self._session.protocol.notify(
                types.PROGRESS,
                types.ProgressParams(self._token, self._session.protocol.plain(self.result())),
            )
            self._items = []
