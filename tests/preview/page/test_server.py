"""What the page server refuses and bounds: hosts, origins, secrets, paths, bodies, connections; and its end."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from koze_lsp.preview.server import PreviewServer, changed, open_page, shutdown, stop
from koze_lsp.preview.session import UsageError
from koze_lsp.project.workspace import Workspace
from koze_lsp.text import Text
from tests.preview.page.conftest import Serve

ROUTE = "src/routes/migrations/[id].html"


@pytest.fixture
def server(serve: Serve) -> PreviewServer:
    return serve(ROUTE)


def ask(
    server: PreviewServer, path: str = "", *, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    """Status and body; a `path` that begins with / is taken as it is."""
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    given = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.putrequest(method, path if path.startswith("/") else parts.path + path, skip_host=True)
    for name, value in given.items():
        connection.putheader(name, value)
    if body is not None and "Content-Length" not in given:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def answer_of(server: PreviewServer, path: str) -> http.client.HTTPResponse:
    """The whole answer, read."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def frames_of(server: PreviewServer) -> str:
    """The path under which the frames of the server's page are."""
    frames: str = json.loads(ask(server, "state")[1])["state"]["frames"]
    return f"/{frames.removeprefix('../../../')}"


def own(server: PreviewServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def do(server: PreviewServer, command: Any, **headers: str) -> tuple[int, Any]:
    given = {"Content-Type": "application/json", "Origin": own(server), **headers}
    status, body = ask(server, "do", method="POST", body=json.dumps(command).encode(), **given)
    return status, json.loads(body) if body.startswith(b"{") else body


def test_the_page_and_its_state(server: PreviewServer) -> None:
    status, page = ask(server)
    assert status == 200
    assert b"Koze preview" in page
    status, body = ask(server, "state")
    assert json.loads(body)["state"]["route"] == ROUTE
    status, answer = do(server, {"do": "next"})
    assert (status, answer["state"]["now"]) == (200, 2000)


def test_it_listens_on_loopback_only(server: PreviewServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1"}
    for address in others:
        if not address.startswith("127."):
            with pytest.raises(OSError, match=r"refused|timed out"):
                socket.create_connection((address, server.port), timeout=2)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}", ""]
)
def test_foreign_hosts(server: PreviewServer, host: str) -> None:
    assert ask(server, Host=host.format(port=server.port))[0] in (400, 421)


def test_localhost_is_ours(server: PreviewServer) -> None:
    assert ask(server, Host=f"localhost:{server.port}")[0] == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "file://", "http://localhost"]
)
def test_foreign_origins(server: PreviewServer, origin: str) -> None:
    assert do(server, {"do": "next"}, Origin=origin)[0] == 403
    assert ask(server, "state", Origin=origin)[0] == 403
    assert ask(server, "events", Origin=origin)[0] == 403


def test_a_command_needs_an_origin_and_its_type(server: PreviewServer) -> None:
    assert ask(server, "do", method="POST", body=b"{}", Content_Type="application/json")[0] == 403
    assert do(server, {"do": "next"}, **{"Content-Type": "text/plain"})[0] == 415


def test_no_secret(server: PreviewServer) -> None:
    path = urlsplit(server.url).path
    secret = path.split("/")[1]
    for wrong in ("/", "/p/", path.replace(secret, "x" * len(secret)), path.replace(secret, secret[:-1]), f"/{secret}"):
        assert ask(server, wrong)[0] == 403, wrong
    assert ask(server, f"/{secret}/p/000000000000/")[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "static/../../../../secret.txt",
        "../../static/..%2f..%2fserver%2fguard.py",
        "../../static/%2e%2e/%2e%2e/secret.txt",
        "../../static//etc/passwd",
        "../../static/....//secret.txt",
        "body/..%2f0",
        "body/-1",
        "body/99999",
        "../../static/index.html",
        "../../static/secret.txt",
        "../../static/guard.py",
        "file:///etc/passwd",
        "?../../../etc/passwd",
    ],
)
def test_path_tricks(server: PreviewServer, path: str) -> None:
    base = urlsplit(server.url).path
    secret = base.split("/")[1]
    full = f"/{secret}/{path.removeprefix('../../')}" if path.startswith("../../") else base + path
    status, body = ask(server, full)
    assert status in (400, 404) or path.startswith("?")
    assert b"nobody may read this" not in body
    assert b"root:" not in body


