"""Hover in scripts and templates: names, polls, options, statuses and their fields, parameters, modules."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide import graph
from koze_lsp.ide.describe import code, field_type, shape_text, workflow_markdown
from koze_lsp.ide.knowledge import EXPORTS, FIELDS, MODULES, OPTIONS, STATUSES, WORKFLOW_STATUS
from koze_lsp.ide.targets import ParamTarget, WorkflowTarget, target_at
from koze_lsp.ide.types import Hover
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.syntax import koze_modules
from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.durations import human
from koze_lsp.syntax.poll import PollInterval, parse_poll
from koze_lsp.syntax.values import Value
from koze_lsp.syntax.workflow import Shape
from koze_lsp.text import Span

SIGNATURE = "workflowStatus(name, instanceId, { poll?, until? }?): Promise<AsyncValue>"


def hover(project: Project, document: Document, offset: int) -> Hover | None:
    """What is at an offset of a module, of a page, or of src/app.d.ts."""
    target = target_at(project, document, offset)
    if isinstance(target, WorkflowTarget):
        return _workflow(project, target)
    if isinstance(target, ParamTarget):
        return _param(project, document, target)
    if document.kind is FileKind.APP_DTS:
        return None
    if "workflowStatus" in document.source:
        for call in document.script.status_calls:
            if call.span.contains(offset):
                found = _in_call(document, call, offset)
                if found is not None:
                    return found
        found = _status(project, document, offset)
        if found is not None:
            return found
    return _import(document, offset)


def _workflow(project: Project, target: WorkflowTarget) -> Hover | None:
    if target.workflow is not None:
        parts = workflow_markdown(project, target.workflow), graph.markdown(target.workflow.document.workflow)
        return Hover(target.span, "\n\n".join(part for part in parts if part))
    if target.name is not None:
        names = ", ".join(code(name) for name in project.workflows.names) or "none"
        return Hover(target.span, f"No workflow is called {code(target.name)}. This application has: {names}")
    return None


def _param(project: Project, document: Document, target: ParamTarget) -> Hover | None:
    if document.kind not in (FileKind.ROUTE, FileKind.LAYOUT):
        return None
    for segment in project.routing.parameters(document.path):
        if segment.parameter == target.name:
            rest = " (the rest of the path, at least one segment)" if segment.rest else ""
            text = f"`params.{target.name}` · the segment `{segment.text}` of `{segment.path}`{rest}. Not URL-decoded."
            return Hover(target.span, text)
    return None


# Calls ---------------------------------------------------------------------------------------------------


def _in_call(document: Document, call: StatusCall, offset: int) -> Hover | None:
    if call.callee.contains(offset):
        return Hover(call.callee, f"```ts\n{SIGNATURE}\n```\n\n{WORKFLOW_STATUS}")
    for option in call.options.properties if call.options is not None and call.options.kind == "object" else ():
        if option.key is None or option.key not in OPTIONS or not option.span.contains(offset):
            continue
        if option.key == "poll" and (option.value.span.contains(offset) or option.key_span.contains(offset)):
            at = option.value.span if option.value.span.contains(offset) else option.key_span
            return Hover(at, poll_markdown(document, call, option.value))
        if option.key_span.contains(offset):
            kind, text = OPTIONS[option.key]
            if option.key == "until" and call.option("poll") is None:
                text = f"**Never called here: the call has no `poll`.** {text}"
            return Hover(option.key_span, f"`{option.key}: {kind}`\n\n{text}")
    return None


def literal(value: Value) -> tuple[bool, str | float | bool | None]:
    """The value of an interval as the framework would get it, and whether it shows."""
    if value.kind in ("string", "number", "boolean"):
        return True, value.literal
    return value.kind in ("null", "undefined"), None


def interval(call: StatusCall) -> PollInterval | None:
    """What the framework makes of a call's ``poll``; None where it has none, or it does not show."""
    option = call.option("poll")
    if option is None:
        return None
    known, value = literal(option.value)
    return parse_poll(value) if known else None


def poll_markdown(document: Document, call: StatusCall, value: Value) -> str:
    """What an interval means, alone and beside the other polls of the page."""
    found = interval(call)
    if found is None:
        return f"Computed while the page renders.\n\n{OPTIONS['poll'][1]}"
    written = code(document.source[value.definition.start : value.definition.end])
    if found.off or found.ms is None:
        return f"{written}: polling is **off**. The status is read once."
    every = f"**{human(found.ms)}** ({found.ms:,.10g} ms)"
    if not found.readable:
        first = f"The framework can't read {written}: the page polls every {every}, silently."
    elif not found.has_unit:
        first = f"{written} has no unit and counts seconds: the page polls every {every}."
    else:
        first = f"The page renders itself again every {every} until the status is terminal."
    others = "\n\n".join(_others(document, call, found.ms))
    return f"{first}\n\n{others}" if others else first


