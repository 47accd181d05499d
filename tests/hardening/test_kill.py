"""SIGKILL at any point of ``koze-lsp fix``: every file is its old or its new self, and a second run finishes the work.

``KOZE_LSP_KILLS=1000`` for the long run; the moments are spread evenly over the time that an undisturbed run takes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lsp.app import make_app, route

KILLS = int(os.environ.get("KOZE_LSP_KILLS", "24"))
COMMAND = [sys.executable, "-m", "koze_lsp", "fix"]
ROUTES = 12

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

Contents = dict[str, bytes]


def make(folder: Path) -> Path:
    """An application with a safe fix in each of many files."""
    app = make_app(folder)
    for number in range(ROUTES):
        text = route().replace("/*", "// koze-ignore invalid-poll\n/*")
        (app / f"src/routes/page{number}.html").write_text(text)
    return app


def read(app: Path) -> Contents:
    return {str(path.relative_to(app)): path.read_bytes() for path in sorted(app.rglob("*")) if path.is_file()}


def visible(contents: Contents) -> Contents:
    """Without the temporary files that a killed run leaves: hidden, and named as ours."""
    return {path: data for path, data in contents.items() if not Path(path).name.startswith(".koze-lsp-")}


def test_every_file_is_old_or_new(tmp_path: Path) -> None:
    pristine = make(tmp_path / "pristine")
    before = read(pristine)
    done = tmp_path / "done"
    shutil.copytree(pristine, done)
    started = time.monotonic()
    subprocess.run([*COMMAND, str(done)], check=True, capture_output=True)
    whole = time.monotonic() - started
    after = read(done)
    assert sum(before[path] != after[path] for path in before) >= ROUTES

    seen = {"old": 0, "between": 0, "new": 0}
    for number in range(KILLS):
        app = tmp_path / "killed"
        shutil.copytree(pristine, app)
        process = subprocess.Popen([*COMMAND, str(app)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if number % 2:  # half of them where the files are written
            wait_for_change(process, app, before, extra=number % 16 / 1000)
        else:
            time.sleep(whole * 1.1 * number / KILLS)
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = visible(read(app))
        assert found.keys() == after.keys()
        for path, data in found.items():
            assert data in (before.get(path), after[path]), f"{path} is neither its old nor its new self"
        changed = sum(found[path] != before.get(path) for path in found)
        seen["old" if not changed else "new" if found == after else "between"] += 1
        if number % 8 == 0:
            subprocess.run([*COMMAND, str(app)], check=True, capture_output=True)
            assert visible(read(app)) == after, "a second run finishes the work"
        shutil.rmtree(app)
    print(f"{KILLS} kills: {seen}")
    assert seen["between"], "no kill hit the run while it wrote"


def wait_for_change(process: subprocess.Popen[bytes], app: Path, before: Contents, extra: float) -> None:
    """Wait until the first file has changed or a temporary file is there, and a little longer."""
    while process.poll() is None:
        names = {path.name for path in (app / "src/routes").iterdir()}
        if any(name.startswith(".koze-lsp-") for name in names) or any(
            (app / path).read_bytes() != before[path] for path in before if "page" in path
        ):
            time.sleep(extra)
            return
        time.sleep(0.0005)


def test_sigterm_during_fix(tmp_path: Path) -> None:
    app = make(tmp_path / "app")
    before = read(app)
    process = subprocess.Popen([*COMMAND, str(app)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for_change(process, app, before, 0)
    process.terminate()
    _, errors = process.communicate(timeout=10)
    assert b"Traceback" not in errors
    after = visible(read(app))
    assert after.keys() == before.keys()