@pytest.mark.parametrize("path", ["http://evil.example/", "*", "//evil.example/", "/%00", "/\xff"])
def test_strange_targets(server: PreviewServer, path: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode("latin-1"))
        assert raw.recv(64).split()[1] in (b"400", b"403", b"421")


def test_bodies_are_bounded(server: PreviewServer) -> None:
    with contextlib.suppress(OSError):  # it may be closed while we are still sending
        assert do(server, {"do": "x" * (2 << 20)})[0] == 413
    chunked = [b"10000\r\n" + b" " * 0x10000 + b"\r\n"] * 40
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        head = (
            f"POST {urlsplit(server.url).path}do HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nOrigin: {own(server)}\r\n"
        )
        raw.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        answer = b""
        try:
            for chunk in chunked:
                raw.sendall(chunk)
            raw.sendall(b"0\r\n\r\n")
            answer = raw.recv(64)
        except OSError:
            pass
        assert not answer or answer.split()[1] == b"413"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nX: " + b"y" * (1 << 18))
        with contextlib.suppress(OSError):
            assert raw.recv(64).split()[1:2] in ([b"400"], [])
    assert ask(server)[0] == 200


@pytest.mark.parametrize(
    "command",
    [
        None,
        [],
        {},
        {"do": 1},
        {"do": "rm"},
        {"do": "advance"},
        {"do": "advance", "to": "x"},
        {"do": "condition", "name": "rain"},
        {"do": "act", "action": "create", "binding": "X", "id": "1"},
        {"do": "act", "action": "pause", "binding": "X", "id": "1"},
        {"do": "act", "action": "restart", "binding": "MIGRATION_WORKFLOW", "id": "1", "from": {"name": 1}},
        {"do": "scenario", "path": "../../etc/passwd"},
        {"do": "scenario", "path": "/etc/passwd"},
        {"do": "save", "name": "../../evil"},
        {"do": "save", "name": "a/b"},
        {"do": "go", "url": "https://evil.example/"},
        {"do": "go", "url": "//evil.example/"},
        {"do": "go", "url": "/nowhere"},
    ],
)
def test_commands_that_make_no_sense(server: PreviewServer, command: Any, app: Path) -> None:
    before = sorted(app.rglob("*"))
    status, answer = do(server, command)
    assert status == 200
    assert answer["error"]
    assert "Traceback" not in answer["error"]
    assert sorted(app.rglob("*")) == before
    assert do(server, {"do": "next"})[1]["state"]["now"] == 2000


def test_no_json_and_infinite_times(server: PreviewServer) -> None:
    for body in (b"{", b"[" * 100_000, b"\xff"):
        status, answer = ask(
            server, "do", method="POST", body=body, Content_Type="application/json", Origin=own(server)
        )
        assert (status, b"error" in answer) == (400, True)
    assert "error" in do(server, {"do": "advance", "to": float("inf")})[1]


def test_a_thousand_idle_connections(server: PreviewServer) -> None:
    connections = []
    try:
        for _ in range(1000):
            try:
                connections.append(socket.create_connection(("127.0.0.1", server.port), timeout=5))
            except OSError:
                break
        assert ask(server, "state")[0] == 200
        time.sleep(0.5)
        closed = sum(_is_closed(connection) for connection in connections)
        assert closed >= len(connections) - 128
    finally:
        for connection in connections:
            connection.close()


