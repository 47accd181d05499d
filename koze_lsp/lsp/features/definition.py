"""Definition and declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import Converter

if TYPE_CHECKING:
    from koze_lsp.ide.types import Location
    from koze_lsp.lsp.session import Session

Places = list[types.Location] | list[types.LocationLink]


def definition(session: Session, params: types.DefinitionParams) -> Places:
    """Where the thing at a position is defined."""
    target = session.target(params.text_document.uri)
    if target is None:
        return []
    from koze_lsp.ide import definition as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    offset = converter.offset(target.document, params.position)
    found = ide.definition(target.project, target.document, offset)
    return _places(converter, found, links=session.client.definition_links)


def declaration(session: Session, params: types.DeclarationParams) -> Places:
    """Where the thing at a position is declared."""
    target = session.target(params.text_document.uri)
    if target is None:
        return []
    from koze_lsp.ide import definition as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    offset = converter.offset(target.document, params.position)
    found = ide.declaration(target.project, target.document, offset)
    return _places(converter, found, links=session.client.declaration_links)


def _places(converter: Converter, found: list[Location], *, links: bool) -> Places:
    if not links:
        return converter.locations(found)
    return [link for location in found if (link := converter.link(location)) is not None]
