"""Cloudflare's own engine agrees with ours. Needs Node and an installed wrangler or miniflare:
KOZE_LSP_NODE_MODULES names the node_modules that holds it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from koze_lsp.preview.engine.workerd import differences

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "migrations"
MODULES = os.environ.get("KOZE_LSP_NODE_MODULES", "")
needs_miniflare = pytest.mark.skipif(not os.path.isdir(f"{MODULES}/miniflare"), reason="no miniflare installed")
REVIEWED = {"after": {"type": "wait_started", "step": "wait-for-review-1"}, "delay_ms": 20, "do": "sendEvent"}
REVIEWED |= {"event": {"type": "reviewed", "payload": {"by": "Ada"}}}


def koze_lsp(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "koze_lsp", "run", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@needs_miniflare
@pytest.mark.slow
@pytest.mark.parametrize(
    ("workflow", "params", "scenario"),
    [
        ("migration", {"sourceId": "s"}, {}),
        ("email-campaign", {"userId": "u"}, {}),
        ("data-sync", {"pages": 2}, {"actions": [REVIEWED]}),
    ],
)
def test_engines_agree(workflow: str, params: object, scenario: object, tmp_path: Path) -> None:
    app = tmp_path / "app"
    shutil.copytree(EXAMPLE, app, ignore=shutil.ignore_patterns("node_modules"))
    (app / "node_modules").symlink_to(MODULES)
    (app / "scenario.json").write_text(json.dumps(scenario), encoding="utf-8")
    done = koze_lsp(
        app, workflow, "--compare", "--skip-sleeps", "--params", json.dumps(params), "--scenario", "scenario.json"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "both engines agree (complete" in done.stdout


def test_without_miniflare_it_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "src" / "server").mkdir(parents=True)
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    (tmp_path / "src" / "server" / "a.workflow.ts").write_text("export class A {}", encoding="utf-8")
    done = koze_lsp(tmp_path, "a", "--engine", "workerd")
    assert done.returncode == 1
    assert "npm install --save-dev wrangler" in done.stderr or "Node.js" in done.stderr


def test_differences_leave_times_out() -> None:
    ours = {"status": "complete", "output": 1, "error": None, "steps": [{"name": "a", "at_ms": 1}], "history": []}
    theirs = {"status": "complete", "output": 2, "error": None, "steps": [{"name": "a", "at_ms": 9}], "history": []}
    assert differences(ours, theirs) == [{"field": "output", "embedded": 1, "workerd": 2}]
