"""Document and workspace symbols."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import Converter, symbol_kind
from koze_lsp.lsp.queue import Steps

if TYPE_CHECKING:
    from koze_lsp.ide.types import Symbol
    from koze_lsp.lsp.session import Session

_AT_ONCE = 8
"""Workflows that are read in one step: a few milliseconds."""


def document_symbols(
    session: Session, params: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """The outline of a document: a tree, or a flat list for clients without trees."""
    target = session.target(params.text_document.uri)
    if target is None:
        return []
    from koze_lsp.ide import symbols as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    found = ide.document_symbols(target.project, target.document)
    if session.client.nested_symbols:
        return [converter.symbol(target.document.text, symbol) for symbol in found]
    return [
        types.SymbolInformation(
            name=symbol.name,
            kind=symbol_kind(symbol.kind),
            location=types.Location(
                params.text_document.uri, converter.range(target.document.text, symbol.location.span)
            ),
            container_name=container,
        )
        for symbol, container in _flat(found, None)
    ]


def _flat(symbols: list[Symbol] | tuple[Symbol, ...], container: str | None) -> Iterator[tuple[Symbol, str | None]]:
    for symbol in symbols:
        yield symbol, container
        yield from _flat(symbol.children, symbol.name)


def workspace_symbols(session: Session, params: types.WorkspaceSymbolParams) -> Steps:
    """The symbols of every application that match a query."""
    from koze_lsp.ide import symbols as ide  # noqa: PLC0415

    items: list[types.WorkspaceSymbol] = []
    for project in session.workspace.projects():
        for number, workflow in enumerate(project.workflows.workflows):
            _ = workflow.document.workflow.steps  # read here the first time, so that others come in between
            if number % _AT_ONCE == _AT_ONCE - 1:
                yield
        converter = Converter(session, project)
        for symbol in ide.workspace_symbols(project, params.query):
            location = converter.location(symbol.location)
            if location is not None:
                items.append(
                    types.WorkspaceSymbol(
                        location=location,
                        name=symbol.name,
                        kind=symbol_kind(symbol.kind),
                        container_name=symbol.container,
                    )
                )
    session.let_go()
    return items
