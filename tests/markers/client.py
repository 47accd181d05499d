"""A small language client over stdio: requests one at a time, in the bytes that the protocol says.

Written without pygls, so that the server's protocol is tested against something that does not share its mistakes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

TIMEOUT = 30.0
"""Seconds after which a server that does not answer is ended, and the test fails."""


class ServerError(Exception):
    """The server answered a request with an error."""


class Client:
    """One server process and the conversation with it."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self._process = subprocess.Popen(
            [sys.executable, "-m", "koze_lsp", "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._number = 0
        result = self.request("initialize", _initialize(encoding))
        self.capabilities: dict[str, Any] = result["capabilities"]
        assert self.capabilities.get("positionEncoding", "utf-16") == encoding
        self.notify("initialized", {})

    def stop(self) -> int:
        """Shut the server down as the protocol says; gives its exit status."""
        self.request("shutdown", None)
        self.notify("exit", None)
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(TIMEOUT)

    def request(self, method: str, params: object) -> Any:
        """Ask, and wait for the answer; what the server asks meanwhile is answered with null."""
        self._number += 1
        number = self._number
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        watchdog = threading.Timer(TIMEOUT, self._process.kill)
        watchdog.start()
        try:
            while True:
                message = self._receive()
                if message.get("id") == number and "method" not in message:
                    if "error" in message:
                        raise ServerError(message["error"]["message"])
                    return message["result"]
                if "method" in message and "id" in message:
                    count = len(message["params"]["items"]) if message["method"] == "workspace/configuration" else 0
                    self._send({"jsonrpc": "2.0", "id": message["id"], "result": [None] * count if count else None})
        finally:
            watchdog.cancel()

    def notify(self, method: str, params: object) -> None:
        """Tell the server something."""
        message: dict[str, object] = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params
        self._send(message)

    def _send(self, message: dict[str, object]) -> None:
        assert self._process.stdin is not None
        if message.get("params", 0) is None:
            del message["params"]
        body = json.dumps(message, ensure_ascii=False).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = stream.read(length)
        assert len(body) == length > 0, "the server went away or did not answer in time"
        message: dict[str, Any] = json.loads(body)
        return message


def _initialize(encoding: str) -> dict[str, Any]:
    markdown = ["markdown"]
    return {
        "processId": None,
        "rootUri": None,
        "workspaceFolders": [],
        "capabilities": {
            "experimental": {"commands": ["koze.showReferences"]},
            "general": {"positionEncodings": [encoding]},
            "workspace": {
                "workspaceFolders": True,
                "workspaceEdit": {
                    "documentChanges": True,
                    "resourceOperations": ["create", "rename", "delete"],
                    "changeAnnotationSupport": {},
                },
                "fileOperations": {"willRename": True, "willCreate": True, "willDelete": True},
            },
            "textDocument": {
                "synchronization": {},
                "completion": {
                    "completionItem": {
                        "snippetSupport": True,
                        "documentationFormat": markdown,
                        "resolveSupport": {"properties": ["documentation"]},
                    }
                },
                "hover": {"contentFormat": markdown},
                "signatureHelp": {
                    "signatureInformation": {
                        "documentationFormat": markdown,
                        "parameterInformation": {"labelOffsetSupport": True},
                        "activeParameterSupport": True,
                    }
                },
                "definition": {"linkSupport": False},
                "declaration": {"linkSupport": False},
                "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
                "codeAction": {
                    "codeActionLiteralSupport": {
                        "codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}
                    },
                    "isPreferredSupport": True,
                },
                "rename": {"prepareSupport": True},
                "diagnostic": {},
                "documentLink": {},
                "inlayHint": {},
                "codeLens": {},
                "callHierarchy": {},
            },
        },
    }
