"""Any sequence of opens, edits, closes, renames, disk and configuration changes ends like a fresh check.

The machine runs the server's own session, with its worker replaced by one that works when the test says so: every
interleaving is deterministic, and a failing one can be shrunk. What the client was told last, for every open file, is
compared with what a fresh workspace finds in the same texts.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from koze_lsp.lsp.queue import Job
from koze_lsp.lsp.server import Server
from koze_lsp.project.config import Settings
from koze_lsp.project.workspace import Workspace
from koze_lsp.rules.engine import check_document
from koze_lsp.text import Text
from tests.lsp.app import WORKFLOW, make_app, route

ROUTES = ("src/routes/[id].html", "src/routes/jobs.html", "src/routes/a/index.html")
WORKFLOWS = ("src/server/migration.workflow.ts", "src/server/data-sync.workflow.ts", "src/server/sub/extra.workflow.ts")
OTHERS = (
    "wrangler.jsonc",
    "package.json",
    "src/app.d.ts",
    "src/server/start.ts",
    ".gitignore",
    "src/routes/layout.html",
)
PATHS = (*ROUTES, *WORKFLOWS, *OTHERS)

ENTRIES = (
    '{ "name": "migration-workflow", "binding": "MIGRATION_WORKFLOW", "class_name": "Migration" }',
    '{ "name": "data-sync-workflow", "binding": "DATA_SYNC_WORKFLOW", "class_name": "DataSync" }',
)
CONTENTS: dict[str, tuple[str, ...]] = {
    "route": (
        route(),
        route("data-sync"),
        route("nosuch"),
        route().replace("2s", "2 parsecs"),
        "<p>plain</p>\n",
        "<script>",
    ),
    "workflow": (
        WORKFLOW.format(name="Migration"),
        WORKFLOW.format(name="DataSync"),
        WORKFLOW.format(name="Migration").replace("'first'", "'first', { timeout: '5s' }"),
        "export const nothing = 1;\n",
    ),
    "wrangler.jsonc": (
        f'{{ "workflows": [{ENTRIES[0]}] }}\n',
        f'{{ "workflows": [{", ".join(ENTRIES)}] }}\n',
        '{ "workflows": [] }\n',
        "{",
    ),
    "package.json": (
        '{ "name": "app" }\n',
        '{ "koze-lsp": { "rules": { "unknown-workflow": "off" } } }\n',
        '{ "koze-lsp": { "ignore": ["src/routes/jobs.html"], "nosuch": 1 } }\n',
    ),
    "src/app.d.ts": ("declare module 'koze:workflow' { export type WorkflowName = 'migration'; }\n", ""),
    "src/server/start.ts": ("import { env } from 'cloudflare:workers';\nenv.MIGRATION_WORKFLOW.create();\n", ""),
    ".gitignore": ("", "src/routes/jobs.html\n", "src/server/sub\n"),
    "src/routes/layout.html": ("<slot></slot>\n", route()),
}
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"rules": {"invalid-poll": "off"}},
    {"rules": {"unknown-workflow": "hint"}},
    {"ignore": ["src/routes/a/**"]},
    {"rules": 3},
)


def contents(path: str) -> tuple[str, ...]:
    """The texts that a file may have."""
    if path in CONTENTS:
        return CONTENTS[path]
    return CONTENTS["route" if path.endswith(".html") else "workflow"]


class Client:
    """A server in this process: messages in, notifications out, and background work when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.server = Server()
        self.protocol = self.server.protocol
        self.worker = self.protocol.worker
        self.shown: dict[str, list[dict[str, Any]]] = {}
        self.failures: list[Any] = []
        self._number = 0
        self._buffer = b""
        self.protocol.connect(self._take)
        capabilities = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
        self.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities})
        self.notify("initialized", {})
        self.settle()

    def request(self, method: str, params: Any) -> None:
        self._number += 1
        self._receive({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})

    def notify(self, method: str, params: Any) -> None:
        self._receive({"jsonrpc": "2.0", "method": method, "params": params})

    def _receive(self, message: dict[str, Any]) -> None:
        self.protocol.receive(json.dumps(message).encode())

    def _take(self, data: bytes) -> None:
        message = json.loads(data.partition(b"\r\n\r\n")[2])
        if "error" in message or message.get("method") == "window/logMessage":
            self.failures.append(message)
        elif message.get("method") == "textDocument/publishDiagnostics":
            params = message["params"]
            self.shown[params["uri"]] = params["diagnostics"]

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


def key(diagnostic: dict[str, Any]) -> tuple[Any, ...]:
    start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
    place = (start["line"], start["character"], end["line"], end["character"])
    return (*place, diagnostic["code"], diagnostic["severity"], diagnostic["message"])


_LEVELS = {"error": 1, "warning": 2, "information": 3, "hint": 4}


