"""Completion, and the documentation of one item once it is looked at.

The items are made as plain JSON: an application may have hundreds of workflows, and converting as many objects of
lsprotocol takes ten times as long as everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from koze_lsp.lsp.convert import Converter, markup, plain
from koze_lsp.lsp.protocol import Plain

if TYPE_CHECKING:
    from koze_lsp.ide.types import Completion
    from koze_lsp.lsp.session import Session, Target
    from koze_lsp.text import Span

_KINDS = {
    "class": types.CompletionItemKind.Class,
    "constant": types.CompletionItemKind.Constant,
    "enum-member": types.CompletionItemKind.EnumMember,
    "event": types.CompletionItemKind.Event,
    "field": types.CompletionItemKind.Field,
    "file": types.CompletionItemKind.File,
    "function": types.CompletionItemKind.Function,
    "keyword": types.CompletionItemKind.Keyword,
    "module": types.CompletionItemKind.Module,
    "property": types.CompletionItemKind.Property,
    "snippet": types.CompletionItemKind.Snippet,
    "unit": types.CompletionItemKind.Unit,
    "value": types.CompletionItemKind.Value,
    "variable": types.CompletionItemKind.Variable,
}
_NUMBERS = {name: kind.value for name, kind in _KINDS.items()}
_SNIPPET = types.InsertTextFormat.Snippet.value
_PLAIN_TEXT = types.InsertTextFormat.PlainText.value

Json = dict[str, Any]


def complete(session: Session, params: types.CompletionParams) -> Plain | None:
    """What can stand at a position: a ``CompletionList``."""
    target = session.target(params.text_document.uri)
    if target is None:
        return None
    from koze_lsp.ide import completion  # noqa: PLC0415

    offset = Converter(session, target.project).offset(target.document, params.position)
    found = completion.complete(target.project, target.document, offset)
    writer = _Writer(session, target, found[0] if found else None)
    answer: Json = {"isIncomplete": False, "items": [writer.item(item, number) for number, item in enumerate(found)]}
    if writer.defaults:
        answer["itemDefaults"] = writer.defaults
    return Plain(answer)


class _Writer:
    """Writes the items of one list.

    ``defaults`` is what the list says once for all its items, as far as the client can take that: most items replace
    the same text and are resolved in the same way, and with hundreds of them that is two thirds of the answer.
    """

    def __init__(self, session: Session, target: Target, first: Completion | None) -> None:
        self._client = session.client
        self._protocol = session.protocol
        self._converter = Converter(session, target.project)
        self._text = target.document.text
        self._root = target.project.root
        self._ranges: dict[Span, Json] = {}
        self._span: Span | None = None
        self._key: tuple[str, ...] | None = None
        self.defaults: Json = {}
        if first is not None:
            self._share(first, self._client.item_defaults)

    def _share(self, first: Completion, can: frozenset[str]) -> None:
        if "editRange" in can:
            self._span = first.span
            self.defaults["editRange"] = self._range(first.span)
        if "insertTextFormat" in can:
            self.defaults["insertTextFormat"] = _PLAIN_TEXT
        if "data" in can and first.resolve is not None and first.resolve[-1] == first.label:
            self._key = first.resolve[:-1]
            self.defaults["data"] = {"root": self._root, "key": [*self._key], "label": True}

    def _range(self, span: Span) -> Json:
        found = self._ranges.get(span)
        if found is None:
            found = self._ranges[span] = self._protocol.plain(self._converter.range(self._text, span))
        return found

    def item(self, item: Completion, number: int) -> Json:
        """A ``CompletionItem``."""
        client = self._client
        is_snippet = item.is_snippet and client.snippets
        insert = item.insert if is_snippet or not item.is_snippet else (item.plain or item.label)
        converted: Json = {
            "label": item.label,
            "kind": _NUMBERS[item.kind.value],
            "sortText": item.sort if item.sort is not None else f"{number:05}",
        }
        if is_snippet or "insertTextFormat" not in self.defaults:
            converted["insertTextFormat"] = _SNIPPET if is_snippet else _PLAIN_TEXT
        if item.span != self._span:
            converted["textEdit"] = {"range": self._range(item.span), "newText": insert}
        elif insert != item.label:
            converted["textEditText"] = insert
        if item.detail:
            converted["detail"] = item.detail
        if item.documentation:
            documentation = markup(item.documentation, is_supported=client.markdown_documentation)
            converted["documentation"] = {"kind": documentation.kind.value, "value": documentation.value}
        if item.filter is not None:
            converted["filterText"] = item.filter
        if item.extra:
            converted["additionalTextEdits"] = [
                {"range": self._range(span), "newText": new} for span, new in item.extra
            ]
        if item.commit and client.commit_characters:
            converted["commitCharacters"] = list(item.commit)
        if item.resolve is not None and (item.resolve[:-1] != self._key or item.resolve[-1] != item.label):
            converted["data"] = {"root": self._root, "key": list(item.resolve)}
        if item.preselect and client.preselect:
            converted["preselect"] = True
        if item.deprecated and client.completion_tags:
            converted["tags"] = [types.CompletionItemTag.Deprecated.value]
        return converted


def resolve(session: Session, item: types.CompletionItem) -> types.CompletionItem:
    """The same item with its documentation; unchanged if there is none, or its application has gone."""
    data: Any = item.data
    if not isinstance(data, dict) or data.get("root") not in session.workspace.roots():
        return item
    from koze_lsp.ide import completion  # noqa: PLC0415

    project = session.workspace.project(data["root"])
    key = tuple(map(str, data.get("key") or ()))
    documentation = completion.resolve(project, (*key, item.label) if data.get("label") else key)
    if documentation:
        is_supported = session.client.markdown_documentation
        item.documentation = markup(documentation, is_supported=True) if is_supported else plain(documentation)
    return item
