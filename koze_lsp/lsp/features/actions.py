"""Code actions: the fixes of findings, refactorings, and fix-all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.convert import SOURCE, Converter
from koze_lsp.lsp.edits import can_apply, workspace_edit

if TYPE_CHECKING:
    from koze_lsp.ide.types import Action
    from koze_lsp.lsp.session import Session, Target
    from koze_lsp.rules.base import Diagnostic
    from koze_lsp.text import Span


def code_actions(session: Session, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """What can be done about a range."""
    target = session.target(params.text_document.uri)
    if target is None or not session.client.action_literals:
        return None
    from koze_lsp.ide import actions as ide  # noqa: PLC0415

    only = [str(getattr(kind, "value", kind)) for kind in params.context.only or ()]
    converter = Converter(session, target.project)
    span = converter.span(target.document, params.range)
    found: list[Action] = []
    if not only or any(_covers(kind, "quickfix") or _covers(kind, "refactor") or _in(kind) for kind in only):
        about = _about(session, target, span, params.context.diagnostics, converter)
        found += ide.actions(target.project, target.document, span, about)
    if any(_covers(kind, "source.fixAll.koze") for kind in only):
        everything = ide.fix_all(target.project, target.document)
        found += [everything] if everything is not None else []
    return [
        _action(converter, target, action, params.context.diagnostics)
        for action in found
        if (not only or any(_covers(kind, action.kind.value) for kind in only)) and can_apply(converter, action.changes)
    ]


def _covers(wanted: str, kind: str) -> bool:
    """Whether a kind of action is one that was asked for: ``refactor`` covers ``refactor.extract``."""
    return wanted in ("", kind) or kind.startswith(f"{wanted}.")


def _in(wanted: str) -> bool:
    return wanted.startswith(("quickfix.", "refactor."))


def _about(
    session: Session, target: Target, span: Span, shown: Sequence[types.Diagnostic], converter: Converter
) -> list[Diagnostic]:
    """The findings that touch the range, and those that the client names."""
    named = {(item.code, converter.span(target.document, item.range)) for item in shown if item.source == SOURCE}
    return [
        found
        for found in session.diagnostics.found(target.project, target.document.path)
        if (found.span.start <= span.end and span.start <= found.span.end) or (found.code, found.span) in named
    ]


def _action(
    converter: Converter, target: Target, action: Action, shown: Sequence[types.Diagnostic]
) -> types.CodeAction:
    answered = []
    for found in action.diagnostics:
        span = found.span
        same = [
            item for item in shown if item.code == found.code and converter.span(target.document, item.range) == span
        ]
        answered.append(same[0] if same else converter.diagnostic(target.document, found))
    return types.CodeAction(
        title=action.title,
        kind=action.kind.value,
        diagnostics=answered or None,
        is_preferred=True if action.preferred and converter.session.client.action_preferred else None,
        edit=workspace_edit(converter, action.changes),
    )
