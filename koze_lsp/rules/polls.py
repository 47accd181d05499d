"""The ``poll`` option: what the framework makes of an interval."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Fix, Fixable, Rule, Severity, edit_fix, register
from koze_lsp.rules.options import LITERALS, remove_option, surely
from koze_lsp.rules.status_calls import CALLERS, NEEDS, page
from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.poll import PollInterval, human, parse_poll, suggest_polls, unit_choices
from koze_lsp.syntax.values import Property, Value
from koze_lsp.text import TextEdit

_NEVER_READABLE = frozenset({"object", "function"})


def polls(document: Document) -> Iterator[tuple[StatusCall, Property, PollInterval]]:
    """The calls of a document whose ``poll`` is a literal, with what the framework makes of it."""
    for call in document.script.status_calls:
        option = surely(call, "poll")
        if option is not None and option.value.kind in LITERALS:
            yield call, option, parse_poll(option.value.literal)


def replacement(document: Document, value: Value, new: str) -> TextEdit:
    """The edit that writes another interval in place of a literal, with the quotes that are there."""
    if value.kind == "string" and not new.isdigit():
        return TextEdit(value.inner, new)
    quote = document.source[value.definition.start] if value.kind == "string" else "'"
    return TextEdit(value.definition, new if new.isdigit() else f"{quote}{new}{quote}")


def _changes(document: Document, value: Value, choices: tuple[str, ...]) -> tuple[Fix, ...]:
    return tuple(
        edit_fix(
            document.path,
            f"Change to {new if new.isdigit() else repr(new)}",
            replacement(document, value, new),
            preferred=len(choices) == 1,
        )
        for new in choices
    )


def _slow_enough(new: str, project: Project) -> bool:
    """Whether an answer would not be the next finding: too fast."""
    interval = parse_poll(float(new) if new.isdigit() else new)
    return interval.ms is not None and interval.ms >= project.config.poll_minimum


@register
class InvalidPoll(Rule):
    """The framework can't read the interval, so it polls every 30 seconds.

    An interval is digits with `ms`, `s` or `m` right behind them, or a positive number of milliseconds. Everything
    else, `'2 s'`, `'1h'` or a negative number, becomes 30 seconds without a word.
    """

    code = "invalid-poll"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, poll bridge: an interval that does not parse is 30000 ms."
    wrong = page("const status = await workflowStatus('migration', params.id, { poll: '2 s' });")
    right = page("const status = await workflowStatus('migration', params.id, { poll: '2s' });")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Literal intervals that do not parse."""
        for call in document.script.status_calls:
            option = surely(call, "poll")
            if option is None:
                continue
            value = option.value
            if value.kind in _NEVER_READABLE:
                message = "Not an interval: the page polls every 30 s. Write '2s', or a number of milliseconds."
                yield self.found(document, value.definition, message)
            elif value.kind in LITERALS and not parse_poll(value.literal).readable:
                choices = suggest_polls(value.literal) if isinstance(value.literal, (str, float)) else ("2s",)
                written = f"'{value.string}'" if value.string is not None else document.source[slice(*value.definition)]
                message = f"{written} can't be read as an interval: the page polls every 30 s. Write '{choices[0]}'."
                span = value.inner if value.kind == "string" and value.string else value.definition
                yield self.found(document, span, message, fixes=_changes(document, value, choices))


@register
class PollUnit(Rule):
    """The interval has no unit, so it counts seconds.

    `poll: 500` is half a second, but `poll: '500'` is 500 seconds: a string without a unit counts seconds. Write the
    unit that you mean.
    """

    code = "poll-unit"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, poll bridge: the default unit of a string is the second."
    wrong = page("const status = await workflowStatus('migration', params.id, { poll: '500' });")
    right = page("const status = await workflowStatus('migration', params.id, { poll: '500ms' });")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Strings of digits alone."""
        for _, option, interval in polls(document):
            value = option.value
            if (
                value.string is None
                or interval.has_unit
                or interval.off
                or interval.ms is None
                or not interval.readable
            ):
                continue
            first, second = unit_choices(value.string)
            choices = (
                (first, second) if "." in value.string else (f"{value.string}ms", value.string, f"{value.string}s")
            )
            fixes = _changes(document, value, tuple(new for new in choices if _slow_enough(new, project)))
            message = f"'{value.string}' without a unit is {human(interval.ms)}. Write '{first}' or '{second}'."
            yield self.found(document, value.inner, message, fixes=fixes)


@register
class PollDisabled(Rule):
    """The interval is falsy, so nothing polls.

    The framework polls only for a truthy interval: 0, '', null, false and undefined switch polling off, and the page stays as
    it was first rendered. Leave the option out, or write an interval.
    """

    code = "poll-disabled"
    severity = Severity.WARNING
    fixable = Fixable.SAFE
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, workflowStatus(): `poll` registers only if it is truthy."
    wrong = page("const status = await workflowStatus('migration', params.id, { poll: 0 });")
    right = page("const status = await workflowStatus('migration', params.id);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Literal falsy intervals."""
        for call, option, interval in polls(document):
            if not interval.off:
                continue
            written = document.source[slice(*option.value.definition)]
            fixes = (
                *remove_option(document, call, option, "Remove the poll option"),
                edit_fix(document.path, "Poll every 2 s", TextEdit(option.value.definition, "'2s'")),
            )
            message = f"poll: {written} switches polling off. Leave the option out, or write an interval such as '2s'."
            yield self.found(document, option.value.definition, message, fixes=fixes)


@register
class PollTooFast(Rule):
    """The page would be rendered more than four times a second.

    Every tick is a full server render and a new body. An interval under 250 ms (the setting `poll.minimum`), `'0s'`
    above all, floods the Worker and makes the page flicker. Write '1s'.
    """

    code = "poll-too-fast"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, poll bridge: the interval is the delay between two whole renders; '0s' is 0 ms."
    wrong = page("const status = await workflowStatus('migration', params.id, { poll: 1 });")
    right = page("const status = await workflowStatus('migration', params.id, { poll: '1s' });")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Readable intervals under the configured minimum."""
        for _, option, interval in polls(document):
            if interval.off or not interval.readable or interval.ms is None:
                continue
            if interval.ms < project.config.poll_minimum:
                value = option.value
                span = value.inner if value.kind == "string" else value.definition
                message = f"The whole page is rendered every {human(interval.ms)}. Write '1s'."
                fix = edit_fix(document.path, "Change to '1s'", replacement(document, value, "1s"))
                yield self.found(document, span, message, fixes=(fix,))
