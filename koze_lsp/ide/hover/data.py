"""Hover in wrangler's file, package.json and scenario files."""

from __future__ import annotations

from koze_lsp.ide.completion import scenario as scenario_keys
from koze_lsp.ide.completion.package import KINDS, setting_at
from koze_lsp.ide.context import cursor_at
from koze_lsp.ide.describe import code, entry_of, workflow_markdown, wrangler_state
from koze_lsp.ide.knowledge import STATUSES, WRANGLER_KEYS
from koze_lsp.ide.targets import Role, WorkflowTarget, target_at
from koze_lsp.ide.types import Hover
from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.rules import all_rules
from koze_lsp.syntax.jsonc import JsonObject
from koze_lsp.syntax.scenario_keys import PAGE, RUN
from koze_lsp.text import Span


def wrangler(project: Project, document: Document, offset: int) -> Hover | None:
    """An entry of ``workflows``, one of its keys, or the field itself."""
    for listed in document.wrangler.lists:
        if listed.key_span.contains(offset):
            return Hover(listed.key_span, _list_markdown(project))
        for entry in listed.entries:
            if entry.span.contains(offset) and entry.object is not None:
                key = _key(entry.object, offset)
                if key is not None:
                    return key
    target = target_at(project, document, offset)
    if not isinstance(target, WorkflowTarget):
        return None
    if target.workflow is not None:
        return Hover(target.span, workflow_markdown(project, target.workflow))
    if target.role is Role.ENTRY_BINDING or target.role is Role.ENTRY:
        return Hover(target.span, f"No workflow file has the binding {code(target.binding or '')}.")
    return None


def _key(entry: JsonObject, offset: int) -> Hover | None:
    for member in entry.members:
        if member.key.span.contains(offset) and member.key.value in WRANGLER_KEYS:
            kind, text = WRANGLER_KEYS[member.key.value]
            return Hover(member.key.span, f"`{member.key.value}: {kind}`\n\n{text}")
    return None


def _list_markdown(project: Project) -> str:
    workflows = project.workflows.workflows
    lines = [f"- `{item.name}`: {wrangler_state(project, item)}" for item in workflows]
    found = sum(entry_of(project, item) is not None for item in workflows)
    return "\n".join([f"{found} of {len(workflows)} workflow files have an entry here.", "", *lines])


def package(document: Document, offset: int) -> Hover | None:
    """A setting under ``koze-lsp``."""
    cursor = cursor_at(document, offset)
    path, at_key = cursor.data_path()
    if not at_key or path[:1] != ("koze-lsp",) or cursor.string is None:
        return None
    name = document.source[cursor.string.inner.start : cursor.string.inner.end]
    if path == ("koze-lsp", "rules"):
        text = _rule(name)
        return Hover(cursor.string.inner, f"`{name}`: {text}") if text else None
    setting = setting_at((*path[1:], name))
    if setting is None:
        return None
    return Hover(cursor.string.inner, f"`{name}: {KINDS[setting.kind]}`\n\n{setting.documentation}")


def _rule(name: str) -> str:
    """The first sentence of a rule's explanation."""
    rule = all_rules().get(name)
    return " ".join((rule.__doc__ or "").strip().split("\n\n")[0].split()) if rule is not None else ""


def scenario(project: Project, document: Document, offset: int) -> Hover | None:
    """A key of a scenario file, a workflow's name in it, or a status."""
    cursor = cursor_at(document, offset)
    if cursor.in_comment:
        return None
    span = cursor.string.inner if cursor.string is not None else cursor.word
    name = document.source[span.start : span.end]
    path, at_key = cursor.data_path()
    if not name:
        return None
    if not at_key:
        known = path[-1:] == ("status",) and name in STATUSES
        return Hover(span, f"`{name}`: {STATUSES[name]}") if known else None
    return _scenario_key(project, path, name, span)


def _scenario_key(project: Project, path: tuple[str, ...], name: str, span: Span) -> Hover | None:
    if (path[:1] == ("ticks",) and len(path) == 2) or path == ("run",):
        found = scenario_keys.workflow_of(project, name)
        if found is not None:
            return Hover(span, workflow_markdown(project, found))
    table = scenario_keys.table_at(project, path) if path else {**RUN, **PAGE}
    if table is None or name not in table:
        return None
    return Hover(span, f"`{name}: {table[name].kind}`\n\n{table[name].text}")