def _is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_headers(server: PreviewServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", urlsplit(server.url).path)
    with connection.getresponse() as response:
        headers = dict(response.getheaders())
        response.read()
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    frames = json.loads(ask(server, "state")[1])["state"]["frames"]
    connection.close()
    connection.request("GET", f"/{frames.removeprefix('../../../')}0")
    response = connection.getresponse()
    assert "sandbox allow-scripts;" in response.headers["content-security-policy"]
    assert "allow-same-origin" not in response.headers["content-security-policy"]
    assert urlsplit(server.url).path.split("/")[1] not in frames
    connection.close()


def test_the_frame_has_no_way_to_the_panel(browser: Any, serve: Serve, app: Path) -> None:
    attack = """window.attack = async () => {
      const told = [];
      for (const [name, run] of [
        ['document', () => parent.document.title], ['location', () => parent.location.href],
        ['storage', () => localStorage.length], ['fetch', () => fetch(location.href)],
        ['state', () => fetch('/state')], ['open', () => { if (!window.open('/')) throw 0; }],
        ['top', () => { top.location = 'https://example.com/'; }],
      ]) { try { await run(); told.push(name); } catch {} }
      document.getElementById('told').textContent = told.join() || 'nothing reached';
    }"""
    (app / "src/routes/evil.html").write_text(
        "<p id='told'>waiting</p>\n{@raw '<scr' + 'ipt>' + code + '</scr' + 'ipt>'}\n".join(
            (f"<script>\n  const code = {json.dumps(attack + '; setTimeout(attack, 50)')};\n</script>\n\n", "")
        ),
        encoding="utf-8",
    )
    server = serve("src/routes/evil.html")
    context = browser.new_context()
    page = context.new_page()
    foreign: list[str] = []
    page.on("request", lambda sent: None if sent.url.startswith(own(server)) else foreign.append(sent.url))
    page.goto(server.url)
    told = page.frame_locator("#frame").locator("#told")
    told.wait_for()
    page.wait_for_function("() => true")
    deadline = time.monotonic() + 8
    while told.inner_text() == "waiting" and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert told.inner_text() == "nothing reached"
    assert page.url == server.url
    assert foreign == []
    context.close()


def test_stop_frees_the_port(serve: Serve) -> None:
    server = serve(ROUTE)
    stream = socket.create_connection(("127.0.0.1", server.port))
    path = urlsplit(server.url).path
    stream.sendall(f"GET {path}events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
    assert b"200" in stream.recv(100)
    before = time.monotonic()
    server.stop()
    assert time.monotonic() - before < 3
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=2)
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name in ("koze-preview", "koze-watch")]


def test_command_line(app: Path) -> None:
    command = [sys.executable, "-m", "koze_lsp", "preview", ROUTE, "--no-open"]
    with subprocess.Popen(command, cwd=app, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(f"The preview of {ROUTE} is at http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.skipif(os.name != "posix", reason="another process's parent is told on POSIX only")
def test_it_ends_with_its_parent(app: Path) -> None:
    script = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'koze_lsp', 'preview', sys.argv[1], "
        "'--no-open'], stdout=subprocess.PIPE, text=True); print(p.pid, p.stdout.readline(), flush=True)"
    )
    told = subprocess.run([sys.executable, "-c", script, ROUTE], cwd=app, capture_output=True, text=True, check=True)
    pid = int(told.stdout.split()[0])
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _is_alive(pid):
        time.sleep(0.1)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_for_the_language_server(app: Path) -> None:
    workspace = Workspace()
    workspace.load(str(app))
    project = workspace.project(str(app))
    try:
        told = open_page(project, ROUTE, hosts=["tunnel.example:443"])
        assert told["title"] == "Preview migrations/[id].html"
        assert open_page(project, ROUTE)["url"] == told["url"]
        other = open_page(project, "src/routes/several.html")["url"]
        assert other != told["url"]
        assert urlsplit(other).port == urlsplit(told["url"]).port
        with pytest.raises(UsageError):
            open_page(project, "src/routes/none.html")
        reached = _Address(told["url"])
        assert ask(reached, Host="tunnel.example:443")[0] == 200
        workspace.open(f"{app}/{ROUTE}", Text((app / ROUTE).read_text().replace("Now queued", "Typed, not saved")), 2)
        changed(workspace.project(str(app)))
        deadline = time.monotonic() + 5
        while b"Typed" not in ask(reached, "body/1")[1] and time.monotonic() < deadline:
            time.sleep(0.02)
        assert b"Typed, not saved" in ask(reached, "body/1")[1]
        stop(project, ROUTE)
        assert ask(reached)[0] == 404
        stop(project, "src/routes/several.html")
        with pytest.raises(OSError, match="refused"):
            ask(reached)
    finally:
        shutdown()


class _Address(PreviewServer):
    """An address to ask, without a server of its own behind it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = urlsplit(url).port or 0
