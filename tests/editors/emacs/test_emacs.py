"""The Emacs package in a real Emacs without a screen, with eglot over the real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.apps import BAD, ROUTE, app
from tests.cli.support import ROOT, write_tree

PLUGIN = ROOT / "editors/emacs"


@pytest.fixture(scope="module")
def emacs() -> str:
    """An Emacs that has eglot."""
    program = shutil.which("emacs")
    if program is None:
        pytest.skip("Emacs is not installed")
    asked = "(progn (require 'package) (package-initialize) (require 'eglot))"
    if subprocess.run([program, "--batch", "--eval", asked], capture_output=True, check=False).returncode:
        pytest.skip("this Emacs has no eglot")
    return program


def drive(emacs: str, root: Path, file: str) -> dict[str, Any]:
    """Open a file and wait for a diagnostic; gives what Emacs saw."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(root.parent), "KOZE_PLUGIN": str(PLUGIN)}
    environment |= {"KOZE_FILE": file, "KOZE_CMD": f"{sys.executable}\n-m\nkoze_lsp"}
    script = str(Path(__file__).parent / "drive.el")
    done = subprocess.run(
        [emacs, "--batch", "-l", script],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{") :])
    return answer


@pytest.mark.parametrize(("route", "mode"), [(ROUTE, "mhtml-mode"), ("src/routes/k/[id]/index.koze", "koze-mode")])
def test_emacs_attaches_and_shows_a_diagnostic(emacs: str, tmp_path: Path, route: str, mode: str) -> None:
    root = write_tree(app(tmp_path / "app"), {route: BAD})
    seen = drive(emacs, root, route)
    assert seen["mode"] == mode
    assert Path(seen["root"]).expanduser().name == "app"
    (found,) = [item for item in seen["found"] if "jobb" in item["text"]]
    assert found["line"] == 4


def test_files_elsewhere_are_left_alone(emacs: str, tmp_path: Path) -> None:
    root = write_tree(tmp_path / "elsewhere", {"src/routes/page.html": BAD})
    assert drive(emacs, root, "src/routes/page.html") == {"root": False}


def test_the_package_compiles_without_a_warning(emacs: str, tmp_path: Path) -> None:
    shutil.copy(PLUGIN / "koze-ls.el", tmp_path)
    done = subprocess.run(
        [emacs, "-Q", "--batch", "-f", "batch-byte-compile", "koze-ls.el"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
