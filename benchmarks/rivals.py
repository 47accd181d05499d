"""The tools that koze-lsp is measured against: found on the machine, or installed into the benchmarks' own cache."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from benchmarks.measure import CACHE

_NPM = ("svelte@5", "svelte-check@4", "svelte-language-server@0.17", "typescript@5")
_TIMEOUT = 300


@cache
def ripgrep() -> Path | None:
    """Debian's ripgrep."""
    found = shutil.which("rg")
    return Path(found) if found else None


@cache
def node() -> Path | None:
    """Node.js."""
    found = shutil.which("node")
    return Path(found) if found else None


@cache
def ast_grep() -> Path | None:
    """ast-grep-cli from PyPI, in an environment of its own."""
    folder = CACHE / "py"
    command = folder / "bin" / "ast-grep"
    if not command.is_file():
        _try([sys.executable, "-m", "venv", str(folder)])
        _try([str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "ast-grep-cli"])
    return command if command.is_file() else None


@cache
def node_modules() -> Path | None:
    """svelte-check and svelte-language-server from npm."""
    folder = CACHE / "node"
    modules = folder / "node_modules"
    if not (modules / ".bin" / "svelte-check").exists() and shutil.which("npm"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{ "private": true }\n', encoding="utf-8")
        _try(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *_NPM], folder)
    return modules if (modules / ".bin" / "svelte-check").exists() else None


def _try(command: list[str], cwd: Path | None = None) -> None:
    try:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=_TIMEOUT)
    except (OSError, subprocess.SubprocessError) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
