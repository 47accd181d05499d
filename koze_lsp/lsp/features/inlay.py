"""Inlay hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import Converter, markup

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def inlay_hints(session: Session, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Labels behind places in a range."""
    target = session.target(params.text_document.uri)
    if target is None:
        return []
    from koze_lsp.ide import inlay as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    markdown = session.client.markdown_hover  # clients don't say it of hints
    span = converter.span(target.document, params.range)
    return [
        types.InlayHint(
            position=converter.position(target.document.text, hint.offset),
            label=hint.label,
            kind=types.InlayHintKind.Type if hint.kind == "type" else types.InlayHintKind.Parameter,
            tooltip=markup(hint.tooltip, is_supported=markdown) if hint.tooltip else None,
            padding_left=True,
        )
        for hint in ide.hints(target.project, target.document, span)
    ]
