"""The names of a renamed workflow: what each of its forms means, and which names can't be taken.

Whichever form the cursor stands on (status name, binding, class, wrangler name, WorkflowName), the new text
is read back to a status name, and every other form is derived from that: so all ends give one result.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from koze_lsp.ide.entries import entries
from koze_lsp.ide.targets import Role, WorkflowTarget
from koze_lsp.ide.types import NotRenamableError
from koze_lsp.project.index import Workflow
from koze_lsp.project.naming import SUFFIX, binding_name, in_union, wrangler_name
from koze_lsp.project.project import Project
from koze_lsp.rules.scaffold import class_name as conventional_class

_BINDING_END = "_WORKFLOW"
_NAME_END = "-workflow"
_CLASS_END = "Workflow"
_CLASS = re.compile(r"[A-Z_][A-Za-z0-9_]*", re.ASCII)
_WORD_BORDER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WRANGLER_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Renaming:
    """A workflow with its next names. ``new_class`` is None where the class keeps its name."""

    workflow: Workflow
    new_name: str
    new_path: str
    new_class: str | None

    @property
    def new_binding(self) -> str:
        """The binding that follows from the new name."""
        return binding_name(self.new_name)

    @property
    def new_wrangler_name(self) -> str:
        """The wrangler name that follows from the new binding."""
        return wrangler_name(self.new_binding)


def plan(project: Project, target: WorkflowTarget, text: str) -> Renaming:
    """What a workflow is called after a rename at one of its places.

    Raises:
        NotRenamableError: the text is no name for that place, or it collides.
    """
    workflow = renamable(project, target)
    _check_readable(project, workflow)
    name, class_name = _read(target.role, text.strip(), workflow)
    return renaming(project, workflow, name, class_name=class_name)


def renaming(
    project: Project,
    workflow: Workflow,
    name: str,
    *,
    class_name: str | None = None,
    path: str | None = None,
    others: Collection[str] = (),
) -> Renaming:
    """The renaming of a workflow to a status name.

    ``class_name`` overrides what the class would be called, ``path`` where the file goes, and ``others``
    are files that are renamed at the same time, with which nothing can collide.

    Raises:
        NotRenamableError: the name gives no valid binding, or something has it already.
    """
    new_path = path or f"{workflow.path.rsplit('/', 1)[0]}/{name}{SUFFIX}"
    if class_name is None and workflow.class_name is not None and follows(workflow.class_name, workflow.name):
        class_name = _class_for(name, workflow.class_name)
    if class_name == workflow.class_name:
        class_name = None
    found = Renaming(workflow, name, new_path, class_name)
    if name != workflow.name:
        _check_form(found)
    _check_collisions(project, found, {workflow.path, *others})
    return found


def renamable(project: Project, target: WorkflowTarget) -> Workflow:
    """The workflow that a place names.

    Raises:
        NotRenamableError: there is none, or more than one, or the place is not one to rename from.
    """
    workflow = target.workflow
    if target.through:
        raise NotRenamableError("The name stands in a constant: rename it there, where its text is")
    if target.role is Role.ENTRY:
        raise NotRenamableError("Put the cursor on the entry's name, binding or class_name")
    if workflow is None or (target.binding is not None and target.binding != workflow.binding):
        if target.binding is not None and target.role is not Role.STATUS:
            raise NotRenamableError(
                f"'{target.binding}' follows from no workflow file: change it in the wrangler file and in the code"
            )
        raise NotRenamableError(f"No file under src/server is the workflow '{target.text}': there is nothing to rename")
    twins = project.workflows.by_binding[workflow.binding]
    if len(twins) > 1:
        files = " and ".join(twin.path for twin in twins)
        raise NotRenamableError(f"{files} share the binding {workflow.binding}: rename one of the files first")
    if target.role is Role.ENTRY_NAME and target.text != workflow.wrangler_name:
        raise NotRenamableError(
            f"'{target.text}' is a name of its own, not derived from {workflow.path}: nothing else changes with it"
        )
    if target.role is Role.ENTRY_CLASS and target.text != workflow.class_name:
        raise NotRenamableError(f"{workflow.path} exports no class '{target.text}': correct the entry first")
    return workflow


def _check_readable(project: Project, workflow: Workflow) -> None:
    """A wrangler file that names the workflow, but can't be read, would be left behind."""
    wrangler = project.wrangler
    if wrangler is None or wrangler.wrangler.readable or workflow.binding not in wrangler.source:
        return
    error = wrangler.wrangler.tree.error
    line = wrangler.text.line_at(error.span.start) + 1 if error is not None else 1
    message = error.message if error is not None else "it holds no object"
    raise NotRenamableError(f"{wrangler.path} can't be read (line {line}: {message}): correct it first")


