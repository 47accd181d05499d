"""``koze-lsp run`` as a command: where it finds the workflow, what it prints, its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from koze_lsp.cli.main import run
from tests.conformance import load_cases
from tests.preview.engine.test_workflow_runs import SCENARIO, compare

CASES = load_cases("cloudflare/workflow_runs")
ODD = """import { WorkflowEntrypoint } from 'cloudflare:workers';
export class Odd extends WorkflowEntrypoint {
  async run(event, step) {
    console.log('lone \\ud800', '\\u001b[31mred');
    await step.do('flaky', { retries: { limit: 1, delay: '10 seconds' } }, async ({ attempt }) => {
      if (attempt === 1) throw new Error('HTTP 503');
      return [1, 2];
    });
    for (let i = 0; i < 100; i++) await step.do(`s${i}`, async () => i);
    throw new TypeError('end \\ud800 \\u001b[2J');
  }
}
"""


def write(folder: Path, name: str, source: str) -> Path:
    file = folder / "src" / "server" / f"{name}.workflow.ts"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    return file


@pytest.mark.parametrize("case", CASES[::8], ids=lambda case: str(case["id"]))
@pytest.mark.parametrize("by", ["name", "path"])
def test_a_recorded_case_with_nothing_but_its_source(
    case: dict[str, object],
    by: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No package.json and no wrangler file: a folder with src/server is enough."""
    name = str(case["id"])
    file = write(tmp_path, name, str(case["source"]))
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps({key: case[key] for key in SCENARIO if key in case}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    status = run(["run", name if by == "name" else str(file), "--scenario", str(scenario), "--output-format", "json"])
    compare(case, json.loads(capsys.readouterr().out))
    assert status == (0 if case["expect"]["status"] == "complete" else 1)  # type: ignore[index]


def test_json_has_one_item_a_line_and_is_ascii(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "odd", ODD)
    assert run(["run", "odd", "-C", str(tmp_path), "--output-format", "json"]) == 1
    text = capsys.readouterr().out
    result = json.loads(text)
    assert text.isascii()
    assert len(text.splitlines()) >= len(result["steps"]) + len(result["history"])
    assert result["console"][0]["args"][0] == "lone \ud800"


@pytest.mark.parametrize("columns", [40, 60, 120])
def test_text_fits_and_steers_no_terminal(
    columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "odd", ODD)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(["run", "odd", "-C", str(tmp_path)]) == 1
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= max(columns, 44)
    assert "lone \\ud800 \\x1b[31mred" in " ".join(text.split())
    assert "more" in text, "a long history is shown from its beginning and its end"
    assert ("Error: HTTP 503, again in 10 s" in text) == (columns == 120)


def test_where_there_is_no_workflow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "odd", "-C", str(tmp_path)]) == 2
    assert "src/server" in capsys.readouterr().err
    write(tmp_path, "odd", ODD)
    assert run(["run", "even", "-C", str(tmp_path)]) == 2
    assert "this application has: odd" in capsys.readouterr().err
