"""``--watch`` in a terminal and in a pipe; interruptions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.apps import BAD, GOOD, ROUTE, app
from tests.cli.support import ROOT, write_tree

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and terminals of POSIX")
LIMIT = 20.0
"""Seconds."""


class Watched:
    """A check that watches, and what it has written."""

    def __init__(self, root: Path, *options: str, terminal: bool = False) -> None:
        self.out, end = os.openpty() if terminal else os.pipe()
        os.set_blocking(self.out, False)
        arguments = [sys.executable, "-m", "koze_lsp", "--check", "--watch", *options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "200"}
        self.process = subprocess.Popen(arguments, cwd=root, env=environment, stdout=end, stderr=subprocess.PIPE)
        os.close(end)
        self.text = ""

    def until(self, *words: str) -> str:
        """Read until all words have come since the last call; gives what was read."""
        self.text, deadline = "", time.monotonic() + LIMIT
        while not all(word in self.text for word in words):
            assert time.monotonic() < deadline, f"{words} did not come: {self.text}"
            try:
                self.text += os.read(self.out, 65536).decode()
            except OSError:
                time.sleep(0.02)
        return self.text

    def stop(self) -> tuple[int, bytes]:
        """Ctrl-C; gives the exit status and what stands on standard error."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, errors


@pytest.fixture
def start() -> Iterator[type[Watched]]:
    begun: list[Watched] = []

    class Kept(Watched):
        def __init__(self, root: Path, *options: str, terminal: bool = False) -> None:
            super().__init__(root, *options, terminal=terminal)
            begun.append(self)

    yield Kept
    for watched in begun:
        if watched.process.poll() is None:
            watched.process.kill()
            watched.process.wait()
        os.close(watched.out)


def test_changes_are_checked_and_ctrl_c_ends_quietly(tmp_path: Path, start: type[Watched]) -> None:
    watched = start(app(tmp_path, BAD))
    watched.until("unknown-workflow", "Watching for changes")
    write_tree(tmp_path, {ROUTE: GOOD})
    assert "unknown-workflow" not in watched.until("No problems", "Watching for changes")
    write_tree(tmp_path, {"src/routes/deep/er/[id]/index.html": BAD})
    watched.until("src/routes/deep/er/[id]/index.html:4:40", "Watching for changes")
    (tmp_path / "src/server/job.workflow.ts").unlink()
    watched.until("wrangler-stale-binding", "Watching for changes")
    assert watched.stop() == (130, b"")


def test_a_terminal_is_redrawn(tmp_path: Path, start: type[Watched]) -> None:
    watched = start(app(tmp_path, BAD), terminal=True)
    first = watched.until("unknown-workflow", "Watching for changes")
    assert first.startswith("\x1b[2J")
    write_tree(tmp_path, {ROUTE: GOOD})
    assert "\x1b[2J" in watched.until("No problems", "Watching for changes")
    assert watched.stop() == (130, b"")


def test_files_that_do_not_matter_are_not_waited_for(tmp_path: Path, start: type[Watched]) -> None:
    write_tree(app(tmp_path, BAD), {"node_modules/x/index.js": "", "notes.txt": ""})
    watched = start(tmp_path)
    watched.until("Watching for changes")
    write_tree(tmp_path, {"notes.txt": "more", "node_modules/x/index.js": "more", "node_modules/y/z.ts": ""})
    time.sleep(1)
    write_tree(tmp_path, {ROUTE: GOOD})
    assert watched.until("No problems", "Watching for changes").count("Watching") == 1


def test_an_application_that_goes_for_a_moment(tmp_path: Path, start: type[Watched]) -> None:
    watched = start(app(tmp_path, BAD))
    watched.until("Watching for changes")
    (tmp_path / "package.json").rename(tmp_path / "away")
    (tmp_path / "wrangler.jsonc").unlink()
    watched.until("no Koze application here", "Watching for changes")
    (tmp_path / "away").rename(tmp_path / "package.json")
    watched.until("unknown-workflow", "Watching for changes")
    assert watched.stop()[0] == 130


def test_a_reader_that_goes_away_ends_the_watch(tmp_path: Path) -> None:
    app(tmp_path, BAD)
    arguments = [sys.executable, "-m", "koze_lsp", "--check", "--watch"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    deadline = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        (tmp_path / ROUTE).write_text(GOOD)
        time.sleep(0.2)
    try:
        assert process.returncode == 141
        assert process.stderr.read() == b""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_ctrl_c_during_a_check_is_quiet(tmp_path: Path) -> None:
    app(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    arguments = [sys.executable, "-m", "koze_lsp", "--check", "-", "--stdin-filename", ROUTE]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        arguments, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(LIMIT) == 130
    out, errors = process.communicate()
    assert (out, errors) == (b"", b"")
