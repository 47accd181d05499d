"""References and document highlights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import Converter

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session

_KINDS = {
    "text": types.DocumentHighlightKind.Text,
    "read": types.DocumentHighlightKind.Read,
    "write": types.DocumentHighlightKind.Write,
}


def references(session: Session, params: types.ReferenceParams) -> list[types.Location]:
    """Every place that names the thing at a position."""
    target = session.target(params.text_document.uri)
    if target is None:
        return []
    from koze_lsp.ide import references as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    offset = converter.offset(target.document, params.position)
    found = ide.references(target.project, target.document, offset, params.context.include_declaration)
    return converter.locations(found)


def highlights(session: Session, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    """The places in the same document that name the thing at a position."""
    target = session.target(params.text_document.uri)
    if target is None:
        return []
    from koze_lsp.ide import references as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    offset = converter.offset(target.document, params.position)
    return [
        types.DocumentHighlight(converter.range(target.document.text, found.span), _KINDS[found.kind.value])
        for found in ide.highlights(target.project, target.document, offset)
    ]
