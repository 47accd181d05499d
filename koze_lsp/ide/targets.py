"""What is under the cursor: the one answer that definition, references, rename and the rest agree on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from koze_lsp.ide import modules
from koze_lsp.ide.entries import binding_workflow, bound_by_wrangler, entry_extent, entry_workflow, string_span
from koze_lsp.ide.scenarios import scenario_names
from koze_lsp.project.document import SCRIPT_KINDS, WORKFLOW_KINDS, Document, FileKind
from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project
from koze_lsp.syntax.app_dts import WorkflowNameType
from koze_lsp.syntax.jsonc import JsonString
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.script import Import
from koze_lsp.syntax.workflow import Step
from koze_lsp.syntax.wrangler import WorkflowEntry
from koze_lsp.text import Span

_MEMBER = re.compile(r"'([^'\\\r\n]*)'|\"([^\"\\\r\n]*)\"")


class Role(Enum):
    """In which of its forms a workflow is named."""

    CLASS = "class"
    """The class in its file, and its uses and imports elsewhere."""
    STATUS = "status name"
    ENV = "binding in code"
    ENTRY = "wrangler entry"
    ENTRY_NAME = "wrangler name"
    ENTRY_BINDING = "wrangler binding"
    ENTRY_CLASS = "wrangler class_name"
    UNION = "WorkflowName member"


@dataclass(frozen=True, slots=True)
class WorkflowTarget:
    """A place that names a workflow.

    Attributes:
        span: the name alone, inside its quotes.
        text: what stands there.
        name: the status name, also where no file has it; None behind a binding of somebody's own.
        binding: the name in ``env``.
        workflow: the workflow, if the project has it.
        entry: the wrangler entry that holds the place.
        through: the place uses a ``const`` whose literal stands elsewhere.
    """

    span: Span
    role: Role
    text: str
    name: str | None
    binding: str | None
    workflow: Workflow | None
    entry: WorkflowEntry | None = None
    through: bool = False


@dataclass(frozen=True, slots=True)
class StepTarget:
    """The name of a step, in its workflow file."""

    span: Span
    step: Step
    through: bool = False


@dataclass(frozen=True, slots=True)
class ParamTarget:
    """``params.x``."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class ComponentTarget:
    """A component's tag. ``path`` is its file, None where it is outside the project."""

    span: Span
    name: str
    path: str | None


@dataclass(frozen=True, slots=True)
class ModuleTarget:
    """The specifier of an import."""

    span: Span
    path: str


@dataclass(frozen=True, slots=True)
class NameTarget:
    """A name of a file with a template: declared there, or imported from ``path``."""

    span: Span
    binding: Binding = field(repr=False, compare=False)
    imported: Import | None = None
    path: str | None = None


Target = WorkflowTarget | StepTarget | ParamTarget | ComponentTarget | ModuleTarget | NameTarget


def target_at(project: Project, document: Document, offset: int) -> Target | None:
    """What an offset of a document touches; None where that is nothing of ours."""
    kind = document.kind
    if kind is FileKind.WRANGLER:
        return _in_wrangler(project, document, offset)
    if kind is FileKind.SCENARIO:
        return _in_scenario(project, document, offset)
    if kind is FileKind.APP_DTS:
        return _in_union(project, document, offset)
    if kind.has_template:
        return _in_script(project, document, offset) or _in_template(project, document, offset)
    if kind in WORKFLOW_KINDS:
        return _in_workflow(project, document, offset) or _in_script(project, document, offset)
    return _in_script(project, document, offset) if kind in SCRIPT_KINDS else None


# Scripts ----------------------------------------------------------------------------------------------


def _in_script(project: Project, document: Document, offset: int) -> Target | None:
    facts, source = document.script, document.source
    if "workflowStatus" in source:
        for call in facts.status_calls:
            name = call.name
            if name is not None and name.string is not None:
                if name.definition.contains(offset):
                    return status_target(project, name.string, name.inner)
                if name.followed and name.span.contains(offset):
                    return status_target(project, name.string, name.span, through=True)
    if "env" in source:
        for read in facts.env_reads:
            if read.span.contains(offset):
                return env_target(project, read.name, read.span)
    if "params" in source:
        for read in facts.params_reads:
            if read.span.contains(offset):
                return ParamTarget(read.span, read.name)
    return _in_import(project, document, offset) or _in_export(project, document, offset)


