"""What the machine does to us: full disks, lost permissions, odd files, vanished folders, jumping clocks, signals."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

from koze_lsp.cli.exits import UsageError
from koze_lsp.cli.writing import write_atomically
from tests.lsp.app import make_app, route
from tests.lsp.raw import RawClient, eventually, raw_client

COMMAND = [sys.executable, "-m", "koze_lsp"]
PAGE = "src/routes/[id].html"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX file systems and signals")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    made = make_app(tmp_path / "app")
    (made / PAGE).write_text(route().replace("/*", "// koze-ignore invalid-poll\n/*"))
    return made


def koze(*arguments: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, **{"timeout": 20, **options})


# --- writing


@pytest.mark.parametrize("name", ["write", "fsync", "replace", "mkstemp"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.EDQUOT])
def test_a_write_that_fails_leaves_the_file_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, code: int
) -> None:
    target = tmp_path / "page.html"
    target.write_text("old")

    def fail(*_arguments: Any, **_options: Any) -> NoReturn:
        raise OSError(code, os.strerror(code))

    if name == "mkstemp":
        monkeypatch.setattr("tempfile.mkstemp", fail)
    elif name == "write":
        monkeypatch.setattr("os.fdopen", fail)
    else:
        monkeypatch.setattr(f"os.{name}", fail)
    with pytest.raises(UsageError, match="unchanged") as raised:
        write_atomically(str(target), "new")
    assert os.strerror(code) in str(raised.value)
    monkeypatch.undo()
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.html"], "no temporary file stays"


def mount_small(folder: Path) -> bool:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True, check=False)
    return done.returncode == 0


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    if not mount_small(disk):
        pytest.skip("no mounting in this container")
    try:
        app = make_app(disk / "app")
        page = app / PAGE
        page.write_text(route().replace("/*", "// koze-ignore invalid-poll\n/*"))
        before = page.read_text()
        fill(disk / "filler")
        done = koze("fix", app)
        assert done.returncode == 2
        assert b"No space left" in done.stderr
        assert b"Traceback" not in done.stderr
        assert page.read_text() == before
        assert koze("--check", app).returncode in (0, 1), "reading goes on"
    finally:
        subprocess.run(["umount", disk], check=False)


WITHOUT_OVERRIDE = [
    "setpriv",
    "--bounding-set",
    "-dac_override,-dac_read_search",
    "--inh-caps",
    "-dac_override,-dac_read_search",
]


def as_anybody() -> list[str] | None:
    """What to put before a command so that permissions count for it; None where that can't be had."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        return None
    return WITHOUT_OVERRIDE if not subprocess.run([*WITHOUT_OVERRIDE, "true"], check=False).returncode else None


def test_lost_permissions(app: Path) -> None:
    before = as_anybody()
    if before is None:
        pytest.skip("root can read everything here")
    old = (app / PAGE).read_text()
    closed = app / "src/routes/closed"
    closed.mkdir()
    (app / "src/server/migration.workflow.ts").chmod(0)
    for folder in (closed, (app / PAGE).parent):
        folder.chmod(0o555 if folder != closed else 0)
    try:
        checked, fixed = (
            subprocess.run([*before, *COMMAND, command, app], capture_output=True, check=False, timeout=20)
            for command in ("check", "fix")
        )
    finally:
        closed.chmod(0o755)
        (app / PAGE).parent.chmod(0o755)
    assert checked.returncode == 1, checked
    assert checked.stdout.count(b"Permission denied") >= 1
    assert fixed.returncode == 2, fixed
    assert b"Permission denied" in fixed.stderr
    assert b"Traceback" not in checked.stderr + fixed.stderr
    assert (app / PAGE).read_text() == old


# --- folders and names


def alive(client: RawClient, page: Path) -> None:
    """The server answers, and no request failed."""
    position = {"textDocument": {"uri": page.as_uri()}, "position": {"line": 0, "character": 0}}
    client.ask("textDocument/hover", position, timeout=20)
    assert b"Traceback" not in client.stderr, client.stderr.decode()


@pytest.mark.parametrize("told", [True, False])
def test_the_root_vanishes_and_comes_back(app: Path, told: bool) -> None:
    capabilities = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}} if told else {}
    page = app / PAGE
    with raw_client() as client:
        client.initialize(app, capabilities)
        client.open(page.as_uri(), route("nosuch"))
        client.published(page.as_uri(), lambda codes: codes == ["unknown-workflow"])
        shutil.rmtree(app)
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": app.as_uri(), "type": 3}]})
        alive(client, page)
        make_app(app)
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": app.as_uri(), "type": 1}]})
        client.change(page.as_uri(), 2, {"text": route("stillnot")})
        client.published(page.as_uri(), lambda codes: codes == ["unknown-workflow"])
        alive(client, page)


def test_a_link_around_in_a_circle(app: Path) -> None:
    (app / "src/routes/again").symlink_to(app / "src")
    (app / "src/loop").symlink_to(".")
    done = koze("--check", app)
    assert done.returncode in (0, 1)
    assert done.stderr.count(b"again") == 0


def test_file_names_that_are_not_utf8(app: Path) -> None:
    raw = os.fsencode(str(app / "src/routes")) + b"/caf\xe9.html"
    with open(raw, "w") as file:
        file.write(route("nosuch"))
    for form in ("concise", "full", "json"):
        done = koze("--check", app, "--output-format", form)
        assert done.returncode == 1
        assert b"Traceback" not in done.stderr
        assert b"unknown-workflow" in done.stdout
    uri = (app / "src/routes").as_uri() + "/caf%E9.html"
    with raw_client() as client:
        client.initialize(app)
        client.open(uri, route("nosuch"))
        client.published(uri, lambda codes: "unknown-workflow" in codes)


# --- clocks and signals


def test_the_clock_jumps(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing depends on the time of day: a wall clock that runs backwards changes no answer."""
    from koze_lsp.project.workspace import Workspace
    from koze_lsp.rules.engine import check_project

    def check() -> list[object]:
        workspace = Workspace()
        workspace.load(str(app))
        return list(check_project(workspace.project(str(app))))

    expected = check()
    times = iter(range(10**9, 0, -(10**6)))
    monkeypatch.setattr(time, "time", lambda: float(next(times)))
    os.utime(app / PAGE, (2**33, 2**33))
    assert check() == expected
    (app / PAGE).write_text(route("nosuch"))
    os.utime(app / PAGE, (0, 0))
    assert check() != expected, "a change is seen whatever its time says"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_the_server_at_once(app: Path, number: int) -> None:
    with raw_client() as client:
        client.initialize(app)
        client.process.send_signal(number)
        assert client.wait(5) in (-number, 128 + number, 0, 1)
        eventually(lambda: client.process.poll() is not None)
        assert b"Traceback" not in client.stderr


def test_a_reader_that_goes_away(app: Path) -> None:
    """``koze-lsp --check | head -1`` is no error of ours."""
    for number in range(200):
        (app / f"src/routes/p{number}.html").write_text(route("nosuch"))
    process = subprocess.Popen([*COMMAND, "--check", str(app)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.wait(20)
    assert b"Traceback" not in errors
    assert b"BrokenPipe" not in errors
