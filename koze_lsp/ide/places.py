"""Every place in a project that names one workflow, in whatever form: references and rename are made of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.ide import modules
from koze_lsp.ide.entries import entries, string_span
from koze_lsp.ide.scenarios import scenario_names
from koze_lsp.ide.targets import Role, StepTarget, class_spans, named_uses, union_members
from koze_lsp.project.document import SCRIPT_KINDS, Document, FileKind
from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project
from koze_lsp.project.usage import Usage
from koze_lsp.syntax.wrangler import WorkflowEntry
from koze_lsp.text import Span


@dataclass(frozen=True, slots=True)
class Place:
    """One name in one file. ``declares`` marks the class's declaration in the workflow file."""

    path: str
    span: Span
    role: Role
    declares: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """What a workflow goes by: any of it may be missing, as with an unknown name or a hand-made binding."""

    name: str | None
    binding: str | None
    workflows: tuple[Workflow, ...]


def identity(project: Project, name: str | None, binding: str | None, workflow: Workflow | None) -> Identity:
    """The names of a workflow, with every file that shares its binding."""
    if workflow is not None and (binding is None or workflow.binding == binding):
        return Identity(workflow.name, workflow.binding, project.workflows.by_binding[workflow.binding])
    return Identity(name, binding, (workflow,) if workflow is not None else ())


def places(project: Project, who: Identity, only: str | None = None) -> list[Place]:
    """Every place that names a workflow, or those in one file, sorted by path and offset."""
    found: set[Place] = set()
    for workflow in who.workflows:
        if workflow.binding == who.binding or who.binding is None:
            found.update(_class_places(project, workflow, only))
    found.update(_code_places(project, who, only))
    found.update(_scenario_places(project, who))
    found.update(_entry_places(project, who))
    found.update(_union_places(project, who))
    kept = found if only is None else (place for place in found if place.path == only)
    return sorted(kept, key=lambda place: (place.path, place.span, place.role.value))


def _class_places(project: Project, workflow: Workflow, only: str | None) -> Iterator[Place]:
    for index, span in enumerate(class_spans(workflow.document)):
        yield Place(workflow.path, span, Role.CLASS, declares=index == 0)
    if workflow.class_name is None:
        return
    for document, specifier in modules.importers(project, workflow.path, SCRIPT_KINDS, only):
        yield from _imported_class(document, specifier, workflow.class_name)


def _imported_class(document: Document, specifier: modules.Specifier, class_name: str) -> Iterator[Place]:
    """The class in a file that imports it or exports it again."""
    facts = document.script
    for imported in facts.imports:
        if imported.module_span == specifier.span and imported.imported == class_name:
            yield Place(document.path, imported.imported_span, Role.CLASS)
            if imported.local_span == imported.imported_span:
                for span in named_uses(document, class_name):
                    yield Place(document.path, span, Role.CLASS)
    statement = specifier.statement
    if statement is not None and statement.type == "export_statement":
        for name in modules.exported_names(statement):
            if facts.tree.text(name) == class_name:
                yield Place(document.path, facts.tree.span(name), Role.CLASS)


def _code_places(project: Project, who: Identity, only: str | None) -> Iterator[Place]:
    for usage in project.usages.all(project) if only is None else _usages_of(project, only):
        if usage.kind == "status" and usage.name == who.name:
            yield Place(usage.path, usage.span, Role.STATUS)
        elif usage.kind == "env" and usage.name == who.binding:
            yield Place(usage.path, usage.span, Role.ENV)


def _usages_of(project: Project, path: str) -> tuple[Usage, ...]:
    kind = project.files[path]
    return project.usages.of(project, path) if kind.has_template or kind in SCRIPT_KINDS else ()


def _scenario_places(project: Project, who: Identity) -> Iterator[Place]:
    for path in project.paths(FileKind.SCENARIO):
        with modules.reading(project, path) as document:
            for key in scenario_names(document) if document is not None else ():
                if key.text == who.name:
                    yield Place(path, key.span, Role.STATUS)
                elif key.text == who.binding:
                    yield Place(path, key.span, Role.ENV)


def entry_of(entry: WorkflowEntry, who: Identity) -> bool:
    """Whether an entry of the wrangler file is the workflow's."""
    return entry.binding is not None and entry.binding == who.binding


def _entry_places(project: Project, who: Identity) -> Iterator[Place]:
    wrangler = project.wrangler
    if wrangler is None:
        return
    names = {workflow.wrangler_name for workflow in who.workflows}
    classes = {workflow.class_name for workflow in who.workflows}
    for entry in entries(project):
        if not entry_of(entry, who):
            continue
        for key, role in (("name", Role.ENTRY_NAME), ("binding", Role.ENTRY_BINDING), ("class_name", Role.ENTRY_CLASS)):
            value = entry.string(key)
            if value is None or (role is Role.ENTRY_NAME and names and value.value not in names):
                continue
            if role is Role.ENTRY_CLASS and classes and value.value not in classes:
                continue
            yield Place(wrangler.path, string_span(wrangler.wrangler, value), role)


def _union_places(project: Project, who: Identity) -> Iterator[Place]:
    app_dts = project.app_dts
    if app_dts is None or who.name is None:
        return
    for alias in app_dts.app_dts.types:
        if alias.names is not None:
            for name, span in union_members(app_dts.source, alias):
                if name == who.name:
                    yield Place(app_dts.path, span, Role.UNION)


def step_spans(document: Document, target: StepTarget) -> tuple[Span, ...]:
    """The name literals of a step: of every call of the same kind with the same name in its file."""
    found = set()
    for step in document.workflow.steps:
        name = step.arguments[0] if step.arguments else None
        if name is not None and step.kind == target.step.kind and name.string == target.step.name:
            found.add(name.inner)
    return tuple(sorted(found))
