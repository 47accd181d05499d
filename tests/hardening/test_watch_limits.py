"""A system that has no watches left: said once, and the folders are looked at instead.

In a user namespace the kernel's own limits can be lowered (Linux), so nothing is simulated here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lsp.app import make_app, route
from tests.lsp.raw import COMMAND as SERVER
from tests.lsp.raw import eventually, raw_client

ALONE = ["unshare", "--user", "--map-root-user", "sh", "-c"]
LIMITS = ["max_inotify_instances=0", "max_inotify_watches=0", "max_inotify_watches=2"]


def limited(limit: str, command: list[str]) -> list[str]:
    """A command in a namespace with one of the kernel's limits."""
    name, number = limit.split("=")
    return [*ALONE, f'echo {number} > /proc/sys/user/{name} && exec "$@"', "sh", *command]


def can_limit() -> bool:
    if shutil.which("unshare") is None or not os.path.exists("/proc/sys/user/max_inotify_watches"):
        return False
    return subprocess.run(limited(LIMITS[0], ["true"]), capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_limit(), reason="no user namespaces here")


@pytest.mark.parametrize("limit", LIMITS)
def test_the_server_says_so_once_and_goes_on(tmp_path: Path, limit: str) -> None:
    app = make_app(tmp_path / "app")
    page, workflow = app / "src/routes/[id].html", app / "src/server/migration.workflow.ts"
    elsewhere = tmp_path / "elsewhere"
    with raw_client(limited(limit, SERVER)) as client:
        client.initialize(app)
        client.open(page.as_uri(), route())
        client.published(page.as_uri(), lambda codes: codes == [])
        for round_ in range(3):  # with folders that come, each of which makes the watcher begin again
            (app / f"src/more{round_}").mkdir()
            workflow.rename(elsewhere)
            client.published(page.as_uri(), lambda codes: codes == ["unknown-workflow"], timeout=20)
            elsewhere.rename(workflow)
            client.published(page.as_uri(), lambda codes: codes == [], timeout=20)
        problems = client.stderr.decode().splitlines()
    assert len(problems) == 1, problems
    assert "can't watch for changes on disk" in problems[0]
    assert "looking for them every 500 ms instead" in problems[0]


@pytest.mark.parametrize("limit", LIMITS)
def test_check_watch_too(tmp_path: Path, limit: str) -> None:
    app = make_app(tmp_path / "app")
    out, errors = tmp_path / "out", tmp_path / "errors"
    with out.open("wb") as stdout, errors.open("wb") as stderr:
        command = limited(limit, [sys.executable, "-m", "koze_lsp", "--check", "--watch", str(app)])
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
        try:
            eventually(lambda: b"Ctrl-C ends" in out.read_bytes(), 20)
            (app / "src/server/migration.workflow.ts").rename(tmp_path / "elsewhere")
            eventually(lambda: b"unknown-workflow" in out.read_bytes(), 20)
            (app / "src/more").mkdir()
            (tmp_path / "elsewhere").rename(app / "src/server/migration.workflow.ts")
            eventually(lambda: out.read_bytes().rstrip().split(b"\n")[-2].startswith(b"No problems"), 20)
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()
    problems = errors.read_text().splitlines()
    assert len(problems) == 1, problems
    assert "can't watch for changes on disk" in problems[0]
