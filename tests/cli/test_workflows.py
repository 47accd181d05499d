"""What the index knows, against what the framework discovered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import ROOT, check_json, koze, write_tree
from tests.conformance import load_cases

CASES = load_cases("koze/binding_names")


def make(case: dict[str, Any], root: Path) -> Path:
    write_tree(root, {"package.json": '{ "name": "app" }\n', "src/routes/index.html": "<p>x</p>\n", **case["files"]})
    return root


@pytest.mark.parametrize("case", [case for case in CASES if "error" not in case["expect"]], ids=lambda case: case["id"])
def test_names_are_those_of_the_framework(case: dict[str, Any], tmp_path: Path) -> None:
    done = koze("workflows", "--output-format", "json", cwd=make(case, tmp_path))
    ours = [
        {
            "file": row["file"],
            "binding": row["binding"],
            "statusName": row["name"],
            "wranglerName": row["wrangler_name"],
            "className": row["class_name"],
            "exportKind": row["export"],
        }
        for row in json.loads(done.stdout)
    ]
    assert ours == case["expect"]["workflows"]


@pytest.mark.parametrize("case", [case for case in CASES if "error" in case["expect"]], ids=lambda case: case["id"])
def test_what_the_framework_refuses_is_an_error(case: dict[str, Any], tmp_path: Path) -> None:
    assert check_json(cwd=make(case, tmp_path))["errors"] > 0


def test_steps_and_shapes() -> None:
    done = koze("workflows", "examples/migrations", "--output-format", "json")
    sync, campaign, migration = json.loads(done.stdout)
    assert [(step["kind"], step["name"], step["line"]) for step in sync["steps"]] == [
        ("do", None, 14), ("sleep", "be-gentle", 19), ("waitForEvent", "wait-for-review", 22),
    ]  # fmt: skip
    assert sync["payload"] == {"table": "string", "pages": "number"}
    assert list(campaign["output"]) == ["sent"]
    assert migration["class_name"] == "MigrationWorkflow"


def test_the_table_for_people_names_everything() -> None:
    text = koze("workflows", str(ROOT / "examples/migrations")).stdout
    assert "data-sync" in text
    assert "DATA_SYNC_WORKFLOW" in text
    assert "send-welcome → wait-for-followup" in text
