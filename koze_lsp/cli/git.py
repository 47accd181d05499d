"""What git tells about an application's folder."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from koze_lsp.cli.exits import UsageError

_TIMEOUT = 60
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from a commit in the working tree: paths relative to the folder, POSIX.

    ``base`` is the commit or tree that was compared with; ``ignores`` tells whether a .gitignore changed that can
    decide about the folder's files.
    """

    base: str
    paths: frozenset[str]
    ignores: bool


def changes_since(folder: str, ref: str) -> Changes:
    """Added, changed, deleted and untracked files below a folder since a branch left ``ref``. A rename is both.

    Raises:
        UsageError: no git, no repository, or no such commit.
    """
    base = _base(folder, ref)
    listed = _git(folder, "diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z", base, "--")
    untracked = _git(folder, "ls-files", "--others", "--exclude-standard", "-z")
    paths = frozenset(path for path in (listed + untracked).split("\0") if path)
    above = _git(folder, "diff", "--name-only", "--no-renames", "-z", base, "--", ":(top,glob)**/.gitignore")
    top = _git(folder, "rev-parse", "--show-prefix").strip()
    ignores = any(top.startswith(path.rpartition("/")[0]) for path in above.split("\0") if path)
    ignores = ignores or any(path == ".gitignore" or path.endswith("/.gitignore") for path in paths)
    return Changes(base, paths, ignores)


def text_at(folder: str, base: str, path: str) -> str | None:
    """The text of a file below a folder as a commit has it; None where it has none."""
    try:
        return _git(folder, "show", f"{base}:./{path}")
    except UsageError:
        return None


def _base(folder: str, ref: str) -> str:
    """The commit to compare with: where the present branch left ``ref``, or ``ref`` itself."""
    try:
        _git(folder, "rev-parse", "--git-dir")
    except UsageError as error:
        raise UsageError(f"--since and --changed need a git repository: {error}") from None
    commit = _try(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None and ref == "HEAD":
        return _git(folder, "hash-object", "-t", "tree", "--stdin").strip()  # nothing is committed yet: all is new
    if commit is None:
        hint = "fetch it first (in CI, check out with the whole history: fetch-depth: 0)"
        raise UsageError(f"git knows no commit '{ref}': {hint}")
    return _try(folder, "merge-base", commit, "HEAD") or commit


def _try(folder: str, *arguments: str) -> str | None:
    try:
        return _git(folder, *arguments).strip() or None
    except UsageError:
        return None


def _git(folder: str, *arguments: str) -> str:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("git is not installed, or not on the PATH") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"git did not answer within {_TIMEOUT} seconds") from None
    if done.returncode:
        message = os.fsdecode(done.stderr).strip().removeprefix("fatal: ").split("\n")[0]
        raise UsageError(f"git {arguments[0]}: {message or f'exit status {done.returncode}'}")
    return os.fsdecode(done.stdout).replace(os.sep, "/") if os.sep != "/" else os.fsdecode(done.stdout)
