"""A workflow in a few lines of Markdown: for hovers and for the documentation of completions."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project
from koze_lsp.syntax.durations import human, parse_duration
from koze_lsp.syntax.values import Value
from koze_lsp.syntax.workflow import Field, Shape, Step
from koze_lsp.syntax.wrangler import WorkflowEntry

_SHOWN_STEPS = 20
_SHOWN_FIELDS = 12
_DEPTH = 3


def workflow_markdown(project: Project, workflow: Workflow) -> str:
    """Class, binding, wrangler entry, steps, payload and output of a workflow."""
    facts = workflow.document.workflow
    class_name = f"class `{workflow.class_name}`" if workflow.class_name else "**no class that the framework finds**"
    parts = [
        f"**{workflow.name}** · {class_name} · `{workflow.path}`",
        f"Binding `env.{workflow.binding}` · {wrangler_state(project, workflow)}",
    ]
    if facts.steps:
        parts.append("\n".join(["Steps:", *_steps(facts.steps)]))
    if facts.payload_type is not None:
        payload = shape_text(facts.payload) if facts.payload is not None else facts.payload_type
        parts.append(f"Payload: {code(payload)}")
    if facts.output is not None:
        parts.append(f"Output: {code(shape_text(facts.output))}")
    return "\n\n".join(parts)


def workflow_detail(workflow: Workflow) -> str:
    """Binding and class, for one line."""
    return f"{workflow.binding} · {workflow.class_name or 'no class found'}"


def entry_of(project: Project, workflow: Workflow) -> WorkflowEntry | None:
    """The entry of wrangler's file with a workflow's binding."""
    if project.wrangler is None:
        return None
    return next((entry for entry in project.wrangler.wrangler.entries if entry.binding == workflow.binding), None)


def wrangler_state(project: Project, workflow: Workflow) -> str:
    """Whether wrangler's file knows a workflow as the framework wants it."""
    document = project.wrangler
    if document is None:
        return "no wrangler file"
    if not document.wrangler.readable:
        return f"{document.path} can't be read"
    entry = entry_of(project, workflow)
    if entry is None:
        return f"**no entry in {document.path}**: the binding is missing at run time"
    if workflow.class_name is not None and entry.class_name != workflow.class_name:
        return f"**out of sync**: {document.path} has class_name `{entry.class_name}`"
    return f"in sync with {document.path}"


def _steps(steps: tuple[Step, ...]) -> Iterator[str]:
    for number, step in enumerate(steps[:_SHOWN_STEPS], 1):
        name = code(step.name) if step.name is not None else "*computed name*"
        yield f"{number}. {name} {step_note(step)}".rstrip()
    if len(steps) > _SHOWN_STEPS:
        yield f"{_SHOWN_STEPS + 1}. … {len(steps) - _SHOWN_STEPS} more"


def step_note(step: Step) -> str:
    """What kind of step, and how long it waits, as far as that shows."""
    around = [context.label for context in step.context if context.kind in ("loop", "parallel")]
    within = f", in {around[-1]}" if around else ""
    match step.kind:
        case "sleep":
            return f"sleeps {duration_text(step.duration)}{within}"
        case "sleepUntil":
            return f"sleeps until a moment{within}"
        case "waitForEvent":
            kind = step.event_type
            named = f" {code(kind.string)}" if kind is not None and kind.string else ""
            limit = duration_text(step.duration) if step.duration is not None else "24 h"
            return f"waits for event{named}, at most {limit}{within}"
    return f"({around[-1]})" if around else ""


def duration_text(value: Value | None) -> str:
    """A duration's time for people; ``…`` where it does not show."""
    literal = value.string if value is not None and value.string is not None else value.number if value else None
    if literal is None:
        return "…"
    ms = parse_duration(literal).ms
    return "(not readable)" if ms is None else human(ms)


def shape_text(shape: Shape, depth: int = 0) -> str:
    """``{ migrated: number; by?: string }``"""
    shown = [_field(field, depth) for field in shape.fields[:_SHOWN_FIELDS]]
    if len(shape.fields) > _SHOWN_FIELDS or not shape.complete:
        shown.append("…")
    return f"{{ {'; '.join(shown)} }}" if shown else "{}"


def _field(field: Field, depth: int) -> str:
    return f"{field.name}{'?' if field.optional else ''}: {field_type(field, depth)}"


def field_type(field: Field, depth: int = 0) -> str:
    """A field's type, with the fields of a nested object."""
    if field.shape is not None and depth < _DEPTH:
        return shape_text(field.shape, depth + 1)
    return field.type


def code(text: str) -> str:
    """Markdown code; safe for any text."""
    text = " ".join(text.split())
    fence = "``" if "`" in text else "`"
    pad = " " if fence == "``" else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else "`''`"
