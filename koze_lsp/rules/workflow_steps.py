"""Rules about steps: their names and configs, their promises and results, and steps in steps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Fix, Fixable, Related, Rule, Severity, edit_fix, register
from koze_lsp.rules.workflow_example import in_run
from koze_lsp.syntax.step_config import check_config
from koze_lsp.syntax.value_tokens import token
from koze_lsp.syntax.workflow import Step
from koze_lsp.text import Span, TextEdit, units

_KINDS = frozenset({FileKind.WORKFLOW})
_MAX_NAME = 256
_CONTROL = re.compile(r"[\x00-\x1f]")
_MAX_COMPARED = 8


@register
class InvalidStepName(Rule):
    """The name of a `step.do` is longer than 256 UTF-16 units, or holds a control character.

    The step throws `WorkflowFatalError: Step name "…" exceeds max length (256 chars) or invalid characters found`
    and its callback never runs. An emoji counts as two units; line breaks and tabs are control characters. The
    names of sleeps and waits are not checked.
    """

    code = "invalid-step-name"
    severity = Severity.ERROR
    kinds = _KINDS
    source = "Cloudflare engine, observed"
    wrong = in_run(r"await step.do('copy\tusers', async () => 1);")
    right = in_run("await step.do('copy users', async () => 1);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for step in document.workflow.steps:
            if step.kind != "do" or not step.arguments:
                continue
            value = step.arguments[0]
            if value.kind in ("undefined", "null"):
                message = f"A step without a name ({value.kind}) throws a TypeError. Give it a string."
                yield self.found(document, token(value), message)
            if value.string is None:
                continue
            length = units(value.string, "utf-16")
            if length > _MAX_NAME:
                message = f"This name has {length} UTF-16 units, and the engine refuses more than {_MAX_NAME}: the step throws. Shorten it."
                yield self.found(document, token(value), message)
            elif match := _CONTROL.search(value.string):
                shown = f"U+{ord(match.group()):04X}"
                message = (
                    f"The engine refuses control characters in step names ({shown} here): the step throws. Remove it."
                )
                yield self.found(document, token(value), message)


@register
class DuplicateStepName(Rule):
    """Two steps of one `run()` have the same name.

    That is allowed: the engine counts them (`copy-1`, `copy-2`) in the order in which they start. But the count is what
    a restarted run finds its results by, so adding or leaving out one of them later gives the other its result, and
    logs cannot tell them apart. Steps in a loop, in branches of which only one runs and in different functions are
    not compared.
    """

    code = "duplicate-step-name"
    severity = Severity.HINT
    kinds = _KINDS
    source = "Cloudflare engine, observed"
    wrong = in_run("await step.do('copy', async () => 1);\nawait step.do('copy', async () => 2);")
    right = in_run("await step.do('copy users', async () => 1);\nawait step.do('copy orders', async () => 2);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        seen: dict[tuple[object, ...], list[Step]] = {}
        for step in document.workflow.steps:
            if step.name is None or step.name_span is None or step.in_loop:
                continue
            # The count of a sleep is per name and duration.
            detail = step.duration.literal if step.kind == "sleep" and step.duration is not None else None
            earlier = seen.setdefault((step.function_span, step.kind, step.name, detail), [])
            first = next((other for other in earlier[:_MAX_COMPARED] if not _exclusive(other, step)), None)
            earlier.append(step)
            if first is not None and first.name_span is not None:
                message = (
                    f"Another step of this run is called '{_short(step.name)}': the engine tells them apart by their order only. "
                    "Give this one a name of its own."
                )
                related = (Related(document.path, first.name_span, "the first step of this name"),)
                yield self.found(document, step.name_span, message, related=related)


def _exclusive(first: Step, second: Step) -> bool:
    """Whether no run can come to both steps: arms of one if or switch, or a branch that leaves the function."""
    arms = {place.group: place.arm for place in second.context if place.group}
    for place in first.context:
        if place.group and (arms.get(place.group, place.arm) != place.arm or (place.exits and place.group not in arms)):
            return True
    return False


@register
class InvalidStepConfig(Rule):
    """The config of a `step.do` is one that the engine refuses.

    The engine checks strictly. `retries` needs both `limit`, a number, and `delay`; the keys are `retries` and
    `timeout` (newer engines know `sensitive: 'output'`), `backoff` is constant, linear or exponential, and a timeout of
    0 is refused, as is infinity by newer engines. Otherwise the step throws `WorkflowFatalError: Step config for "…" is
    in a invalid format` and its callback never runs.
    """

    code = "invalid-step-config"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = _KINDS
    source = "Cloudflare engine, observed"
    wrong = in_run("await step.do('copy', { retry: { limit: 3, delay: '10 seconds' } }, async () => 1);")
    right = in_run("await step.do('copy', { retries: { limit: 3, delay: '10 seconds' } }, async () => 1);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for step in document.workflow.steps:
            if step.kind != "do" or step.config is None:
                continue
            for problem in check_config(step.config):
                if problem.duration is not None:  # invalid-duration says it better
                    continue
                message = (
                    f"The engine refuses this config, and the step throws before its callback runs: {problem.reason}"
                )
                message += "" if message.endswith("?") else "."
                fixes: tuple[Fix, ...] = ()
                if problem.replacement is not None:
                    edit = TextEdit(problem.span, problem.replacement)
                    fixes = (edit_fix(document.path, f"Change to {problem.replacement}", edit, preferred=True),)
                yield self.found(document, problem.span, message, fixes=fixes)


@register
class StepNotAwaited(Rule):
    """The promise of a step is dropped.

    `run()` does not wait for it: if it ends first, the instance is complete and the step is lost, with its error. Await
    it, or keep the promise and await it later, alone or in `Promise.all`. `void step.do(…)` says that it is meant.
    """

    code = "step-not-awaited"
    severity = Severity.WARNING
    fixable = Fixable.SAFE
    kinds = _KINDS
    source = "Cloudflare engine, observed; Rules of Workflows"
    wrong = in_run("step.do('copy', async () => 1);\nreturn 'done';")
    right = in_run("await step.do('copy', async () => 1);\nreturn 'done';")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for step in document.workflow.steps:
            if step.settled != "dropped" and step.unused_name is None:
                continue
            callee = document.source[step.callee_span.start : step.callee_span.end]
            shown = callee if len(callee) <= 30 else step.kind
            message = (
                f"Nothing awaits this {shown}: run() can end before it, and the step is lost. Write `await {shown}(…)`."
            )
            fixes: tuple[Fix, ...] = ()
            if step.can_await:
                edit = TextEdit(Span(step.span.start, step.span.start), "await ")
                fixes = (edit_fix(document.path, "Add await", edit, safe=True),)
            yield self.found(document, step.callee_span, message, fixes=fixes)


@register
class UnserializableStepResult(Rule):
    """A step returns something that the engine cannot store.

    Results are kept as structured clones. A function, an object that holds one, or a Response ends the instance at once,
    and no `catch` sees it. A class instance, a URL, a Symbol, a weak collection, an object without a prototype or a
    promise inside an object throws DataCloneError, and the step is retried in vain. Return plain data: `await
    response.json()`, `url.href`, `{ ...item }`. Date, Map, Set, Error and typed arrays are fine.
    """

    code = "unserializable-step-result"
    severity = Severity.WARNING
    kinds = _KINDS
    source = "Cloudflare engine, observed"
    wrong = in_run("await step.do('load', async () => {\n  return await fetch('https://api.example.com/users');\n});")
    right = in_run(
        "await step.do('load', async () => {\n  const response = await fetch('https://api.example.com/users');\n"
        "  return await response.json();\n});"
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for item in document.workflow.unserializable:
            effect = (
                "the instance ends at once, and no catch sees it" if item.fatal else "the step throws DataCloneError"
            )
            advice = (
                "Return data from it, such as `await response.json()`"
                if item.what == "a Response"
                else "Return plain data"
            )
            yield self.found(document, item.span, f"The engine cannot store {item.what}: {effect}. {advice}.")


@register
class NestedStep(Rule):
    """A step, a sleep or a wait stands inside the callback of another step.

    It works, but the outer step is one unit: its timeout, 10 minutes if none is given, counts the inner steps, sleeps and
    waits too, and each retry of it runs the inner ones again, under a new count. Put the steps one after another.
    """

    code = "nested-step"
    severity = Severity.HINT
    kinds = _KINDS
    source = "Cloudflare engine, observed; Rules of Workflows"
    wrong = in_run("await step.do('outer', async () => {\n  return await step.do('inner', async () => 1);\n});")
    right = in_run(
        "const inner = await step.do('inner', async () => 1);\nawait step.do('outer', async () => inner + 1);"
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        steps = document.workflow.steps
        for step in steps:
            if step.enclosing is None:
                continue
            outer = steps[step.enclosing]
            name = f" '{_short(outer.name)}'" if outer.name else ""
            what = {"do": "step", "waitForEvent": "wait"}.get(step.kind, "sleep")
            message = (
                f"This {what} runs inside the step{name}: its time counts towards that step's timeout, and each retry of that "
                "step runs it again. Put it before or after."
            )
            related = (Related(document.path, outer.callee_span, "the step around it"),)
            yield self.found(document, step.callee_span, message, related=related)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
