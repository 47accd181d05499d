"""The other options: ``until``, and what is no option at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Fix, Fixable, Rule, Severity, edit_fix, register
from koze_lsp.rules.nearest import nearest
from koze_lsp.rules.options import add_option, is_off, may_poll, surely
from koze_lsp.rules.status_calls import CALLERS, NEEDS, page
from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.functions import returns_nothing, says_true_for
from koze_lsp.syntax.values import Function, Property
from koze_lsp.text import Span, TextEdit

OPTIONS = ("poll", "until")
_BINDS_LOOSELY = re.compile(r"&&|\?(?!\.)|=>")
_MEANT = {
    "interval": "poll",
    "every": "poll",
    "refresh": "poll",
    "polling": "poll",
    "pollInterval": "poll",
    "stop": "until",
    "when": "until",
    "stopWhen": "until",
}


def _until(call: StatusCall) -> tuple[Property, Function] | None:
    option = surely(call, "until")
    if option is None or option.value.function is None:
        return None
    return option, option.value.function


def _polls(call: StatusCall) -> bool:
    return call.option("poll") is not None and may_poll(call)


@register
class UntilWithoutPoll(Rule):
    """`until` is never called.

    It decides when polling stops, so the framework calls it only where there is a truthy `poll`. Add an interval, or
    remove it.
    """

    code = "until-without-poll"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, workflowStatus(): `until` runs only when a poll is registered."
    wrong = page("const status = await workflowStatus('migration', params.id, { until: (s) => isOver(s) });")
    right = page(
        "const status = await workflowStatus('migration', params.id, {\n  poll: '2s',\n  until: (s) => isOver(s),\n});"
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Options that are known in full, with ``until`` and without a ``poll`` that is on."""
        for call in document.script.status_calls:
            options, until, poll = call.options, call.option("until"), call.option("poll")
            if options is None or not options.complete or until is None or until.value.kind == "undefined":
                continue
            if poll is None:
                message = "until is never called: nothing polls. Add poll: '2s', or remove it."
                fixes = add_option(document, call, "poll: '2s'", "Add poll: '2s'")
                yield self.found(document, until.key_span, message, fixes=fixes)
            elif is_off(poll.value):
                message = (
                    "until is never called: the poll beside it is off. Write an interval such as '2s', or remove until."
                )
                fix = edit_fix(document.path, "Poll every 2 s", TextEdit(poll.value.definition, "'2s'"))
                yield self.found(document, until.key_span, message, fixes=(fix,))


