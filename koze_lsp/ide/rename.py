"""Rename: a workflow from any place that names it, a step, and what file operations in the explorer entail."""

from __future__ import annotations

from koze_lsp.ide.changes import Edits
from koze_lsp.ide.file_operations import will_create, will_delete, will_rename
from koze_lsp.ide.naming import plan, renamable
from koze_lsp.ide.places import step_spans
from koze_lsp.ide.rename_workflow import renames
from koze_lsp.ide.targets import (
    ComponentTarget,
    ModuleTarget,
    NameTarget,
    ParamTarget,
    StepTarget,
    WorkflowTarget,
    target_at,
)
from koze_lsp.ide.types import Annotated, NotRenamableError, Rename
from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.text import Span, units

__all__ = ["prepare", "rename", "will_create", "will_delete", "will_rename"]

_MOST_UNITS = 256  # of a step's name: Cloudflare engine, observed


def prepare(project: Project, document: Document, offset: int) -> tuple[Span, str]:
    """What a rename at an offset would replace, and its present text.

    Raises:
        NotRenamableError: nothing there can be renamed; the message says why.
    """
    target = _target(project, document, offset)
    if isinstance(target, WorkflowTarget):
        renamable(project, target)
        return target.span, target.text
    if target.through:
        raise NotRenamableError("The step's name stands in a constant: rename it there, where its text is")
    return target.span, document.source[target.span.start : target.span.end]


def rename(project: Project, document: Document, offset: int, new_name: str) -> Rename:
    """Every change that renames what is at an offset; none where the name stays the same.

    Raises:
        NotRenamableError: it can't be renamed, or not to that name; the message says why.
    """
    target = _target(project, document, offset)
    prepare(project, document, offset)
    if isinstance(target, StepTarget):
        return _rename_step(document, target, new_name)
    return renames(project, [plan(project, target, new_name)])


def _target(project: Project, document: Document, offset: int) -> WorkflowTarget | StepTarget:
    target = target_at(project, document, offset)
    match target:
        case WorkflowTarget() | StepTarget():
            return target
        case ParamTarget():
            raise NotRenamableError("A route's parameter is named by its folder or file: rename that in the explorer")
        case ComponentTarget() | ModuleTarget():
            raise NotRenamableError("Rename the file in the explorer: its imports are brought up to date")
        case NameTarget() | None:
            pass
    raise NotRenamableError("Only workflows and steps can be renamed here")


def _rename_step(document: Document, target: StepTarget, new_name: str) -> Rename:
    step = target.step
    if new_name == step.name:
        return Rename()
    if not new_name.strip():
        raise NotRenamableError("A step needs a name")
    if units(new_name, "utf-16") > _MOST_UNITS or any(ord(character) < 32 for character in new_name):
        raise NotRenamableError(f"A step's name has at most {_MOST_UNITS} characters and no control characters")
    if any(other.name == new_name and other.function_span == step.function_span for other in document.workflow.steps):
        raise NotRenamableError(f"Another step is called '{new_name}' already: the engine would number the two")
    edits = Edits()
    for span in step_spans(document, target):
        quote = document.source[span.start - 1]
        edits.replace(document.path, span, _quoted(new_name, quote))
    return Rename((Annotated(f"Step '{step.name}'", edits.changes()),))


def _quoted(text: str, quote: str) -> str:
    """A text as it stands between quotes of a kind."""
    text = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return text.replace("${", "\\${") if quote == "`" else text
