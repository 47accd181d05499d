"""Small projects in memory for tests of rules."""

from __future__ import annotations

from collections.abc import Mapping

from koze_lsp.project.config import Config
from koze_lsp.project.project import Project
from koze_lsp.rules.base import CreateFile, Diagnostic, Example, FileEdit, Fix
from koze_lsp.rules.engine import check_document
from koze_lsp.rules.examples import complete, project_of
from koze_lsp.text import apply_edits

ROUTE = "src/routes/jobs/[id]/index.html"
IMPORTS = "import { params } from 'koze:request';\nimport { workflowStatus } from 'koze:workflow';\n"
CALL = "const status = await workflowStatus('migration', params.id, { poll: '2s' });"
SHOWN = "<p>{status.status}</p>"


def page(script: str = CALL, template: str = SHOWN, imports: str = IMPORTS) -> str:
    """A route's text."""
    return f"<script>\n{imports}{script}\n</script>\n{template}\n"


def project(
    files: Mapping[str, str], show: str = ROUTE, config: Config | None = None, *, bare: bool = False
) -> Project:
    """A project with a workflow `migration`, in sync; ``bare``: without a wrangler file."""
    return project_of(complete(Example(show, files, bare)), config)


def found(text: str, path: str = ROUTE, config: Config | None = None, **more: str) -> list[Diagnostic]:
    """The findings in one file of such a project."""
    return check_document(project({path: text, **more}, path, config), path)


def codes(text: str, path: str = ROUTE, config: Config | None = None, **more: str) -> list[str]:
    """The codes of the findings in one file."""
    return [diagnostic.code for diagnostic in found(text, path, config, **more)]


def apply(fix: Fix, files: Mapping[str, str]) -> dict[str, str]:
    """The files after a fix."""
    after = dict(files)
    for change in fix.changes:
        if isinstance(change, FileEdit):
            after[change.path] = apply_edits(after[change.path], change.edits)
        elif isinstance(change, CreateFile):
            after[change.path] = change.content
        else:
            after[change.new_path] = after.pop(change.path)
    return after
