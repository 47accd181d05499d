"""References across the project, and highlights in one document."""

from __future__ import annotations

from koze_lsp.ide import modules
from koze_lsp.ide.places import Place, identity, places, step_spans
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
from koze_lsp.ide.types import Highlight, HighlightKind, Location
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.project.routing import segments
from koze_lsp.text import Span

_PAGES = (FileKind.ROUTE, FileKind.LAYOUT)


def references(project: Project, document: Document, offset: int, include_declaration: bool) -> list[Location]:
    """Every place that names what is at an offset, sorted by path and place.

    The declaration is the class in the workflow file, the step's first literal, or a name's declaration.
    """
    target = target_at(project, document, offset)
    match target:
        case WorkflowTarget():
            found = [place for place in _places(project, target) if include_declaration or not place.declares]
            return [Location(place.path, place.span) for place in found]
        case StepTarget():
            spans = step_spans(document, target)
            return [Location(document.path, span) for span in (spans if include_declaration else spans[1:])]
        case ParamTarget():
            return _params(project, document, target.name)
        case ComponentTarget() if target.path is not None:
            return _of_file(project, target.path)
        case ModuleTarget():
            return _of_file(project, target.path)
        case NameTarget() if target.imported is not None and target.path is not None:
            if project.files[target.path].has_template:
                return _of_file(project, target.path)
    if isinstance(target, NameTarget | ComponentTarget):
        found_here = _highlights(project, document, target)
        return [
            Location(document.path, item.span)
            for item in found_here
            if include_declaration or not _declares(target, item.span)
        ]
    return []


def highlights(project: Project, document: Document, offset: int) -> list[Highlight]:
    """The places in one document that name what is at an offset, in order."""
    target = target_at(project, document, offset)
    return _highlights(project, document, target) if target is not None else []


def _highlights(project: Project, document: Document, target: object) -> list[Highlight]:
    match target:
        case WorkflowTarget():
            return _workflow_highlights(project, document, target)
        case StepTarget():
            return [Highlight(span, HighlightKind.TEXT) for span in step_spans(document, target)]
        case ParamTarget():
            reads = document.script.params_reads
            return [Highlight(read.span, HighlightKind.READ) for read in reads if read.name == target.name]
        case ComponentTarget():
            return [Highlight(span, HighlightKind.TEXT) for span in _tags(document, target.name)]
        case NameTarget():
            binding = target.binding
            found = [Highlight(binding.span, HighlightKind.WRITE)]
            kinds = {True: HighlightKind.WRITE, False: HighlightKind.READ}
            found += [Highlight(use.span, kinds[use.write]) for use in binding.uses]
            found += [Highlight(span, HighlightKind.TEXT) for span in _tags(document, binding.name)]
            return sorted(set(found), key=lambda item: (item.span, item.kind.value))
    return []


def _declares(target: object, span: Span) -> bool:
    return isinstance(target, NameTarget) and span == target.binding.span


def _places(project: Project, target: WorkflowTarget) -> list[Place]:
    return places(project, identity(project, target.name, target.binding, target.workflow))


def _workflow_highlights(project: Project, document: Document, target: WorkflowTarget) -> list[Highlight]:
    """The workflow's places in this document; where others are in sight too, a name is only a text."""
    kinds = {Role.CLASS: HighlightKind.READ, Role.STATUS: HighlightKind.READ, Role.ENV: HighlightKind.READ}
    found = []
    who = identity(project, target.name, target.binding, target.workflow)
    for place in places(project, who, only=document.path):
        kind = HighlightKind.WRITE if place.declares else kinds.get(place.role, HighlightKind.TEXT)
        found.append(Highlight(place.span, kind))
    return found


def _tags(document: Document, name: str) -> list[Span]:
    return [tag.name_span for tag in document.route.tags if tag.name == name and tag.is_component]


def _of_file(project: Project, path: str) -> list[Location]:
    """The imports of a component or module, and the tags and names that they give."""
    found: set[tuple[str, Span]] = set()
    for document, specifier in modules.importers(project, path):
        found.add((document.path, specifier.span))
        for imported in document.script.imports:
            tagged = imported.module_span == specifier.span and imported.imported == "default"
            if tagged and document.kind.has_template:
                found.update((document.path, span) for span in _tags(document, imported.local))
    return [Location(where, span) for where, span in sorted(found)]


def _params(project: Project, document: Document, name: str) -> list[Location]:
    """The reads of a route's parameter on every page below the segment that names it."""
    if document.kind not in _PAGES:
        return [Location(document.path, read.span) for read in document.script.params_reads if read.name == name]
    named = [segment for segment in segments(document.path) if segment.parameter == name]
    if not named:
        return [Location(document.path, read.span) for read in document.script.params_reads if read.name == name]
    folder = named[-1].path
    found: list[Location] = []
    for path in project.paths(*_PAGES):
        if path == folder or path.startswith(f"{folder}/"):
            with modules.reading(project, path) as page:
                if page is not None and "params" in page.source:
                    found += [Location(path, read.span) for read in page.script.params_reads if read.name == name]
    return found
