"""Every example of the framework's documentation, put into its file, is clean of errors and warnings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from koze_lsp.rules.base import Example
from koze_lsp.rules.engine import check_project
from koze_lsp.rules.examples import complete, project_of

TEXT = (Path(__file__).parent / "data/workflows.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", TEXT, re.DOTALL)
HEAD = "import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';\n\n"
SCRIPT = "<script>\n  import {{ params }} from 'koze:request';\n  import {{ workflowStatus }} from 'koze:workflow';\n\n{}</script>\n<p>{{status.status}}</p>\n"


def place(language: str, code: str) -> dict[str, str]:
    """The file that an example belongs into."""
    if language == "html":
        return {"src/routes/migrations/[id]/index.html": code}
    if language == "jsonc":
        return {"wrangler.jsonc": code}
    if code.startswith("interface"):
        return {"src/server/types.ts": code}
    if "workflowStatus(" in code:
        return {"src/routes/migrations/[id]/index.html": SCRIPT.format(code)}
    if "class " in code:
        return {"src/server/migration.workflow.ts": code}
    if code.startswith("async run"):
        return {
            "src/server/migration.workflow.ts": f"{HEAD}export class MigrationWorkflow extends WorkflowEntrypoint {{\n{code}}}\n"
        }
    return {"src/server/migrations.ts": code}


@pytest.mark.parametrize(("language", "code"), BLOCKS, ids=range(len(BLOCKS)))
def test_every_documented_example_is_clean(language: str, code: str) -> None:
    files = place(language, code)
    project = project_of(complete(Example(next(iter(files)), files)))
    found = [d for _, diagnostics in check_project(project) for d in diagnostics if d.severity.fails]
    assert found == []


def test_the_examples_are_all_there() -> None:
    assert len(BLOCKS) == 12
