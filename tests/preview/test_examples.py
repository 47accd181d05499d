"""The example application in the preview: each page and each workflow tells its story."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.support import ROOT, koze

APP = ROOT / "examples/migrations"
PAGES = sorted(path.relative_to(APP).as_posix() for path in APP.glob("src/routes/*/**/*.html"))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_without_a_scenario(page: str) -> None:
    done = koze("preview", page, "--once", "--ticks", "6", "--output-format", "json", cwd=APP)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_a_page_with_a_scenario_stops_when_the_workflow_failed() -> None:
    page = "src/routes/migrations/[id]/index.html"
    done = koze("preview", page, "--once", "--scenario", "scenarios/migration-fails.json5", cwd=APP)
    assert "errored ■" in done.stdout
    assert "It did not finish." in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("workflow", "arguments", "output"),
    [
        ("migration", ["--params", '{"sourceId": "crm"}'], {"migrated": 3}),
        ("data-sync", ["--scenario", "scenarios/data-sync-reviewed.json5"], {"rows": 150, "reviewedBy": "Ada"}),
        ("email-campaign", ["--params", '{"userId": "u1"}'], {"sent": ["welcome:u1", "followup:u1"]}),
    ],
)
def test_every_workflow_runs_to_its_end(workflow: str, arguments: list[str], output: object) -> None:
    done = koze("run", workflow, *arguments, "--output-format", "json", cwd=APP)
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert (data["status"], data["output"]) == ("complete", output)


def test_the_example_is_where_the_test_looks() -> None:
    assert Path(APP / PAGES[0]).is_file()
