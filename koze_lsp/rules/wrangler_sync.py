"""Whether the wrangler file and the workflow files say the same: what the framework's own sync looks at."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.index import Workflow
from koze_lsp.project.naming import wrangler_name
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Example, Fix, Fixable, Related, Rule, Severity, edit_fix, register
from koze_lsp.syntax import json_edits
from koze_lsp.syntax.jsonc import JsonLiteral, JsonNumber, JsonString
from koze_lsp.syntax.wrangler import WorkflowEntry, WorkflowList, WranglerFacts, inner_span
from koze_lsp.syntax.wrangler_validation import head_span, is_workflow_name
from koze_lsp.text import Span, TextEdit

WRANGLER = frozenset({FileKind.WRANGLER})
_MODULES = (FileKind.SERVER, FileKind.WORKFLOW_LOOKALIKE, FileKind.WORKFLOW)
_WRITTEN = {"name", "binding", "class_name"}
_SYNC = "Koze framework, wrangler sync"

_MIGRATION = (
    '{{\n  "name": "app",\n  "workflows": [\n'
    '    {{ "name": "{name}", "binding": "{binding}", "class_name": "{class_name}" }}\n  ]\n}}\n'
)


def wrangler_example(
    name: str = "migration-workflow", binding: str = "MIGRATION_WORKFLOW", class_name: str = "MigrationWorkflow"
) -> Example:
    """A wrangler.jsonc with one workflow."""
    text = _MIGRATION.format(name=name, binding=binding, class_name=class_name)
    return Example("wrangler.jsonc", {"wrangler.jsonc": text})


def class_names(project: Project, binding: str) -> list[str]:
    """The classes of the files that give a binding; more than one where two files share it."""
    workflows = project.workflows.by_binding.get(binding, ())
    return [workflow.class_name for workflow in workflows if workflow.class_name is not None]


def is_other_worker(facts: WranglerFacts, entry: WorkflowEntry) -> bool:
    """Whether an entry's class lives in another Worker."""
    script = entry.script_name
    if not script or names_a_file(script):
        return False
    return facts.name is None or script != facts.name.value


def names_a_file(script_name: str) -> bool:
    """Whether a script_name is a path: no Worker's name has a slash or a dot."""
    return any(mark in script_name for mark in "/\\.")


def set_text_fix(
    document: Document, entry: WorkflowEntry, key: str, value: str, title: str, *, safe: bool = False
) -> Fix | None:
    """A fix that gives a field of an entry another text; None where TOML hides where the field stands."""
    facts = document.wrangler
    if not facts.toml:
        if entry.object is None:
            return None
        edits = json_edits.set_value(facts.tree, entry.object, key, value)
        return edit_fix(document.path, title, *edits, safe=safe)
    node = entry.string(key)
    if node is None or document.source[node.span.start + 1 : node.span.end - 1] != node.value:
        return None
    inner = Span(node.span.start + 1, node.span.end - 1)
    return edit_fix(document.path, title, TextEdit(inner, value), safe=safe)


def _workflow_place(workflow: Workflow, message: str) -> Related:
    span = workflow.document.workflow.class_span
    return Related(workflow.path, span if span is not None else Span(0, 0), message)


