"""The index of who names which workflow, filled while nothing else waits, with progress for the user.

References, lenses and hierarchies need it whole; their requests wait for it, all others don't.
"""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.queue import Priority, Task

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session

logger = logging.getLogger(__name__)

SHOW_FROM = 200
"""Files; an index of fewer is there before anybody could read of its progress."""

KEPT = 400
"""Files after which what the index holds is set aside for the garbage collector."""

_numbers = itertools.count(1)


class Indexer:
    """Fills the reverse index of every application."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_complete = False

    def is_ready(self) -> bool:
        """Whether every file has been looked at."""
        return self._is_complete

    def start(self) -> None:
        """Applications or files came: the index is incomplete until it has looked at them."""
        self._is_complete = False
        self._session.worker.task("index", Priority.INDEX, self._fill)

    def _fill(self) -> Task:
        session = self._session
        paths = [(project.root, path) for project in session.workspace.projects() for path in project.files]
        progress = Progress(session, "Indexing workflows", len(paths)) if len(paths) >= SHOW_FROM else None
        try:
            for number, (root, path) in enumerate(paths):
                self._look_at(root, path)
                if progress is not None:
                    progress.report(number)
                if number % KEPT == KEPT - 1:
                    session.collector.keep()
                if number % 4 == 3:
                    yield
            session.collector.keep()
            self._is_complete = True
            session.worker.wake("index")
            session.diagnostics.indexed()
        finally:
            if progress is not None:
                progress.end()

    def _look_at(self, root: str, path: str) -> None:
        from koze_lsp.project.document import FileKind  # noqa: PLC0415 - brings the parsers

        workspace = self._session.workspace
        if root not in workspace.roots():
            return
        project = workspace.project(root)
        try:
            if path in project.files:
                project.usages.of(project, path)
            if project.files.get(path) is FileKind.WORKFLOW and (document := project.document(path)) is not None:
                _ = document.workflow.class_name  # every completion of a name shows it
        except Exception:  # one file must not keep the others from being found
            logger.exception("%s/%s can't be indexed", root, path)


class Progress:
    """Work-done progress, as long as the client wants to hear of it."""

    def __init__(self, session: Session, title: str, total: int) -> None:
        self._session = session
        self._title = title
        self._total = max(total, 1)
        self._token = f"koze-{next(_numbers)}"
        self._percentage = -1
        self._ended = False
        self._begun = False
        if session.client.progress:
            session.protocol.ask(
                types.WINDOW_WORK_DONE_PROGRESS_CREATE,
                types.WorkDoneProgressCreateParams(self._token),
                lambda _result: self._begin(),
            )

    def _begin(self) -> None:
        if not self._ended:
            self._begun = True
            self._tell(types.WorkDoneProgressBegin(title=self._title, cancellable=False, percentage=0))

    def report(self, done: int) -> None:
        """So many of the total are done; told in steps of five per cent."""
        percentage = 100 * done // self._total // 5 * 5
        if self._begun and percentage > self._percentage:
            self._percentage = percentage
            self._tell(types.WorkDoneProgressReport(percentage=percentage, message=f"{done} of {self._total} files"))

    def end(self) -> None:
        """The work is done, or is no longer wanted."""
        self._ended = True
        if self._begun:
            self._tell(types.WorkDoneProgressEnd())

    def _tell(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        self._session.protocol.notify(
            types.PROGRESS, types.ProgressParams(self._token, self._session.protocol.plain(value))
        )
