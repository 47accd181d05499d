"""What wrangler itself refuses or warns of in ``workflows``, whether a workflow file belongs to it or not."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.rules.base import (
    Diagnostic,
    Example,
    Fix,
    Fixable,
    Related,
    Rule,
    Severity,
    Tag,
    edit_fix,
    register,
)
from koze_lsp.rules.wrangler_sync import WRANGLER, mismatched, names_a_file
from koze_lsp.syntax import json_edits
from koze_lsp.syntax.jsonc import to_data
from koze_lsp.syntax.wrangler import (
    WORKFLOW,
    BindingFact,
    Environment,
    WorkflowEntry,
    WorkflowList,
    WranglerFacts,
    inner_span,
)
from koze_lsp.syntax.wrangler_validation import EntryProblem, is_workflow_name, validate
from koze_lsp.text import Span

_WRANGLER = "wrangler 4.164, configuration check"
_NAME_LENGTH = 64


def _file(workflows: str, rest: str = "") -> Example:
    text = f'{{\n  "name": "app",\n  "workflows": [\n{workflows}\n  ]{rest}\n}}\n'
    return Example("wrangler.jsonc", {"wrangler.jsonc": text})


_ENTRY = '"name": "migration-workflow", "binding": "MIGRATION_WORKFLOW", "class_name": "MigrationWorkflow"'


@register
class InvalidEntry(Rule):
    """Wrangler refuses the whole file because of an entry in `workflows`.

    A field is missing, has another type than wrangler wants, or a name breaks wrangler's rule: nothing
    starts and nothing deploys. The message repeats wrangler's own condition.
    """

    code = "wrangler-invalid-entry"
    severity = Severity.ERROR
    kinds = WRANGLER
    wrong = _file(f'    {{ {_ENTRY} }},\n    {{ "binding": "REPORTS", "class_name": "Reports" }}')
    right = _file(
        f'    {{ {_ENTRY} }},\n    {{ "name": "nightly-reports", "binding": "REPORTS", "class_name": "Reports" }}'
    )
    source = _WRANGLER

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        problems = [problem for problem in validate(facts) if problem.kind != "unknown-field"]
        if not problems:
            return
        said = {entry.path for entry in mismatched(facts, project)}
        for problem in problems:
            entry = problem.entry
            if problem.field == "class_name" and entry is not None and entry.path in said:
                continue  # wrangler-class-mismatch knows the right name
            if problem.kind == "limit":
                message = f"{problem.condition} Write a limit that a deploy accepts."
                yield Diagnostic(self.code, document.path, problem.span, message, Severity.WARNING)
            else:
                stop = "" if problem.condition.endswith(".") else "."
                message = f"Wrangler refuses the file: {problem.condition}{stop} {_remedy(problem)}"
                yield self.found(document, problem.span, message.rstrip())


def _remedy(problem: EntryProblem) -> str:
    if "should be objects" in problem.condition:
        return 'Write { "name": "…", "binding": "…", "class_name": "…" }.'
    if problem.entry is None:
        return "Write an array."
    if problem.field in ("binding", "name", "class_name") and problem.entry.text(problem.field) is None:
        return f'Write "{problem.field}": "…".'
    return ""


@register
class Duplicate(Rule):
    """One `name`, or one binding, is given twice.

    Wrangler refuses the file. The `name` must be unique among the workflows, a binding among the bindings
    of every kind, variables and secrets included, since all of them share `env`. Each environment counts
    for itself.
    """

    code = "wrangler-duplicate"
    severity = Severity.ERROR
    kinds = WRANGLER
    wrong = _file(f"    {{ {_ENTRY} }}", ',\n  "vars": { "MIGRATION_WORKFLOW": "on" }')
    right = _file(f"    {{ {_ENTRY} }}", ',\n  "vars": { "MIGRATION_ENABLED": "on" }')
    source = _WRANGLER

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        for workflows in facts.lists:
            yield from self._names(document, workflows)
        yield from self._bindings(document)

    def _names(self, document: Document, workflows: WorkflowList) -> Iterator[Diagnostic]:
        tree = document.wrangler.tree
        first: dict[str, Span] = {}
        for entry in workflows.entries:
            node = entry.string("name")
            if node is None:
                continue
            span = inner_span(tree, node)
            before = first.setdefault(node.value, span)
            if before is not span:
                message = (
                    f"Two workflows have the name '{node.value}', so wrangler refuses the file: "
                    f'"{workflows.path}" bindings must have unique "name" values. Write another name.'
                )
                related = (Related(document.path, before, "the first"),)
                yield self.found(document, span, message, related=related)

    def _bindings(self, document: Document) -> Iterator[Diagnostic]:
        groups: defaultdict[tuple[str | None, str], list[BindingFact]] = defaultdict(list)
        for fact in document.wrangler.bindings:
            groups[fact.env, fact.name].append(fact)
        for facts in groups.values():
            if len(facts) > 1:
                workflows = [fact for fact in facts if fact.kind == WORKFLOW]
                yield from self._twins(document, workflows, [fact for fact in facts if fact.kind != WORKFLOW])

    def _twins(
        self, document: Document, workflows: list[BindingFact], others: list[BindingFact]
    ) -> Iterator[Diagnostic]:
        """One finding at each workflow but the first; at the first too where another kind has the name."""
        for index, fact in enumerate(workflows):
            if index == 0 and not others:
                continue
            twin = others[0] if others else workflows[0]
            two = f"a workflow and of something else ({twin.kind})" if others else "two workflows"
            message = (
                f"{fact.name} is the binding of {two}, so wrangler refuses the file: all bindings share env. "
                "Write another binding for one of them."
            )
            related = (Related(document.path, twin.span, f"the {twin.kind} {fact.name}"),)
            yield self.found(document, fact.span, message, related=related)


@register
class UnknownField(Rule):
    """A field that wrangler does not know in an entry of `workflows`.

    Wrangler warns of it on every start and ignores it: what it was meant to do does not happen.
    """

    code = "wrangler-unknown-field"
    severity = Severity.WARNING
    kinds = WRANGLER
    wrong = _file(f'    {{ {_ENTRY}, "limit": {{ "steps": 500 }} }}')
    right = _file(f'    {{ {_ENTRY}, "limits": {{ "steps": 500 }} }}')
    source = _WRANGLER

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        for problem in validate(document.wrangler):
            if problem.kind != "unknown-field":
                continue
            near = difflib.get_close_matches(problem.field, problem.known, 1, 0.7)
            known = f"'{near[0]}'" if near else "one of " + ", ".join(problem.known)
            if len(problem.known) == 1:
                known = f"'{problem.known[0]}'"
            message = f"Wrangler ignores '{problem.field}': {problem.condition}. It knows {known}."
            if near:
                message = f"Wrangler ignores '{problem.field}': {problem.condition}. Write {known}."
            yield self.found(document, problem.span, message, tags=(Tag.UNNECESSARY,))


@register
class ScriptName(Rule):
    """An entry's `script_name` names a file.

    `script_name` is the name of *another* Worker that holds the class. A path there, as the framework's
    documentation shows it, is looked for as a Worker: local development fails with `Worker
    "src/worker.ts" not found`, a deploy does not register the workflow, and wrangler no longer checks that
    the class is exported. The framework itself never writes the field.

    Remove it: the class is in this Worker.
    """

    code = "wrangler-script-name"
    severity = Severity.INFORMATION
    fixable = Fixable.USER
    kinds = WRANGLER
    wrong = _file(f'    {{ {_ENTRY}, "script_name": "src/worker.ts" }}')
    right = _file(f"    {{ {_ENTRY} }}")
    source = "wrangler 4.164, observed"

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        for workflows in facts.lists:
            for entry in workflows.entries:
                node = entry.string("script_name")
                if node is None or not names_a_file(node.value):
                    continue
                message = (
                    f"Wrangler looks for another Worker named '{node.value}': local development fails and a "
                    "deploy does not register the workflow. Remove script_name where the class is in this Worker."
                )
                span = inner_span(facts.tree, node)
                yield self.found(document, span, message, fixes=_without_script(document, entry))


def _without_script(document: Document, entry: WorkflowEntry) -> tuple[Fix, ...]:
    facts = document.wrangler
    member = entry.object.member("script_name") if entry.object is not None else None
    if facts.toml or entry.object is None or member is None:
        return ()
    edits = json_edits.remove_member(facts.tree, entry.object, member)
    return (edit_fix(document.path, "Remove script_name", *edits),)


@register
class EnvironmentWorkflows(Rule):
    """An environment without the workflows of the top level.

    `workflows` is not inherited: with `--env staging` only `env.staging.workflows` counts. Without it, or
    without one of its entries, that environment has no such binding and `workflowStatus` fails there.
    Wrangler warns in the same words.

    Give the environment its own `workflows`. A workflow's name must be unique in your account, so the fix
    appends the environment's name to it.
    """

    code = "wrangler-env"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = WRANGLER
    wrong = _file(f"    {{ {_ENTRY} }}", ',\n  "env": { "staging": { "vars": { "STAGE": "1" } } }')
    right = _file(
        f"    {{ {_ENTRY} }}",
        ',\n  "env": {\n    "staging": {\n      "workflows": [\n        { "name": "migration-workflow-staging", '
        '"binding": "MIGRATION_WORKFLOW", "class_name": "MigrationWorkflow" }\n      ]\n    }\n  }',
    )
    source = _WRANGLER

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        if facts.workflows is None:
            return
        for environment in facts.environments.values():
            if environment.object is None:
                continue
            if environment.workflows is None:
                message = (
                    f'"workflows" is not inherited: with --env {environment.name} no workflow has a binding. '
                    f'Add "workflows" to "env.{environment.name}".'
                )
                fixes = self._copy(document, facts.workflows, environment)
                yield self.found(document, environment.key_span, message, fixes=fixes)
            elif environment.workflows.array is not None:
                yield from self._incomplete(document, environment, environment.workflows)

    def _incomplete(self, document: Document, environment: Environment, own: WorkflowList) -> Iterator[Diagnostic]:
        have = {entry.binding for entry in own.entries}
        for entry in document.wrangler.entries:
            if entry.binding is None or entry.binding in have:
                continue
            message = (
                f'"workflows" is not inherited: with --env {environment.name} the binding {entry.binding} is '
                f'missing. Add it to "{own.path}".'
            )
            fixes = self._copy_one(document, entry, environment, own)
            yield self.found(document, own.key_span, message, fixes=fixes)

    def _copy(self, document: Document, workflows: WorkflowList, environment: Environment) -> tuple[Fix, ...]:
        facts = document.wrangler
        copies = [_copied(entry, environment.name) for entry in workflows.entries]
        if facts.toml or environment.object is None or not copies or not all(copies):
            return ()
        edits = json_edits.add_member(facts.tree, environment.object, "workflows", copies)
        return (edit_fix(document.path, f"Add the workflows to env.{environment.name}", *edits),)

    def _copy_one(
        self, document: Document, entry: WorkflowEntry, environment: Environment, own: WorkflowList
    ) -> tuple[Fix, ...]:
        facts: WranglerFacts = document.wrangler
        copy = _copied(entry, environment.name)
        if facts.toml or copy is None or own.array is None:
            return ()
        edits = json_edits.append_item(facts.tree, own.array, copy)
        return (edit_fix(document.path, f"Add {entry.binding} to env.{environment.name}", *edits),)


def _copied(entry: WorkflowEntry, env: str) -> dict[str, Any] | None:
    """An entry for an environment; None where it is not one that wrangler accepts."""
    if entry.object is None or entry.name is None or entry.binding is None or entry.class_name is None:
        return None
    copy: dict[str, Any] = to_data(entry.object)
    name = f"{entry.name}-{env}"
    copy["name"] = name if is_workflow_name(name) else entry.name
    return copy
