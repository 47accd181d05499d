"""Running the command line as a user does, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def koze(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run koze-lsp; no output of it is ever a traceback."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("KOZE_LSP")}
    done = subprocess.run(
        [sys.executable, "-m", "koze_lsp", *arguments],
        cwd=cwd,
        env={**env, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def check_json(*arguments: str, cwd: Path) -> dict[str, Any]:
    """The check's JSON report."""
    done = koze("--check", *(arguments or (".",)), "--output-format", "json", cwd=cwd)
    assert done.returncode in (0, 1), done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def write_tree(root: Path, files: dict[str, str]) -> Path:
    """Write files below a folder."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    return root
