"""The life of a connection, and what is no proper message: answered as the specification says, never the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lsp.app import make_app, route
from tests.lsp.raw import COMMAND, FAULTY, RawClient, eventually, raw_client

SERVER_NOT_INITIALIZED, INVALID_REQUEST, METHOD_NOT_FOUND = -32002, -32600, -32601
INVALID_PARAMS, PARSE_ERROR, INTERNAL_ERROR = -32602, -32700, -32603

HOVER = {"textDocument": {"uri": "file:///nowhere/a.html"}, "position": {"line": 0, "character": 0}}


@pytest.fixture
def client() -> Iterator[RawClient]:
    with raw_client() as made:
        yield made


def test_requests_before_initialize(client: RawClient) -> None:
    assert client.error("textDocument/hover", HOVER)["code"] == SERVER_NOT_INITIALIZED
    client.notify("textDocument/didOpen", {"textDocument": {"uri": "file:///a"}})
    client.initialize()
    assert client.ask("textDocument/hover", HOVER) is None


def test_a_second_initialize(client: RawClient) -> None:
    client.initialize()
    error = client.error("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
    assert error["code"] == INVALID_REQUEST


def test_requests_after_shutdown(client: RawClient) -> None:
    client.initialize()
    assert client.ask("shutdown") is None
    assert client.error("textDocument/hover", HOVER)["code"] == INVALID_REQUEST
    client.notify("exit")
    assert client.wait() == 0


def test_exit_without_shutdown(client: RawClient) -> None:
    client.initialize()
    client.notify("exit")
    assert client.wait() == 1


def test_exit_before_initialize(client: RawClient) -> None:
    client.notify("exit")
    assert client.wait() == 1


def test_the_end_of_the_stream_ends_the_server(client: RawClient) -> None:
    client.initialize()
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.wait() == 1


def test_headers_cut_in_the_middle_and_the_end(client: RawClient) -> None:
    client.initialize()
    client.raw(b"Content-Length: 100\r\n\r\n{")
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.wait() == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX processes")
@pytest.mark.parametrize("is_parent", [True, False])
def test_the_death_of_the_clients_process_ends_the_server(is_parent: bool) -> None:
    """The pipes stay open, as when another child has inherited them; only the process id tells."""
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with raw_client() as client:
        params = {"processId": sleeper.pid, "rootUri": None, "capabilities": {}}
        client.ask("initialize", params)
        sleeper.send_signal(signal.SIGKILL)
        if is_parent:
            sleeper.wait()
        else:
            eventually(lambda: sleeper.poll() is not None)
        assert client.wait(6) == 1


def test_a_process_id_that_does_not_exist_is_no_reason_to_end(client: RawClient) -> None:
    client.ask("initialize", {"processId": 2**30, "rootUri": None, "capabilities": {}})
    time.sleep(0.3)
    assert client.ask("textDocument/hover", HOVER) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", PARSE_ERROR),
        (b"\xff\xfe", PARSE_ERROR),
        (b"[" * 100_000, PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b'"text"', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":null,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":5,"method":"no/such"}', METHOD_NOT_FOUND),
        (b'{"jsonrpc":"2.0","id":5,"method":"$/no"}', METHOD_NOT_FOUND),
        (b'{"jsonrpc":"2.0","id":5,"method":"textDocument/hover"}', INVALID_PARAMS),
        (b'{"jsonrpc":"2.0","id":5,"method":"textDocument/hover","params":[1]}', INVALID_PARAMS),
        (b'{"jsonrpc":"2.0","id":5,"method":"textDocument/hover","params":{"textDocument":3}}', INVALID_PARAMS),
        (b'{"jsonrpc":"2.0","id":5,"method":"workspace/executeCommand","params":{"command":"x"}}', INVALID_PARAMS),
    ],
)
def test_bad_messages_get_the_error_that_the_specification_names(client: RawClient, body: bytes, code: int) -> None:
    client.initialize()
    client.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    number = 5 if b'"id":5' in body else 1 if b'"id":1' in body else None
    assert client.response(number)["error"]["code"] == code
    assert client.ask("textDocument/hover", HOVER) is None, "the next request works"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("$/cancelRequest", {"id": 77}),
        ("$/cancelRequest", None),
        ("$/whatever", {}),
        ("no/such", {"a": 1}),
        ("textDocument/didChange", {"textDocument": {"uri": "file:///x", "version": 1}, "contentChanges": []}),
        ("textDocument/didChange", {"textDocument": {"uri": "file:///x"}}),
        ("textDocument/didChange", 5),
        ("textDocument/didClose", {"textDocument": {"uri": "file:///x"}}),
        ("textDocument/didSave", {"textDocument": {"uri": "file:///x"}}),
        ("workspace/didChangeConfiguration", {"settings": None}),
        ("workspace/didChangeConfiguration", {"settings": [1]}),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": "untitled:1", "type": 1}]}),
        ("workspace/didChangeWatchedFiles", {"changes": [{"uri": "file:///no/such/file", "type": 3}]}),
        ("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [{"uri": "x:y", "name": ""}]}}),
        ("$/setTrace", {"value": "verbose"}),
        ("initialized", {}),
    ],
)
def test_odd_notifications_do_no_harm(client: RawClient, method: str, params: object) -> None:
    client.initialize()
    client.notify(method, params)
    assert client.ask("textDocument/hover", HOVER) is None


def test_a_huge_length_and_garbage_between_messages(client: RawClient) -> None:
    client.initialize()
    client.raw(b"Content-Length: 999999999999999\r\n\r\n{}")
    assert client.response(None)["error"]["code"] == PARSE_ERROR
    client.raw(b"hello?\r\n\r\n")
    assert client.ask("textDocument/hover", HOVER) is None


def test_a_response_that_nobody_asked_for(client: RawClient) -> None:
    client.initialize()
    client.send({"jsonrpc": "2.0", "id": "unknown", "result": 3})
    client.send({"jsonrpc": "2.0", "id": 3, "error": {"code": 1, "message": "no"}})
    assert client.ask("textDocument/hover", HOVER) is None


def test_a_newer_clients_kinds_are_no_reason_to_refuse_it(client: RawClient) -> None:
    capabilities = {"textDocument": {"documentSymbol": {"symbolKind": {"valueSet": [1, 2, 999]}}}}
    assert client.initialize(capabilities=capabilities)["capabilities"]["hoverProvider"]


@pytest.mark.parametrize(
    "uri",
    [
        "untitled:Untitled-1",
        "git:/a/b.html?%7B%7D",
        "file:///C:/app/src/routes/a.html",
        "file:///c%3A/app/src/routes/a.html",
        "file:///a/%FF/b.html",
        "file:///a/%00/b.html",
        "file://server/share/a.html",
        "not a uri",
        "",
    ],
)
def test_documents_of_every_kind(client: RawClient, uri: str) -> None:
    client.initialize()
    client.open(uri, route("nowhere"))
    client.change(uri, 2, {"text": "x"})
    position = {"textDocument": {"uri": uri}, "position": {"line": 3, "character": 60}}
    assert client.ask("textDocument/hover", position) is None
    assert client.ask("textDocument/completion", position) is None
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert client.ask("textDocument/hover", position) is None


def test_handlers_that_print_do_not_break_the_protocol() -> None:
    with raw_client(FAULTY) as client:
        client.initialize()
        assert client.ask("textDocument/documentLink", {"textDocument": {"uri": "file:///a"}}) == []
        eventually(lambda: b"must not end up" in client.stderr)


def test_a_failing_handler_is_answered_and_logged_and_the_next_request_works() -> None:
    with raw_client(FAULTY) as client:
        client.initialize()
        error = client.error("textDocument/completion", HOVER)
        assert error["code"] == INTERNAL_ERROR
        assert "the cause of it" in error["message"]
        assert "Traceback" not in str(error)
        assert client.ask("textDocument/documentLink", {"textDocument": {"uri": "file:///a"}}) == []
        eventually(lambda: b"the cause of it" in client.stderr and b"Traceback" in client.stderr)
        logged = client.wait_for(lambda message: message["method"] == "window/logMessage")
        assert "the cause of it" in logged["params"]["message"]


def test_fifty_queued_hovers_are_cancelled_at_once() -> None:
    with raw_client(FAULTY) as client:
        client.initialize()
        first = client.request("textDocument/hover", HOVER)
        numbers = [client.request("textDocument/hover", HOVER) for _ in range(50)]
        start = time.monotonic()
        for number in numbers:
            client.notify("$/cancelRequest", {"id": number})
        answers = [client.response(number) for number in numbers]
        assert time.monotonic() - start < 0.3, "they did not wait for the hover that runs"
        assert {answer["error"]["code"] for answer in answers} == {-32800}
        assert client.response(first)["result"] is None


def test_a_request_that_runs_is_cancelled_too() -> None:
    with raw_client(FAULTY) as client:
        client.initialize()
        number = client.request("textDocument/hover", HOVER)
        time.sleep(0.05)
        client.notify("$/cancelRequest", {"id": number})
        assert client.response(number)["error"]["code"] == -32800
        assert client.ask("textDocument/documentLink", {"textDocument": {"uri": "file:///a"}}) == []


def test_requests_with_string_ids(client: RawClient) -> None:
    client.initialize()
    client.send({"jsonrpc": "2.0", "id": "a-b", "method": "textDocument/hover", "params": HOVER})
    assert client.response("a-b")["result"] is None


def test_two_million_characters_in_one_change(client: RawClient, tmp_path: Path) -> None:
    app = make_app(tmp_path / "app")
    uri = (app / "src/routes/[id].html").as_uri()
    client.initialize(app)
    client.open(uri, route("migratoin"))
    client.published(uri, lambda codes: codes == ["unknown-workflow"])
    client.change(uri, 2, {"text": "<p>ab</p>\n" * 200_000})
    client.published(uri, lambda codes: not codes)


def test_tcp() -> None:
    command = [*COMMAND, "--tcp", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stderr is not None
        port = int(process.stderr.readline().rsplit(b":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            body = b'{"jsonrpc":"2.0","id":1,"method":"shutdown"}'
            connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            assert b"-32002" in connection.recv(4096)
            body = b'{"jsonrpc":"2.0","method":"exit"}'
            connection.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            assert process.wait(5) == 1


@pytest.mark.parametrize("address", ["nonsense", "host:port", "127.0.0.1:99999"])
def test_a_wrong_address_is_a_usage_error(address: str) -> None:
    done = subprocess.run([*COMMAND, "--tcp", address], capture_output=True, check=False, timeout=20)
    assert done.returncode == 2
    assert b"HOST:PORT" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_in_a_terminal() -> None:
    with raw_client() as client:
        client.initialize()
        client.process.send_signal(signal.SIGINT)
        assert client.wait() == 130
        assert b"Traceback" not in client.stderr
