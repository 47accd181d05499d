"""Any sequence of opens, edits, closes, renames, disk and configuration changes ends like a fresh check.

The machine runs the server's own session, with its worker replaced by one that works when the test says so: every
interleaving is deterministic, and a failing one can be shrunk. Two clients hear the same: one that is told its
findings, and one that asks for them. What they show at the end, for every file, is compared with what a fresh
workspace finds in the same texts. ``python -m tests.hardening.mutants`` proves that it can fail.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from koze_lsp.project.config import Settings
from koze_lsp.project.document import FileKind
from koze_lsp.project.workspace import Workspace
from koze_lsp.rules.engine import CHECKED, check_document
from koze_lsp.text import Text
from tests.hardening.in_process import PULL, PUSH, Client, Finding
from tests.lsp.app import WORKFLOW, make_app, route

APPS = ("app", "app-two")
"""Side by side, the one's name the beginning of the other's; the first is the client's folder at the start."""
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
    """The texts that a file may have, by its application and its path in it."""
    path = path.partition("/")[2]
    if path in CONTENTS:
        return CONTENTS[path]
    return CONTENTS["route" if path.endswith(".html") else "workflow"]


Key = tuple[Any, ...]
FILES = st.tuples(st.sampled_from(APPS), st.sampled_from(PATHS)).map("/".join)
_KEPT = (FileKind.WORKFLOW, FileKind.WRANGLER, FileKind.APP_DTS, FileKind.PACKAGE)
_LEVELS = {"error": 1, "warning": 2, "information": 3, "hint": 4}


def key(diagnostic: Finding) -> Key:
    start, end = diagnostic["range"]["start"], diagnostic["range"]["end"]
    place = (start["line"], start["character"], end["line"], end["character"])
    return (*place, diagnostic["code"], diagnostic["severity"], diagnostic["message"])


def fresh_findings(workspace: Workspace, path: str) -> list[Key]:
    """What a check of the present texts finds in a file; nothing in one that belongs to no application."""
    located = workspace.locate(path)
    document = located[0].document(located[1]) if located is not None else None
    if located is None or document is None:
        return []
    found = []
    for finding in check_document(*located):
        start, end = (document.text.position(at, "utf-16") for at in finding.span)
        found.append((*start, *end, finding.code, _LEVELS[finding.severity.value], finding.message))
    return sorted(found)


