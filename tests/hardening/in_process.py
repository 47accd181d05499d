"""A client and its server in one process: messages in, answers and findings out, background work when the test says so."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from koze_lsp.lsp.queue import Job
from koze_lsp.lsp.server import Server

_WATCHING = {"didChangeWatchedFiles": {"dynamicRegistration": True}, "workspaceFolders": True}
PUSH: dict[str, Any] = {"workspace": _WATCHING}
PULL: dict[str, Any] = {
    "workspace": {**_WATCHING, "diagnostics": {"refreshSupport": True}},
    "textDocument": {"diagnostic": {}},
}

Finding = dict[str, Any]


class Client:
    """Talks to a server whose worker works when it is told to. ``shown`` holds what a user sees, by URI."""

    def __init__(self, folder: Path, capabilities: dict[str, Any] = PUSH) -> None:
        self.server = Server()
        self.protocol = self.server.protocol
        self.worker = self.protocol.worker
        self.pulls = capabilities is PULL
        self.shown: dict[str, list[Finding]] = {}
        self.failures: list[Any] = []
        self._ids: dict[str, str | None] = {}
        self._everywhere: dict[str, tuple[str, list[Finding]]] = {}
        self._answers: dict[int, Any] = {}
        self._number = 0
        self.protocol.connect(self._take)
        folders = [{"uri": folder.as_uri(), "name": folder.name}]
        params = {"processId": None, "rootUri": None, "workspaceFolders": folders, "capabilities": capabilities}
        self.ask("initialize", params)
        self.notify("initialized", {})
        self.settle()

    # --- messages

    def ask(self, method: str, params: Any) -> Any:
        """The result of a request, after as much work as it takes."""
        self._number += 1
        self._receive({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        self.settle()
        return self._answers.pop(self._number)

    def notify(self, method: str, params: Any) -> None:
        self._receive({"jsonrpc": "2.0", "method": method, "params": params})
        if method == "textDocument/didClose":
            self._ids.pop(params["textDocument"]["uri"], None)

    def _receive(self, message: dict[str, Any]) -> None:
        self.protocol.receive(json.dumps(message).encode())

    def _take(self, data: bytes) -> None:
        message = json.loads(data.partition(b"\r\n\r\n")[2])
        if "error" in message or message.get("method") == "window/logMessage":
            self.failures.append(message)
        elif "method" not in message:
            self._answers[message["id"]] = message["result"]
        elif message["method"] == "textDocument/publishDiagnostics":
            params = message["params"]
            self.shown[params["uri"]] = params["diagnostics"]
            if self.pulls:
                self.failures.append("pushed to a client that pulls")

    # --- pulling, as an editor does it: what is unchanged is kept

    def pull(self, uri: str) -> list[Finding]:
        """The findings in an open document, told by their result id where they are unchanged."""
        report = self.ask(
            "textDocument/diagnostic", {"textDocument": {"uri": uri}, "previousResultId": self._ids.get(uri)}
        )
        if report["kind"] == "full":
            self.shown[uri] = report["items"]
        self._ids[uri] = report.get("resultId")
        return self.shown[uri]

    def pull_everything(self) -> dict[str, list[Finding]]:
        """The findings in all files by URI, those without any left out."""
        previous = [{"uri": uri, "value": value} for uri, (value, _) in self._everywhere.items()]
        report = self.ask("workspace/diagnostic", {"previousResultIds": previous})
        for item in report["items"]:
            if item["kind"] == "full":
                self._everywhere[item["uri"]] = (item["resultId"], item["items"])
        return {uri: items for uri, (_, items) in self._everywhere.items() if items}

    # --- work

    def steps(self, count: int) -> int:
        """Do what the worker's thread would do next, so many times at most; gives how much was left undone."""
        for _ in range(count):
            if self.worker._jobs:
                job: Job = self.worker._jobs.popleft()
                self.worker._do(job)
            elif tasks := [task for task in self.worker._tasks.values() if task.due != float("inf")]:
                self.worker._advance(min(tasks, key=lambda task: task.priority))
            elif self.worker._tasks:
                time.sleep(0.0005)  # all of them wait for a thread of their own
            else:
                return 0
        return len(self.worker._jobs) + len(self.worker._tasks)

    def settle(self) -> None:
        """Work until nothing is left to do."""
        end = time.monotonic() + 20
        while self.steps(1):
            assert time.monotonic() < end, f"never idle: {list(self.worker._tasks)}"
