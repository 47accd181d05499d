"""Rules about where a workflow file is and what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.index import Workflow, WorkflowIndex
from koze_lsp.project.naming import binding_name, in_union, status_name
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Example, Fix, Fixable, Related, RenameFile, Rule, Severity, register
from koze_lsp.rules.workflow_example import one_file, workflow
from koze_lsp.text import Span

_SERVER = "src/server/"
_PLURALS = {
    ".agents.ts": ".agent.ts",
    ".workflows.ts": ".workflow.ts",
    ".queues.ts": ".queue.ts",
    ".pipelines.ts": ".pipeline.ts",
    ".containers.ts": ".container.ts",
    ".sandboxes.ts": ".sandbox.ts",
    ".dos.ts": ".do.ts",
}
_SUFFIX = re.compile(r"\.workflows?\.\w+\Z", re.IGNORECASE)
_TEXT = workflow("return await step.do('copy', async () => 1);")


def file_anchor(document: Document) -> Span:
    """Where to report something about a whole workflow file: its class's name, else its first line."""
    found = document.workflow.name_span or document.workflow.class_span
    return found if found is not None else document.text.line_span(0)


@register
class PluralSuffix(Rule):
    """A file under `src/server` has a plural suffix, such as `migration.workflows.ts`.

    The framework's suffixes are singular, and one plural among them stops the dev server and the build with
    `Convention file suffixes are singular.` That goes for `.agents.ts`, `.queues.ts`, `.pipelines.ts`,
    `.containers.ts`, `.sandboxes.ts` and `.dos.ts` as well.
    """

    code = "plural-suffix"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = frozenset({FileKind.WORKFLOW_LOOKALIKE, FileKind.SERVER})
    source = "Koze framework, convention discovery"
    wrong = one_file(_TEXT, "src/server/migration.workflows.ts")
    right = one_file(_TEXT, "src/server/migration.workflow.ts")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        path = document.path
        plural = next((suffix for suffix in _PLURALS if path.endswith(suffix)), None)
        if plural is None or not path.startswith(_SERVER):
            return
        renamed = path.removesuffix(plural) + _PLURALS[plural]
        name, wanted = path.rsplit("/", 1)[-1], renamed.rsplit("/", 1)[-1]
        message = f"Koze refuses to start: the suffix {plural} is plural. Rename {name} to {wanted}."
        fixes = (Fix(f"Rename to {wanted}", (RenameFile(path, renamed),), preferred=True),)
        span = file_anchor(document) if document.kind is FileKind.WORKFLOW_LOOKALIKE else document.text.line_span(0)
        yield self.found(document, span, message, fixes=fixes if renamed not in project.files else ())


@register
class OutsideServer(Rule):
    """A file is called like a workflow, but the framework does not discover it.

    Koze looks under `src/server` only, for names that end exactly in `.workflow.ts`. A file elsewhere, with
    another extension (`.workflow.js`, `.workflow.tsx`, `.workflow.mts`) or in other letters (`.Workflow.ts`) gets
    no binding and no status name, and nothing says so.
    """

    code = "outside-server"
    severity = Severity.WARNING
    kinds = frozenset({FileKind.WORKFLOW_LOOKALIKE})
    source = "Koze framework, convention discovery"
    wrong = one_file(_TEXT, "src/workflows/archive.workflow.ts")
    right = one_file(_TEXT, "src/server/archive.workflow.ts")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        path = document.path
        name = path.rsplit("/", 1)[-1]
        match = _SUFFIX.search(name)
        inside = path.startswith(_SERVER)
        if match is None or match.start() == 0 or (inside and name.endswith(".workflows.ts")):
            return
        wanted = name[: match.start()] + ".workflow.ts"
        if inside:
            message = (
                f"Koze ignores this file: only names that end in `.workflow.ts` are workflows. Rename it to {wanted}."
            )
        elif "WorkflowEntrypoint" not in document.source:
            return  # something else of that name
        else:
            message = (
                f"Koze ignores this file: it looks for workflows in src/server only. Move it to src/server/{wanted}."
            )
        yield self.found(document, file_anchor(document), message)


