"""Completion, and the documentation of one item once it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from koze_lsp.lsp.convert import Converter, markup, plain

if TYPE_CHECKING:
    from koze_lsp.ide.types import Completion
    from koze_lsp.lsp.session import Session, Target

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


def complete(session: Session, params: types.CompletionParams) -> types.CompletionList | None:
    """What can stand at a position."""
    target = session.target(params.text_document.uri)
    if target is None:
        return None
    from koze_lsp.ide import completion  # noqa: PLC0415

    converter = Converter(session, target.project)
    offset = converter.offset(target.document, params.position)
    found = completion.complete(target.project, target.document, offset)
    items = [_item(converter, target, item, number) for number, item in enumerate(found)]
    return types.CompletionList(is_incomplete=False, items=items)


def _item(converter: Converter, target: Target, item: Completion, number: int) -> types.CompletionItem:
    client, text = converter.session.client, target.document.text
    is_snippet = item.is_snippet and client.snippets
    insert = item.insert if is_snippet or not item.is_snippet else (item.plain or item.label)
    converted = types.CompletionItem(
        label=item.label,
        kind=_KINDS[item.kind.value],
        detail=item.detail or None,
        documentation=markup(item.documentation, is_supported=client.markdown_documentation)
        if item.documentation
        else None,
        sort_text=item.sort if item.sort is not None else f"{number:05}",
        filter_text=item.filter,
        insert_text_format=types.InsertTextFormat.Snippet if is_snippet else types.InsertTextFormat.PlainText,
        text_edit=types.TextEdit(converter.range(text, item.span), insert),
        additional_text_edits=[types.TextEdit(converter.range(text, span), new) for span, new in item.extra] or None,
        commit_characters=list(item.commit) if item.commit and client.commit_characters else None,
        data={"root": target.project.root, "key": list(item.resolve)} if item.resolve is not None else None,
    )
    if item.preselect and client.preselect:
        converted.preselect = True
    if item.deprecated and client.completion_tags:
        converted.tags = [types.CompletionItemTag.Deprecated]
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
