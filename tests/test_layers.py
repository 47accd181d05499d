"""The layers' contracts (.importlinter) hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_no_arrow_points_back() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--config", ".importlinter"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_contract_names_modules_that_exist() -> None:
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    named = {line.strip() for line in text.splitlines() if line.startswith("    koze_lsp.") and "->" not in line}
    modules = {name.strip() for line in named for name in line.split("|")}
    for module in modules:
        path = ROOT / module.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), module