def _in_export(project: Project, document: Document, offset: int) -> Target | None:
    """``export { MigrationWorkflow } from './server/migration.workflow'``"""
    if document.kind not in SCRIPT_KINDS or ".workflow" not in document.source:
        return None
    facts = document.script
    for node in facts.tree.root.named_children:
        if node.type != "export_statement" or not facts.tree.span(node).contains(offset):
            continue
        for specifier in modules.specifiers_of(facts, node):
            path = modules.resolve(project, document.path, specifier.text)
            workflow = workflow_at(project, path)
            for name in modules.exported_names(node):
                text, span = facts.tree.text(name), facts.tree.span(name)
                if workflow is not None and text == workflow.class_name and span.contains(offset):
                    return workflow_target(workflow, span, Role.CLASS, text)
    return None


def workflow_at(project: Project, path: str | None) -> Workflow | None:
    """The workflow that a file is."""
    return next((workflow for workflow in project.workflows.workflows if workflow.path == path), None)


def _in_import(project: Project, document: Document, offset: int) -> Target | None:
    for imported in document.script.imports:
        if not imported.statement.contains(offset):
            continue
        path = modules.resolve(project, document.path, imported.module)
        if path is None:
            return None
        if imported.module_span.contains(offset):
            return ModuleTarget(imported.module_span, path)
        if imported.imported_span.contains(offset) or imported.local_span.contains(offset):
            return _imported(project, document, imported, path)
    return None


def _imported(project: Project, document: Document, imported: Import, path: str) -> Target | None:
    workflow = workflow_of_class(project, path, imported)
    if workflow is not None:
        return workflow_target(workflow, imported.imported_span, Role.CLASS, imported.imported)
    if not document.kind.has_template or imported.binding is None:
        return None  # the TypeScript server's
    return NameTarget(imported.local_span, imported.binding, imported, path)


def workflow_of_class(project: Project, path: str, imported: Import) -> Workflow | None:
    """The workflow whose class an import names by its own name."""
    found = workflow_at(project, path)
    return found if found is not None and imported.imported == found.class_name else None


# Templates --------------------------------------------------------------------------------------------


def _in_template(project: Project, document: Document, offset: int) -> Target | None:
    for tag in document.route.tags:
        if tag.is_component and tag.name_span.contains(offset):
            imported = component_import(document, tag.name)
            if imported is None:
                return None
            return ComponentTarget(tag.name_span, tag.name, modules.resolve(project, document.path, imported.module))
    return _name(project, document, offset)


def component_import(document: Document, name: str) -> Import | None:
    """The default import that a component tag of a file refers to."""
    found = (item for item in document.script.imports if item.local == name and item.imported == "default")
    return next(found, None)


def _name(project: Project, document: Document, offset: int) -> NameTarget | None:
    facts = document.script
    for binding in facts.names.bindings:
        for span in (binding.span, *(use.span for use in binding.uses)):
            if span.contains(offset):
                imported = next((item for item in facts.imports if item.binding is binding), None)
                path = modules.resolve(project, document.path, imported.module) if imported is not None else None
                return NameTarget(span, binding, imported, path)
    return None


# Workflow files ---------------------------------------------------------------------------------------


def _in_workflow(project: Project, document: Document, offset: int) -> Target | None:
    facts = document.workflow
    if document.kind is FileKind.WORKFLOW and facts.found is not None:
        workflow = workflow_at(project, document.path)
        if workflow is not None:
            for span in class_spans(document):
                if span.contains(offset):
                    return workflow_target(workflow, span, Role.CLASS, facts.found.name)
    for step in facts.steps:
        name = step.arguments[0] if step.arguments else None
        if name is None or name.string is None:
            continue
        if name.definition.contains(offset):
            return StepTarget(name.inner, step)
        if name.followed and name.span.contains(offset):
            return StepTarget(name.span, step, through=True)
    return None


def class_spans(document: Document) -> tuple[Span, ...]:
    """The class's name in its own file: the declaration, then every other use, as a value or as a type."""
    found = document.workflow.found
    if found is None:
        return ()
    uses = named_uses(document, found.name)
    return (found.span, *(span for span in uses if span != found.span))


