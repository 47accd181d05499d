"""The preview as commands: the one place where the language server touches ``koze_lsp.preview``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from koze_lsp.lsp.protocol import RequestError

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session

OPEN, RUN, STOP = "koze.preview.open", "koze.preview.run", "koze.preview.stop"


def run(session: Session, command: str, argument: dict[str, Any]) -> dict[str, Any] | None:
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
        from koze_lsp.preview import server  # type: ignore[attr-defined]  # noqa: PLC0415
    except ImportError as error:
        raise RequestError(f"the preview is not available: {error}") from error
    if command == STOP:
        server.stop(target.project, target.document.path)
        return None
    page: dict[str, Any] = server.open_page(
        target.project,
        target.document.path,
        run=command == RUN,
        hosts=[host for host in argument.get("hosts") or () if isinstance(host, str)],
    )
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
