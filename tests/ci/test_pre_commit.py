"""The hooks, run by the real pre-commit in a scratch repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.ci.checkout import copy_checkout, head
from tests.cli.apps import BAD, GOOD, ROUTE, app, commit_all, git
from tests.cli.support import ROOT, write_tree

NO_IMPORT = GOOD.replace("  import { workflowStatus } from 'koze:workflow';\n", "")


def commit(root: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Commit everything with the hooks; gives git's answer."""
    environment = {
        **os.environ,
        "PRE_COMMIT_HOME": str(home),
        "SKIP": "",
        "GIT_AUTHOR_NAME": "T",
        "GIT_COMMITTER_NAME": "T",
    }
    environment |= {"GIT_AUTHOR_EMAIL": "t@example.com", "GIT_COMMITTER_EMAIL": "t@example.com"}
    git(root, "add", "-A")
    return subprocess.run(
        ["git", "commit", "-m", "x"], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_hooks_in_a_scratch_repository(tmp_path: Path) -> None:
    """A planted fault stops the commit, a deleted workflow file too; the fixing hook leaves a change to look at."""
    tool, home, root = copy_checkout(tmp_path / "tool"), tmp_path / "home", tmp_path / "shop"
    app(root)
    commit_all(root)
    config = {"repos": [{"repo": str(tool), "rev": head(tool), "hooks": [{"id": "koze-lsp"}]}]}
    write_tree(root, {".pre-commit-config.yaml": yaml.safe_dump(config)})
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=root, check=True, capture_output=True)
    clean = commit(root, home)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    write_tree(root, {ROUTE: BAD})
    planted = commit(root, home)
    assert planted.returncode == 1
    assert f"{ROUTE}:4:40: error unknown-workflow" in planted.stdout + planted.stderr
    git(root, "checkout", "-q", "HEAD", "--", ROUTE)
    (root / "src/server/job.workflow.ts").unlink()
    deleted = commit(root, home)
    assert deleted.returncode == 1
    assert "unknown-workflow" in deleted.stdout + deleted.stderr
    git(root, "reset", "-q", "--hard")
    config["repos"][0]["hooks"] = [{"id": "koze-lsp-fix"}]
    write_tree(root, {".pre-commit-config.yaml": yaml.safe_dump(config), ROUTE: NO_IMPORT})
    fixed = commit(root, home)
    assert fixed.returncode == 1
    assert "files were modified by this hook" in fixed.stdout + fixed.stderr
    assert "koze:workflow" in (root / ROUTE).read_text()
    again = commit(root, home)
    assert again.returncode == 0, again.stdout + again.stderr


def test_the_hooks_are_valid() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {hook["id"]: hook["pass_filenames"] for hook in hooks} == {"koze-lsp": False, "koze-lsp-fix": False}
