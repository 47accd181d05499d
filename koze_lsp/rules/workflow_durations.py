"""Rules about the durations of sleeps, timeouts and retry delays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Fix, Fixable, Related, Rule, Severity, edit_fix, register
from koze_lsp.rules.workflow_example import in_run
from koze_lsp.syntax.durations import human, parse_duration, suggest_duration
from koze_lsp.syntax.step_config import members
from koze_lsp.syntax.value_tokens import elsewhere, token
from koze_lsp.syntax.values import Value
from koze_lsp.syntax.workflow import Step
from koze_lsp.text import TextEdit

_KINDS = frozenset({FileKind.WORKFLOW})
_SECONDS = (1e8, 1e11)  # as milliseconds 1970 to 1973, as seconds 1973 to 5138


@dataclass(frozen=True, slots=True)
class Place:
    """A duration, and which of the engine's readers reads it."""

    value: Value
    reader: Literal["sleep", "waitForEvent", "config"]


def places(step: Step) -> Iterator[Place]:
    """Every place of a step that holds a duration."""
    if step.kind == "do":
        if step.config is None or step.config.kind != "object":
            return
        found = members(step.config)
        if "timeout" in found:
            yield Place(found["timeout"], "config")
        delay = members(found["retries"]).get("delay") if "retries" in found else None
        if delay is not None:
            yield Place(delay, "config")
    elif step.duration is not None and step.kind != "sleepUntil":
        yield Place(step.duration, "sleep" if step.kind == "sleep" else "waitForEvent")


@register
class InvalidDuration(Rule):
    """A sleep, a timeout or a delay is given a string that the engine cannot read.

    The engine reads a number of milliseconds, or an amount, a space and one unit: second, minute, hour, day, week,
    month or year, with or without s. Without the space (`'5s'`), with two units (`'1 hour 30 minutes'`) or with
    spaces around it, a sleep or a waitForEvent fails at run time with a database error that names no duration, and
    a step with such a timeout or delay throws before its callback runs.
    """

    code = "invalid-duration"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = _KINDS
    source = "Cloudflare engine, observed"
    wrong = in_run("await step.sleep('cool down', '5s');")
    right = in_run("await step.sleep('cool down', '5 seconds');")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for step in document.workflow.steps:
            for place in places(step):
                yield from self._place(document, place)
            if step.kind == "sleepUntil":
                yield from self._until(document, step)
            elif step.kind == "sleep" and len(step.arguments) == 1 and _single(document, step):
                message = "sleep without a duration throws a TypeError. Add one, such as '5 minutes'."
                yield self.found(document, step.callee_span, message)

    def _place(self, document: Document, place: Place) -> Iterator[Diagnostic]:
        value = place.value
        if value.string is not None:
            if parse_duration(value.string).problem != "refused":
                return
            yield self.found(
                document,
                token(value),
                f"The engine cannot read {_quoted(value.string)}: {_failure(place)}. {_advice(value.string)}",
                fixes=_fixes(document, value),
                related=_definition(document, value),
            )
        elif place.reader == "sleep" and (value.kind in ("undefined", "bigint") or _is_nan(value)):
            shown = {"undefined": "undefined", "bigint": "a bigint"}.get(value.kind, "NaN")
            message = f"The engine cannot sleep for {shown}: {_failure(place)}. Write milliseconds or '5 minutes'."
            yield self.found(document, token(value), message, related=_definition(document, value))

    def _until(self, document: Document, step: Step) -> Iterator[Diagnostic]:
        value = step.duration
        if value is None or value.string is None or parse_duration(value.string).problem is None:
            return
        message = (
            "sleepUntil takes a Date or epoch milliseconds; with this string it fails with a database error. "
            "Write `new Date('2030-01-01')`, or use step.sleep for a duration."
        )
        yield self.found(document, token(value), message, related=_definition(document, value))


