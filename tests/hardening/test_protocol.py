"""Messages that no well-behaved client sends, beyond those of tests/lsp: any bytes, any parameters, any URI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koze_lsp.lsp.features import FEATURES
from koze_lsp.lsp.server import Server
from tests.lsp.app import make_app, route
from tests.lsp.raw import RawClient, raw_client

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["file:///a.html", "1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["textDocument", "uri", "position", "line", "character", "range", "start", "end", "text", "version", "id", "command",
         "arguments", "contentChanges", "context", "query", "newName", "changes", "settings", "item", "data", "token", "value"]
    ), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
METHODS = [*FEATURES, "initialize", "shutdown", "$/cancelRequest", "$/progress", "no/such"]


@pytest.fixture
def client() -> Iterator[RawClient]:
    with raw_client() as made:
        yield made


class Sink:
    """A server without a stream: messages in, answers kept."""

    def __init__(self) -> None:
        self.server = Server()
        self.answers: list[dict[str, Any]] = []
        self.server.protocol.connect(lambda data: self.answers.append(json.loads(data.partition(b"\r\n\r\n")[2])))
        self.send({"id": 0, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}})

    def send(self, message: Any) -> None:
        self.server.protocol.receive(json.dumps(message).encode())

    def work(self) -> None:
        worker = self.server.protocol.worker
        while worker._jobs:
            worker._do(worker._jobs.popleft())


@given(st.sampled_from(METHODS), JSON, st.booleans())
@settings(max_examples=300, deadline=None)
def test_any_parameters_are_answered_once(method: str, params: Any, is_request: bool) -> None:
    sink = Sink()
    sink.send({"jsonrpc": "2.0", "method": method, "params": params, **({"id": 7} if is_request else {})})
    sink.work()
    mine = [answer for answer in sink.answers if answer.get("id") == 7 and "method" not in answer]
    waits = bool(sink.server.protocol.worker._tasks or sink.server.protocol.worker._parked)
    assert len(mine) == is_request or (is_request and waits)
    assert not any(answer.get("error", {}).get("code") == -32603 for answer in mine), "an internal error"


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_body(body: bytes) -> None:
    sink = Sink()
    sink.server.protocol.receive(body)
    sink.work()
    for answer in sink.answers[1:]:
        assert answer["error"]["code"] in (-32700, -32600, -32601, -32602)


@pytest.mark.parametrize(
    "spelling", ["file:///C:/a b/é.html", "file:///c%3A/a%20b/%C3%A9.html", "file:///c:/a%20b/%c3%a9.html"]
)
def test_one_document_in_every_spelling(client: RawClient, spelling: str) -> None:
    """A drive letter in both cases and percent forms: what is opened in one spelling is known in the others."""
    client.initialize()
    client.open("file:///c:/a%20b/%C3%A9.html", route("nowhere"))
    client.change(
        spelling, 2, {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}, "text": ""}
    )
    client.notify("textDocument/didClose", {"textDocument": {"uri": spelling}})
    position = {"textDocument": {"uri": spelling}, "position": {"line": 0, "character": 0}}
    assert client.ask("textDocument/hover", position) is None
    assert b"not open" not in client.stderr


@pytest.mark.parametrize("line", [2**31 - 1, 2**53])
def test_positions_far_outside(client: RawClient, tmp_path: Path, line: int) -> None:
    app = make_app(tmp_path / "app")
    uri = (app / "src/routes/[id].html").as_uri()
    client.initialize(app)
    client.open(uri, route("nosuch"))
    at = {"line": line, "character": line}
    for method in ("hover", "completion", "definition", "references", "prepareRename", "signatureHelp"):
        params = {"textDocument": {"uri": uri}, "position": at, "context": {"includeDeclaration": True}}
        answer = client.response(client.request(f"textDocument/{method}", params))
        assert "result" in answer or answer["error"]["code"] != -32603
    client.change(uri, 2, {"range": {"start": at, "end": at}, "text": "<p>end</p>"})
    client.change(uri, 3, {"range": {"start": at, "end": {"line": 0, "character": 0}}, "text": ""})
    client.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})


def test_ten_thousand_messages_in_one_write(client: RawClient) -> None:
    client.initialize()
    body = b'{"jsonrpc":"2.0","method":"$/whatever","params":{}}'
    client.raw((b"Content-Length: %d\r\n\r\n%b" % (len(body), body)) * 10_000)
    position = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
    assert client.ask("textDocument/hover", position) is None


def test_a_header_in_single_bytes(client: RawClient) -> None:
    client.initialize()
    body = b'{"jsonrpc":"2.0","id":"slow","method":"shutdown"}'
    for byte in b"Content-Length: %d\r\n\r\n%b" % (len(body), body):
        client.raw(bytes([byte]))
    assert client.response("slow")["result"] is None


def test_a_body_that_is_shorter_than_its_length_gives_way_to_the_next(client: RawClient) -> None:
    client.initialize()
    position = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
    client.raw(b"Content-Length: 60\r\n\r\n{}")
    client.request("textDocument/hover", position)
    assert client.ask("textDocument/hover", position) is None
