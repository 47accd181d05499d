"""The texts of small workflow files for the examples of rules."""

from __future__ import annotations

from textwrap import dedent, indent

from koze_lsp.rules.base import Example

PATH = "src/server/migration.workflow.ts"
IMPORT = "import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';\n"


def workflow(run: str, *, name: str = "MigrationWorkflow", payload: str = "", imports: str = "") -> str:
    """A workflow file whose run() has the given lines."""
    body = indent(dedent(run).strip("\n"), "    ")
    event = f"WorkflowEvent{payload}"
    return (
        f"{IMPORT}{imports}\nexport class {name} extends WorkflowEntrypoint {{\n"
        f"  async run(event: {event}, step: WorkflowStep) {{\n{body}\n  }}\n}}\n"
    )


def in_run(run: str, *, payload: str = "", imports: str = "") -> Example:
    """An example of one workflow file, given the lines of its run()."""
    return one_file(workflow(run, payload=payload, imports=imports))


def one_file(text: str, path: str = PATH) -> Example:
    """An example of one file."""
    return Example(path, {path: text})
