"""Rules about the body of run(): what must be in a step, errors that are not retried, the payload."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Fix, Fixable, Rule, Severity, edit_fix, register
from koze_lsp.rules.workflow_example import in_run
from koze_lsp.syntax.workflow import PayloadRead, WorkflowFacts
from koze_lsp.text import Span, TextEdit

_KINDS = frozenset({FileKind.WORKFLOW})
_NON_RETRYABLE = "import { NonRetryableError } from 'cloudflare:workflows';\n"


@register
class OutsideStep(Rule):
    """Something with another answer each time, or with an effect, stands directly in `run()`.

    `run()` starts again from the top after a pause, a restart of the engine or a long sleep; finished steps are
    skipped, but everything between them runs again. A random number, the time or a request outside a step can differ
    then, and with it the branch that is taken or a step's name. Put it into a step, whose result is kept.
    """

    code = "outside-step"
    severity = Severity.HINT
    kinds = _KINDS
    needs = ("random", "Date", "fetch", "performance")
    source = "Rules of Workflows; Cloudflare engine, observed"
    wrong = in_run("const key = Math.random();\nawait step.do('save', async () => key);")
    right = in_run(
        "const key = await step.do('key', async () => Math.random());\nawait step.do('save', async () => key);"
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for item in document.workflow.impure:
            call = f"{item.what}(…)" if item.what == "fetch" else f"{item.what}()"
            message = (
                f"{call} is outside every step: it runs again whenever run() starts over, and can answer differently. "
                "Put it into a step.do, whose result is kept."
            )
            yield self.found(document, item.span, message)


@register
class NonRetryableRenamed(Rule):
    """A `NonRetryableError` is given a name of its own, so it is retried.

    The engine knows the error by its name, `NonRetryableError`, which the second argument of the constructor replaces.
    A step that throws it is then retried like after any other error. Leave the second argument out, and put what it
    said into the message.
    """

    code = "non-retryable-renamed"
    severity = Severity.WARNING
    kinds = _KINDS
    needs = ("NonRetryableError",)
    source = "Cloudflare engine, observed"
    wrong = in_run(
        "await step.do('charge', async () => {\n  throw new NonRetryableError('card refused', 'CardError');\n});",
        imports=_NON_RETRYABLE,
    )
    right = in_run(
        "await step.do('charge', async () => {\n  throw new NonRetryableError('CardError: card refused');\n});",
        imports=_NON_RETRYABLE,
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for item in document.workflow.non_retryable:
            if item.in_run or len(item.arguments) < 2:
                continue
            message, name = item.arguments[0].string, item.arguments[1].string
            if not name or name == "NonRetryableError" or (message or "").startswith("NonRetryableError"):
                continue
            text = f"With the name '{name}' the engine does not know this error, and the step is retried. Leave the second argument out."
            yield self.found(document, item.arguments[1].span, text)


@register
class PayloadParams(Rule):
    """`event.payload.params` is read, though the payload is the params.

    `create({ params: { id: 1 } })` starts an instance whose `event.payload` is `{ id: 1 }`. The framework's page on
    workflows shows `event.payload.params`, which is undefined at run time, so reading a field of it throws a TypeError.
    """

    code = "payload-params"
    severity = Severity.INFORMATION
    fixable = Fixable.USER
    kinds = _KINDS
    needs = ("params",)
    source = "Cloudflare engine, observed"
    wrong = in_run(
        "const { sourceId } = event.payload.params;\nawait step.do('fetch', async () => sourceId);",
        payload="<{ sourceId: string }>",
    )
    right = in_run(
        "const { sourceId } = event.payload;\nawait step.do('fetch', async () => sourceId);",
        payload="<{ sourceId: string }>",
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.workflow
        if _may_have_params(facts):
            return
        for read in facts.payload_reads:
            if read.path[0] != "params" or (read.form == "pattern" and len(read.path) > 1):
                continue
            message = (
                "The payload is the params: `event.payload.params` is undefined at run time, unless params were nested on "
                "purpose. Write `event.payload`."
            )
            yield self.found(document, read.spans[0], message, fixes=_without_params(document, read))


def _may_have_params(facts: WorkflowFacts) -> bool:
    """Whether the declared payload has a field ``params``, or its type is not in this file."""
    text = facts.payload_type
    if text is None or text in ("any", "unknown", "object", "{}"):
        return False
    shape = facts.payload
    return shape is None or not shape.complete or shape.field("params") is not None


def _without_params(document: Document, read: PayloadRead) -> tuple[Fix, ...]:
    if read.form != "access":
        return ()
    source, end = document.source, read.spans[0].end
    start = len(source[: read.spans[0].start].rstrip())
    for dot in ("?.", "."):
        if source[:start].endswith(dot):
            edit = TextEdit(Span(start - len(dot), end), "")
            return (edit_fix(document.path, "Read the payload itself", edit, preferred=True),)
    return ()
