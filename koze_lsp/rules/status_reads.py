"""What pages do with a status: comparisons, branches and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Fix, Fixable, Rule, Severity, edit_fix, register
from koze_lsp.rules.nearest import distance
from koze_lsp.rules.options import surely
from koze_lsp.rules.status_calls import CALLERS, NEEDS, NEWER, PAGES, koze_page, page
from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.chains import status_chains
from koze_lsp.syntax.guards import may_be_complete_only
from koze_lsp.syntax.markup import Tag
from koze_lsp.syntax.poll import parse_poll
from koze_lsp.syntax.status import StatusRead
from koze_lsp.text import Span, TextEdit

STATUSES = (
    "queued", "running", "paused", "errored", "terminated", "complete", "waiting", "waitingForPause", "rollingBack", "unknown",
)  # fmt: skip
"""Every status that Cloudflare's engine gives."""

_MEANT = {
    "completed": "complete", "done": "complete", "success": "complete", "succeeded": "complete", "finished": "complete",
    "failed": "errored", "failure": "errored", "error": "errored",
    "canceled": "terminated", "cancelled": "terminated", "stopped": "terminated", "aborted": "terminated",
    "pending": "queued", "in-progress": "running", "in_progress": "running", "started": "running", "active": "running",
}  # fmt: skip
_WAITS = re.compile(r"\b(?:while|do|switch|assert\w*|ensure\w*|invariant)\b")
_POLLS = "const status = await workflowStatus('migration', params.id, { poll: '2s' });"


def meant_status(text: str) -> str | None:
    """The real status that a string is a near miss of; None for a real one or a page's own."""
    if text in STATUSES:
        return None
    plain = text.lower()
    if plain in _MEANT:
        return _MEANT[plain]
    for status in STATUSES:
        if len(text) > 4 and distance(plain, status.lower()) <= (1 if len(status) < 8 else 2):
            return status
    return None


def polls_always(call: StatusCall) -> bool:
    """Whether a call surely polls: a literal interval that is not falsy."""
    option = surely(call, "poll")
    if option is None or option.value.kind not in ("string", "number"):
        return False
    return not parse_poll(option.value.literal).off


@register
class UnknownStatus(Rule):
    """The workflow never has that status.

    Cloudflare's engine knows queued, running, paused, errored, terminated, complete, waiting, waitingForPause,
    rollingBack and unknown. `'completed'` or `'failed'` are never equal to any of them, so the branch is never shown.
    """

    code = "unknown-status"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = CALLERS
    needs = NEEDS
    source = "Cloudflare Workflows engine: InstanceStatus."
    wrong = page(_POLLS, "if (status.status === 'completed') {\n  <p>Done</p>\n} else {\n  <p>{status.status}</p>\n}")
    right = page(_POLLS, "if (status.status === 'complete') {\n  <p>Done</p>\n} else {\n  <p>{status.status}</p>\n}")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Literal comparisons with near misses; other strings may be a page's own."""
        told: set[Span] = set()
        for comparison in document.script.status_flow.comparisons:
            text = comparison.literal.string or ""
            meant = meant_status(text)
            span = comparison.literal.inner
            if meant is None or span in told:
                continue
            told.add(span)
            fix = edit_fix(document.path, f"Change to '{meant}'", TextEdit(span, meant), preferred=True)
            message = f"A workflow's status is never '{text}', so this never holds. Write '{meant}'."
            yield self.found(document, span, message, fixes=(fix,))


