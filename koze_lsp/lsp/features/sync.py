"""Document synchronisation: open, change, save, close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    """A document was opened: its text counts, not the disk's."""
    session.open(params.text_document)


def did_change(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    """A document was edited."""
    session.change(params)


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    """A document was closed: the disk counts again."""
    session.close(params.text_document.uri)


def did_save(_session: Session, _params: types.DidSaveTextDocumentParams) -> None:
    """A document was saved: nothing new, since its text was known."""
