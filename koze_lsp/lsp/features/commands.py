"""The server's commands: fix-all for clients without ``source.fixAll``, and the preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from koze_lsp.lsp.capabilities import FIX_ALL, PREVIEW_COMMANDS
from koze_lsp.lsp.convert import Converter
from koze_lsp.lsp.edits import workspace_edit
from koze_lsp.lsp.protocol import RequestError

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def execute(session: Session, params: types.ExecuteCommandParams) -> object:
    """Run a command; its argument is a URI, or an object with one.

    Raises:
        RequestError: no such command, a wrong argument, or a workspace that is not trusted.
    """
    arguments = session.protocol.plain(params.arguments or [])
    if params.command == FIX_ALL:
        _fix_all(session, _argument(params.command, arguments))
        return None
    if params.command not in PREVIEW_COMMANDS:
        raise RequestError(f"unknown command {params.command!r}", types.ErrorCodes.InvalidParams.value)
    if not session.trusted:
        raise RequestError("the preview runs the workspace's code, so it needs a trusted workspace")
    from koze_lsp.lsp.preview_commands import run  # noqa: PLC0415 - brings the page server

    return run(session, params.command, _argument(params.command, arguments))


def _argument(command: str, arguments: list[Any]) -> dict[str, Any]:
    first = arguments[0] if arguments else None
    if isinstance(first, str):
        return {"uri": first}
    if isinstance(first, dict) and isinstance(first.get("uri"), str):
        return first
    raise RequestError(f"{command} takes the URI of a file", types.ErrorCodes.InvalidParams.value)


def _fix_all(session: Session, argument: dict[str, Any]) -> None:
    target = session.target(argument["uri"])
    if target is None:
        raise RequestError("this file belongs to no Koze application")
    from koze_lsp.ide import actions as ide  # noqa: PLC0415

    action = ide.fix_all(target.project, target.document)
    if action is None:
        session.protocol.notify(
            types.WINDOW_SHOW_MESSAGE,
            types.ShowMessageParams(types.MessageType.Info, "Koze: nothing can be fixed safely in this file."),
        )
        return
    if not session.client.apply_edit:
        raise RequestError("your editor lets no server apply edits")
    edit = workspace_edit(Converter(session, target.project), action.changes)
    session.protocol.ask(types.WORKSPACE_APPLY_EDIT, types.ApplyWorkspaceEditParams(edit=edit, label=action.title))
