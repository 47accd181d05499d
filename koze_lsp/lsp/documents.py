"""What the client has open: texts, versions and the client's own URIs."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from koze_lsp.lsp import uris
from koze_lsp.text import Encoding, Position, Range, Text

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class OpenDocument:
    """A document that the client has open.

    Attributes:
        uri: as the client spells it.
        path: of a file; None for an untitled document or another scheme.
        epoch: grows each time a document is opened, so that result ids do not outlive what the client knows.
        placed: whether the workspace has this very text.
    """

    uri: str
    path: str | None
    text: Text
    version: int
    epoch: int
    placed: bool = False


class OpenDocuments:
    """All open documents, by `uris.key`."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._documents: dict[str, OpenDocument] = {}
        self._epoch = 0

    def __iter__(self) -> Iterator[OpenDocument]:
        return iter(tuple(self._documents.values()))

    def get(self, uri: str) -> OpenDocument | None:
        """The document with a URI, in whatever spelling."""
        return self._documents.get(uris.key(uri))

    def at(self, path: str) -> OpenDocument | None:
        """The open document of a file."""
        return self._documents.get(path)

    def open(self, item: types.TextDocumentItem) -> OpenDocument:
        """The client opened a document; one that was open already is replaced."""
        self._epoch += 1
        path = uris.to_path(item.uri)
        document = OpenDocument(item.uri, path, Text(item.text), item.version, self._epoch)
        self._documents[path or item.uri] = document
        return document

    def change(
        self,
        identifier: types.VersionedTextDocumentIdentifier,
        changes: Sequence[types.TextDocumentContentChangeEvent],
    ) -> OpenDocument | None:
        """The client edited a document; None for one that it has not opened.

        The order in which messages arrive counts, not the versions: a client that numbers its versions badly still
        means its edits.
        """
        document = self.get(identifier.uri)
        if document is None:
            logger.warning("ignored a change of %s, which is not open", identifier.uri)
            return None
        for change in changes:
            document.text = self._apply(document.text, change)
        document.version = identifier.version
        document.placed = False
        return document

    def close(self, uri: str) -> OpenDocument | None:
        """The client closed a document."""
        return self._documents.pop(uris.key(uri), None)

    def _apply(self, text: Text, change: types.TextDocumentContentChangeEvent) -> Text:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            return Text(change.text)
        start, end = change.range.start, change.range.end
        range_ = Range(Position(start.line, start.character), Position(end.line, end.character))
        return text.replace(text.span(range_, self._encoding), change.text)
