"""A project made by hand from a few texts, and the findings of its workflow rules."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from koze_lsp.project.config import Config
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.kinds import kind_of
from koze_lsp.project.project import Project
from koze_lsp.rules.base import CreateFile, Diagnostic, FileEdit, Fix, RenameFile, registry
from koze_lsp.text import Text, apply_edits

MODULES = ("workflow_class", "workflow_file", "workflow_durations", "workflow_steps", "workflow_run")
PATH = "src/server/migration.workflow.ts"
IMPORT = "import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';\n"


def workflow(run: str, *, top: str = "", payload: str = "") -> str:
    """A workflow file with the given body of run()."""
    return (
        f"{IMPORT}{top}\nexport class MigrationWorkflow extends WorkflowEntrypoint {{\n"
        f"  async run(event: WorkflowEvent{payload}, step: WorkflowStep) {{\n    {run}\n  }}\n}}\n"
    )


RUN = "async run(event, step) { return await step.do('copy', async () => 1); }"


def klass(before: str, after: str = "") -> str:
    """A workflow file with a class of this head, and something behind it."""
    return f"{IMPORT}{before} {{ {RUN} }}\n{after}"


def make_project(files: Mapping[str, str]) -> Project:
    def read(path: str, kind: FileKind) -> Document:
        return Document(path, kind, Text(files[path]))

    return Project("/app", {path: kind_of(path) for path in sorted(files)}, Config(), read)


def check(files: Mapping[str, str]) -> list[Diagnostic]:
    """The findings of all workflow rules in all files, by file and place."""
    codes = set()
    for module in MODULES:
        name = f"koze_lsp.rules.{module}"
        importlib.import_module(name)
        codes |= {code for code, rule in registry().items() if type(rule).__module__ == name}
    project = make_project(files)
    found: list[Diagnostic] = []
    for path, kind in project.files.items():
        document = project.document(path)
        assert document is not None
        for code in codes:
            rule = registry()[code]
            if kind in rule.kinds and (not rule.needs or any(text in document.source for text in rule.needs)):
                found += rule.check(document, project)
    return sorted(found, key=lambda item: (item.path, item.span, item.code))


def apply(files: Mapping[str, str], fix: Fix) -> dict[str, str]:
    """The files after a fix."""
    result = dict(files)
    for change in fix.changes:
        if isinstance(change, FileEdit):
            result[change.path] = apply_edits(result[change.path], change.edits)
        elif isinstance(change, RenameFile):
            result[change.new_path] = result.pop(change.path)
        else:
            assert isinstance(change, CreateFile)
            result[change.path] = change.content
    return result


def shown(files: Mapping[str, str], diagnostic: Diagnostic) -> str:
    """The text at which a finding points."""
    return files[diagnostic.path][diagnostic.span.start : diagnostic.span.end]
