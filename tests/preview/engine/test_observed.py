"""Short programs against what Cloudflare's own local engine answered (wrangler 4.164): tests/data/engine/*.json.

The answers were observed by running each body in a workflow under miniflare; none of them is made up. `body` is the body
of run(), in a module that begins with HEAD.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from koze_lsp.preview.engine.run import run_workflow
from koze_lsp.preview.engine.session import Workflow
from koze_lsp.preview.modules import Source
from tests.preview.engine.programs import resolve
from tests.preview.engine.test_workflow_runs import without_times

DATA = Path(__file__).resolve().parents[2] / "data" / "engine"
HEAD = """import { WorkflowEntrypoint } from 'cloudflare:workers';
import { NonRetryableError } from 'cloudflare:workflows';
const wait = (ms: number) => new Promise((r) => setTimeout(r, ms));
const once = { retries: { limit: 0, delay: 0 } };
class Foo { a = 1; get b() { return 2; } }
export class W extends WorkflowEntrypoint<any> {
  async run(event: any, step: any) {
"""
CASES = [(file.stem, case) for file in sorted(DATA.glob("*.json")) for case in json.loads(file.read_text("utf-8"))]


def test_there_are_cases() -> None:
    assert {subject for subject, _ in CASES} == {"calls", "errors", "lifecycle", "platform", "values"}


@pytest.mark.parametrize(("subject", "case"), CASES, ids=[f"{subject}-{case['id']}" for subject, case in CASES])
def test_as_observed(subject: str, case: dict[str, Any]) -> None:
    source = Source("/w.ts", f"{HEAD}{case['body']}\n  }}\n}}\n", f"{case['id']}.workflow.ts")
    scenario = {"params": case.get("params", {}), "actions": case.get("actions", [])}
    workflow = Workflow("SUBJECT_WORKFLOW", "subject-workflow", "W", source)
    result = without_times(run_workflow(workflow, resolve, scenario=scenario))
    for field, expected in case["expect"].items():
        assert result.get(field) == expected, (field, result["error"])
    assert bool(result["error"]) == bool(case["expect"].get("error"))
    assert ("output_json" in result) == ("output_json" in case["expect"])