@register
class MissingBinding(Rule):
    """A workflow file has no entry in the wrangler file.

    Without an entry Cloudflare does not know the workflow: `env.X_WORKFLOW` is undefined, creating an
    instance throws, and `workflowStatus` answers `Workflow binding 'X_WORKFLOW' is not available in env`.
    The framework adds the entry when its development server starts, but rewrites the whole file and drops
    its comments; a deploy without that start goes out without the workflow.

    Add the entry. The fix keeps the file's comments and layout.
    """

    code = "wrangler-missing-binding"
    severity = Severity.ERROR
    fixable = Fixable.SAFE
    kinds = WRANGLER
    wrong = Example("wrangler.jsonc", {"wrangler.jsonc": '{\n  "name": "app",\n  "workflows": []\n}\n'})
    right = wrangler_example()
    source = _SYNC

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        listed = facts.workflows
        if not _can_hold_entries(facts):
            return
        have = {entry.binding for entry in facts.entries}
        for binding, workflows in project.workflows.by_binding.items():
            found = [workflow for workflow in workflows if workflow.class_name is not None]
            if binding in have or not found:
                continue
            place = listed.key_span if listed is not None else self._root_span(facts)
            related = tuple(_workflow_place(workflow, f"the workflow '{workflow.name}'") for workflow in found)
            obstacle = _obstacle(facts, found[0])
            fixes = self._fixes(document, found) if not obstacle else ()
            message = _missing_message(found[0], obstacle)
            yield self.found(document, place, message, fixes=fixes, related=related)

    def _root_span(self, facts: WranglerFacts) -> Span:
        assert facts.root is not None
        return head_span(facts.tree, facts.root)

    def _fixes(self, document: Document, workflows: Sequence[Workflow]) -> tuple[Fix, ...]:
        """One safe fix; where two files share the binding, one for each class, and the user's choice."""
        facts = document.wrangler
        binding, name = workflows[0].binding, workflows[0].wrangler_name
        fixes = []
        classes = dict.fromkeys(workflow.class_name for workflow in workflows)
        for class_name in classes:
            edits = add_entry(facts, {"name": name, "binding": binding, "class_name": class_name})
            if edits:
                title = f"Add the workflow {binding} with the class {class_name} to {document.path}"
                fixes.append(edit_fix(document.path, title, *edits, safe=len(workflows) == 1))
        return tuple(fixes)


def _obstacle(facts: WranglerFacts, workflow: Workflow) -> str:
    """Why wrangler would refuse the entry that the framework adds; empty where it would not."""
    name, binding = workflow.wrangler_name, workflow.binding
    if not is_workflow_name(name):
        return f"Wrangler refuses the name '{name}' that follows from the file's: rename the file"
    if any(entry.name == name for entry in facts.entries):
        return f"Another entry has the name '{name}': give it the binding {binding}, or another name"
    other = next((fact.kind for fact in facts.bindings if fact.name == binding and fact.env is None), None)
    return f"The name {binding} is taken by another binding ({other}): rename that one" if other else ""


def _missing_message(workflow: Workflow, obstacle: str) -> str:
    """The message begins with the path, so that findings and their fixes are in the framework's order."""
    return (
        f"{workflow.path} has no entry here, so env.{workflow.binding} is undefined and "
        f"workflowStatus('{workflow.name}', …) fails. "
    ) + (
        f"{obstacle}."
        if obstacle
        else f'Add {{ "name": "{workflow.wrangler_name}", "binding": "{workflow.binding}", '
        f'"class_name": "{workflow.class_name}" }}.'
    )


def _can_hold_entries(facts: WranglerFacts) -> bool:
    """Whether entries can be missing: the file is read, and `workflows` is a list or nothing."""
    listed = facts.workflows
    return facts.readable and (listed is None or listed.array is not None or _is_nothing(listed))


def _is_nothing(listed: WorkflowList) -> bool:
    """Null, false, 0 and "": the framework's sync takes them for an empty list."""
    return isinstance(listed.value, (JsonLiteral, JsonNumber, JsonString)) and not listed.value.value


def add_entry(facts: WranglerFacts, entry: dict[str, Any]) -> tuple[TextEdit, ...]:
    """The edits that add an entry to the top level; none where a TOML file has an inline list."""
    if facts.toml:
        return _toml_table(facts, entry)
    assert facts.root is not None
    listed = facts.workflows
    if listed is None:
        return json_edits.add_member(facts.tree, facts.root, "workflows", [entry])
    if listed.array is None:
        return json_edits.replace(facts.tree, listed.value, [entry])
    return json_edits.append_item(facts.tree, listed.array, _in_order_of(facts.entries, entry))


def _in_order_of(entries: Sequence[WorkflowEntry], entry: dict[str, Any]) -> dict[str, Any]:
    """The fields in the order in which the last entry has them."""
    last = entries[-1].object if entries else None
    keys = [member.key.value for member in last.members] if last is not None else []
    return dict(sorted(entry.items(), key=lambda item: keys.index(item[0]) if item[0] in keys else len(keys)))


