"""Rules about the class of a workflow file: its export, its base and run()."""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.naming import status_name
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Fix, Fixable, Related, Rule, Severity, edit_fix, register
from koze_lsp.rules.workflow_example import IMPORT, one_file, workflow
from koze_lsp.syntax.workflow import ExportProblem
from koze_lsp.text import Span, TextEdit

_KINDS = frozenset({FileKind.WORKFLOW})
_RUN = "async run(event, step) {\n    return await step.do('copy', async () => 1);\n  }"


@register
class NoWorkflowClass(Rule):
    """The framework finds no class in a workflow file, or not the one that the file means.

    Koze does not parse the file. It looks for the text `export default class Name`, then for the first
    `export class Name`, with a name of ASCII letters, digits and underscores. Every other form stops the
    dev server and the build: an export list, `export default Name`, a class in a `const`, an abstract class, a
    re-export. A comment or a string that holds such text is taken for the class, and a default class without
    a name is registered as `extends`.

    Write `export class Name extends WorkflowEntrypoint`.
    """

    code = "no-workflow-class"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = _KINDS
    source = "Koze framework, convention discovery"
    wrong = one_file(
        f"{IMPORT}\nclass MigrationWorkflow extends WorkflowEntrypoint {{\n  {_RUN}\n}}\n\nexport default MigrationWorkflow;\n"
    )
    right = one_file(f"{IMPORT}\nexport default class MigrationWorkflow extends WorkflowEntrypoint {{\n  {_RUN}\n}}\n")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        problem = document.workflow.export_problem
        if problem is not None:
            yield self.found(document, problem.span, _export_message(problem), fixes=_export_fixes(document, problem))


_REFUSED = "so Koze refuses to start: it only reads `export class Name` and `export default class Name`"


def _export_message(problem: ExportProblem) -> str:
    name = problem.name or "Name"
    match problem.form:
        case "nothing":
            return "No class is exported here, and Koze refuses to start. Write `export class Name extends WorkflowEntrypoint`."
        case "not exported":
            return f"The class {name} is not exported, {_REFUSED}. Write `export class {name}`."
        case "export list":
            return f"{name} is exported in a list, {_REFUSED}. Write `export class {name}`."
        case "default name":
            return f"{name} is exported after its declaration, {_REFUSED}. Write `export default class {name}`."
        case "const":
            return f"{name} is a class in a variable, {_REFUSED}. Write `export class {name}`."
        case "abstract":
            return f"{name} is an abstract class, {_REFUSED}, and the engine cannot construct it. Write `export class {name}`."
        case "anonymous":
            return "A class without a name is registered as `extends`, or not found at all, and the Worker does not load. Give it a name."
        case "re-export":
            return f"The class is exported from another file, {_REFUSED}. Declare it in this file."
        case "name":
            return f"Koze does not read the name {name}: it takes ASCII letters, digits and underscores only. Rename the class."
        case "comment":
            return f"Koze finds `export class {name}` in this comment and registers {name}, which does not exist: the Worker does not load. Reword the comment."
    return f"Koze finds the text `export class {name}` here, but it is no class of this module: the Worker does not load. Reword it."


def _export_fixes(document: Document, problem: ExportProblem) -> tuple[Fix, ...]:
    if not problem.edits:
        return ()
    derived = class_name_for(document.path)
    edits = [TextEdit(edit.span, edit.new_text.replace("\0", derived)) for edit in problem.edits]
    titles = {
        "abstract": f"Make {problem.name} a concrete class",
        "anonymous": f"Name the class {derived}",
        "comment": "Remove `export` from the comment",
    }
    title = titles.get(problem.form, f"Export {problem.name} where it is declared")
    return (edit_fix(document.path, title, *edits, preferred=problem.form != "abstract"),)


def class_name_for(path: str) -> str:
    """A class name after a workflow file: ``data-sync.workflow.ts`` → ``DataSyncWorkflow``."""
    words = re.findall(r"[A-Za-z0-9]+", status_name(path))
    name = "".join(word[0].upper() + word[1:] for word in words) + "Workflow"
    return f"_{name}" if name[0].isdigit() else name