def follows(class_name: str, name: str) -> bool:
    """Whether a class is called after its workflow: ``DataSyncWorkflow`` or ``DataSync`` after ``data-sync``."""
    flat = re.sub(r"[^a-z0-9]", "", name.lower())
    return class_name.replace("_", "").lower() in (flat, flat + _CLASS_END.lower())


def _class_for(name: str, old_class: str) -> str:
    """The class for a new name, with or without the suffix as the old one."""
    full = conventional_class(name)
    return full if old_class.endswith(_CLASS_END) else full.removesuffix(_CLASS_END)


def _read(role: Role, text: str, workflow: Workflow) -> tuple[str, str | None]:
    """The status name that a new text means at a place, and the class where it names that itself."""
    if role in (Role.ENV, Role.ENTRY_BINDING):
        return _from_binding(text, workflow), None
    if role is Role.ENTRY_NAME:
        return _like(text.removesuffix(_NAME_END), workflow), None
    if role in (Role.CLASS, Role.ENTRY_CLASS) and workflow.class_name is not None:
        return _from_class(text, workflow, workflow.class_name)
    return text, None


def _from_binding(text: str, workflow: Workflow) -> str:
    if text == workflow.binding:
        return workflow.name
    stem = text.removesuffix(_BINDING_END)
    if text.endswith(_BINDING_END) and stem and stem == stem.upper():
        return _like(stem.lower().replace("_", "-"), workflow)
    if text == text.upper() and text != text.lower():
        raise NotRenamableError(
            f"'{text}' can't be a workflow's binding: the framework makes it from the file's name, so it must end in "
            f"{_BINDING_END}, as {text.rstrip('_')}{_BINDING_END}"
        )
    return text


def _like(name: str, workflow: Workflow) -> str:
    """A name read back from a form that knows no ``_``, in the manner of the old name."""
    if name == wrangler_name(workflow.binding).removesuffix(_NAME_END):
        return workflow.name
    return name.replace("-", "_") if "_" in workflow.name and "-" not in workflow.name else name


def _from_class(text: str, workflow: Workflow, old_class: str) -> tuple[str, str | None]:
    if text == old_class:
        return workflow.name, None
    if not text[:1].isupper() and not text.startswith("_"):
        return text, None
    if _CLASS.fullmatch(text) is None:
        raise NotRenamableError(f"'{text}' can't be a class: the framework reads ASCII letters, digits and _ only")
    suffix = _CLASS_END if old_class.endswith(_CLASS_END) else ""
    stem = text.removesuffix(suffix) if suffix else text
    if not follows(old_class, workflow.name) or not text.endswith(suffix) or not stem:
        return workflow.name, text  # a class with a name of its own
    words = [word for part in stem.split("_") for word in _WORD_BORDER.split(part) if word]
    joiner = "_" if "_" in workflow.name and "-" not in workflow.name else "-"
    name = joiner.join(words).lower()
    return name, text


def _check_form(found: Renaming) -> None:
    if not found.new_name:
        raise NotRenamableError("A workflow needs a name")
    if not in_union(found.new_name) or "$" in found.new_name:
        raise NotRenamableError(
            f"'{found.new_name}' can't be a workflow's name: its binding would be {found.new_binding}, which is no "
            "identifier. Use letters, digits, - and _, and begin with a letter"
        )
    if _WRANGLER_NAME.fullmatch(found.new_wrangler_name) is None:
        raise NotRenamableError(
            f"'{found.new_name}' can't be a workflow's name: wrangler would refuse '{found.new_wrangler_name}' "
            "(1 to 64 letters, digits, - and _, the first no -)"
        )


def _check_collisions(project: Project, found: Renaming, moving: set[str]) -> None:
    if found.new_path in project.files and found.new_path not in moving:
        raise NotRenamableError(f"{found.new_path} exists already")
    for other in project.workflows.workflows:
        if other.path in moving:
            continue
        if other.binding == found.new_binding:
            raise NotRenamableError(f"{other.path} has the binding {other.binding} already")
        if found.new_class is not None and other.class_name == found.new_class:
            raise NotRenamableError(f"{other.path} exports a class {found.new_class} already")
    if found.new_class is not None and found.new_class in found.workflow.document.script.names.root.names:
        raise NotRenamableError(f"{found.workflow.path} has another {found.new_class} already")
    if found.new_binding != found.workflow.binding:
        _check_wrangler(project, found, moving)


def _check_wrangler(project: Project, found: Renaming, moving: set[str]) -> None:
    if project.wrangler is None:
        return
    bindings = project.wrangler.wrangler.bindings
    free = {workflow.binding for workflow in project.workflows.workflows if workflow.path in moving}
    for fact in bindings:
        if fact.name == found.new_binding and fact.name not in free:
            raise NotRenamableError(f"{project.wrangler.path} has a binding {fact.name} already ({fact.kind})")
    for entry in entries(project):
        if entry.name == found.new_wrangler_name and entry.binding not in free:
            raise NotRenamableError(f"{project.wrangler.path} has a workflow named '{entry.name}' already")
