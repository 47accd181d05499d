"""The workflows of an application, as the framework discovers them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from koze_lsp.project.document import Document
from koze_lsp.project.naming import binding_name, status_name, wrangler_name


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow file and the names that follow from it.

    ``class_name`` and ``export`` (``default`` or ``named``) are None where the framework finds no class.
    """

    name: str
    binding: str
    wrangler_name: str
    document: Document

    @property
    def path(self) -> str:
        """The file, relative to the project's root."""
        return self.document.path

    @property
    def class_name(self) -> str | None:
        """The class that the framework registers."""
        return self.document.workflow.class_name

    @property
    def export(self) -> str | None:
        """How the class is exported."""
        return self.document.workflow.export


class WorkflowIndex:
    """All workflows of one application, in discovery order (byte order of their paths)."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.workflows = tuple(
            Workflow(name, binding_name(name), wrangler_name(binding_name(name)), document)
            for document in documents
            for name in (status_name(document.path),)
        )

    @cached_property
    def by_name(self) -> Mapping[str, Workflow]:
        """By status name; of two with one name the first."""
        return {workflow.name: workflow for workflow in reversed(self.workflows)}

    @cached_property
    def by_binding(self) -> Mapping[str, tuple[Workflow, ...]]:
        """By binding: more than one where two files share it."""
        found: dict[str, tuple[Workflow, ...]] = {}
        for workflow in self.workflows:
            found[workflow.binding] = (*found.get(workflow.binding, ()), workflow)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The status names in discovery order."""
        return tuple(workflow.name for workflow in self.workflows)
