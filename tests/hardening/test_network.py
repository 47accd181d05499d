"""Everything runs without a network: in a namespace that has none, not even a loopback address."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lsp.app import make_app, route
from tests.lsp.raw import COMMAND as SERVER
from tests.lsp.raw import raw_client

ALONE = ["unshare", "--user", "--map-root-user", "--net"]
PAGE = "src/routes/[id].html"
KOZE = [sys.executable, "-m", "koze_lsp"]


def can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_unshare(), reason="no network namespaces here")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    made = make_app(tmp_path / "app")
    (made / "src/app.d.ts").write_text("declare module 'koze:workflow' { export type WorkflowName = never; }\n")
    return made


def test_there_is_no_network() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    assert (
        b"unreachable" in subprocess.run([*ALONE, sys.executable, "-c", code], capture_output=True, check=False).stderr
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--check"], 1),
        (["fix", "--diff"], 1),
        (["types", "--check"], 1),
        (["explain", "unknown-workflow"], 0),
        (["--version"], 0),
        (["preview", "--once"], 0),
        (["run", "migration", "--skip-sleeps"], 0),
        (["workflows"], 0),
        (["schema"], 0),
        (["completion", "bash"], 0),
    ],
)
def test_commands(app: Path, arguments: list[str], status: int) -> None:
    without_target = {"explain", "--version", "run", "schema", "completion"}
    target = [PAGE] if arguments[0] == "preview" else [] if arguments[0] in without_target else ["."]
    command = [*ALONE, *KOZE, *arguments, *target]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, cwd=app)
    assert done.returncode == status, done
    assert b"Traceback" not in done.stderr


def test_the_server(app: Path) -> None:
    with raw_client([*ALONE, *SERVER]) as client:
        client.initialize(app)
        uri = (app / "src/routes/[id].html").as_uri()
        client.open(uri, route("nosuch"))
        client.published(uri, lambda codes: codes == ["unknown-workflow"])


LOOPBACK_ONLY = """\
import fcntl, re, socket, struct, subprocess, sys, urllib.request
from urllib.parse import urljoin
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
    fcntl.ioctl(end, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS: up
with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE) as server:
    url = re.search(rb"http://127\\.0\\.0\\.1:\\S+", server.stdout.readline())[0].decode()
    page = urllib.request.urlopen(url, timeout=10).read().decode()
    print(page)
    for name in re.findall(r'(?:src|href)="([^"#]+)"', page):
        print(name, urllib.request.urlopen(urljoin(url, name), timeout=10).status)
    server.terminate()
"""


def test_the_preview_page(app: Path) -> None:
    """With the loopback address alone: the page and all that it names are served by the preview itself."""
    command = [*ALONE, sys.executable, "-c", LOOPBACK_ONLY, *KOZE, "preview", PAGE, "--no-open"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, cwd=app)
    assert done.returncode == 0, done
    page = done.stdout.decode()
    assert "<html" in page
    assert "https://" not in page, "nothing is loaded from elsewhere"
