"""A client without a library: it can say what a well-behaved one never would, and sees every byte that comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-c", "import sys; from koze_lsp.cli.server import main; sys.exit(main(sys.argv[1:]))"]
FAULTY = [sys.executable, str(Path(__file__).with_name("faulty_server.py"))]

Message = dict[str, Any]


class RawClient:
    """Talks to a server over its pipes. Requests of the server are answered with null, or by ``answers``."""

    def __init__(self, command: list[str] | None = None) -> None:
        self.process = subprocess.Popen(
            command or COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.answers: dict[str, Any] = {}
        self.notifications: list[Message] = []
        self.requests: list[Message] = []
        self.stderr = b""
        self._responses: dict[Any, Message] = {}
        self._arrived = threading.Condition()
        self._ids = iter(range(1, 1_000_000))
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._drain, daemon=True).start()

    # --- out

    def raw(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any = None) -> int:
        number = next(self._ids)
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number

    # --- in

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            length = int(line.split(b":")[1])
            assert stream.readline() == b"\r\n"
            message = json.loads(stream.read(length))
            with self._arrived:
                if "method" not in message:
                    self._responses[message["id"]] = message
                elif "id" in message:
                    self.requests.append(message)
                    answer = self.answers.get(message["method"])
                    self.send({"jsonrpc": "2.0", "id": message["id"], "result": answer})
                else:
                    self.notifications.append(message)
                self._arrived.notify_all()

    def _drain(self) -> None:
        stream = self.process.stderr
        assert stream is not None
        while data := os.read(stream.fileno(), 65536):
            self.stderr += data

    def response(self, number: Any, timeout: float = 10.0) -> Message:
        with self._arrived:
            assert self._arrived.wait_for(lambda: number in self._responses, timeout), (
                f"no answer to {number}; {self.stderr.decode()}"
            )
            return self._responses.pop(number)

    def ask(self, method: str, params: Any = None, timeout: float = 10.0) -> Any:
        message = self.response(self.request(method, params), timeout)
        assert "error" not in message, message
        return message["result"]

    def error(self, method: str, params: Any = None) -> Message:
        return self.response(self.request(method, params))["error"]

    def wait_for(self, wanted: Any, timeout: float = 10.0) -> Message:
        """The first notification for which ``wanted(message)`` holds, past or to come."""
        found: list[Message] = []

        def look() -> bool:
            found[:] = [message for message in self.notifications if wanted(message)]
            return bool(found)

        with self._arrived:
            assert self._arrived.wait_for(look, timeout), (self.notifications[-5:], self.stderr.decode())
        return found[0]

    def wait_for_request(self, method: str, timeout: float = 10.0) -> Message:
        found: list[Message] = []

        def look() -> bool:
            found[:] = [message for message in self.requests if message["method"] == method]
            return bool(found)

        with self._arrived:
            assert self._arrived.wait_for(look, timeout), self.stderr.decode()
        return found[0]

    def published(self, uri: str, wanted: Any = None, timeout: float = 10.0) -> list[Message]:
        """Wait until the newest diagnostics of a document satisfy ``wanted(codes)``; give them."""
        found: list[list[Message]] = []

        def look() -> bool:
            found[:] = [
                message["params"]["diagnostics"]
                for message in self.notifications
                if message["method"] == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri
            ]
            return bool(found) and (wanted is None or wanted([item["code"] for item in found[-1]]))

        with self._arrived:
            assert self._arrived.wait_for(look, timeout), (found[-1:], self.stderr.decode())
        return found[-1]

    # --- life

    def initialize(self, folder: Path | None = None, capabilities: Any = None, **more: Any) -> Message:
        uri = folder.as_uri() if folder is not None else None
        folders = [{"uri": uri, "name": "app"}] if uri else None
        params = {"processId": None, "rootUri": uri, "capabilities": capabilities or {}, **more}
        result = self.ask("initialize", {"workspaceFolders": folders, **params})
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, version: int = 1) -> None:
        item = {"uri": uri, "languageId": "html", "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: Message) -> None:
        identifier = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": list(changes)})

    def wait(self, timeout: float = 10.0) -> int:
        return self.process.wait(timeout)

    def close(self) -> None:
        if self.process.poll() is None:
            try:
                self.ask("shutdown", timeout=5)
                self.notify("exit")
                self.wait(5)
            except (AssertionError, OSError, subprocess.TimeoutExpired):
                self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream is not None
            with suppress(OSError):
                stream.close()


@contextmanager
def raw_client(command: list[str] | None = None) -> Iterator[RawClient]:
    client = RawClient(command)
    try:
        yield client
    finally:
        client.close()


def eventually(check: Any, timeout: float = 5.0) -> Any:
    """Wait until a function gives something true; give that."""
    end = time.monotonic() + timeout
    while not (found := check()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
    return found