@register
class DuplicateWorkflow(Rule):
    """Two workflow files share a binding, or register classes of one name.

    The binding is the basename in upper case with `-` as `_`, so `a/sync.workflow.ts` and `b/sync.workflow.ts`
    share one, and so do `data-sync` and `data_sync`. The framework does not complain: wrangler.jsonc gets the
    binding twice, and one of the workflows is started in the other's place. Two classes of one name do not even
    load: the Worker's entry imports both under that name.
    """

    code = "duplicate-workflow"
    severity = Severity.ERROR
    kinds = frozenset({FileKind.WORKFLOW})
    source = "Koze framework, wrangler sync and Worker entry, observed"
    wrong = Example(
        "src/server/data_sync.workflow.ts",
        {
            "src/server/data-sync.workflow.ts": workflow(
                "return await step.do('copy', async () => 1);", name="Nightly"
            ),
            "src/server/data_sync.workflow.ts": workflow("return await step.do('copy', async () => 1);", name="Hourly"),
        },
    )
    right = Example(
        "src/server/hourly-sync.workflow.ts",
        {
            "src/server/data-sync.workflow.ts": workflow(
                "return await step.do('copy', async () => 1);", name="Nightly"
            ),
            "src/server/hourly-sync.workflow.ts": workflow(
                "return await step.do('copy', async () => 1);", name="Hourly"
            ),
        },
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        binding = binding_name(status_name(document.path))
        twins = [item for item in project.workflows.by_binding.get(binding, ()) if item.path != document.path]
        if twins:
            message = (
                f"{_listed([item.path for item in twins])} {'has' if len(twins) == 1 else 'have'} the same binding {binding}: "
                "one of the workflows is never started. Rename this file."
            )
            related = tuple(Related(item.path, file_anchor(item.document), f"also {binding}") for item in twins)
            yield self.found(document, file_anchor(document), message, related=related)
            return
        name = document.workflow.class_name
        same = [item for item in _by_class(project.workflows).get(name or "", []) if item.path != document.path]
        if same:
            message = (
                f"{_listed([item.path for item in same])} {'exports' if len(same) == 1 else 'export'} a class {name} too, "
                "and the Worker does not load with two classes of one name. Rename this one."
            )
            related = tuple(Related(item.path, file_anchor(item.document), f"also {name}") for item in same)
            yield self.found(document, file_anchor(document), message, related=related)


_CLASSES: WeakKeyDictionary[WorkflowIndex, dict[str, list[Workflow]]] = WeakKeyDictionary()


def _by_class(index: WorkflowIndex) -> dict[str, list[Workflow]]:
    """The workflows of an index by class name; made once for a snapshot."""
    found = _CLASSES.get(index)
    if found is None:
        found = {}
        for item in index.workflows:
            if item.class_name is not None:
                found.setdefault(item.class_name, []).append(item)
        _CLASSES[index] = found
    return found


def _listed(paths: list[str]) -> str:
    shown = ", ".join(paths[:3])
    return shown if len(paths) <= 3 else f"{shown} and {len(paths) - 3} more"


@register
class InvalidBindingName(Rule):
    """The basename of a workflow file gives no identifier.

    With a dot, a space, a leading digit or hyphen, or letters other than ASCII the workflow runs, but its name is
    missing from the type `WorkflowName`, and `env.2FA_WORKFLOW` cannot be written. A file called `__proto__` is not
    registered at all.
    """

    code = "invalid-binding-name"
    severity = Severity.WARNING
    kinds = frozenset({FileKind.WORKFLOW})
    source = "Koze framework, type generator"
    wrong = one_file(_TEXT, "src/server/2fa.workflow.ts")
    right = one_file(_TEXT, "src/server/two-factor.workflow.ts")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        name = status_name(document.path)
        if name == "__proto__":
            message = "`__proto__` is special in JavaScript: this workflow is never registered. Rename the file."
            yield self.found(document, file_anchor(document), message)
        elif not in_union(name):
            message = (
                f"'{name}' is left out of the type WorkflowName, and its binding {binding_name(name)} is no identifier. "
                "Rename the file with ASCII letters, digits and hyphens, a letter first."
            )
            yield self.found(document, file_anchor(document), message)
