"""Short workflow programs for the tests of the engine."""

from __future__ import annotations

from typing import Any

from koze_lsp.preview.engine.run import run_workflow
from koze_lsp.preview.engine.session import Limits, Workflow, WorkflowWorld
from koze_lsp.preview.modules import Builtin, Resolved, Source

HEAD = "import { WorkflowEntrypoint } from 'cloudflare:workers';\n"


def resolve(specifier: str, importer: Source) -> Resolved:
    return Builtin(specifier)


def workflow(body: str, binding: str = "SUBJECT_WORKFLOW", head: str = "", limit: int = 10_000) -> Workflow:
    """A workflow whose run() has this body."""
    subject = f"export class Subject extends WorkflowEntrypoint {{\n  async run(event, step) {{\n{body}\n  }}\n}}\n"
    code = f"{HEAD}{head}\n{subject}"
    return Workflow(
        binding, binding.lower().replace("_", "-"), "Subject", Source(f"/{binding}.ts", code, f"{binding}.ts"), limit
    )


def run(
    body: str, *, limits: Limits | None = None, limit: int = 10_000, head: str = "", **scenario: Any
) -> dict[str, Any]:
    """The result of one instance of a program."""
    return run_workflow(
        workflow(body, head=head, limit=limit), resolve, scenario={"params": {}, **scenario}, limits=limits
    )


def world(*workflows: Workflow, **options: Any) -> WorkflowWorld:
    """A world of programs."""
    return WorkflowWorld(workflows=workflows, resolve=resolve, **options)
