"""Cloudflare's own engine agrees with ours on every example workflow.

Needs Node.js and wrangler, which scripts/setup_workerd.sh puts into .workerd/, as CI does; KOZE_LSP_NODE_MODULES names
another node_modules that holds them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from koze_lsp.preview.engine.workerd import differences

ROOT = Path(__file__).resolve().parents[3]
MODULES = Path(os.environ.get("KOZE_LSP_NODE_MODULES") or ROOT / ".workerd" / "node_modules")
needs_workerd = pytest.mark.skipif(
    not (MODULES / "miniflare").is_dir(), reason="no workerd here: scripts/setup_workerd.sh installs it"
)
REVIEWED = {"after": {"type": "wait_started", "step": "wait-for-review-1"}, "delay_ms": 20, "do": "sendEvent"}
REVIEWED |= {"event": {"type": "reviewed", "payload": {"by": "Ada"}}}
SCENARIOS = {
    "migrations/data-sync": {"params": {"pages": 2}, "actions": [REVIEWED]},
    "migrations/email-campaign": {"params": {"userId": "u"}},
    "migrations/migration": {"params": {"sourceId": "s"}},
}
REFUSED = {"broken/shop/billing"}  # no workflow class: both engines say so
ONLINE = {"broken/shop/ingest"}  # fetches from the network, which the embedded engine never does


def found() -> dict[str, Path]:
    """Every workflow of the examples that Koze discovers: ``application/name`` → file."""
    files = sorted((ROOT / "examples").glob("**/src/server/*.workflow.ts"))
    named = {}
    for file in files:
        app = file.parent.parent.parent.relative_to(ROOT / "examples").as_posix()
        named[f"{app}/{file.name.removesuffix('.workflow.ts')}"] = file
    return named


EXAMPLES = found()


def koze_lsp(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # A Node.js that setup_workerd.sh brought comes first: this wrangler wants a recent one.
    path = os.pathsep.join([str(MODULES / ".bin"), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "koze_lsp", "run", *arguments]
    environment = {**os.environ, "PATH": path}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=180, check=False, env=environment
    )


def application(name: str, folder: Path) -> Path:
    """A copy of an example application with Cloudflare's engine in its node_modules."""
    app = folder / "app"
    source = ROOT / "examples" / name.rsplit("/", 1)[0]
    shutil.copytree(source, app, ignore=shutil.ignore_patterns("node_modules"))
    (app / "node_modules").symlink_to(MODULES)
    return app


@needs_workerd
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - REFUSED - ONLINE))
def test_engines_agree(name: str, tmp_path: Path) -> None:
    app = application(name, tmp_path)
    scenario = SCENARIOS.get(name, {"params": {}})
    (app / "scenario.json").write_text(json.dumps(scenario), encoding="utf-8")
    file = f"src/server/{EXAMPLES[name].name}"
    done = koze_lsp(app, file, "--compare", "--skip-sleeps", "--timeout", "60", "--scenario", "scenario.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "both engines agree" in done.stdout
    if name in SCENARIOS:
        assert "(complete" in done.stdout


@needs_workerd
@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_both_refuse_a_file_without_a_workflow(name: str, tmp_path: Path) -> None:
    app = application(name, tmp_path)
    for engine in ("embedded", "workerd"):
        done = koze_lsp(app, f"src/server/{EXAMPLES[name].name}", "--engine", engine)
        assert done.returncode == 1
        assert "WorkflowEntrypoint" in done.stderr


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
