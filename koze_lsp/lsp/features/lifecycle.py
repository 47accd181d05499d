"""``initialized`` and what the server has no use for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp import watching
from koze_lsp.lsp.features.workspace import ask_for_settings

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def initialized(session: Session, _params: object) -> None:
    """The client is ready: register what it lets register, ask for settings, find the applications."""
    if session.client.register_watchers:
        watching.register(session.protocol)
    if session.client.register_configuration:
        registration = types.Registration(
            id="koze-configuration",
            method=types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            register_options=types.DidChangeConfigurationRegistrationOptions(section="koze"),
        )
        session.protocol.ask(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([registration]))
    ask_for_settings(session)
    session.folders.load()


def ignored(_session: Session, _params: object) -> None:
    """A notification that changes nothing here."""
