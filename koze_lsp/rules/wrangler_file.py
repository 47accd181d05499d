"""The wrangler file as a whole: whether there is one, and who can read it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import (
    CreateFile,
    Diagnostic,
    Example,
    Fix,
    Fixable,
    Rule,
    Severity,
    edit_fix,
    register,
)
from koze_lsp.rules.wrangler_sync import WRANGLER, wrangler_example
from koze_lsp.syntax.jsonc import JsonProblem, ProblemKind
from koze_lsp.syntax.wrangler import WranglerFacts
from koze_lsp.syntax.wrangler_validation import head_span, is_workflow_name
from koze_lsp.text import Span, TextEdit

_RIGHT = wrangler_example()


@register
class WranglerSyntax(Rule):
    """The wrangler file is not readable.

    As an error: wrangler itself stops at this place, so nothing starts or deploys, and koze-lsp says nothing
    about bindings. Wrangler reads JSON with both kinds of comments and a trailing comma; keys and strings
    need double quotes.

    As a warning: wrangler reads the file, but the framework's sync does not, because it takes the comments
    out and reads the rest as strict JSON. With a trailing comma or a byte order mark it prints one line,
    `Skipping wrangler sync`, and new workflows never get their binding.
    """

    code = "wrangler-syntax"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = WRANGLER
    wrong = Example("wrangler.jsonc", {"wrangler.jsonc": '{\n  "name": "app"\n  "workflows": []\n}\n'})
    right = _RIGHT
    source = "wrangler 4.164, JSONC parser; Koze framework, wrangler sync"

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        if document.unreadable is not None:
            return
        facts = document.wrangler
        error = facts.tree.error
        if error is not None:
            yield self._refused(document, error)
        elif facts.root is None and facts.tree.root is not None:
            message = (
                "Wrangler finds no settings here: the file holds another value than an object. "
                "Put the settings into { and }."
            )
            yield self.found(document, head_span(facts.tree, facts.tree.root), message)
        elif project.workflows.workflows and facts.tree.notes:
            yield self._skipped(document, facts.tree.notes[0])

    def _refused(self, document: Document, error: JsonProblem) -> Diagnostic:
        if not document.source.strip("\ufeff \t\r\n"):
            return self.found(document, error.span, "Wrangler refuses an empty file. Write at least {}.")
        kind = "" if error.kind is ProblemKind.INVALID_TOML else f" ({error.kind.value})"
        message = f"Wrangler cannot read the file{kind}: {error.message}. No binding is checked until it can."
        return self.found(document, error.span, message)

    def _skipped(self, document: Document, note: JsonProblem) -> Diagnostic:
        facts = document.wrangler
        what = "a byte order mark" if note.kind is ProblemKind.BYTE_ORDER_MARK else "a trailing comma"
        message = (
            f"The framework's sync skips the file because of {what}, and adds no binding for a new workflow. "
            "Wrangler itself reads it. Remove it, or keep the entries up to date yourself."
        )
        edits = [TextEdit(other.span, "") for other in facts.tree.notes]
        plural = "all of them" if len(edits) > 1 else "it"
        fix = edit_fix(document.path, f"Remove {what if len(edits) == 1 else plural}", *edits)
        return Diagnostic(self.code, document.path, note.span, message, Severity.WARNING, fixes=(fix,))


@register
class WranglerToml(Rule):
    """The settings are in wrangler.toml.

    The framework's sync reads wrangler.jsonc and wrangler.json only, and says so in one line when its
    development server starts: the entry of a new workflow is yours to write. koze-lsp checks the entries
    all the same.
    """

    code = "wrangler-toml"
    severity = Severity.INFORMATION
    kinds = WRANGLER
    wrong = Example(
        "wrangler.toml",
        {
            "wrangler.toml": 'name = "app"\n\n[[workflows]]\nname = "migration-workflow"\n'
            'binding = "MIGRATION_WORKFLOW"\nclass_name = "MigrationWorkflow"\n'
        },
    )
    right = _RIGHT
    source = "Koze framework, wrangler sync"

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.wrangler
        if facts.toml and facts.readable and project.workflows.workflows:
            message = (
                "The framework's sync skips wrangler.toml: a new workflow gets no binding by itself. Write its "
                "[[workflows]] entry here, or move the settings to wrangler.jsonc."
            )
            yield self.found(document, document.text.line_span(_first_line(document)), message)


def _first_line(document: Document) -> int:
    """The first line with a text on it."""
    source = document.source
    return document.text.line_at(len(source) - len(source.lstrip()))


@register
class NoWranglerFile(Rule):
    """There are workflow files, but no wrangler file.

    Without one nothing has a binding. The framework writes a wrangler.jsonc when its development server
    starts; a build or a deploy before that has no workflows. This is said once, at the first workflow. The fix
    creates the same file, byte for byte.
    """

    code = "wrangler-no-file"
    severity = Severity.WARNING
    fixable = Fixable.SAFE
    kinds = frozenset({FileKind.WORKFLOW})
    wrong = Example(
        "src/server/migration.workflow.ts",
        {
            "src/server/migration.workflow.ts": "import { WorkflowEntrypoint } from 'cloudflare:workers';\n\n"
            "export class MigrationWorkflow extends WorkflowEntrypoint {\n  async run(event, step) {\n"
            "    return await step.do('copy', async () => 1);\n  }\n}\n"
        },
        bare=True,
    )
    right = _RIGHT
    source = "Koze framework, wrangler sync"

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        workflows = project.workflows.workflows
        if project.wrangler is not None or not workflows or workflows[0].path != document.path:
            return
        span = document.workflow.class_span or Span(0, 0)
        message = (
            "There is no wrangler.jsonc, so no workflow has a binding and a deploy goes out without them. "
            "Create it, or start the development server, which does."
        )
        yield self.found(document, span, message, fixes=_created(project))


def _created(project: Project) -> tuple[Fix, ...]:
    """The file as the framework would write it; it writes tabs."""
    entries = [
        {"name": workflows[0].wrangler_name, "binding": binding, "class_name": workflows[0].class_name}
        for binding, workflows in project.workflows.by_binding.items()
        if workflows[0].class_name is not None and is_workflow_name(workflows[0].wrangler_name)
    ]
    if not entries:
        return ()
    content = json.dumps({"workflows": entries}, indent="\t", ensure_ascii=False) + "\n"
    shared = any(len(workflows) > 1 for workflows in project.workflows.by_binding.values())
    return (Fix("Create wrangler.jsonc", (CreateFile("wrangler.jsonc", content),), not shared, preferred=True),)


def readable_facts(project: Project) -> WranglerFacts | None:
    """The facts of the project's wrangler file, or None where bindings cannot be known."""
    document = project.wrangler
    if document is None or document.unreadable is not None or not document.wrangler.readable:
        return None
    return document.wrangler
