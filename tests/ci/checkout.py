"""This checkout as a repository of its own, as other tools clone and install it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.cli.apps import commit_all
from tests.cli.support import ROOT

NEEDED = ("koze_lsp", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".pre-commit-hooks.yaml", "action.yml")
"""What an installation takes from the checkout."""


def copy_checkout(target: Path) -> Path:
    """Copy and commit what an installation needs, whether it is committed here or not."""
    target.mkdir(parents=True)
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, target / name)
    commit_all(target)
    return target


def head(repository: Path) -> str:
    """The commit that is checked out."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True, check=True)
    return done.stdout.strip()
