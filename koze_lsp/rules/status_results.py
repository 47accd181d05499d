"""What becomes of a call's result: statements that are dropped, names that nothing reads, calls in odd places."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Rule, Severity, Tag, register
from koze_lsp.rules.options import may_poll
from koze_lsp.rules.status_calls import NEEDS, NEWER, PAGES, koze_page, page
from koze_lsp.syntax.calls import Outcome


@register
class DroppedStatement(Rule):
    """The awaited call stands alone, so the framework drops it.

    In `.koze` and `.kuratchi` files only declarations that the template needs are kept of a script; a bare
    `await workflowStatus(…)` is removed at build time, so nothing is read and nothing polls. Give the result a name
    and use it in the template.
    """

    code = "dropped-statement"
    severity = Severity.WARNING
    kinds = PAGES
    needs = NEEDS
    source = "Koze framework (Vite path): bare calls at the top level of a script are not emitted."
    wrong = koze_page("await workflowStatus('migration', params.id, { poll: '2s' });", "<p>Working</p>")
    right = koze_page("const status = await workflowStatus('migration', params.id, { poll: '2s' });")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """A bare awaited call at the top level of the script."""
        if not document.path.endswith(NEWER):
            return
        for call in document.script.status_calls:
            top = not call.function and not call.loop and not call.conditional
            if call.bare and top and not call.in_template and call.outcome is Outcome.AWAITED:
                message = "The framework drops a bare call, so nothing is read or polled. Write const status = await … and use it."
                yield self.found(document, call.callee, message, tags=(Tag.UNNECESSARY,))


@register
class UnusedStatus(Rule):
    """The status has a name that nothing reads.

    In the newer generation every `const x = await …` is serialised into the page, and one that the template does not
    need is dropped from the script: the page fails with `x is not defined` (HTTP 500). In the older one the read is
    wasted. Use the status in the template, or remove the call.
    """

    code = "unused-status"
    severity = Severity.WARNING
    kinds = PAGES
    needs = NEEDS
    source = "Koze framework: the page data names every awaited const, needed or not; answered with HTTP 500."
    wrong = page("const status = await workflowStatus('migration', params.id, { poll: '2s' });", "<p>Working</p>")
    right = page("const status = await workflowStatus('migration', params.id, { poll: '2s' });")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """A top-level const or let that takes the awaited status and is never used."""
        for call in document.script.status_calls:
            name = call.variable
            if name is None or call.outcome is not Outcome.AWAITED or call.function or name.used:
                continue
            if name.kind in ("const", "let", "var") and self._has_readers(document):
                message = (
                    f"Nothing reads '{name.name}': the newer framework answers HTTP 500 ({name.name} is not defined). "
                    "Use it in the template, or remove the call."
                )
                yield self.found(document, name.span, message, tags=(Tag.UNNECESSARY,))

    @staticmethod
    def _has_readers(document: Document) -> bool:
        """Whether there is a template that could read a name, and no expression in it is just being written."""
        route = document.route
        return bool(document.source[route.template.start :].strip()) and route.expressions_closed


@register
class TemplateCall(Rule):
    """The call stands in the template.

    The framework reads statuses in the script block: an awaited call inside `{…}` is rendered as it comes, its poll
    may be registered after the page's head was decided, and it runs again for every place that shows it. Call it in
    the script and show the name.
    """

    code = "template-call"
    severity = Severity.WARNING
    kinds = PAGES
    needs = NEEDS
    source = "Koze documentation: the call belongs to the script block; the template shows its result."
    wrong = page("const id = params.id;", "<p>{(await workflowStatus('migration', id)).status}</p>")
    right = page("const status = await workflowStatus('migration', params.id);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Any awaited call inside the template."""
        for call in document.script.status_calls:
            if call.in_template and call.outcome is Outcome.AWAITED:
                message = (
                    "A call in the template runs again wherever it stands, and its poll may come too late. Read the status in "
                    "the script (const status = await …) and show {status.…} here."
                )
                yield self.found(document, call.callee, message)


@register
class ConditionalPoll(Rule):
    """Only some renders reach this polling call.

    Each tick renders the page anew. When a later render does not reach the call, no directive comes with the page
    and no done header either: the browser then goes on polling at the previous interval, for ever. Call it always, or
    let `until` decide.
    """

    code = "conditional-poll"
    severity = Severity.HINT
    kinds = PAGES
    needs = NEEDS
    source = "Koze framework, poll bridge: without a directive in the new body the previous interval stays."
    wrong = page(
        "let status;\nif (params.id !== 'new') {\n  status = await workflowStatus('migration', params.id, { poll: '2s' });\n}",
        "<p>{status?.status}</p>",
    )
    right = page("const status = await workflowStatus('migration', params.id, { poll: '2s' });")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """The only polling call of a page, in a branch, outside of callbacks.

        Of several one may stand outside of all branches, or each in one of two: then every render reaches a poll.
        """
        polling = [call for call in document.script.status_calls if may_poll(call)]
        if len(polling) == 1 and polling[0].conditional and not polling[0].function:
            message = (
                "Only some renders reach this poll: after a tick that does not, the browser polls on for ever. "
                "Call it always, or let until decide."
            )
            yield self.found(document, polling[0].callee, message)
