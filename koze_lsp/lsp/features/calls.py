"""Call hierarchy: which pages read a workflow, which server code starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from koze_lsp.lsp.convert import Converter, symbol_kind

if TYPE_CHECKING:
    from koze_lsp.ide.types import CallItem
    from koze_lsp.lsp.session import Session
    from koze_lsp.project.project import Project


def prepare(session: Session, params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem] | None:
    """The callers or callees that stand at a position."""
    target = session.target(params.text_document.uri)
    if target is None:
        return None
    from koze_lsp.ide import calls as ide  # noqa: PLC0415

    converter = Converter(session, target.project)
    offset = converter.offset(target.document, params.position)
    found = ide.prepare(target.project, target.document, offset)
    return [item for call in found if (item := _item(converter, call)) is not None] or None


def incoming(
    session: Session, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall] | None:
    """Who calls an item."""
    known = _known(session, params.item)
    if known is None:
        return None
    project, key = known
    from koze_lsp.ide import calls as ide  # noqa: PLC0415

    converter = Converter(session, project)
    found = []
    for edge in ide.incoming(project, key):
        item, text = _item(converter, edge.item), converter.text(edge.item.location.path)
        if item is not None and text is not None:
            ranges = [converter.range(text, span) for span in edge.spans]
            found.append(types.CallHierarchyIncomingCall(item, ranges))
    return found


def outgoing(
    session: Session, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    """Whom an item calls."""
    known = _known(session, params.item)
    located = session.target(params.item.uri)
    if known is None or located is None:
        return None
    project, key = known
    from koze_lsp.ide import calls as ide  # noqa: PLC0415

    converter = Converter(session, project)
    found = []
    for edge in ide.outgoing(project, key):
        item = _item(converter, edge.item)
        if item is not None:
            ranges = [converter.range(located.document.text, span) for span in edge.spans]
            found.append(types.CallHierarchyOutgoingCall(item, ranges))
    return found


def _item(converter: Converter, call: CallItem) -> types.CallHierarchyItem | None:
    text = converter.text(call.location.path)
    if text is None:
        return None
    return types.CallHierarchyItem(
        name=call.name,
        kind=symbol_kind(call.kind),
        uri=converter.uri(call.location.path),
        range=converter.range(text, call.location.span),
        selection_range=converter.range(text, call.location.selection or call.location.span),
        detail=call.detail or None,
        data={"root": converter.project.root, "key": list(call.key)},
    )


def _known(session: Session, item: types.CallHierarchyItem) -> tuple[Project, tuple[str, str]] | None:
    """The snapshot and key that an item was made from, if its application is still there."""
    data: Any = item.data
    if not isinstance(data, dict) or data.get("root") not in session.workspace.roots():
        return None
    kind, name = data["key"]
    return session.workspace.project(data["root"]), (str(kind), str(name))
