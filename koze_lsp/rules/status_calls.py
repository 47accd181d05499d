"""Calls of workflowStatus: the name, the instance id, and the await."""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.project.document import SCRIPT_KINDS, Document, FileKind
from koze_lsp.project.naming import binding_name
from koze_lsp.project.project import Project
from koze_lsp.rules.base import CreateFile, Diagnostic, Example, Fix, Fixable, Rule, Severity, edit_fix, register
from koze_lsp.rules.nearest import nearest
from koze_lsp.rules.options import may_poll
from koze_lsp.rules.scaffold import workflow_source
from koze_lsp.syntax.calls import Outcome, StatusCall
from koze_lsp.syntax.values import Value
from koze_lsp.text import Span, TextEdit

CALLERS = frozenset({FileKind.ROUTE, FileKind.LAYOUT, FileKind.COMPONENT, *SCRIPT_KINDS})
PAGES = frozenset({FileKind.ROUTE, FileKind.LAYOUT})
NEEDS = ("workflowStatus",)
NEWER = (".koze", ".kuratchi")
"""Extensions of the generation that keeps only what the template needs of a script."""

_FILE_NAME = re.compile(r"[A-Za-z_][\w-]*")
_ROUTE = "src/routes/jobs/[id]/index.html"


def page(script: str, template: str = "<p>{status.status}</p>") -> Example:
    """An example: a route with the usual imports."""
    body = "\n".join(f"  {line}" if line else "" for line in script.strip().splitlines())
    return Example(
        _ROUTE,
        {
            _ROUTE: "<script>\n  import { params } from 'koze:request';\n"
            f"  import {{ workflowStatus }} from 'koze:workflow';\n\n{body}\n</script>\n\n{template}\n"
        },
    )


def koze_page(script: str, template: str = "<p>{status.status}</p>") -> Example:
    """The same as a ``.koze`` file."""
    path = "src/routes/jobs/[id]/index.koze"
    return Example(path, {path: page(script, template).files[_ROUTE]})