@register
class DurationUnit(Rule):
    """A duration has a unit that the engine ignores, or sleepUntil is given seconds.

    An unknown unit counts as milliseconds, and nothing says so: `'5 min'`, `'5 sec'`, `'5 s'` and `'5 Minutes'` all
    mean 5 milliseconds. The engine knows second, minute, hour, day, week, month and year, in lower case, with or
    without s. sleepUntil counts milliseconds since 1970: seconds are a time long past, and it throws `You can't
    sleep until a time in the past, time-traveler`.
    """

    code = "duration-unit"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = _KINDS
    source = "Cloudflare engine, observed"
    wrong = in_run("await step.sleep('cool down', '5 min');")
    right = in_run("await step.sleep('cool down', '5 minutes');")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for step in document.workflow.steps:
            for place in places(step):
                yield from self._place(document, place.value)
            if step.kind == "sleepUntil" and step.duration is not None:
                yield from self._until(document, step, step.duration)

    def _place(self, document: Document, value: Value) -> Iterator[Diagnostic]:
        duration = parse_duration(value.string) if value.string is not None else None
        if value.string is None or duration is None or duration.problem != "unit ignored" or duration.ms is None:
            return
        took = "without end" if duration.ms == float("inf") else human(duration.ms)
        yield self.found(
            document,
            token(value),
            f"The engine does not know the unit '{duration.unit}' and counts milliseconds: {_quoted(value.string)} is "
            f"{took}. {_advice(value.string)}",
            fixes=_fixes(document, value),
            related=_definition(document, value),
        )

    def _until(self, document: Document, step: Step, value: Value) -> Iterator[Diagnostic]:
        seconds = _epoch_seconds(value)
        if not seconds and not step.until_seconds:
            return
        message = (
            "sleepUntil counts milliseconds since 1970, and this is seconds: a time in the past, at which it throws. "
            "Multiply it by 1000."
        )
        span = value.definition
        text = document.source[span.start : span.end]
        shown = text if seconds and value.kind == "number" else f"({text})"
        fixes: tuple[Fix, ...] = ()
        if value.kind != "new":
            edit = TextEdit(span, f"{shown} * 1000")
            fixes = (edit_fix(document.path, "Multiply by 1000", edit, preferred=True),)
        yield self.found(document, token(value), message, fixes=fixes, related=_definition(document, value))


def _epoch_seconds(value: Value) -> bool:
    low, high = _SECONDS
    return value.number is not None and low <= value.number < high


def _is_nan(value: Value) -> bool:
    return value.number is not None and value.number != value.number


def _single(document: Document, step: Step) -> bool:
    """Whether the call has but one argument; a spread after it would be left out of ``arguments``."""
    last = step.arguments[0].span.end
    return "..." not in document.source[last : step.span.end]


def _failure(place: Place) -> str:
    if place.reader == "config":
        return "the step throws `Step config … is in a invalid format` before its callback runs"
    return "the step fails with a database error (`NOT NULL constraint failed`)"


def _advice(text: str) -> str:
    nearest = suggest_duration(text)
    if nearest is None:
        return "Write an amount, a space and a unit, such as '5 minutes', or milliseconds."
    return f"Write {nearest}." if isinstance(nearest, int) else f"Write '{nearest}'."


def _fixes(document: Document, value: Value) -> tuple[Fix, ...]:
    nearest = suggest_duration(value.string or "")
    if nearest is None:
        return ()
    quote = document.source[value.definition.start]
    text = str(nearest) if isinstance(nearest, int) else f"{quote}{nearest}{quote}"
    edit = TextEdit(value.definition, text)
    return (edit_fix(document.path, f"Change to {text}", edit, preferred=True),)


def _definition(document: Document, value: Value) -> tuple[Related, ...]:
    return (Related(document.path, value.definition, "the value is here"),) if elsewhere(value) else ()


def _quoted(text: str) -> str:
    shown = text if len(text) <= 40 else text[:39] + "…"
    return "'" + shown.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"
