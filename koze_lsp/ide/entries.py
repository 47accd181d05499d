"""The workflow entries of the wrangler file: which workflow each is for, and where its texts stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project
from koze_lsp.syntax.jsonc import JsonNode, JsonString
from koze_lsp.syntax.wrangler import WorkflowEntry, WranglerFacts, inner_span
from koze_lsp.text import Span


def entries(project: Project) -> Iterator[WorkflowEntry]:
    """Every entry of the wrangler file, the environments' included."""
    if project.wrangler is not None:
        for listed in project.wrangler.wrangler.lists:
            yield from listed.entries


def entry_workflow(project: Project, entry: WorkflowEntry) -> Workflow | None:
    """The workflow that an entry of the wrangler file is for: by its binding, else by its class."""
    if entry.binding is not None:
        found = project.workflows.by_binding.get(entry.binding)
        if found:
            return found[0]
    named = [item for item in project.workflows.workflows if entry.class_name and item.class_name == entry.class_name]
    return named[0] if len(named) == 1 else None


def bound_by_wrangler(project: Project, binding: str) -> bool:
    """Whether the wrangler file gives a workflow that binding."""
    return any(entry.binding == binding for entry in entries(project))


def binding_workflow(project: Project, binding: str) -> Workflow | None:
    """The workflow behind a binding: the one it is derived from, else the one whose class its entry names."""
    found = project.workflows.by_binding.get(binding)
    if found:
        return found[0]
    bound = (entry_workflow(project, entry) for entry in entries(project) if entry.binding == binding)
    return next((workflow for workflow in bound if workflow is not None), None)


def entry_extent(entry: WorkflowEntry) -> Span:
    """An entry from its first character to its last; of a TOML table the syntax layer gives only the header."""
    spans = (
        [entry.span, *(member.span for member in entry.object.members)] if entry.object is not None else [entry.span]
    )
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def string_span(facts: WranglerFacts, node: JsonNode) -> Span:
    """A string's text inside its quotes; in a TOML inline table, whose spans are too wide, searched for."""
    span = inner_span(facts.tree, node)
    if isinstance(node, JsonString):
        source = facts.tree.source
        if facts.toml and source[span.start : span.end] != node.value:
            match = re.compile(rf"[\"']({re.escape(node.value)})[\"']").search(source, *node.span)
            return Span(*match.span(1)) if match is not None else span
    return span
