"""Document symbols and workspace symbols: workflows with their steps, pages that read a status, wrangler entries."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.definition import class_location
from koze_lsp.ide.describe import step_note
from koze_lsp.ide.entries import entry_extent, string_span
from koze_lsp.ide.targets import union_members
from koze_lsp.ide.types import Location, Symbol, SymbolKind
from koze_lsp.project.document import SCRIPT_KINDS, WORKFLOW_KINDS, Document, FileKind
from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project
from koze_lsp.project.routing import segments
from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.poll import human, parse_poll
from koze_lsp.syntax.workflow import Step
from koze_lsp.syntax.wrangler import WorkflowEntry
from koze_lsp.text import Span

_PAGES = frozenset({FileKind.ROUTE, FileKind.LAYOUT})


def document_symbols(project: Project, document: Document) -> list[Symbol]:
    """The outline of a document, as far as Koze and Workflows are concerned."""
    del project
    kind = document.kind
    if kind is FileKind.WRANGLER:
        return list(_wrangler(document))
    if kind is FileKind.APP_DTS:
        return list(_union(document))
    if kind in WORKFLOW_KINDS:
        return [*_workflow(document), *_calls(document)]
    return list(_calls(document)) if kind.has_template or kind in SCRIPT_KINDS else []


def workspace_symbols(project: Project, query: str) -> list[Symbol]:
    """The workflows, steps and polling routes whose name has the query's letters in it in order, best first."""
    found: list[tuple[int, int, str, Symbol]] = []
    for rank, (texts, symbol) in enumerate(_everything(project)):
        scores = [score for text in texts if (score := _score(query.lower(), text.lower())) is not None]
        if scores:
            found.append((min(scores), rank, symbol.name, symbol))
    return [symbol for _, _, _, symbol in sorted(found, key=lambda item: item[:3])]


def _score(query: str, text: str) -> int | None:
    """0 for the whole text, 1 for its start, 2 for a part, 3 for the letters in order; None for no match."""
    if text == query:
        return 0
    if text.startswith(query):
        return 1
    if query in text:
        return 2
    letters = iter(text)
    return 3 if all(letter in letters for letter in query) else None


# Workspace --------------------------------------------------------------------------------------------


def _everything(project: Project) -> Iterator[tuple[tuple[str, ...], Symbol]]:
    """Each symbol with the texts that find it."""
    for workflow in project.workflows.workflows:
        name, class_name, location = workflow.name, workflow.class_name or "", class_location(workflow)
        symbol = Symbol(name, SymbolKind.CLASS, location, class_name, container=workflow.path)
        yield (name, class_name, workflow.binding), symbol
    for workflow in project.workflows.workflows:
        for step in workflow.document.workflow.steps:
            if step.name is not None:
                yield (step.name,), _step(workflow.document, step, workflow)
    seen: set[str] = set()
    for usage in project.usages.all(project):
        if usage.kind == "status" and usage.polls and usage.path not in seen and project.files[usage.path] in _PAGES:
            seen.add(usage.path)
            name = route_name(usage.path)
            location = Location(usage.path, usage.span)
            yield (name,), Symbol(name, SymbolKind.MODULE, location, "polls", container=usage.path)


def route_name(path: str) -> str:
    """A page's address as its file spells it: ``/migrations/[id]``; any other file's path as it is."""
    if not path.startswith("src/routes/"):
        return path
    return "/" + "/".join(segment.text for segment in segments(path))


# Documents --------------------------------------------------------------------------------------------


def _workflow(document: Document) -> Iterator[Symbol]:
    facts = document.workflow
    steps = tuple(_step(document, step) for step in facts.steps)
    run = facts.run
    if run.node is not None and run.name_span is not None:
        whole = facts.tree.span(run.node)
        span = Span(min(whole.start, run.name_span.start), max(whole.end, run.name_span.end))
        inside = tuple(step for step in steps if span.covers(step.location.span))
        outside = tuple(step for step in steps if not span.covers(step.location.span))
        method = Symbol("run", SymbolKind.METHOD, Location(document.path, span, run.name_span), children=inside)
        steps = (method, *outside)
    name = facts.name_span or facts.class_span
    if name is None:
        yield from steps
        return
    node = facts.tree.parent(facts.tree.node_at(*name))
    span = facts.tree.span(node) if node is not None and node.type.startswith(("class", "abstract")) else name
    text = document.source[name.start : name.end]
    inner = tuple(step for step in steps if span.covers(step.location.span))
    yield Symbol(text, SymbolKind.CLASS, Location(document.path, span, name), "workflow", inner)
    yield from (step for step in steps if not span.covers(step.location.span))


def _step(document: Document, step: Step, workflow: Workflow | None = None) -> Symbol:
    selection = step.name_span if step.name_span is not None else step.callee_span
    name = step.name if step.name else document.source[selection.start : selection.end]
    if not step.span.covers(selection):
        selection = step.callee_span
    kind = SymbolKind.FUNCTION if step.kind == "do" else SymbolKind.EVENT
    location = Location(document.path, step.span, selection)
    detail = f"step.{step.kind}"
    note = step_note(step)
    return Symbol(
        name or detail,
        kind,
        location,
        f"{detail} · {note}" if note and note != step.kind else detail,
        container=workflow.name if workflow is not None else None,
    )


def _calls(document: Document) -> Iterator[Symbol]:
    if "workflowStatus" not in document.source:
        return
    for call in document.script.status_calls:
        name = call.name.string if call.name is not None else None
        variable = call.variable.name if call.variable is not None else None
        shown = f"workflowStatus('{name}')" if name is not None else "workflowStatus(…)"
        detail = " · ".join(part for part in (shown if variable else "", _polling(call)) if part)
        selection = call.variable.span if call.variable is not None else call.callee
        whole = Span(min(call.span.start, selection.start), max(call.span.end, selection.end))
        yield Symbol(variable or shown, SymbolKind.CONSTANT, Location(document.path, whole, selection), detail)


def _polling(call: StatusCall) -> str:
    option = call.option("poll")
    if option is None or option.value.kind not in ("string", "number"):
        return "polls" if option is not None and option.value.kind == "unknown" else ""
    interval = parse_poll(option.value.literal)
    return f"polls every {human(interval.ms)}" if interval.ms is not None else ""


def _wrangler(document: Document) -> Iterator[Symbol]:
    for listed in document.wrangler.lists:
        children = tuple(_entry(document, entry) for entry in listed.entries)
        spans = [listed.member.span, listed.key_span, *(child.location.span for child in children)]
        span = Span(min(span.start for span in spans), max(span.end for span in spans))
        selection = listed.key_span if span.covers(listed.key_span) else None
        location = Location(document.path, span, selection)
        yield Symbol(listed.path, SymbolKind.KEY, location, f"{len(children)}", children)


def _entry(document: Document, entry: WorkflowEntry) -> Symbol:
    binding = entry.string("binding")
    selection = string_span(document.wrangler, binding) if binding is not None else None
    name = entry.binding or entry.name or entry.path
    location = Location(document.path, entry_extent(entry), selection)
    return Symbol(name, SymbolKind.OBJECT, location, entry.class_name or "")


def _union(document: Document) -> Iterator[Symbol]:
    for alias in document.app_dts.types:
        names = union_members(document.source, alias) if alias.names is not None else ()
        children = tuple(
            Symbol(name, SymbolKind.CONSTANT, Location(document.path, span)) for name, span in names if name
        )
        yield Symbol("WorkflowName", SymbolKind.KEY, Location(document.path, alias.span), alias.module, children)
