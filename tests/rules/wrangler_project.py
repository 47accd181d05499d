"""Small projects for the tests of the bindings rules, built without the disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from koze_lsp.project.config import Config
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules import types_stale, wrangler_entries, wrangler_file, wrangler_sync
from koze_lsp.rules.base import Diagnostic, FileEdit, Fix, Rule
from koze_lsp.text import Text, apply_edits

RULES: tuple[Rule, ...] = tuple(
    member()
    for module in (wrangler_sync, wrangler_entries, wrangler_file, types_stale)
    for member in vars(module).values()
    if isinstance(member, type)
    and issubclass(member, Rule)
    and member is not Rule
    and member.__module__ == module.__name__
)


ONE = {"migration": "MigrationWorkflow"}


def workflow_source(class_name: str) -> str:
    return (
        "import { WorkflowEntrypoint } from 'cloudflare:workers';\n\n"
        f"export class {class_name} extends WorkflowEntrypoint {{\n"
        "  async run(event, step) {\n    return await step.do('copy', async () => 1);\n  }\n}\n"
    )


def kind_of(path: str) -> FileKind:
    if path.startswith("wrangler."):
        return FileKind.WRANGLER
    if path == "src/app.d.ts":
        return FileKind.APP_DTS
    if path.endswith(".workflow.ts"):
        return FileKind.WORKFLOW
    return FileKind.PACKAGE if path == "package.json" else FileKind.SERVER


def project_of(files: Mapping[str, str], workflows: Mapping[str, str] | None = None) -> Project:
    """A project of some files, and of workflow files given as name → class."""
    texts = dict(files)
    for name, class_name in (workflows or {}).items():
        texts[f"src/server/{name}.workflow.ts"] = workflow_source(class_name)
    kinds = {path: kind_of(path) for path in sorted(texts)}
    return Project("/app", kinds, Config(), lambda path, kind: Document(path, kind, Text(texts[path])))


def findings(project: Project, rules: Iterable[Rule] = RULES) -> list[Diagnostic]:
    found = []
    for path, kind in project.files.items():
        document = project.document(path)
        assert document is not None
        for rule in rules:
            if kind in rule.kinds:
                found += rule.check(document, project)
    return sorted(found, key=lambda one: (one.path, one.span, one.code, one.message))


def codes(project: Project) -> list[str]:
    return [found.code for found in findings(project)]


def under(project: Project, found: Diagnostic) -> str:
    """The text that a finding underlines."""
    document = project.document(found.path)
    assert document is not None
    return document.source[found.span.start : found.span.end]


def applied(source: str, fix: Fix) -> str:
    (change,) = fix.changes
    assert isinstance(change, FileEdit)
    return apply_edits(source, change.edits)


def fix_all(files: Mapping[str, str], workflows: Mapping[str, str], unsafe: bool = False) -> dict[str, str]:
    """All safe fixes, one after the other, as ``koze-lsp fix`` ends up; with ``unsafe`` also single answers."""
    texts = dict(files)
    for _ in range(200):
        fixes = [
            found.fixes[0]
            for found in findings(project_of(texts, workflows))
            if found.fixes and (found.fixes[0].safe or (unsafe and len(found.fixes) == 1))
        ]
        if not fixes:
            return texts
        (change,) = fixes[0].changes
        assert isinstance(change, FileEdit)
        texts[change.path] = apply_edits(texts[change.path], change.edits)
    raise AssertionError("the fixes never end")