def named_uses(document: Document, name: str) -> tuple[Span, ...]:
    """Every value or type of a name that the top level of a module declares or imports."""
    facts = document.script
    binding = facts.names.root.names.get(name)
    spans = {use.span for use in binding.uses} | {binding.span} if binding is not None else set()
    encoded, tree = name.encode("utf-8", "surrogatepass"), facts.tree
    at = tree.data.find(encoded)
    while at != -1:
        node = tree.root.descendant_for_byte_range(at, at + len(encoded))
        if node is not None and node.type == "type_identifier" and tree.text(node) == name:
            spans.add(tree.span(node))
        at = tree.data.find(encoded, at + 1)
    return tuple(sorted(spans))


# wrangler and src/app.d.ts ----------------------------------------------------------------------------

_FIELDS = {"name": Role.ENTRY_NAME, "binding": Role.ENTRY_BINDING, "class_name": Role.ENTRY_CLASS}


def _in_wrangler(project: Project, document: Document, offset: int) -> Target | None:
    facts = document.wrangler
    for listed in facts.lists:
        for entry in listed.entries:
            if entry.object is None or not entry_extent(entry).contains(offset):
                continue
            for member in entry.object.members:
                role = _FIELDS.get(member.key.value)
                if role is not None and member.span.contains(offset) and isinstance(member.value, JsonString):
                    span = string_span(facts, member.value)
                    return entry_target(project, entry, span, role, member.value.value)
            return entry_target(project, entry, entry_extent(entry), Role.ENTRY, entry.binding or "")
    return None


def union_members(source: str, alias: WorkflowNameType) -> Iterator[tuple[str, Span]]:
    """The names of one ``WorkflowName`` type, each with the span inside its quotes."""
    for match in _MEMBER.finditer(source, *alias.span):
        group = 1 if match.group(1) is not None else 2
        yield match.group(group), Span(*match.span(group))


def _in_union(project: Project, document: Document, offset: int) -> Target | None:
    for alias in document.app_dts.types:
        if alias.span.contains(offset) and alias.names is not None:
            for name, span in union_members(document.source, alias):
                if span.start - 1 <= offset <= span.end + 1:
                    found = status_target(project, name, span)
                    return WorkflowTarget(span, Role.UNION, name, name, found.binding, found.workflow)
    return None


def _in_scenario(project: Project, document: Document, offset: int) -> Target | None:
    for key in scenario_names(document):
        if key.span.start - key.quoted <= offset <= key.span.end + key.quoted:
            if key.text in project.workflows.by_binding:
                return env_target(project, key.text, key.span)
            return status_target(project, key.text, key.span)
    return None


# Makers -----------------------------------------------------------------------------------------------


def workflow_target(workflow: Workflow, span: Span, role: Role, text: str) -> WorkflowTarget:
    """A place that names a workflow of the project."""
    return WorkflowTarget(span, role, text, workflow.name, workflow.binding, workflow)


def status_target(project: Project, name: str, span: Span, *, through: bool = False) -> WorkflowTarget:
    """A place that names a workflow by its status name, which may be unknown."""
    workflow = project.workflows.by_name.get(name)
    binding = workflow.binding if workflow is not None else None
    return WorkflowTarget(span, Role.STATUS, name, name, binding, workflow, through=through)


def env_target(project: Project, binding: str, span: Span) -> WorkflowTarget | None:
    """A read of a workflow's binding; None for a binding of another kind."""
    workflow = binding_workflow(project, binding)
    if workflow is None and not binding.endswith("_WORKFLOW") and not bound_by_wrangler(project, binding):
        return None
    name = workflow.name if workflow is not None and workflow.binding == binding else None
    return WorkflowTarget(span, Role.ENV, binding, name, binding, workflow)


def entry_target(project: Project, entry: WorkflowEntry, span: Span, role: Role, text: str) -> WorkflowTarget:
    """A place in an entry of the wrangler file."""
    workflow = entry_workflow(project, entry)
    name = workflow.name if workflow is not None and workflow.binding == entry.binding else None
    return WorkflowTarget(span, role, text, name, entry.binding, workflow, entry)
