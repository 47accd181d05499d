"""Whole programs: the engine answers as Cloudflare's own local engine did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from koze_lsp.preview.engine.run import run_workflow
from koze_lsp.preview.engine.session import Workflow
from koze_lsp.preview.modules import Builtin, Resolved, Source
from tests.conformance import load_cases

CASES = load_cases("cloudflare/workflow_runs")
COMPARED = (
    "status", "output", "output_json", "error", "steps", "history", "after_end", "console", "action_results",
)  # fmt: skip
SCENARIO = ("params", "env", "actions", "stop_after_ms")


def resolve(specifier: str, importer: Source) -> Resolved:
    assert specifier.startswith("cloudflare:"), specifier
    return Builtin(specifier)


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in ("at_ms", "end_ms")}
    return [without_times(item) for item in value] if isinstance(value, list) else value


def matches(expected: Any, got: Any) -> bool:
    """Equal, where {"$approx": n, "tolerance": t} stands for any number near n."""
    if isinstance(expected, dict) and "$approx" in expected:
        return isinstance(got, (int, float)) and abs(got - expected["$approx"]) <= expected["tolerance"]
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(matches(expected[key], got[key]) for key in expected)
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(matches, expected, got))
    return bool(expected == got)


def compare(case: dict[str, Any], result: dict[str, Any]) -> None:
    expected = case["expect"]
    for field in COMPARED:
        if field in expected or field in result:
            got = without_times(result.get(field))
            if field == "action_results" and not got and not expected.get(field):
                continue
            assert matches(expected.get(field), got), (field, expected.get(field), got)
            assert (field in expected) == (field in result), field


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_run(case: dict[str, Any]) -> None:
    source = Source("/w.ts", case["source"], f"{case['id']}.workflow.ts")
    workflow = Workflow("SUBJECT_WORKFLOW", "subject-workflow", case["class_name"], source)
    scenario = {key: case[key] for key in SCENARIO if key in case}
    compare(case, run_workflow(workflow, resolve, scenario=scenario))


@pytest.mark.parametrize("name", ["app-saga-rollback", "life-pause-in-step", "event-date-params", "env-var"])
def test_command_line(name: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case["id"] == name)
    (tmp_path / "src" / "server").mkdir(parents=True)
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    (tmp_path / "src" / "server" / f"{name}.workflow.ts").write_text(case["source"], encoding="utf-8")
    scenario = {key: case[key] for key in ("env", "actions", "stop_after_ms") if key in case}
    (tmp_path / "scenario.json5").write_text(json.dumps(scenario), encoding="utf-8")
    command = [sys.executable, "-m", "koze_lsp", "run", name, "--scenario", "scenario.json5", "--output-format", "json"]
    if "params" in case:
        command += ["--params", json.dumps(case["params"])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    result = json.loads(done.stdout)
    compare(case, result)
    assert done.returncode == (0 if case["expect"]["status"] == "complete" else 1)
    assert all("at_ms" in step for step in result["steps"])
    assert [item["event"] for item in result["events"]] == result["history"]
