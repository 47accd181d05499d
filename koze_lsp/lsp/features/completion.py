"""Completion, and the documentation of one item once it is looked at.

The items are made as plain JSON: an application may have hundreds of workflows, and converting as many objects of
lsprotocol takes ten times as long as everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
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

    converter = Converter(session, target.project)
    text = target.document.text

    @cache  # most items replace the same text
    def range_of(span: Span) -> Json:
        found: Json = session.protocol.plain(converter.range(text, span))
        return found

    found = completion.complete(target.project, target.document, converter.offset(target.document, params.position))
    items = [_item(session, target, item, number, range_of) for number, item in enumerate(found)]
    return Plain({"isIncomplete": False, "items": items})


def _item(session: Session, target: Target, item: Completion, number: int, range_of: Callable[[Span], Json]) -> Json:
    """A ``CompletionItem``."""
    client = session.client
    is_snippet = item.is_snippet and client.snippets
    insert = item.insert if is_snippet or not item.is_snippet else (item.plain or item.label)
    converted: Json = {
        "label": item.label,
        "kind": _NUMBERS[item.kind.value],
        "sortText": item.sort if item.sort is not None else f"{number:05}",
        "insertTextFormat": _SNIPPET if is_snippet else _PLAIN_TEXT,
        "textEdit": {"range": range_of(item.span), "newText": insert},
    }
    if item.detail:
        converted["detail"] = item.detail
    if item.documentation:
        documentation = markup(item.documentation, is_supported=client.markdown_documentation)
        converted["documentation"] = {"kind": documentation.kind.value, "value": documentation.value}
    if item.filter is not None:
        converted["filterText"] = item.filter
    if item.extra:
        converted["additionalTextEdits"] = [{"range": range_of(span), "newText": new} for span, new in item.extra]
    if item.commit and client.commit_characters:
        converted["commitCharacters"] = list(item.commit)
    if item.resolve is not None:
        converted["data"] = {"root": target.project.root, "key": list(item.resolve)}
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
    documentation = completion.resolve(project, tuple(map(str, data.get("key") or ())))
    if documentation:
        is_supported = session.client.markdown_documentation
        item.documentation = markup(documentation, is_supported=True) if is_supported else plain(documentation)
    return item