@register
class UnhandledFailure(Rule):
    """Nothing is shown when the workflow fails.

    An errored workflow has `status: 'errored'` and **`error: null`**: the framework's `status.error` is only set when the
    status could not be read. A page that branches on the good statuses and on `status.error` is empty after a failure.
    Add a branch for `'errored'` and `'terminated'`, or a final else.
    """

    code = "unhandled-failure"
    severity = Severity.HINT
    fixable = Fixable.USER
    kinds = PAGES
    needs = NEEDS
    source = (
        "Koze framework, workflowStatus(): a successful read sets error to null, whatever the workflow's own error is."
    )
    wrong = page(
        _POLLS,
        "if (status.error) {\n  <p>{status.error}</p>\n} else if (status.status === 'running') {\n  <p>Working</p>\n}",
    )
    right = page(
        _POLLS,
        "if (status.status === 'running') {\n  <p>Working</p>\n} else if (status.status === 'errored' || "
        "status.status === 'terminated') {\n  <p>It did not finish</p>\n}",
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """The first chain of branches of each status, if no chain of it knows a failure or ends in else."""
        for chain in status_chains(document.script):
            message = "No branch for 'errored' and 'terminated': after a failure nothing is shown, for status.error is null there."
            yield self.found(document, chain.head, message, fixes=self._fixes(document, chain.name, chain.end))

    @staticmethod
    def _fixes(document: Document, name: str, end: int) -> tuple[Fix, ...]:
        newline = document.text.newline()
        start = document.text.line_starts[document.text.line_at(end - 1)]
        indent = document.source[start : end - 1]
        if indent.strip() or document.source[end - 1] != "}":
            return ()
        text = (
            f" else if ({name}.status === 'errored' || {name}.status === 'terminated') {{{newline}"
            f"{indent}  <p>It did not finish.</p>{newline}{indent}}}"
        )
        return (edit_fix(document.path, "Add a branch for errored and terminated", TextEdit(Span(end, end), text)),)


@register
class OutputBeforeComplete(Rule):
    """The output is read before it is there.

    `status.output` is null until the workflow is complete. Reading a field of it while the workflow runs throws a TypeError,
    and the page answers HTTP 500. Write `status.output?.x`, or read it inside a branch for `'complete'`.
    """

    code = "output-before-complete"
    severity = Severity.WARNING
    fixable = Fixable.SAFE
    kinds = CALLERS
    needs = NEEDS
    source = "Cloudflare Workflows engine: output is null until the instance is complete."
    wrong = page(_POLLS, "<p>{status.output.migrated} rows</p>")
    right = page(_POLLS, "<p>{status.output?.migrated} rows</p>")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Field reads of the output without ``?.`` that no condition can protect."""
        told: set[Span] = set()
        for read in document.script.status_flow.reads:
            if read.path[:1] != ("output",) or len(read.path) < 2 or read.optional[1] or read.until or read.replaced:
                continue
            destructured = read.fields[1].end <= read.fields[0].start  # const { x } = status.output
            span = read.fields[0 if destructured else 1]
            dot = document.source.rfind(".", read.fields[0].end - 1, span.start)
            if span in told or (dot < 0 and not destructured) or _waited(document, read):
                continue
            if may_be_complete_only(document.script, read):
                continue
            told.add(span)
            if destructured:
                message = (
                    "This throws while the workflow runs: output is null until it is complete. Write output ?? {}."
                )
                yield self.found(document, span, message)
                continue
            written = document.source[read.span.start : span.end] or document.source[slice(*read.span)]
            message = f"{written} throws while the workflow runs: output is null until it is complete. Write ?.{read.path[1]}."
            fixes: tuple[Fix, ...] = ()
            if not document.source[dot + 1 : span.start].strip():
                sure = document.source[dot - 1] == "!"  # output!.x
                edit = TextEdit(Span(dot - sure, dot), "?")
                fixes = (edit_fix(document.path, "Read with ?.", edit, safe=True),)
            yield self.found(document, span, message, fixes=fixes)


def _waited(document: Document, read: StatusRead) -> bool:
    """Whether code before a read in a script may have waited for the end, or left where it is not there."""
    if read.in_template:
        return False
    first = document.script.status_calls[0].span.end
    return _WAITS.search(document.source, first, read.span.start) is not None


@register
class PendingInTemplate(Rule):
    """`pending` of an awaited status is always false.

    workflowStatus() is awaited, so its value is there when the template renders and `pending` is false. The newer generation
    takes a `.pending` in the template for a streaming boundary: a const answers HTTP 500, a let stays on loading after
    the first tick. Ask for `status.status === 'queued'`.
    """

    code = "pending-in-template"
    severity = Severity.WARNING
    kinds = PAGES
    needs = ("pending",)
    source = "Koze framework, compiler: `X.pending` in a template makes X a stream."
    wrong = page(_POLLS, "if (status.pending) {\n  <p>Loading</p>\n}")
    right = page(_POLLS, "if (status.status === 'queued') {\n  <p>Queued</p>\n} else {\n  <p>{status.status}</p>\n}")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Reads of ``pending`` in the template, of a status that was awaited."""
        if "workflowStatus" not in document.source:
            return
        for read in document.script.status_flow.reads:
            if read.path[:1] == ("pending",) and document.script.in_template(read.fields[0].start):
                message = "pending is false once the status was awaited, and here it breaks the page. Compare status.status with 'queued' instead."
                yield self.found(document, read.fields[0], message)


@register
class LetStatus(Rule):
    """The status is declared with `let`.

    In `.koze` and `.kuratchi` files a top-level `let` is live: the framework wraps every read of it in a span for the browser,
    which a status, rendered on the server anew at every tick, has no use for. Write const.
    """

    code = "let-status"
    severity = Severity.HINT
    fixable = Fixable.SAFE
    kinds = PAGES
    needs = NEEDS
    source = "Koze framework (Vite path): top-level let is wrapped in data-k-text."
    wrong = koze_page(_POLLS.replace("const", "let"))
    right = koze_page(_POLLS)

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """A ``let`` that takes a status at its declaration; const is a safe answer where nothing is assigned to it."""
        if not document.path.endswith(NEWER):
            return
        for name in document.script.status_flow.names:
            binding = name.binding
            if binding.kind != "let" or binding.scope.parent is not None or binding.init is None or binding.path != ():
                continue
            start = document.source.rfind("let", 0, binding.span.start)
            alone = document.source[start + 3 : binding.span.start].strip() == "" and start >= 0
            fixes = (
                (edit_fix(document.path, "Change to const", TextEdit(Span(start, start + 3), "const"), safe=True),)
                if alone and not binding.written
                else ()
            )
            message = "let makes every read of the status a live span in the browser. Write const."
            yield self.found(document, binding.span, message, fixes=fixes)


@register
class PolledForm(Rule):
    """A tick takes away what the user types.

    Each tick replaces the whole body with freshly rendered HTML: text typed into a field, the focus and the scroll position of an
    element are lost. Put the form on a page that does not poll, or poll slowly.
    """

    code = "polled-form"
    severity = Severity.HINT
    kinds = PAGES
    needs = NEEDS
    source = "Koze framework, poll bridge: body.innerHTML is replaced at every tick."
    wrong = page(_POLLS, '<p>{status.status}</p>\n<input name="note">')
    right = page(_POLLS, "<p>{status.status}</p>")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Fields on a page where a call surely polls."""
        if not _MAY_TAKE_TYPING.search(document.source):
            return
        if not any(polls_always(call) for call in document.script.status_calls):
            return
        for tag in document.route.tags:
            if tag.closing or tag.commented or not _takes_typing(document.source[slice(*tag.span)], tag):
                continue
            message = (
                "Each poll replaces the body: what is typed here is lost at the next tick. "
                "Put the field on a page that does not poll."
            )
            yield self.found(document, tag.name_span, message)


_FIELDS = frozenset({"input", "textarea", "select"})
_MAY_TAKE_TYPING = re.compile(r"<(?:input|textarea|select)|contenteditable", re.IGNORECASE)
_HARMLESS = re.compile(
    r"\stype\s*=\s*\{?[\"'`]?(?:hidden|submit|button|reset|image)\b|\s(?:disabled|readonly)(?=[\s/>]|=(?:\{true\}|[\"']))",
    re.IGNORECASE,
)
_EDITABLE = re.compile(r"\scontenteditable(?!\s*=\s*\{?[\"'`]?false)", re.IGNORECASE)


def _takes_typing(text: str, tag: Tag) -> bool:
    """Whether a person can put something into an element that its markup does not hold."""
    if tag.name.lower() in _FIELDS:
        return _HARMLESS.search(text) is None
    return "contenteditable" in text.lower() and _EDITABLE.search(text) is not None
