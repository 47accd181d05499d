"""Document links: names of workflows, imports and class entries that open a file when they are followed."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide import modules
from koze_lsp.ide.entries import entry_workflow, string_span
from koze_lsp.ide.targets import union_members
from koze_lsp.ide.types import Link
from koze_lsp.project.document import SCRIPT_KINDS, Document, FileKind
from koze_lsp.project.project import Project


def links(project: Project, document: Document) -> list[Link]:
    """The links of a document, in order."""
    kind = document.kind
    if kind is FileKind.WRANGLER:
        found = _entries(project, document)
    elif kind is FileKind.APP_DTS:
        found = _union(project, document)
    elif kind.has_template or kind in SCRIPT_KINDS:
        found = _script(project, document)
    else:
        return []
    return sorted(set(found), key=lambda link: link.span)


def _script(project: Project, document: Document) -> Iterator[Link]:
    if "workflowStatus" in document.source:
        for call in document.script.status_calls:
            name = call.name.string if call.name is not None else None
            workflow = project.workflows.by_name.get(name) if name is not None else None
            if call.name is not None and workflow is not None:
                yield Link(call.name.inner, workflow.path, f"Open {workflow.path}")
    if "import" in document.source or "from" in document.source:
        for specifier in modules.specifiers(document.script):
            path = modules.resolve(project, document.path, specifier.text)
            if path is not None:
                yield Link(specifier.span, path, f"Open {path}")


def _entries(project: Project, document: Document) -> Iterator[Link]:
    facts = document.wrangler
    for listed in facts.lists:
        for entry in listed.entries:
            workflow, value = entry_workflow(project, entry), entry.string("class_name")
            if workflow is not None and value is not None:
                yield Link(string_span(facts, value), workflow.path, f"Open {workflow.path}")
    if facts.main is not None:
        path = facts.main.value.removeprefix("./")
        if path in project.files:
            yield Link(string_span(facts, facts.main), path, f"Open {path}")


def _union(project: Project, document: Document) -> Iterator[Link]:
    for alias in document.app_dts.types:
        if alias.names is not None:
            for name, span in union_members(document.source, alias):
                workflow = project.workflows.by_name.get(name)
                if workflow is not None:
                    yield Link(span, workflow.path, f"Open {workflow.path}")
