"""Definition and declaration.

A workflow's *definition* is its class (or its file, while that has no class) and its *declaration* the entry
in the wrangler file, which gives the class its name in ``env``. At the class itself, which is where its
definition leads to, definition goes on to the entry: so every form of the name leads to every other.
"""

from __future__ import annotations

from koze_lsp.ide import modules
from koze_lsp.ide.entries import entries, entry_extent, string_span
from koze_lsp.ide.places import identity
from koze_lsp.ide.targets import (
    ComponentTarget,
    ModuleTarget,
    NameTarget,
    ParamTarget,
    Role,
    StepTarget,
    WorkflowTarget,
    target_at,
)
from koze_lsp.ide.types import Location
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.index import Workflow
from koze_lsp.project.kinds import TEMPLATES
from koze_lsp.project.project import Project
from koze_lsp.syntax.wrangler import WorkflowEntry
from koze_lsp.text import Span

_TOP = Span(0, 0)


def definition(project: Project, document: Document, offset: int) -> list[Location]:
    """Where what is at an offset is defined; empty where that is nothing of ours."""
    target = target_at(project, document, offset)
    match target:
        case WorkflowTarget():
            return _workflow(project, document, target)
        case StepTarget():
            name = target.step.arguments[0]
            return [Location(document.path, target.step.span, name.inner)]
        case ParamTarget():
            return _segment(project, document, target.name)
        case ComponentTarget() if target.path is not None:
            return [Location(target.path, _TOP)]
        case ModuleTarget():
            return [Location(target.path, _TOP)]
        case NameTarget():
            return _name(project, document, target)
    return []


def declaration(project: Project, document: Document, offset: int) -> list[Location]:
    """The wrangler entries of a workflow; of anything else its definition."""
    target = target_at(project, document, offset)
    if isinstance(target, WorkflowTarget):
        return entry_locations(project, target) or _classes(project, target)
    return definition(project, document, offset)


def class_location(workflow: Workflow) -> Location:
    """A workflow's class, or the top of its file."""
    found = workflow.document.workflow.found
    return Location(workflow.path, found.match, found.span) if found is not None else Location(workflow.path, _TOP)


def entry_locations(project: Project, target: WorkflowTarget) -> list[Location]:
    """The entries of a workflow in the wrangler file, the environments' last."""
    who = identity(project, target.name, target.binding, target.workflow)
    wanted = [entry for entry in entries(project) if entry.binding is not None and entry.binding == who.binding]
    return [_entry(project, entry) for entry in wanted]


def _entry(project: Project, entry: WorkflowEntry) -> Location:
    assert project.wrangler is not None
    binding = entry.string("binding")
    selection = string_span(project.wrangler.wrangler, binding) if binding is not None else None
    return Location(project.wrangler.path, entry_extent(entry), selection)


def _workflow(project: Project, document: Document, target: WorkflowTarget) -> list[Location]:
    if target.role is Role.CLASS and target.workflow is not None and document.path == target.workflow.path:
        found = target.workflow.document.workflow.found
        if found is not None and target.span == found.span:
            return entry_locations(project, target) or _classes(project, target)
    return _classes(project, target) or entry_locations(project, target)


def _classes(project: Project, target: WorkflowTarget) -> list[Location]:
    """The class of a workflow; of two files with one binding, both."""
    who = identity(project, target.name, target.binding, target.workflow)
    named = [workflow for workflow in who.workflows if target.role is Role.STATUS and workflow.name == target.name]
    return [class_location(workflow) for workflow in (named or who.workflows)]


def _segment(project: Project, document: Document, name: str) -> list[Location]:
    """The file that names a parameter, or a page in the folder that does."""
    if document.kind not in (FileKind.ROUTE, FileKind.LAYOUT):
        return []
    for segment in reversed(project.routing.parameters(document.path)):
        if segment.parameter == name:
            return [Location(_file_of(project, segment.path, document.path), _TOP)]
    return []


def _file_of(project: Project, path: str, below: str) -> str:
    """A file for a segment: itself, or its folder's layout or index page, or else the page that asks."""
    if path in project.files:
        return path
    names = (f"{path}/{stem}{suffix}" for stem in ("layout", "index") for suffix in TEMPLATES)
    return next((name for name in names if name in project.files), below)


def _name(project: Project, document: Document, target: NameTarget) -> list[Location]:
    imported = target.imported
    if imported is None or target.path is None:
        return [Location(document.path, target.binding.span)]
    if imported.imported in ("default", "*") or project.files[target.path].has_template:
        return [Location(target.path, _TOP)]
    with modules.reading(project, target.path) as module:
        found = module.script.names.root.names.get(imported.imported) if module is not None else None
        return [Location(target.path, found.span if found is not None else _TOP)]