_COMPUTED_RUN = re.compile(r"\[\s*(['\"`])run\1\s*\]\s*\(")
"""``['run'](event, step)`` is a method of that name."""


@register
class NotWorkflowEntrypoint(Rule):
    """The class that the framework registers does not extend `WorkflowEntrypoint`.

    The framework does not look at the base class, so everything starts, but each instance fails with an
    internal error as soon as the engine calls it. The same happens where another class is exported before the
    workflow: the framework takes the first one. Bases from other files are not looked into.
    """

    code = "not-workflow-entrypoint"
    severity = Severity.WARNING
    kinds = _KINDS
    source = "Cloudflare engine, observed; Koze framework, convention discovery"
    wrong = one_file(f"export class MigrationWorkflow {{\n  {_RUN}\n}}\n")
    right = one_file(f"{IMPORT}\nexport class MigrationWorkflow extends WorkflowEntrypoint {{\n  {_RUN}\n}}\n")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.workflow
        heritage = facts.heritage
        span = facts.name_span or facts.class_span
        if span is None or facts.class_name is None or facts.export_problem is not None or heritage is None:
            return
        name = facts.class_name
        write = f"Write `class {name} extends WorkflowEntrypoint`, from 'cloudflare:workers'."
        other = facts.other_entrypoint
        if other is not None and heritage.base not in ("entrypoint", "unknown"):
            meant = document.source[other.start : other.end]
            message = (
                f"Koze registers {name}, the first class that this file exports, and not {meant}: every instance fails. "
                f"Export {meant} alone, or as default."
            )
            yield self.found(document, span, message, related=(Related(document.path, other, f"{meant} is here"),))
        elif heritage.base == "none":
            yield self.found(
                document,
                span,
                f"{name} does not extend WorkflowEntrypoint, so every instance fails. {write}",
            )
        elif heritage.base == "foreign":
            message = f"{heritage.text} is not WorkflowEntrypoint, so every instance of {name} fails. {write}"
            yield self.found(document, heritage.span or span, message)
        elif heritage.base == "undeclared":
            message = (
                "WorkflowEntrypoint is not imported, so the Worker does not load. Import it from 'cloudflare:workers'."
            )
            yield self.found(document, heritage.span or span, message)


@register
class MissingRun(Rule):
    """The workflow class has no `run` method, or `run` is an arrow function in a property.

    The engine calls `run` on the class's prototype. A property exists on the instance only, so it is not found:
    every instance ends with `TypeError: The RPC receiver does not implement the method "run".`
    """

    code = "missing-run"
    severity = Severity.ERROR
    kinds = _KINDS
    source = "Cloudflare engine, observed"
    wrong = one_file(
        f"{IMPORT}\nexport class MigrationWorkflow extends WorkflowEntrypoint {{\n"
        "  run = async (event: WorkflowEvent, step: WorkflowStep) => {\n"
        "    return await step.do('copy', async () => 1);\n  };\n}\n"
    )
    right = one_file(workflow("return await step.do('copy', async () => 1);"))

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        facts = document.workflow
        span = facts.name_span or facts.class_span
        if span is None or facts.heritage is None or facts.export_problem is not None:
            return
        if facts.run.kind == "property":
            message = (
                "`run` is a property, and the engine only finds methods: every instance ends with a TypeError. "
                "Write `async run(event, step) { … }`."
            )
            yield self.found(document, _own(facts.run.name_span, span), message)
        elif facts.run.kind == "missing" and not _COMPUTED_RUN.search(document.source):
            name = document.source[span.start : span.end]
            message = f"{name} has no method `run`: every instance ends with a TypeError. Add `async run(event, step) {{ … }}`."
            yield self.found(document, span, message)


def _own(span: Span | None, otherwise: Span) -> Span:
    return span if span is not None else otherwise
