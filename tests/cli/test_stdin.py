"""A file on standard input, as editors and hooks hand it over."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.apps import BAD, GOOD, ROUTE, app
from tests.cli.support import ROOT, write_tree


def pipe(text: str | bytes, filename: str, *options: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Check a text as a file."""
    data = text.encode() if isinstance(text, str) else text
    arguments = [sys.executable, "-m", "koze_lsp", "--check", "-", "--stdin-filename", filename, *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    done = subprocess.run(arguments, input=data, cwd=cwd, env=environment, capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
    return done


def test_the_text_counts_and_not_the_disk(tmp_path: Path) -> None:
    app(tmp_path, BAD)
    assert pipe(GOOD, ROUTE, cwd=tmp_path).returncode == 0
    done = pipe(BAD, ROUTE, cwd=app(tmp_path, GOOD))
    assert done.returncode == 1
    assert done.stdout.decode().startswith(f"{ROUTE}:4:40: error unknown-workflow")
    assert (tmp_path / ROUTE).read_text(encoding="utf-8") == GOOD


def test_only_that_file_is_reported(tmp_path: Path) -> None:
    write_tree(app(tmp_path), {"src/routes/other/[id]/index.html": BAD})
    assert pipe(GOOD, ROUTE, cwd=tmp_path).returncode == 0


def test_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    done = pipe(BAD, "src/routes/new/[id]/index.html", cwd=app(tmp_path))
    assert done.returncode == 1
    assert done.stdout.startswith(b"src/routes/new/[id]/index.html:4:40")


@pytest.mark.parametrize(
    ("data", "filename", "word"),
    [
        (b"<p>\xfc</p>", ROUTE, "not UTF-8: byte 0xfc on line 1"),
        (b"", "../elsewhere.html", "no Koze application"),
        (b"", "notes.txt", "nothing to check"),
    ],
)
def test_what_can_not_be_checked(tmp_path: Path, data: bytes, filename: str, word: str) -> None:
    done = pipe(data, filename, cwd=app(tmp_path / "app"))
    assert done.returncode == 2
    assert word in done.stderr.decode()


def test_what_can_not_be_checked_may_be_a_success(tmp_path: Path) -> None:
    app(tmp_path / "app")
    for filename in ("../elsewhere.html", "notes.txt"):
        assert pipe("", filename, "--no-error-on-unmatched", cwd=tmp_path / "app").returncode == 0