@register
class UnknownWorkflow(Rule):
    """The name is no workflow of this application.

    workflowStatus() looks the name up in what was discovered under `src/server` and, when it is not there, gives
    back an error value at once: the page shows `Unknown workflow '…'`, or nothing where it does not look at
    `status.error`, and never polls. Write the file's basename: `src/server/data-sync.workflow.ts` is `'data-sync'`.
    """

    code = "unknown-workflow"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, workflowStatus(): the registry of workflows is made from the files at build time."
    wrong = page("const status = await workflowStatus('migratoin', params.id);")
    right = page("const status = await workflowStatus('migration', params.id);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Literal names only; a name in capitals or of another case is called by what it is."""
        for call in document.script.status_calls:
            name = call.name.string if call.name is not None else None
            if call.name is None or name is None or call.has_spread or name in project.workflows.by_name:
                continue
            near = self._near(name, project)
            yield self.found(
                document,
                call.name.inner,
                self._message(name, near, project),
                fixes=self._fixes(document, call.name, near),
            )

    @staticmethod
    def _near(name: str, project: Project) -> list[str]:
        by_binding = project.workflows.by_binding.get(name)
        if by_binding:
            return [by_binding[0].name]
        known = project.workflows.by_name
        stripped = name.removesuffix(".workflow.ts").removesuffix(".workflow").rsplit("/", 1)[-1]
        classes = [flow.name for flow in project.workflows.workflows if flow.class_name == name]
        exact = [candidate for candidate in (stripped, *classes) if candidate in known]
        same = [candidate for candidate in known if binding_name(candidate) == binding_name(stripped)]
        return list(dict.fromkeys([*exact, *same, *nearest(stripped, known)]))[:3]

    @staticmethod
    def _message(name: str, near: list[str], project: Project) -> str:
        if not project.workflows.workflows:
            return (
                f"Unknown workflow '{name}': this application has no src/server/*.workflow.ts, so every call gives "
                "an error value."
            )
        head = f"Unknown workflow '{name}': the call gives an error value and never polls."
        if not near:
            known = ", ".join(f"'{other}'" for other in sorted(project.workflows.by_name)[:8])
            return f"{head} Known workflows: {known}."
        if name in project.workflows.by_binding:
            return f"{head} That is the binding; write the workflow's name '{near[0]}'."
        if name.lower() == near[0].lower():
            return f"{head} Names are case-sensitive; write '{near[0]}'."
        return f"{head} Did you mean '{near[0]}'?"

    @staticmethod
    def _fixes(document: Document, value: Value, near: list[str]) -> tuple[Fix, ...]:
        fixes = [
            edit_fix(document.path, f"Change to '{other}'", TextEdit(value.inner, other), preferred=len(near) == 1)
            for other in near
        ]
        name = value.string or ""
        if _FILE_NAME.fullmatch(name):
            path = f"src/server/{name}.workflow.ts"
            fixes.append(Fix(f"Create {path}", (CreateFile(path, workflow_source(name)),)))
        return tuple(fixes)


@register
class MissingInstanceId(Rule):
    """The call has no instance id.

    Without an id there is nothing to ask for: workflowStatus() gives back the error value `Missing instanceId` and
    never polls. Pass the id that `create()` gave, usually a parameter of the route: `params.id`.
    """

    code = "missing-instance-id"
    severity = Severity.ERROR
    kinds = CALLERS
    needs = NEEDS
    source = "Koze framework, workflowStatus(): a falsy id is answered with `Missing instanceId`."
    wrong = page("const status = await workflowStatus('migration');")
    right = page("const status = await workflowStatus('migration', params.id);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """No second argument, one that is always falsy, or the options in its place."""
        for call in document.script.status_calls:
            if call.has_spread:
                continue
            instance = call.instance
            if call.name is None:
                message = "No workflow and no instance id: the status is always an error. Write the name, then the id: params.id."
                yield self.found(document, call.callee, message)
            elif instance is None:
                message = (
                    "No instance id: the status is always the error 'Missing instanceId'. Pass it second: params.id."
                )
                yield self.found(document, call.callee, message)
            elif _is_falsy(instance):
                message = (
                    "An empty instance id: the status is always the error 'Missing instanceId'. Pass the instance's id."
                )
                yield self.found(document, instance.span, message)
            elif instance.kind in ("object", "array", "function"):
                message = (
                    "This stands in the instance id's place: no instance is found and nothing polls. "
                    "Pass the id second, params.id, and options third."
                )
                yield self.found(document, instance.span, message)


def _is_falsy(value: Value) -> bool:
    if value.kind in ("null", "undefined"):
        return True
    return value.kind in ("string", "number", "boolean") and (not value.literal or value.literal != value.literal)


@register
class MissingAwait(Rule):
    """The status is used without `await`.

    workflowStatus() gives a promise. Reading `.status`, `.output` or `.error` of the promise itself gives undefined:
    the page renders nothing, without an error. Write `await` before the call, or hand the promise to `Promise.all`.
    """

    code = "missing-await"
    severity = Severity.WARNING
    fixable = Fixable.SAFE
    kinds = CALLERS
    needs = NEEDS
    source = "JavaScript: properties of a pending promise are undefined."
    wrong = page("const status = workflowStatus('migration', params.id);")
    right = page("const status = await workflowStatus('migration', params.id);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """A promise that is read like a status, or dropped."""
        for call in document.script.status_calls:
            if call.outcome is Outcome.USED and not _streams(document, call):
                message = "Used without await: this is a promise, so every field is undefined and nothing renders. Write await."
            elif call.outcome is Outcome.DROPPED:
                message = "The result is dropped before it is there. Await it and keep it: const status = await …"
            else:
                continue
            yield self.found(document, call.callee, message, fixes=self._fixes(document, call))

    @staticmethod
    def _fixes(document: Document, call: StatusCall) -> tuple[Fix, ...]:
        if not call.awaitable or call.in_template:
            return ()
        behind = document.source[call.span.end : call.span.end + 2].lstrip()
        if behind[:1] in (".", "[") or behind[:2] == "?.":
            start, end = (
                TextEdit(Span(call.span.start, call.span.start), "(await "),
                TextEdit(Span(call.span.end, call.span.end), ")"),
            )
            return (edit_fix(document.path, "Add await", start, end, safe=True),)
        edit = TextEdit(Span(call.span.start, call.span.start), "await ")
        return (edit_fix(document.path, "Add await", edit, safe=True),)


_LET = re.compile(r"\blet\s+([A-Za-z_$][\w$]*)\s*(?::[^=;]{0,200})?=\s*\Z")


def _streams(document: Document, call: StatusCall) -> bool:
    """Whether the newer framework awaits the call itself: a ``let`` whose ``pending`` the template asks for.

    It renders the pending branch first and streams the other one. Polling does not go with that.
    """
    if not document.path.endswith(NEWER) or may_poll(call):
        return False
    declared = _LET.search(document.source[: call.span.start])
    return declared is not None and f"{declared[1]}.pending" in document.source[document.route.template.start :]
