"""Plain data of the editor features, as the protocol's types: offsets become positions in the client's encoding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.text import Position, Range, Span, Text

if TYPE_CHECKING:
    from koze_lsp.ide.types import Location, Symbol, SymbolKind
    from koze_lsp.lsp.session import Session
    from koze_lsp.project.document import Document
    from koze_lsp.project.project import Project
    from koze_lsp.rules.base import Diagnostic

SOURCE = "koze"
DOCS = "https://github.com/koze-lsp/koze-lsp/blob/main/docs/rules"
"""Where each rule has a page; the same address as in the command line's output."""

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}
_TAGS = {"unnecessary": types.DiagnosticTag.Unnecessary, "deprecated": types.DiagnosticTag.Deprecated}
_SYMBOLS = {
    "class": types.SymbolKind.Class,
    "constant": types.SymbolKind.Constant,
    "event": types.SymbolKind.Event,
    "function": types.SymbolKind.Function,
    "key": types.SymbolKind.Key,
    "method": types.SymbolKind.Method,
    "module": types.SymbolKind.Module,
    "object": types.SymbolKind.Object,
    "property": types.SymbolKind.Property,
}


class Converter:
    """Converts what belongs to one snapshot of one application."""

    def __init__(self, session: Session, project: Project) -> None:
        self.session = session
        self.project = project
        self._encoding = session.client.encoding

    # --- in

    def offset(self, document: Document, position: types.Position) -> int:
        """The offset of a client's position."""
        return document.text.offset(Position(position.line, position.character), self._encoding)

    def span(self, document: Document, range_: types.Range) -> Span:
        """The span of a client's range."""
        start, end = range_.start, range_.end
        return document.text.span(
            Range(Position(start.line, start.character), Position(end.line, end.character)), self._encoding
        )

    # --- out

    def position(self, text: Text, offset: int) -> types.Position:
        """The client's position of an offset."""
        return types.Position(*text.position(offset, self._encoding))

    def range(self, text: Text, span: Span) -> types.Range:
        """The client's range of a span."""
        return types.Range(self.position(text, span.start), self.position(text, span.end))

    def uri(self, path: str) -> str:
        """The URI of a path of the project."""
        return self.session.uri(f"{self.project.root}/{path}")

    def text(self, path: str) -> Text | None:
        """The text of a file of the project; None if it has none."""
        document = self.project.document(path)
        return None if document is None else document.text

    def location(self, location: Location) -> types.Location | None:
        """A place in a file: what to select there. None if the file has gone."""
        text = self.text(location.path)
        if text is None:
            return None
        return types.Location(self.uri(location.path), self.range(text, location.selection or location.span))

    def locations(self, locations: Iterable[Location]) -> list[types.Location]:
        """Places in files."""
        return [found for location in locations if (found := self.location(location)) is not None]

    def link(self, location: Location) -> types.LocationLink | None:
        """A place in a file with its surroundings, for clients that show them."""
        text = self.text(location.path)
        if text is None:
            return None
        return types.LocationLink(
            target_uri=self.uri(location.path),
            target_range=self.range(text, location.span),
            target_selection_range=self.range(text, location.selection or location.span),
        )

    def diagnostics(self, document: Document, found: Iterable[Diagnostic]) -> list[types.Diagnostic]:
        """The findings in one document."""
        return [self.diagnostic(document, diagnostic) for diagnostic in found]

    def diagnostic(self, document: Document, found: Diagnostic) -> types.Diagnostic:
        """One finding, with as much of it as the client can show."""
        client = self.session.client
        tags = [_TAGS[tag.value] for tag in found.tags if _TAGS[tag.value] in client.diagnostic_tags]
        related = self._related(found) if client.related_information and found.related else None
        return types.Diagnostic(
            range=self.range(document.text, found.span),
            message=found.message,
            severity=_SEVERITIES[found.severity.value],
            code=found.code,
            code_description=_description(found.code) if client.code_descriptions else None,
            source=SOURCE,
            tags=tags or None,
            related_information=related or None,
        )

    def _related(self, found: Diagnostic) -> list[types.DiagnosticRelatedInformation]:
        items = []
        for related in found.related:
            text = self.text(related.path)
            if text is not None:
                location = types.Location(self.uri(related.path), self.range(text, related.span))
                items.append(types.DiagnosticRelatedInformation(location, related.message))
        return items

    def symbol(self, text: Text, symbol: Symbol) -> types.DocumentSymbol:
        """A symbol of a document, with those inside it."""
        location = symbol.location
        return types.DocumentSymbol(
            name=symbol.name,
            kind=symbol_kind(symbol.kind),
            range=self.range(text, location.span),
            selection_range=self.range(text, location.selection or location.span),
            detail=symbol.detail or None,
            children=[self.symbol(text, child) for child in symbol.children],
        )


def symbol_kind(kind: SymbolKind) -> types.SymbolKind:
    """The protocol's number of a kind of symbol."""
    return _SYMBOLS[kind.value]


def markup(markdown: str, *, is_supported: bool) -> types.MarkupContent:
    """Markdown, or the same as plain text for a client that shows no Markdown."""
    kind = types.MarkupKind.Markdown if is_supported else types.MarkupKind.PlainText
    return types.MarkupContent(kind, markdown if is_supported else plain(markdown))


def plain(markdown: str) -> str:
    """Markdown without its marks: fences, emphasis, code quotes and link targets."""
    import re  # noqa: PLC0415 - few clients need it

    text = re.sub(r"^```.*\n?", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*\*|__|`", "", text)


def _description(code: str) -> types.CodeDescription:
    return types.CodeDescription(f"{DOCS}/{code}.md")
