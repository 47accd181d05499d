"""Completion of what is Koze and Workflows, and of nothing else: no tags, no CSS, no plain TypeScript.

Each module of this package knows one subject and looks at the cursor for itself; `complete` asks them in turn.
Text may be broken anywhere: the cursor is read from tokens (`koze_lsp.ide.context`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from koze_lsp.ide.completion import (
    bindings,
    fields,
    identifiers,
    modules,
    names,
    options,
    package,
    polls,
    scenario,
    snippets,
    steps,
    wrangler,
)
from koze_lsp.ide.context import Cursor, Region, cursor_at
from koze_lsp.ide.describe import workflow_markdown
from koze_lsp.ide.types import Completion
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project

__all__ = ["TRIGGERS", "complete", "resolve"]

TRIGGERS = ("'", '"', "`", ".", ":", "{", "(")
"""The characters after which an editor asks by itself."""

Provider = Callable[[Project, Cursor], Iterable[Completion]]

_CODE: tuple[Provider, ...] = (
    names.complete,
    options.complete,
    polls.complete,
    steps.complete,
    fields.complete,
    bindings.complete,
    modules.complete,
)
_DATA: dict[FileKind, Provider] = {
    FileKind.WRANGLER: wrangler.complete,
    FileKind.PACKAGE: package.complete,
    FileKind.SCENARIO: scenario.complete,
}


def complete(project: Project, document: Document, offset: int) -> list[Completion]:
    """The completions at an offset (code points); empty where Koze has nothing to say. Never raises on any text."""
    cursor = cursor_at(document, offset)
    if cursor.in_comment:
        return []
    if cursor.region is Region.DATA:
        found = list(_DATA[document.kind](project, cursor))
    elif cursor.region in (Region.TEXT, Region.NONE):
        found = list(snippets.complete(project, cursor))
    else:
        found = _in_code(project, cursor)
    return sorted(found, key=lambda item: item.sort or item.label)


def _in_code(project: Project, cursor: Cursor) -> list[Completion]:
    """The first subject that has something to say says all."""
    for provider in _CODE:
        found = list(provider(project, cursor))
        if found:
            return found
    return [*snippets.complete(project, cursor), *identifiers.complete(project, cursor)]


def resolve(project: Project, key: tuple[str, ...]) -> str:
    """The Markdown documentation that a completion's ``resolve`` asks for; empty where it is gone since."""
    match key:
        case ("workflow", name):
            workflow = project.workflows.by_name.get(name)
            return workflow_markdown(project, workflow) if workflow is not None else ""
    return ""