def _others(document: Document, call: StatusCall, ms: float) -> Iterator[str]:
    """What the other polls of the same file make of an interval: the shortest counts."""
    polls = [(other, found.ms) for other in document.script.status_calls if (found := _active(other)) is not None]
    if len(polls) > 1:
        shortest, least = min(polls, key=lambda pair: pair[1] or 0.0)
        if shortest is call or least == ms:
            yield f"Of the {len(polls)} polls in this file it is the shortest, so it counts for all of them."
        else:
            line = document.text.line_at(shortest.span.start) + 1
            every = f"**The page polls every {human(least or 0.0)}**"
            yield f"{every}: the shortest of its {len(polls)} polls counts (line {line})."
        yield "Polling stops when every call is terminal."
    if call.loop:
        yield "Called once per item: polling stops when every call is terminal."


def _active(call: StatusCall) -> PollInterval | None:
    found = interval(call)
    return found if found is not None and found.ms is not None else None


# Statuses ------------------------------------------------------------------------------------------------


def _status(project: Project, document: Document, offset: int) -> Hover | None:
    flow = document.script.status_flow
    for comparison in flow.comparisons:
        inner, text = comparison.literal.inner, comparison.literal.string
        if text is not None and text in STATUSES and comparison.literal.definition.contains(offset):
            return Hover(inner, f"`{text}`: {STATUSES[text]}")
    for read in flow.reads:
        for depth, span in enumerate(read.fields):
            if span.contains(offset):
                return _field(project, read.call, read.path[: depth + 1], span)
    for name in flow.names:
        for span in (name.binding.span, *(use.span for use in name.binding.uses)):
            if span.contains(offset):
                return Hover(span, _status_markdown(project, name.call, name.binding.name))
    return None


def _status_markdown(project: Project, call: StatusCall, name: str) -> str:
    workflow = call.name.string if call.name is not None else None
    of = f"the status of the workflow `{workflow}`" if workflow else "the status of a workflow"
    found = interval(call)
    every = f", polled every {human(found.ms)}" if found is not None and found.ms is not None else ""
    lines = [f"- `{field}`: {_field_kind(project, call, field)}" for field in FIELDS]
    return "\n".join([f"`{name}` · {of}{every}", "", *lines])


def _field_kind(project: Project, call: StatusCall, field: str) -> str:
    shape = _output(project, call)
    if field == "output" and shape is not None:
        return f"{code(shape_text(shape))}, null until complete"
    return {"error": "set only when reading the status failed"}.get(field, FIELDS[field][0])


def _output(project: Project, call: StatusCall) -> Shape | None:
    name = call.name.string if call.name is not None else None
    workflow = project.workflows.by_name.get(name) if name is not None else None
    return workflow.document.workflow.output if workflow is not None else None


def _field(project: Project, call: StatusCall, path: tuple[str, ...], span: Span) -> Hover | None:
    field = FIELDS.get(path[0])
    if field is None:
        return None
    if len(path) == 1:
        kind, text = field
        shape = _output(project, call) if path[0] == "output" else None
        kind = shape_text(shape) + " | null" if shape is not None else kind
        return Hover(span, f"{code(f'{path[0]}: {kind}')}\n\n{text}")
    shape = _output(project, call)
    found = None
    for part in path[1:] if path[0] == "output" else ():
        found = shape.field(part) if shape is not None else None
        shape = found.shape if found is not None else None
    if found is None:
        return None
    name = call.name.string if call.name is not None else ""
    text = f"{code(f'{found.name}: {field_type(found)}')}\n\nReturned by `run()` of `{name}`"
    return Hover(span, f"{text}: {code(found.text)}" if found.text else text)


# Imports -------------------------------------------------------------------------------------------------


def _import(document: Document, offset: int) -> Hover | None:
    for imported in document.script.imports:
        split = koze_modules.split(imported.module)
        if split is None or not imported.statement.contains(offset):
            continue
        if imported.module_span.contains(offset) and split[1] in MODULES:
            return Hover(imported.module_span, f"`{imported.module}` · {MODULES[split[1]]}")
        if imported.imported_span.contains(offset) or imported.local_span.contains(offset):
            if imported.is_status:
                return Hover(imported.imported_span, f"```ts\n{SIGNATURE}\n```\n\n{WORKFLOW_STATUS}")
            if imported.imported in EXPORTS:
                return Hover(imported.imported_span, f"`{imported.imported}` · {EXPORTS[imported.imported]}")
    return None
