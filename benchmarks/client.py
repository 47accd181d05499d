"""A small client that measures: it sends, waits for one answer at a time, and notes when what arrived."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.measure import environment

Message = dict[str, Any]

_ITEM_DEFAULTS = ("commitCharacters", "editRange", "insertTextFormat", "insertTextMode", "data")
"""What VS Code and Neovim take once for all items of a list."""


class NoAnswerError(Exception):
    """The server did not answer in time."""


class Client:
    """One server process. Requests of the server are answered with null."""

    def __init__(self, command: Sequence[str | Path], cwd: Path) -> None:
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._arrived = threading.Condition()
        self._messages: list[tuple[float, Message]] = []
        self._ended = False
        self._next = 0
        self._writing = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                break
            body = stream.read(length)
            now = time.perf_counter()
            message = json.loads(body)
            if "method" in message and "id" in message:
                items = message.get("params", {}) or {}
                result = [None] * len(items["items"]) if "items" in items else None
                self._send({"id": message["id"], "result": result})
            with self._arrived:
                self._messages.append((now, message))
                self._arrived.notify_all()
        with self._arrived:
            self._ended = True
            self._arrived.notify_all()

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        with self._writing:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self.process.stdin.flush()

    def cpu(self) -> float:
        """Processor seconds that the server has used (Linux; elsewhere 0): a busy machine changes them little."""
        if sys.platform != "linux":
            return 0.0
        return time.clock_gettime((~self.process.pid << 3) | 2)  # what clock_getcpuclockid(3) makes of a process id

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> int:
        """Send a request; gives its id."""
        self._next += 1
        self._send({"id": self._next, "method": method, "params": params})
        return self._next

    def wait(self, wanted: Callable[[Message], bool], seconds: float = 60.0) -> tuple[float, Message]:
        """The first message of which ``wanted`` holds, and when it arrived; messages before it are forgotten."""
        end, at = time.perf_counter() + seconds, 0
        with self._arrived:
            while True:
                while at < len(self._messages):
                    when, message = self._messages[at]
                    at += 1
                    if wanted(message):
                        del self._messages[:at]
                        return when, message
                left = end - time.perf_counter()
                if left <= 0 or self._ended:
                    raise NoAnswerError
                self._arrived.wait(left)

    def ask(self, method: str, params: Any, seconds: float = 60.0) -> tuple[float, Any]:
        """Send a request and wait for its answer; gives the seconds that took, and the result."""
        started = time.perf_counter()
        number = self.request(method, params)
        when, message = self.wait(lambda message: "method" not in message and message.get("id") == number, seconds)
        return when - started, message.get("result")

    def initialize(self, root: Path, *, pull: bool) -> float:
        """The handshake; gives the seconds from the start of the process to the answer."""
        text: dict[str, Any] = {
            "publishDiagnostics": {"versionSupport": True},
            "synchronization": {},
            "completion": {
                "completionItem": {"snippetSupport": True},
                "completionList": {"itemDefaults": list(_ITEM_DEFAULTS)},
            },
            "hover": {"contentFormat": ["markdown"]},
        }
        workspace: dict[str, Any] = {
            "workspaceFolders": True,
            "didChangeWatchedFiles": {"dynamicRegistration": True},
            "configuration": True,
        }
        if pull:
            text["diagnostic"] = {"dynamicRegistration": False}
            workspace["diagnostics"] = {"refreshSupport": True}
        params = {
            "processId": None,
            "rootUri": root.as_uri(),
            "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
            "capabilities": {"textDocument": text, "workspace": workspace},
        }
        number = self.request("initialize", params)
        when, _ = self.wait(lambda message: message.get("id") == number and "method" not in message)
        self.notify("initialized", {})
        return when - self.started

    def open(self, path: Path, text: str, language: str) -> tuple[str, float]:
        """Open a document; gives its URI and when it was sent."""
        uri, now = path.as_uri(), time.perf_counter()
        self.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}},
        )
        return uri, now