@register
class UntilAsync(Rule):
    """An async `until` stops polling at the first tick.

    The framework looks at what `until` gives without awaiting it, and a promise is truthy, so polling stops at once,
    whatever the status is. Make it a plain function.
    """

    code = "until-async"
    severity = Severity.WARNING
    fixable = Fixable.SAFE
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, workflowStatus(): the result of `until` is not awaited."
    wrong = page(
        "const status = await workflowStatus('migration', params.id, {\n"
        "  poll: '2s',\n  until: async (s) => isOver(s),\n});"
    )
    right = page(
        "const status = await workflowStatus('migration', params.id, {\n  poll: '2s',\n  until: (s) => isOver(s),\n});"
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """An async function as the option's value."""
        for call in document.script.status_calls:
            found = _until(call)
            if found is None or not found[1].is_async or not may_poll(call):
                continue
            option, function = found
            start = option.value.definition.start
            message = "An async until gives a promise, which is truthy: polling stops at the first tick. Remove async."
            yield self.found(document, Span(start, start + 5), message, fixes=self._fixes(document, start, function))

    @staticmethod
    def _fixes(document: Document, start: int, function: Function) -> tuple[Fix, ...]:
        source = document.source
        if not source.startswith("async", start) or "await" in source[function.body.start : function.body.end]:
            return ()
        end = start + 5
        while source[end : end + 1] in (" ", "\t"):
            end += 1
        return (edit_fix(document.path, "Remove async", TextEdit(Span(start, end), ""), safe=True),)


@register
class UntilNoValue(Rule):
    """`until` never gives a value, so polling never stops.

    A function body in braces needs `return`: without one the result is undefined, which is falsy, and the page polls
    for ever.
    """

    code = "until-no-value"
    severity = Severity.WARNING
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, workflowStatus(): polling stops when `until` gives a truthy value."
    wrong = page(
        "const status = await workflowStatus('migration', params.id, {\n"
        "  poll: '2s',\n  until: (s) => { isOver(s) },\n});"
    )
    right = page(
        "const status = await workflowStatus('migration', params.id, {\n"
        "  poll: '2s',\n  until: (s) => { return isOver(s) },\n});"
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """A block body without a return that has a value, and without a throw."""
        for call in document.script.status_calls:
            found = _until(call)
            if found is None or found[1].is_async or found[1].is_generator or not _polls(call):
                continue
            if returns_nothing(found[1]):
                message = "until never returns a value, so the page polls for ever. Write return before the condition."
                yield self.found(document, found[0].key_span, message)


@register
class UntilNeverFails(Rule):
    """`until` stays false when the workflow fails.

    A custom `until` replaces the default, which stops at complete, completed, errored and terminated. One that only
    knows the good end polls for ever after a failure. Add the other ends.
    """

    code = "until-never-fails"
    severity = Severity.HINT
    fixable = Fixable.USER
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, workflowStatus(): `until` replaces the default predicate altogether."
    wrong = page(
        "const status = await workflowStatus('migration', params.id, {\n"
        "  poll: '2s',\n  until: (s) => s.status === 'complete',\n});"
    )
    right = page(
        "const status = await workflowStatus('migration', params.id, {\n  poll: '2s',\n"
        "  until: (s) => s.status === 'complete' || s.status === 'errored' || s.status === 'terminated',\n});"
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """An expression of comparisons of the status that is false for both ``errored`` and ``terminated``."""
        for call in document.script.status_calls:
            found = _until(call)
            if found is None or not _polls(call):
                continue
            option, function = found
            name = function.names[0] if function.names else None
            missing = [state for state in ("errored", "terminated") if says_true_for(function, name, state) is False]
            if not missing:
                continue
            message = f"until stays false for {' and '.join(missing)}: the page then polls for ever. Add {'them' if len(missing) > 1 else 'it'}."
            yield self.found(document, option.key_span, message, fixes=self._fixes(document, function, name, missing))

    @staticmethod
    def _fixes(document: Document, function: Function, name: str | None, missing: list[str]) -> tuple[Fix, ...]:
        if function.body_is_block or name is None:
            return ()
        source = document.source
        body = source[function.body.start : function.body.end]
        more = " || ".join(f"{name}.status === '{state}'" for state in missing)
        wrapped = f"({body})" if _BINDS_LOOSELY.search(body) else body
        return (
            edit_fix(
                document.path, f"Stop for {' and '.join(missing)} too", TextEdit(function.body, f"{wrapped} || {more}")
            ),
        )


@register
class UnknownOption(Rule):
    """The option does not exist.

    workflowStatus() knows `poll` and `until`. Anything else, `interval` or `pol`, is ignored without a word, so the page
    does not do what it says.
    """

    code = "unknown-option"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = CALLERS
    needs = NEEDS
    source = "Koze documentation, WorkflowStatusOptions: poll and until."
    wrong = page("const status = await workflowStatus('migration', params.id, { pol: '2s' });")
    right = page("const status = await workflowStatus('migration', params.id, { poll: '2s' });")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Keys of the options object other than the two."""
        for call in document.script.status_calls:
            options = call.options
            for option in options.properties if options is not None and options.kind == "object" else ():
                if option.key is None or option.key in OPTIONS:
                    continue
                near = [*nearest(option.key, OPTIONS, 1), *filter(None, [_MEANT.get(option.key)])][:1]
                hint = f"Did you mean '{near[0]}'?" if near else "There are poll and until."
                fixes = self._fixes(document, option, near[0]) if near and call.option(near[0]) is None else ()
                yield self.found(
                    document, option.key_span, f"Unknown option '{option.key}': it is ignored. {hint}", fixes=fixes
                )

    @staticmethod
    def _fixes(document: Document, option: Property, new: str) -> tuple[Fix, ...]:
        text = f"{new}: {option.key}" if option.kind == "shorthand" else new
        return (edit_fix(document.path, f"Change to {new}", TextEdit(option.key_span, text), preferred=True),)