class Editing(RuleBasedStateMachine):
    """Whatever an editor, a shell and a settings page do to one application."""

    @initialize()
    def begin(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="koze-lsp-state-"))
        self.root = make_app(self.base / "app", "migration", "data-sync")
        self.opened: dict[str, str] = {}
        self.versions = 0
        self.settings: dict[str, Any] = {}
        self.client = Client(self.root)

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "base", "/nonexistent"), ignore_errors=True)

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    # --- the editor

    @rule(path=st.sampled_from(PATHS), number=st.integers(0, 9))
    def open_file(self, path: str, number: int) -> None:
        if path in self.opened or path == ".gitignore":
            return
        on_disk = self.root / path
        choices = contents(path)
        text = on_disk.read_text() if on_disk.is_file() and number % 2 else choices[number % len(choices)]
        self.versions += 1
        item = {"uri": self.uri(path), "languageId": "html", "version": self.versions, "text": text}
        self.client.notify("textDocument/didOpen", {"textDocument": item})
        self.opened[path] = text

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), number=st.integers(0, 9))
    def replace_text(self, data: st.DataObject, number: int) -> None:
        path = data.draw(st.sampled_from(sorted(self.opened)))
        text = contents(path)[number % len(contents(path))]
        self.change(path, {"text": text}, text)

    @precondition(lambda self: self.opened)
    @rule(
        data=st.data(),
        at=st.integers(0, 400),
        length=st.integers(0, 30),
        new=st.sampled_from(["", "'", "{", "x", "\n"]),
    )
    def type_text(self, data: st.DataObject, at: int, length: int, new: str) -> None:
        path = data.draw(st.sampled_from(sorted(self.opened)))
        old = Text(self.opened[path])
        start = min(at, len(old.source))
        end = min(start + length, len(old.source))
        places = [old.position(offset, "utf-16") for offset in (start, end)]
        start_, end_ = ({"line": place[0], "character": place[1]} for place in places)
        text = old.source[: old.offset(places[0], "utf-16")] + new + old.source[old.offset(places[1], "utf-16") :]
        self.change(path, {"range": {"start": start_, "end": end_}, "text": new}, text)

    def change(self, path: str, change: dict[str, Any], text: str) -> None:
        self.versions += 1
        identifier = {"uri": self.uri(path), "version": self.versions}
        self.client.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        self.opened[path] = text

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), saved=st.booleans())
    def close_file(self, data: st.DataObject, saved: bool) -> None:
        path = data.draw(st.sampled_from(sorted(self.opened)))
        if saved:
            self.write(path, self.opened[path])
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})
        del self.opened[path]

    # --- the disk

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        kind = 2 if target.exists() else 1
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        self.tell((target, kind))

    def tell(self, *changes: tuple[Path, int]) -> None:
        events = [{"uri": path.as_uri(), "type": kind} for path, kind in changes]
        self.client.notify("workspace/didChangeWatchedFiles", {"changes": events})

    @rule(path=st.sampled_from(PATHS), number=st.integers(0, 9))
    def write_file(self, path: str, number: int) -> None:
        self.write(path, contents(path)[number % len(contents(path))])

    @rule(path=st.sampled_from([path for path in PATHS if path != "package.json"]))
    def delete_file(self, path: str) -> None:
        target = self.root / path
        if target.is_file():
            target.unlink()
            self.tell((target, 3))

    @rule(old=st.sampled_from(WORKFLOWS + ROUTES), new=st.sampled_from(WORKFLOWS + ROUTES))
    def rename_file(self, old: str, new: str) -> None:
        source, target = self.root / old, self.root / new
        if not source.is_file() or target.exists() or old in self.opened or source.suffix != target.suffix:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(source, target)
        self.tell((source, 3), (target, 1))

    @rule(folder=st.sampled_from(["src/routes/a", "src/server/sub"]))
    def delete_folder(self, folder: str) -> None:
        target = self.root / folder
        if target.is_dir():
            shutil.rmtree(target)
            self.tell((target, 3))

    # --- settings, and time

    @rule(number=st.integers(0, len(SETTINGS) - 1))
    def configure(self, number: int) -> None:
        self.settings = SETTINGS[number]
        self.client.notify("workspace/didChangeConfiguration", {"settings": {"koze": self.settings}})

    @rule(count=st.integers(0, 12))
    def work_a_little(self, count: int) -> None:
        self.client.steps(count)

    @rule()
    def work(self) -> None:
        self.client.settle()
        self.compare()

    @rule(route=st.sampled_from(ROUTES), path=st.sampled_from(WORKFLOWS + OTHERS), number=st.integers(0, 9))
    def change_what_an_open_route_needs(self, route: str, path: str, number: int) -> None:
        """The way on which findings go stale, more often than chance would take it."""
        self.open_file(route, 0)
        self.work()
        if number < 5 or path == "package.json":
            self.write_file(path, number)
        else:
            self.delete_file(path)
        self.work()

    def compare(self) -> None:
        fresh = Workspace(Settings(self.settings))
        for path, text in self.opened.items():
            fresh.open(f"{self.root}/{path}", Text(text), 1)
        fresh.load(str(self.root))
        for path in self.opened:
            located = fresh.locate(f"{self.root}/{path}")
            assert located is not None
            project, relative = located
            text = Text(self.opened[path])
            expected = []
            for found in check_document(project, relative):
                (line, column), (end, end_column) = (text.position(at, "utf-16") for at in found.span)
                level = _LEVELS[found.severity.value]
                expected.append((line, column, end, end_column, found.code, level, found.message))
            shown = [key(item) for item in self.client.shown.get(self.uri(path), [])]
            assert sorted(shown) == sorted(expected), path
            assert len(set(shown)) == len(shown), f"{path}: shown twice"
        for uri, items in self.client.shown.items():
            assert not items or any(self.uri(path) == uri for path in self.opened), f"stale: {uri}"

    @invariant()
    def nothing_failed(self) -> None:
        if hasattr(self, "client"):
            assert not self.client.failures

    @precondition(lambda self: not self.opened)
    @rule()
    def memory_returns(self) -> None:
        """With nothing open, nothing is kept of what was open."""
        self.client.settle()
        session = self.client.server.session
        assert session is not None
        diagnostics = session.diagnostics
        assert not diagnostics._open
        assert not diagnostics._shown
        assert not session._waiting
        assert not session._unplaced
        assert not session.workspace._overlays
        assert all(not app.opened or app.project for app in session.workspace._apps.values())


Editing.TestCase.settings = settings(
    max_examples=int(os.environ.get("KOZE_LSP_STATES", "60")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestEditing = Editing.TestCase
