"""Rename, with its preparation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import Converter
from koze_lsp.lsp.edits import rename_edit
from koze_lsp.lsp.protocol import RequestError

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def prepare(session: Session, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """What would be renamed at a position, and its present name.

    Raises:
        RequestError: nothing there can be renamed.
    """
    target = session.target(params.text_document.uri)
    if target is None:
        return None
    from koze_lsp.ide import rename as ide  # noqa: PLC0415
    from koze_lsp.ide.types import NotRenamableError  # noqa: PLC0415

    converter = Converter(session, target.project)
    try:
        span, name = ide.prepare(target.project, target.document, converter.offset(target.document, params.position))
    except NotRenamableError as error:
        raise RequestError(str(error)) from error
    return types.PrepareRenamePlaceholder(converter.range(target.document.text, span), name)


def rename(session: Session, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """All changes that give the thing at a position another name.

    Raises:
        RequestError: it can't have that name, or the client can't carry the edit out.
    """
    target = session.target(params.text_document.uri)
    if target is None:
        return None
    from koze_lsp.ide import rename as ide  # noqa: PLC0415
    from koze_lsp.ide.types import NotRenamableError  # noqa: PLC0415

    converter = Converter(session, target.project)
    offset = converter.offset(target.document, params.position)
    try:
        found = ide.rename(target.project, target.document, offset, params.new_name)
    except NotRenamableError as error:
        raise RequestError(str(error)) from error
    return rename_edit(converter, found)
