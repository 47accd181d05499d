"""Settings, folders and files on disk, as the client tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp import uris

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session

SECTION = "koze"


def ask_for_settings(session: Session) -> None:
    """Ask the client for its settings, if it lets itself be asked."""
    if not session.client.configuration:
        return
    params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    session.protocol.ask(types.WORKSPACE_CONFIGURATION, params, lambda answer: _received(session, answer))


def _received(session: Session, answer: object) -> None:
    settings = answer[0] if isinstance(answer, list | tuple) and answer else None
    session.configure(session.protocol.plain(settings))


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Settings changed: asked for again, or taken from the message by clients that can't be asked."""
    if session.client.configuration:
        ask_for_settings(session)
        return
    settings = session.protocol.plain(params.settings)
    if isinstance(settings, dict):
        session.configure(settings.get(SECTION, settings))


def did_change_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Folders were added to the workspace, or removed."""
    session.folders.changed(params.event)


def did_change_files(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Files changed on disk, one or a thousand at once."""
    paths = (uris.to_path(change.uri) for change in params.changes)
    session.disk_changed([path for path in paths if path is not None])