def _toml_table(facts: WranglerFacts, entry: dict[str, Any]) -> tuple[TextEdit, ...]:
    source = facts.tree.source
    if any(not source.startswith("[[", listed.span.start) for listed in facts.entries) or (
        facts.workflows is not None and not facts.entries
    ):
        return ()
    newline = "\r\n" if "\r\n" in source else "\n"
    lines = ["", "[[workflows]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items()), ""]
    start = "" if source.endswith("\n") or not source else newline
    return (TextEdit(Span(len(source), len(source)), start + newline.join(lines)),)


@register
class ClassMismatch(Rule):
    """An entry's `class_name` is not the class that the workflow's file exports.

    Wrangler looks for that class among the exports of the Worker's entry, does not find it, and refuses to
    build: `Your Worker depends on the following Workflows, which are not exported in your entrypoint file`.
    The framework corrects the field when its development server starts; a deploy without that start fails.

    Write the name of the class that the file exports.
    """

    code = "wrangler-class-mismatch"
    severity = Severity.ERROR
    fixable = Fixable.SAFE
    kinds = WRANGLER
    wrong = wrangler_example(class_name="MigrationFlow")
    right = wrangler_example()
    source = f"{_SYNC}; wrangler, export check"

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        for entry in mismatched(facts, project):
            binding = entry.binding or ""
            workflow = next(w for w in project.workflows.by_binding[binding] if w.class_name is not None)
            expected = workflow.class_name or ""
            node = entry.value("class_name")
            span = head_span(facts.tree, node if node is not None else entry.node)
            if isinstance(node, JsonString):
                span = inner_span(facts.tree, node)
            message = (
                f"{workflow.path} exports the class {expected}, not {self._is(entry)}: wrangler does not find "
                f'the class and the build fails. Write "class_name": "{expected}".'
            )
            alone = len(set(class_names(project, binding))) == 1
            title = f"Change class_name to {expected}"
            fix = set_text_fix(document, entry, "class_name", expected, title, safe=alone)
            related = (_workflow_place(workflow, f"the class {expected}"),)
            yield self.found(document, span, message, fixes=(fix,) if fix else (), related=related)

    def _is(self, entry: WorkflowEntry) -> str:
        if entry.value("class_name") is None:
            return "the one that the entry should name"
        return entry.class_name or "what stands here"


def mismatched(facts: WranglerFacts, project: Project) -> Iterator[WorkflowEntry]:
    """The entries of known workflows whose class is another one than the file's.

    At the top level the framework looks at the last entry of a binding; of an environment it looks at
    none, but wrangler at all.
    """
    last = {entry.binding: entry for entry in facts.entries if entry.binding is not None}
    inner = [
        entry
        for environment in facts.environments.values()
        for entry in (environment.workflows.entries if environment.workflows is not None else ())
        if not is_other_worker(facts, entry)
    ]
    for entry in (*last.values(), *inner):
        classes = class_names(project, entry.binding or "")
        if classes and entry.class_name not in classes:
            yield entry


@register
class NameMismatch(Rule):
    """An entry's `name` is not the one that the framework derives from the binding.

    That is allowed, and the framework keeps a custom name. It is the name under which Cloudflare's
    dashboard and `wrangler workflows` know the workflow, and changing it makes a new workflow there.
    """

    code = "wrangler-name-mismatch"
    severity = Severity.INFORMATION
    fixable = Fixable.USER
    kinds = WRANGLER
    wrong = wrangler_example(name="prod-migrator")
    right = wrangler_example()
    source = _SYNC

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        names = {entry.name for entry in facts.entries}
        bindings = Counter(entry.binding for entry in facts.entries)
        for entry in facts.entries:
            binding, name = entry.binding or "", entry.string("name")
            workflows = project.workflows.by_binding.get(binding)
            if not workflows or bindings[binding] > 1 or name is None or not is_workflow_name(name.value):
                continue
            derived = wrangler_name(binding)
            if name.value == derived:
                continue
            message = (
                f"Cloudflare knows the workflow '{workflows[0].name}' as '{name.value}', the framework would "
                f"call it '{derived}'. It keeps your name; write '{derived}' only if that was not meant, "
                "since a new name is a new workflow without the old instances."
            )
            fix = set_text_fix(document, entry, "name", derived, f"Change the name to {derived}")
            useful = fix is not None and derived not in names and is_workflow_name(derived)
            span = inner_span(facts.tree, name)
            yield self.found(document, span, message, fixes=(fix,) if fix and useful else ())


@register
class StaleBinding(Rule):
    """An entry whose name is derived from its binding, as the framework writes it, but without a file.

    Its workflow file was removed or renamed. The framework deletes such an entry when its development
    server next starts, unless no workflow file is left at all; until then the build fails, because the
    class is not exported. The framework cannot tell it from an entry that you wrote by hand, say `BILLING`
    with the name `billing`: it deletes that too.

    Remove the entry, or give an entry that you need a `name` of its own. `koze-lsp fix` removes what the
    framework itself wrote, three fields and a class that is nowhere in `src`, and leaves everything else to you.
    """

    code = "wrangler-stale-binding"
    severity = Severity.WARNING
    fixable = Fixable.SAFE
    kinds = WRANGLER
    wrong = Example(
        "wrangler.jsonc",
        {
            "wrangler.jsonc": '{\n  "name": "app",\n  "workflows": [\n'
            '    { "name": "migration-workflow", "binding": "MIGRATION_WORKFLOW", '
            '"class_name": "MigrationWorkflow" },\n'
            '    { "name": "old-job-workflow", "binding": "OLD_JOB_WORKFLOW", "class_name": "OldJob" }\n'
            "  ]\n}\n"
        },
    )
    right = wrangler_example()
    source = _SYNC

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        known = project.workflows.by_binding
        for entry in facts.entries:
            binding = entry.binding
            if not binding or binding in known or entry.name != wrangler_name(binding):
                continue
            own_form = binding.endswith("_WORKFLOW") and not entry.script_name
            if not known and not (own_form and _is_left_over(entry, project)):
                continue
            if facts.toml and not (own_form and known):
                continue  # the framework leaves TOML alone
            node = entry.string("binding")
            assert node is not None
            span = inner_span(facts.tree, node)
            safe = bool(known) and _has_three_fields(entry) and _is_left_over(entry, project)
            fixes = _removal(document, entry, safe=safe) if own_form else ()
            yield self.found(document, span, _stale_message(entry, own_form, bool(known)), fixes=fixes)


def _has_three_fields(entry: WorkflowEntry) -> bool:
    """Whether an entry has just the fields that the framework writes."""
    return entry.object is not None and {member.key.value for member in entry.object.members} == _WRITTEN


def _is_left_over(entry: WorkflowEntry, project: Project) -> bool:
    """Whether no module of the project has the class: one that has may be bound by hand."""
    if not entry.class_name:
        return False
    documents = (project.document(path) for path in project.paths(*_MODULES))
    return not any(document is not None and entry.class_name in document.source for document in documents)


def _stale_message(entry: WorkflowEntry, own_form: bool, sync: bool) -> str:
    binding = entry.binding
    if not own_form:
        return (
            f"No workflow file gives {binding}, and its name is the one that the framework derives: when the "
            'development server starts it deletes this entry. Write another "name" to keep it.'
        )
    then = "The build fails until the entry is gone" if sync else "The framework leaves the last entry alone"
    return f"No workflow file gives {binding} any more. {then}: remove it, or bring the file back."


def _removal(document: Document, entry: WorkflowEntry, *, safe: bool) -> tuple[Fix, ...]:
    facts = document.wrangler
    if facts.toml or facts.workflows is None or facts.workflows.array is None:
        return ()
    edits = json_edits.remove_item(facts.tree, facts.workflows.array, entry.index)
    return (edit_fix(document.path, f"Remove the entry {entry.binding}", *edits, safe=safe),)
