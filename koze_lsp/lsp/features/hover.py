"""Hover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import Converter, markup

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def hover(session: Session, params: types.HoverParams) -> types.Hover | None:
    """What is known about the thing at a position."""
    target = session.target(params.text_document.uri)
    if target is None:
        return None
    from koze_lsp.ide import hover as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    found = ide.hover(target.project, target.document, converter.offset(target.document, params.position))
    if found is None:
        return None
    return types.Hover(
        contents=markup(found.markdown, is_supported=session.client.markdown_hover),
        range=converter.range(target.document.text, found.span),
    )
