"""Document links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import Converter

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def links(session: Session, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """The places that open a file when they are followed."""
    target = session.target(params.text_document.uri)
    if target is None:
        return []
    from koze_lsp.ide import links as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    return [
        types.DocumentLink(
            range=converter.range(target.document.text, link.span),
            target=converter.uri(link.path),
            tooltip=link.tooltip if link.tooltip and session.client.link_tooltips else None,
        )
        for link in ide.links(target.project, target.document)
    ]
