"""Hover in workflow files: the class, steps, durations, and configs with their retry schedule spelled out."""

from __future__ import annotations

from koze_lsp.ide.describe import code, step_note
from koze_lsp.ide.knowledge import STEP_METHODS
from koze_lsp.ide.types import Hover
from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.syntax.durations import human, parse_duration
from koze_lsp.syntax.step_config import RetrySchedule, check_config, retry_schedule
from koze_lsp.syntax.values import Value
from koze_lsp.syntax.workflow import Step

_SHOWN = 6


def hover(project: Project, document: Document, offset: int) -> Hover | None:
    """What is at an offset of a workflow file, besides what every script can hold."""
    del project
    steps = document.workflow.steps
    inside = [step for step in steps if step.span.contains(offset)]
    for step in reversed(inside):  # the innermost starts last
        found = _in_step(document, step, len(steps), offset)
        if found is not None:
            return found
    return None


def _in_step(document: Document, step: Step, count: int, offset: int) -> Hover | None:
    if step.callee_span.contains(offset):
        text, parameters = STEP_METHODS[step.kind]
        listed = ", ".join(label for label, _ in parameters)
        return Hover(step.callee_span, f"```ts\nstep.{step.kind}({listed})\n```\n\n{text}")
    if step.name_span is not None and step.name_span.contains(offset):
        return Hover(step.name_span, _step_markdown(step, count))
    duration = _duration_at(step, offset)
    if duration is not None:
        return Hover(duration.span, duration_markdown(document, duration))
    config = step.config
    if config is not None and config.span.contains(offset):
        return Hover(config.span, config_markdown(config))
    return None


def _step_markdown(step: Step, count: int) -> str:
    name = code(step.name) if step.name is not None else "computed name"
    first = f"Step {step.index + 1} of {count}: {name} {step_note(step)}".rstrip()
    return f"{first}\n\n{config_markdown(step.config)}" if step.kind == "do" else first


def _duration_at(step: Step, offset: int) -> Value | None:
    """The duration of a step or of its config at an offset."""
    candidates = [step.duration if step.kind != "sleepUntil" else None]
    config = step.config
    if config is not None and config.kind == "object":
        timeout, retries = config.member("timeout"), config.member("retries")
        delay = retries.value.member("delay") if retries is not None and retries.value.kind == "object" else None
        candidates += [member.value for member in (timeout, delay) if member is not None]
    for value in candidates:
        if value is not None and value.span.contains(offset) and value.kind in ("string", "number"):
            return value
    return None


def duration_markdown(document: Document, value: Value) -> str:
    """What the engine makes of a duration."""
    written = code(document.source[value.definition.start : value.definition.end])
    literal = value.string if value.string is not None else value.number
    duration = parse_duration(literal) if literal is not None else None
    if duration is None or duration.ms is None:
        remedy = "Write an amount, a space and a unit: `'5 seconds'`."
        return f"The engine can't read {written}: it fails at run time. {remedy}"
    if duration.problem == "unit ignored":
        return f"The engine doesn't know the unit `{duration.unit}`: {written} is **{human(duration.ms)}**."
    if duration.ms < 0:
        return f"{written} is negative: at once."
    return f"{written} is **{human(duration.ms)}** ({duration.ms:,.10g} ms)"


def config_markdown(config: Value | None) -> str:
    """How often and when the engine tries a step."""
    schedule = retry_schedule(config)
    if schedule is None:
        problems = check_config(config) if config is not None else []
        return f"**The engine refuses this config**: {problems[0].reason}." if problems else "Retries are computed."
    default = config is None or config.kind != "object" or config.member("retries") is None
    note = " By default; production waits 10 s before the first." if default else ""
    return f"{schedule_text(schedule)}{note}"


def schedule_text(schedule: RetrySchedule) -> str:
    """``Up to 3 retries, after 10 s, 20 s and 40 s: …``"""
    limit = f"{schedule.limit:.10g}"
    timeout = f"Each attempt may take {human(schedule.timeout)}." if schedule.timeout is not None else ""
    if schedule.limit < 1:
        return f"No retries: one attempt. {timeout}".strip()
    if schedule.delays is None:
        return f"Up to {limit} retries, {schedule.backoff} back-off. {timeout}".strip()
    shown = [human(delay) for delay in schedule.delays[:_SHOWN]]
    more = schedule.limit > len(shown)
    waits = ", ".join(shown) + (", …" if more else "")
    total = (
        "" if more and schedule.limit > len(schedule.delays) else f" ({human(sum(schedule.delays))} of waiting in all)"
    )
    plural = "retry" if schedule.limit < 2 else "retries"
    return f"Up to {limit} {plural}, {schedule.backoff} back-off: after {waits}{total}. {timeout}".strip()
