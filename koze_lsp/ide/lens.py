"""Code lenses: who reads a workflow, how often a page polls, and previews of both."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.hover.script import interval
from koze_lsp.ide.types import Lens, Location
from koze_lsp.project.document import SCRIPT_KINDS, Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.syntax.durations import human

__all__ = ["OPEN_PREVIEW", "RUN_PREVIEW", "SHOW_REFERENCES", "lenses", "places"]

OPEN_PREVIEW = "koze.preview.open"
"""Argument: the page's path, relative to the project's root."""
RUN_PREVIEW = "koze.preview.run"
"""Argument: the workflow's name."""
SHOW_REFERENCES = "koze.showReferences"
"""Arguments: the workflow file's path, relative to the project's root, the offset of its class's name, and which
places are meant: ``status`` for those that read it, ``env`` for those that use its binding (see `places`)."""


def lenses(project: Project, document: Document) -> list[Lens]:
    """The lenses of a document, in source order."""
    if document.kind is FileKind.WORKFLOW:
        return list(_workflow(project, document))
    if "workflowStatus" in document.source and (document.kind.has_template or document.kind in SCRIPT_KINDS):
        return list(_calls(document))
    return []


def _workflow(project: Project, document: Document) -> Iterator[Lens]:
    """On the class: its readers and starters, and a run of it."""
    span = document.workflow.class_span
    workflow = next((item for item in project.workflows.workflows if item.path == document.path), None)
    if span is None or workflow is None:
        return
    readers, starters = ({place.path for place in places(project, document, kind)} for kind in ("status", "env"))
    place = (document.path, str(span.start))
    shown = (SHOW_REFERENCES, (*place, "status")) if readers else (None, ())
    yield Lens(span, _readers(project, readers), *shown)
    if starters:
        yield Lens(span, f"started in {_count(len(starters), 'file')}", SHOW_REFERENCES, (*place, "env"))
    yield Lens(span, "Preview", RUN_PREVIEW, (workflow.name,))


def places(project: Project, document: Document, kind: str) -> list[Location]:
    """What a lens of a workflow file counts: the calls that read its status, or the uses of its binding."""
    workflow = next((item for item in project.workflows.workflows if item.path == document.path), None)
    if workflow is None:
        return []
    of = project.usages
    found = of.of_status(project, workflow.name) if kind == "status" else of.of_binding(project, workflow.binding)
    return [Location(usage.path, usage.span) for usage in found]


def _readers(project: Project, paths: set[str]) -> str:
    pages = [path for path in paths if project.files.get(path) is FileKind.ROUTE]
    others = len(paths) - len(pages)
    if not paths:
        return "no page reads this"
    listed = ([_count(len(pages), "page")] if pages else []) + ([_count(others, "other file")] if others else [])
    verb = "reads" if len(paths) == 1 else "read"
    return f"{' and '.join(listed)} {verb} this"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _calls(document: Document) -> Iterator[Lens]:
    """On each call: how often it polls; on a page's first one also its preview."""
    for number, call in enumerate(document.script.status_calls):
        option, found = call.option("poll"), interval(call)
        if found is not None and found.ms is not None:
            title = f"polls every {human(found.ms)}"
        elif option is None or found is not None:
            title = "reads once"
        else:
            title = "polls at a computed interval"
        yield Lens(call.span, title)
        if number == 0 and document.kind is FileKind.ROUTE:
            yield Lens(call.span, "Preview", OPEN_PREVIEW, (document.path,))
