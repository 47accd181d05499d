"""The composite action: its steps as the runner's shell runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ci.checkout import copy_checkout
from tests.ci.steps import run_action
from tests.cli.apps import BAD, GOOD, ROUTE, app
from tests.cli.support import ROOT


@pytest.mark.slow
def test_install_check_annotate_and_write_sarif(tmp_path: Path) -> None:
    tool, temp = copy_checkout(tmp_path / "tool"), tmp_path / "temp"
    temp.mkdir()
    checkout = tmp_path / "checkout"
    app(checkout / "apps/shop", BAD)
    app(checkout / "apps/blog", BAD)
    inputs = {"working-directory": "apps", "paths": "shop\n", "sarif-file": "koze.sarif"}
    found = run_action(tool / "action.yml", checkout, temp, inputs)
    assert found.status == 1
    assert found.outputs == {"exit-status": "1"}
    assert f"file=apps/shop/{ROUTE},line=4" in found.output
    assert "blog" not in found.output
    (result,) = json.loads((checkout / "apps/koze.sarif").read_text())["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "apps/shop/src/routes/%5Bid%5D/index.html"
    assert found.called == {
        "github/codeql-action/upload-sarif@v3": {"sarif_file": "apps/koze.sarif", "category": "koze-lsp"}
    }
    app(checkout / "apps/shop", GOOD)
    clean = run_action(
        tool / "action.yml", checkout, temp, {"paths": "apps/shop", "args": "--fail-on=hint\n--select=x"}
    )
    assert clean.status == 2
    assert "there is no rule 'x'" in clean.output
    clean = run_action(tool / "action.yml", checkout, temp, {"paths": "apps/shop\n", "annotate": "false"})
    assert (clean.status, clean.called) == (0, {})
    assert "No problems in 4 files" in clean.output


def test_the_action_names_only_inputs_that_it_has() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name in ("paths", "working-directory", "version", "args", "annotate", "sarif-file", "upload-sarif"):
        assert f"inputs.{name}" in text
