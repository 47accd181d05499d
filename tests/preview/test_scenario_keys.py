"""One table of keys for the scenarios of pages, of runs, for the rule and for the preview's own reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from koze_lsp.preview.course import ACTIONS
from koze_lsp.preview.engine.app import Application
from koze_lsp.preview.engine.run import check_scenario, run_workflow
from koze_lsp.preview.isolate import ScriptError
from koze_lsp.project.workspace import Workspace
from koze_lsp.syntax.scenario import ScenarioError, parse_scenario
from koze_lsp.syntax.scenario_keys import ACTION, DO, EVENT, MOCK, PAGE, RUN, SPAN, STATUS
from tests.preview.page.conftest import FILES

WORKFLOWS = {"migration": "MIGRATION_WORKFLOW"}
VALUES = {
    "params": "{ a: 1 }",
    "env": "{}",
    "fetch": "{}",
    "steps": "{ 'fetch-data': { result: [1] } }",
    "waits": "{ wait: { timeout: true } }",
    "actions": "[{ at: 5, do: 'pause' }]",
    "queued_ms": "0",
    "step_ms": "10",
    "stop_after_ms": "60000",
}


@pytest.mark.parametrize("key", RUN)
def test_every_key_of_a_run_is_known_everywhere(key: str) -> None:
    text = f"{{ {key}: {VALUES[key]} }}"
    found = parse_scenario(f"{{ run: {{ migration: {text} }} }}", "a.preview.json5", WORKFLOWS, page=True).run
    assert found is not None
    assert key in found["migration"]
    check_scenario(dict(found["migration"]))
    check_scenario({"url": "/", "run": found})
    parse_scenario(text, "run.preview.json5", WORKFLOWS)


@pytest.mark.parametrize("key", [key for key in RUN if key not in PAGE])
def test_a_page_says_where_a_key_of_a_run_belongs(key: str) -> None:
    with pytest.raises(ScenarioError, match=f"unknown key `{key}`; it belongs to a workflow: run:"):
        parse_scenario(f"{{ {key}: {VALUES[key]} }}", "a.preview.json5", page=True)


@pytest.mark.parametrize(
    ("options", "message", "column"),
    [
        ("{ step: {} }", "did you mean `step", 21),
        ("{ env: [] }", "`env` must be an object", 21),
        ("{ step_ms: -1 }", "`step_ms` must be a number of virtual milliseconds", 21),
        ("{ queued_ms: true }", "`queued_ms` must be", 21),
        ("{ actions: {} }", "`actions` must be a list", 21),
        ("{ actions: [{ do: 'dance', at: 1 }] }", "`do` must be one of", 31),
        ("{ actions: [{ do: 'pause' }] }", "say when", 31),
        ("{ actions: [{ do: 'sendEvent', at: 1 }] }", "needs `event:", 31),
        ("{ actions: [{ do: 'pause', at: 'x' }] }", "`at` must be a number", 46),
        ("{ steps: { a: {} } }", "steps.a says nothing", 30),
        ("{ steps: { a: 1 } }", "steps.a must be an object", 30),
        ("{ waits: { a: true } }", "waits.a must be an object", 30),
    ],
)
def test_both_refuse_the_same(options: str, message: str, column: int) -> None:
    import json5

    with pytest.raises(ScenarioError) as caught:
        parse_scenario(f"{{ run: {{ migration: {options} }} }}", "a.preview.json5", WORKFLOWS)
    assert message in caught.value.message
    assert caught.value.column == column + 2
    with pytest.raises(ScriptError) as thrown:
        check_scenario(json5.loads(options))
    assert message in thrown.value.message


def test_run_takes_what_a_pages_scenario_says_of_the_workflow(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    workspace = Workspace()
    workspace.load(str(tmp_path))
    application = Application(workspace.project(str(tmp_path)))
    scenario = {
        "url": "/migrations/7",
        "params": {"id": "7"},
        "run": {"migration": {"params": {"sourceId": "crm"}, "queued_ms": 500, "step_ms": 2000}},
    }
    for given in (scenario, scenario["run"]["migration"]):  # type: ignore[index]
        told = run_workflow(application.find("migration"), application.resolve, scenario=check_scenario(given))
        assert told["output"] == {"migrated": 3, "from": "crm"}
        assert told["virtual_ms"] == 4500


def test_every_key_is_explained() -> None:
    for table in (PAGE, RUN, STATUS, ACTION, EVENT, MOCK, SPAN):
        for key in table.values():
            assert key.kind
            assert key.sample
            assert key.text.endswith((".", "…"))
    assert tuple(DO) == ACTIONS