class Editing(RuleBasedStateMachine):
    """Whatever an editor, a shell and a settings page do to two applications."""

    @initialize()
    def begin(self) -> None:
        self.base = Path(os.path.realpath(tempfile.mkdtemp(prefix="koze-lsp-state-")))
        for app in APPS:
            make_app(self.base / app, "migration", "data-sync")
        self.folders = {APPS[0]}
        self.opened: dict[str, str] = {}
        self.versions = 0
        self.settings: dict[str, Any] = {}
        self.clients = [Client(self.base / APPS[0], capabilities) for capabilities in (PUSH, PULL)]

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "base", "/nonexistent"), ignore_errors=True)

    def uri(self, path: str) -> str:
        return (self.base / path).as_uri()

    def notify(self, method: str, params: Any) -> None:
        for client in self.clients:
            client.notify(method, params)

    # --- the editor

    @rule(path=FILES, number=st.integers(0, 9))
    def open_file(self, path: str, number: int) -> None:
        if path in self.opened or path.endswith(".gitignore"):
            return
        on_disk = self.base / path
        choices = contents(path)
        text = on_disk.read_text() if on_disk.is_file() and number % 2 else choices[number % len(choices)]
        self.versions += 1
        item = {"uri": self.uri(path), "languageId": "html", "version": self.versions, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
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
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        self.opened[path] = text

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), saved=st.booleans())
    def close_file(self, data: st.DataObject, saved: bool) -> None:
        path = data.draw(st.sampled_from(sorted(self.opened)))
        if saved and (self.base / path.partition("/")[0]).is_dir():
            self.write(path, self.opened[path])
        self.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})
        del self.opened[path]

    @rule(app=st.sampled_from(APPS))
    def add_or_remove_folder(self, app: str) -> None:
        folder = {"uri": self.uri(app), "name": app}
        added, removed = ([folder], []) if app not in self.folders else ([], [folder])
        self.folders ^= {app}
        self.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": removed}})

    # --- the disk

    def write(self, path: str, text: str) -> None:
        target = self.base / path
        kind = 2 if target.exists() else 1
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        self.tell((target, kind))

    def tell(self, *changes: tuple[Path, int]) -> None:
        events = [{"uri": path.as_uri(), "type": kind} for path, kind in changes]
        self.notify("workspace/didChangeWatchedFiles", {"changes": events})

    @rule(path=FILES, number=st.integers(0, 9))
    def write_file(self, path: str, number: int) -> None:
        if (self.base / path.partition("/")[0]).is_dir():
            self.write(path, contents(path)[number % len(contents(path))])

    @rule(path=FILES.filter(lambda path: not path.endswith("package.json")))
    def delete_file(self, path: str) -> None:
        target = self.base / path
        if target.is_file():
            target.unlink()
            self.tell((target, 3))

    @rule(app=st.sampled_from(APPS), old=st.sampled_from(WORKFLOWS + ROUTES), new=st.sampled_from(WORKFLOWS + ROUTES))
    def rename_file(self, app: str, old: str, new: str) -> None:
        source, target = self.base / app / old, self.base / app / new
        if not source.is_file() or target.exists() or source.suffix != target.suffix or f"{app}/{old}" in self.opened:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(source, target)
        self.tell((source, 3), (target, 1))

    @rule(app=st.sampled_from(APPS), folder=st.sampled_from(["src/routes/a", "src/server/sub"]))
    def delete_folder(self, app: str, folder: str) -> None:
        target = self.base / app / folder
        if target.is_dir():
            shutil.rmtree(target)
            self.tell((target, 3))

    @rule(app=st.sampled_from(APPS))
    def the_application_goes_or_comes(self, app: str) -> None:
        target = self.base / app
        if target.is_dir():
            shutil.rmtree(target)
            self.tell((target, 3))
        else:
            make_app(target, "migration", "data-sync")
            self.tell(*((path, 1) for path in (target, *sorted(target.rglob("*")))))

    # --- settings, and time

    @rule(number=st.integers(0, len(SETTINGS) - 1))
    def configure(self, number: int) -> None:
        self.settings = SETTINGS[number]
        self.notify("workspace/didChangeConfiguration", {"settings": {"koze": self.settings}})

    @rule(count=st.integers(0, 12))
    def work_a_little(self, count: int) -> None:
        for client in self.clients:
            client.steps(count)

    @rule()
    def work(self) -> None:
        for client in self.clients:
            client.settle()
        self.compare()

    @rule(
        app=st.sampled_from(APPS),
        route=st.sampled_from(ROUTES),
        path=st.sampled_from(WORKFLOWS + OTHERS),
        number=st.integers(0, 9),
    )
    def change_what_an_open_route_needs(self, app: str, route: str, path: str, number: int) -> None:
        """The way on which findings go stale, more often than chance would take it."""
        self.open_file(f"{app}/{route}", 0)
        self.work()
        if number < 5 or path == "package.json":
            self.write_file(f"{app}/{path}", number)
        else:
            self.delete_file(f"{app}/{path}")
        self.work()

    @rule(app=st.sampled_from(APPS), path=st.sampled_from(WORKFLOWS + OTHERS), number=st.integers(0, 9))
    def edit_what_an_open_route_needs_and_close_it(self, app: str, path: str, number: int) -> None:
        """Unsaved texts count while they are open, and no longer."""
        self.open_file(f"{app}/{ROUTES[1]}", number)
        self.open_file(f"{app}/{path}", number)
        self.work()
        if f"{app}/{path}" in self.opened:
            self.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(f"{app}/{path}")}})
            del self.opened[f"{app}/{path}"]
        self.work()

    # --- what must hold

    def compare(self) -> None:
        fresh = Workspace(Settings(self.settings))
        for path, text in self.opened.items():
            fresh.open(f"{self.base}/{path}", Text(text), 1)
        expected = {path: fresh_findings(fresh, f"{self.base}/{path}") for path in self.opened}
        for client in self.clients:
            for path in self.opened:
                items = client.pull(self.uri(path)) if client.pulls else client.shown.get(self.uri(path), [])
                shown = sorted(map(key, items))
                assert shown == expected[path], path
                assert len(set(shown)) == len(shown), f"{path}: shown twice"
            if client.pulls:
                self.compare_everywhere(client, fresh)
            else:
                mine = set(map(self.uri, self.opened))
                assert not [uri for uri, items in client.shown.items() if items and uri not in mine], "stale"
            self.compare_inside(client, fresh)

    def compare_everywhere(self, client: Client, fresh: Workspace) -> None:
        """Findings in files that are not open, which are asked for together."""
        assert client.server.session is not None
        shown = {uri: sorted(map(key, items)) for uri, items in client.pull_everything().items()}
        expected: dict[str, list[Key]] = {}
        for root in client.server.session.workspace.roots():
            fresh.load(root)
            for path, kind in fresh.project(root).files.items():
                if kind in CHECKED and (found := fresh_findings(fresh, f"{root}/{path}")):
                    expected[Path(f"{root}/{path}").as_uri()] = found
        assert shown == expected

    def compare_inside(self, client: Client, fresh: Workspace) -> None:
        """The applications, who names which workflow, and what is kept in memory."""
        session = client.server.session
        assert session is not None
        roots = session.workspace.roots()
        assert {f"{self.base}/{app}" for app in self.folders if (self.base / app).is_dir()} <= set(roots)
        for root in roots:
            project = session.workspace.project(root)
            fresh.load(root)
            assert project.files == fresh.project(root).files
            assert session.indexer.is_ready()
            assert project.usages.all(project) == fresh.project(root).usages.all(fresh.project(root))
            session.let_go()
            held = {path for path, document in project.held().items() if document.kind not in _KEPT}
            assert held <= {path[len(root) + 1 :] for path in map(f"{self.base}/".__add__, self.opened)}

    @invariant()
    def nothing_failed(self) -> None:
        for client in getattr(self, "clients", ()):
            assert not client.failures

    @rule()
    def close_everything(self) -> None:
        """Memory returns: with nothing open, nothing is kept of what was open."""
        for path in list(self.opened):
            self.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})
        self.opened.clear()
        self.work()
        for client in self.clients:
            session = client.server.session
            assert session is not None
            diagnostics = session.diagnostics
            assert not diagnostics._open
            assert not diagnostics._shown
            assert not session._waiting
            assert not session._unplaced
            assert not [*session.documents]
            assert not session.workspace._overlays
            assert not client.worker._jobs
            assert not client.worker._tasks
            assert not client.worker._open
            assert not client.worker._parked
            for path in diagnostics._results:
                assert os.path.exists(path), f"the result of {path} is kept"


Editing.TestCase.settings = settings(
    max_examples=int(os.environ.get("KOZE_LSP_STATES", "40")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestEditing = Editing.TestCase
