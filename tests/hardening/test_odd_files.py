"""Files that are none: a folder, a dangling link, a pipe, a socket, a device, where the tool looks for a text.

Every command meets every file that the tool reads by its name, spoilt in every way. Nothing may wait for ever, no
traceback may reach a user, and a file that is checked must be told to be unreadable.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.app import make_app, route
from tests.lsp.raw import raw_client

PAGE = "src/routes/[id].html"
WORKFLOW = "src/server/migration.workflow.ts"
BESIDE = "src/routes/[id].preview.json5"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX file systems")


def to_folder(path: Path) -> None:
    path.mkdir()


def to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


def to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def to_pipe(path: Path) -> None:
    os.mkfifo(path)


def to_linked_pipe(path: Path) -> None:
    pipe = f"{path.name}.pipe"
    os.mkfifo(path.parent / pipe)
    path.symlink_to(pipe)


def to_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the address of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(path.name)
    finally:
        os.chdir(here)


def to_device(path: Path) -> None:
    """A device that never ends, as /dev/zero: one of our own, since a fault here may write, and as root it would."""
    try:
        os.mknod(path, 0o20644, os.makedev(1, 5))
    except OSError:
        pytest.skip("no devices can be made here")


def to_linked_device(path: Path) -> None:
    to_device(path.parent / f"{path.name}.device")
    path.symlink_to(f"{path.name}.device")


def to_bytes(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00\x80" * 100)


ODD = [to_folder, to_nowhere, to_itself, to_pipe, to_linked_pipe, to_socket, to_device, to_linked_device, to_bytes]
LISTED = {to_pipe, to_socket, to_device, to_bytes}
"""What a listing shows as a file; links are passed over, as the framework does it."""
CHECKED = [PAGE, WORKFLOW, "wrangler.jsonc", "package.json", "src/app.d.ts", "src/routes/layout.html", BESIDE]
FILES = [
    *CHECKED,
    "wrangler.toml",
    ".gitignore",
    "src/routes/.gitignore",
    "src/lib/part.html",
    "src/server/db.ts",
    "tsconfig.json",
    "node_modules/@kuratchi/koze/package.json",
    "given.json5",
    "given.baseline.json",
]
COMMANDS: list[list[str]] = [
    ["check"],
    ["check", "--baseline", "given.baseline.json"],
    ["fix", "--diff"],
    ["types", "--check"],
    ["workflows"],
    ["run", "migration"],
    ["run", "migration", "--scenario", "given.json5"],
    ["preview", PAGE, "--once"],
    ["preview", PAGE, "--once", "--scenario", "given.json5"],
]
TOGETHER = """\
import contextlib, io, json, os, sys
from koze_lsp.cli.main import run
for folder in json.loads(sys.argv[1]):
    os.chdir(folder)
    for command in json.loads(sys.argv[2]):
        print(json.dumps([folder, command]), file=sys.stderr, flush=True)
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            try:
                status = run(command)
            except SystemExit as end:
                status = end.code
        print(json.dumps([folder, command, status, out.getvalue()]), flush=True)
"""


def spoilt(folder: Path, name: str, spoil: Callable[[Path], None]) -> Path:
    """An application in which one file is odd."""
    app = make_app(folder)
    (app / "src/routes/using.html").write_text(
        "<script>\nimport Part from '$lib/part.html';\nimport { db } from '$server/db';\n</script>\n<Part />{db}\n"
    )
    path = app / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    spoil(path)
    return app


def all_commands(folders: list[Path], commands: list[list[str]]) -> list[tuple[Path, list[str], int, str]]:
    """What each command says in each folder, all in one process; a command that hangs fails by its name."""
    command = [sys.executable, "-c", TOGETHER, json.dumps(list(map(str, folders))), json.dumps(commands)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    except subprocess.TimeoutExpired as error:
        last = (error.stderr or b"").splitlines()[-1:]
        raise AssertionError(f"it hangs: {last}") from None
    assert done.returncode == 0, done.stderr.decode()
    return [(Path(row[0]), *row[1:]) for row in map(json.loads, done.stdout.splitlines())]


@pytest.mark.parametrize("spoil", ODD)
def test_every_command_with_every_file(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    apps = {spoilt(tmp_path / f"app{number}", name, spoil): name for number, name in enumerate(FILES)}
    for folder, command, status, said in all_commands(list(apps), COMMANDS):
        case = f"{apps[folder]}: {command}: {said}"
        assert status in (0, 1, 2), case
        assert "Traceback" not in said, case
        assert "internal error" not in said, case
        if command == ["check"] and apps[folder] in CHECKED and spoil in LISTED:
            assert status == 1, case
            assert "unreadable-file" in said, case
        if apps[folder] in command and (apps[folder], spoil) != (PAGE, to_bytes):
            assert status == 2, case
            assert apps[folder] in said, case


@pytest.mark.parametrize("spoil", [to_folder, to_pipe, to_socket, to_device, to_linked_device])
def test_what_is_no_file_is_not_written_over(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """``--baseline /dev/null --write-baseline``, as root, would take the device away from the whole machine."""
    app = spoilt(tmp_path / "app", "given.baseline.json", spoil)
    before = os.stat(app / "given.baseline.json")
    for _, command, status, said in all_commands(
        [app], [["check", "--baseline", "given.baseline.json", "--write-baseline"]]
    ):
        assert status in (0, 1, 2), said
        assert "Traceback" not in said, said
        after = os.stat(app / "given.baseline.json")
        assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode), command


@pytest.mark.parametrize("spoil", ODD)
def test_it_turns_odd_under_the_server(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    """Pages that are open keep their findings, and every file gets well again."""
    app = make_app(tmp_path / "app")
    with raw_client() as client:
        client.initialize(app, {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}})
        other = app / "src/routes/[id]/other.html"
        client.open(other.as_uri(), route("nosuch"))
        client.published(other.as_uri(), lambda codes: codes == ["unknown-workflow"])
        for name in (PAGE, "wrangler.jsonc", "package.json", WORKFLOW, ".gitignore"):
            path = app / name
            before = path.read_bytes() if path.exists() else None
            path.unlink(missing_ok=True)
            spoil(path)
            tell(client, path)
            alive(client, other)
            remove(path)
            if before is not None:
                path.write_bytes(before)
            tell(client, path)
        client.change(other.as_uri(), 2, {"text": route("stillnot")})
        client.published(other.as_uri(), lambda codes: codes == ["unknown-workflow"])
        alive(client, other)


def tell(client: Any, path: Path) -> None:
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 2}]})


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink()


def alive(client: Any, page: Path) -> None:
    """The server answers, and no request failed."""
    position = {"textDocument": {"uri": page.as_uri()}, "position": {"line": 0, "character": 0}}
    client.ask("textDocument/hover", position, timeout=20)
    assert b"Traceback" not in client.stderr, client.stderr.decode()
