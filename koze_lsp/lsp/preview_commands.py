"""The preview as commands: the one place where the language server touches ``koze_lsp.preview``."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from koze_lsp.lsp.protocol import RequestError
from koze_lsp.lsp.queue import Priority, Steps, Task, aside

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session

OPEN, RUN, STOP = "koze.preview.open", "koze.preview.run", "koze.preview.stop"
_END = 1.0
"""Seconds that the pages may take to end."""


def run(session: Session, command: str, argument: dict[str, Any]) -> Steps:
    """Carry out a preview command for a file of a trusted workspace; gives ``{url, title}`` of the page.

    ``argument``: ``uri`` of a route or a workflow file; ``embed`` if the client shows the page itself; ``hosts``,
    further host names under which the page is reached.

    Raises:
        RequestError: no application's file, or the preview can't be started.
    """
    target = session.target(argument["uri"])
    if target is None:
        raise RequestError("this file belongs to no Koze application")
    try:
        from koze_lsp.preview import server  # noqa: PLC0415 - brings the page server and V8
        from koze_lsp.preview.scenario import ScenarioError  # noqa: PLC0415
        from koze_lsp.preview.session import UsageError  # noqa: PLC0415
    except ImportError as error:
        raise RequestError(f"the preview is not available: {error}") from error
    if command == STOP:
        server.stop(target.project, target.document.path)
        return None
    hosts = [host for host in argument.get("hosts") or () if isinstance(host, str)]
    opening = aside(partial(server.open_page, target.project, target.document.path, run=command == RUN, hosts=hosts))
    yield opening
    try:
        page = opening.result()
    except (UsageError, ScenarioError, OSError) as error:
        raise RequestError(str(error)) from error
    session.has_preview = True
    if not argument.get("embed"):
        _show(session, page["url"])
    return page


def _show(session: Session, url: str) -> None:
    """Let the client open the page in a browser, or at least tell its address."""
    if session.client.show_document:
        params = types.ShowDocumentParams(uri=url, external=True, take_focus=True)
        session.protocol.ask(types.WINDOW_SHOW_DOCUMENT, params)
    else:
        message = types.ShowMessageParams(types.MessageType.Info, f"Koze preview: {url}")
        session.protocol.notify(types.WINDOW_SHOW_MESSAGE, message)


def changed_later(session: Session) -> None:
    """Applications have new snapshots: open pages show them in the next idle moment."""
    if session.has_preview:
        session.worker.task("preview", Priority.DEPENDENTS, lambda: _changed(session), keep=True)


def _changed(session: Session) -> Task:
    from koze_lsp.preview import server  # noqa: PLC0415 - there is one by now

    for project in session.workspace.projects():
        server.changed(project)
        yield


def end(session: Session) -> None:
    """The language server ends, and its pages with it."""
    if session.has_preview:
        from koze_lsp.preview import server  # noqa: PLC0415 - there is one by now

        with contextlib.suppress(Exception):  # a page that does not end must not keep the server from it
            aside(server.shutdown).result(_END)
