"""One change at a time, in a session whose worker works when the test says so.

Each test stands for a fault that the stateful machine meets too seldom: ``tests/hardening/mutants.py`` names it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from koze_lsp.project.discovery import list_files, would_list
from koze_lsp.project.document import FileKind
from koze_lsp.project.kinds import WRANGLER_FILES, kind_of
from tests.hardening.in_process import PULL, PUSH, Client
from tests.lsp.app import add_workflow, make_app, route, write_wrangler

PAGE = "src/routes/[id].html"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return make_app(tmp_path / "app", "migration", "data-sync")


class Editor(Client):
    """A client of one application, that names files by their paths in it."""

    def __init__(self, app: Path, capabilities: dict[str, Any] = PUSH) -> None:
        self.app = app
        self.told: list[str] = []
        super().__init__(app, capabilities)

    def uri(self, path: str) -> str:
        return Path(os.path.normpath(self.app / path)).as_uri()

    def open(self, path: str, text: str) -> None:
        item = {"uri": self.uri(path), "languageId": "html", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, path: str, version: int, text: str) -> None:
        identifier = {"uri": self.uri(path), "version": version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [{"text": text}]})

    def close(self, path: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})

    def tell(self, *changes: tuple[str, int]) -> None:
        events = [{"uri": self.uri(path), "type": kind} for path, kind in changes]
        self.notify("workspace/didChangeWatchedFiles", {"changes": events})

    def codes(self, path: str) -> list[str]:
        """What is shown in an open file when all is done."""
        self.settle()
        items = self.pull(self.uri(path)) if self.pulls else self.shown.get(self.uri(path), [])
        assert not self.failures
        return [item["code"] for item in items]

    def files(self) -> set[str]:
        """The files that the server takes for the application's, when all is done."""
        self.settle()
        assert not self.failures
        assert self.server.session is not None
        return set(self.server.session.workspace.project(str(self.app)).files)

    def count_pushes(self) -> int:
        """How many messages with findings have come since the last time."""
        self.settle()
        told, self.told = self.told, []
        return len(told)

    def _take(self, data: bytes) -> None:
        if b'"textDocument/publishDiagnostics"' in data:
            self.told.append(data.decode())
        super()._take(data)


# --- what is open counts while it is open, and no longer


def test_an_ignored_file_is_the_applications_while_it_is_open(app: Path) -> None:
    (app / ".gitignore").write_text("src/routes/jobs.html\n")
    (app / "src/routes/jobs.html").write_text(route())
    editor = Editor(app)
    assert "src/routes/jobs.html" not in editor.files()
    editor.open("src/routes/jobs.html", route("nosuch"))
    assert "unknown-workflow" in editor.codes("src/routes/jobs.html")
    editor.close("src/routes/jobs.html")
    assert "src/routes/jobs.html" not in editor.files()


def test_a_file_that_became_ignored_while_it_was_open(app: Path) -> None:
    (app / "src/routes/jobs.html").write_text(route())
    editor = Editor(app)
    editor.open("src/routes/jobs.html", route())
    (app / ".gitignore").write_text("src/routes/jobs.html\n")
    editor.tell((".gitignore", 1))
    assert "src/routes/jobs.html" in editor.files()
    editor.tell(("src/routes/jobs.html", 2))
    editor.close("src/routes/jobs.html")
    assert "src/routes/jobs.html" not in editor.files()


def test_a_second_wrangler_file_counts_while_it_is_open(app: Path) -> None:
    (app / "wrangler.toml").write_text('name = "app"\n')
    editor = Editor(app)
    editor.open("wrangler.toml", 'name = "app"\n')
    editor.close("wrangler.toml")
    assert "wrangler.toml" not in editor.files()
    assert "wrangler.jsonc" in editor.files()


def test_a_new_file_that_was_saved_stays_when_it_is_closed(app: Path) -> None:
    """Without listing the application anew, which waits for the disk."""
    editor = Editor(app)
    editor.open("src/routes/a/new.html", route())
    assert "src/routes/a/new.html" in editor.files()
    (app / "src/routes/a").mkdir()
    (app / "src/routes/a/new.html").write_text(route())
    editor.tell(("src/routes/a/new.html", 1))
    editor.settle()
    assert editor.server.session is not None
    before = editor.server.session.workspace.project(str(app)).files
    editor.close("src/routes/a/new.html")
    assert "src/routes/a/new.html" in editor.files()
    assert editor.server.session.workspace.project(str(app)).files is before


def test_one_file_is_judged_as_the_whole_listing_does(app: Path) -> None:
    make_app(app / "packages/inner")
    for path in ("node_modules/x/a.html", "dist/a.html", "src/routes/secret/a.html", "src/routes/x/keep.html"):
        (app / path).parent.mkdir(parents=True)
        (app / path).write_text(route())
    (app / ".gitignore").write_text("secret/\n/src/routes/x/*\n!keep.html\n")
    (app / "src/routes/x/other.html").write_text(route())
    (app / "src/routes/link.html").symlink_to(app / PAGE)
    (app / "src/routes/linked").symlink_to(app / "src/routes/x", target_is_directory=True)
    for name in WRANGLER_FILES:
        (app / name).write_text("")
    root = str(app)
    found = [path.relative_to(app).as_posix() for path in app.rglob("*") if path.is_file()]
    found += ["src/routes/linked/keep.html", "src/routes/nosuch.html", "nosuch/a.html"]
    known = {path for path in found if kind_of(path) is not FileKind.OTHER}
    assert {path for path in known if would_list(root, path)} == set(list_files(root).files)
    assert "src/routes/x/keep.html" in list_files(root).files


def test_a_new_file_that_is_opened_is_told_to_open_pages(app: Path) -> None:
    (app / "src/server/data-sync.workflow.ts").unlink()
    write_wrangler(app, "migration")
    editor = Editor(app)
    editor.open(PAGE, route("data-sync"))
    assert editor.codes(PAGE) == ["unknown-workflow"]
    editor.open("src/server/data-sync.workflow.ts", "export default 1;\n")
    assert editor.codes(PAGE) == []
    editor.close("src/server/data-sync.workflow.ts")
    assert editor.codes(PAGE) == ["unknown-workflow"]


# --- edits


def test_two_files_edited_in_turn_are_both_taken_over(app: Path) -> None:
    """A change that waits for one file makes no text of another outdated."""
    other = "src/routes/jobs/[id].html"
    editor = Editor(app)
    editor.open(PAGE, route())
    editor.open(other, route())
    assert editor.codes(PAGE) == editor.codes(other) == []
    editor.change(PAGE, 2, route("nosuch"))
    editor.change(other, 2, route("nosuch"))
    assert editor.codes(other) == ["unknown-workflow"]
    assert editor.codes(PAGE) == ["unknown-workflow"]


# --- findings, told and asked for


def test_a_reloaded_file_gets_its_findings_again(app: Path) -> None:
    """An editor may keep the result id of a buffer that it reloads, and forget the findings."""
    editor = Editor(app, PULL)
    editor.open(PAGE, route("nosuch"))
    editor.settle()
    params = {"textDocument": {"uri": editor.uri(PAGE)}}
    before = editor.ask("textDocument/diagnostic", params)
    editor.close(PAGE)
    editor.open(PAGE, route("nosuch"))
    after = editor.ask("textDocument/diagnostic", {**params, "previousResultId": before["resultId"]})
    assert after["kind"] == "full"
    assert after["items"] == before["items"] != []


def test_findings_that_go_and_come_back_are_pushed_again(app: Path) -> None:
    editor = Editor(app)
    editor.open(PAGE, route("data-sync"))
    assert editor.codes(PAGE) == []
    path = app / "src/server/data-sync.workflow.ts"
    for _ in range(2):
        path.unlink()
        editor.tell(("src/server/data-sync.workflow.ts", 3))
        assert "unknown-workflow" in editor.codes(PAGE)
        add_workflow(app, "data-sync")
        editor.tell(("src/server/data-sync.workflow.ts", 1))
        assert editor.codes(PAGE) == []


def test_a_page_without_findings_is_told_of_once(app: Path) -> None:
    """Neither when what it depends on changes, nor when it is closed, is there anything to say."""
    editor = Editor(app)
    editor.open(PAGE, route())
    assert editor.count_pushes() == 1
    write_wrangler(app, "migration")
    editor.tell(("wrangler.jsonc", 2))
    assert editor.count_pushes() == 0
    editor.close(PAGE)
    assert editor.count_pushes() == 0


# --- what one file says of another


def test_a_changed_workflow_is_told_to_what_is_open(app: Path) -> None:
    editor = Editor(app)
    editor.open("wrangler.jsonc", (app / "wrangler.jsonc").read_text())
    assert editor.codes("wrangler.jsonc") == []
    path = app / "src/server/data-sync.workflow.ts"
    before = path.read_text()
    path.write_text(before.replace("DataSync", "Renamed"))
    editor.tell(("src/server/data-sync.workflow.ts", 2))
    assert editor.codes("wrangler.jsonc") == ["wrangler-class-mismatch"]
    path.write_text(before)
    editor.tell(("src/server/data-sync.workflow.ts", 2))
    assert editor.codes("wrangler.jsonc") == []


@pytest.mark.parametrize("capabilities", [PUSH, PULL], ids=["pushed", "pulled"])
def test_a_changed_module_counts_in_the_wrangler_file(app: Path, capabilities: dict[str, Any]) -> None:
    """An entry whose class a module has may be bound by hand; without the class it is left over."""
    (app / "src/server/data-sync.workflow.ts").unlink()
    (app / "src/server/migration.workflow.ts").unlink()
    write_wrangler(app, "migration")
    (app / "src/server/start.ts").write_text("export class Migration {}\n")
    editor = Editor(app, capabilities)
    editor.open("wrangler.jsonc", (app / "wrangler.jsonc").read_text())
    assert editor.codes("wrangler.jsonc") == []
    (app / "src/server/start.ts").write_text("export class Other {}\n")
    editor.tell(("src/server/start.ts", 2))
    assert editor.codes("wrangler.jsonc") == ["wrangler-stale-binding"]


def test_a_changed_wrangler_file_counts_in_a_module(app: Path) -> None:
    path = "src/server/start.ts"
    editor = Editor(app)
    editor.open(path, "import { env } from 'cloudflare:workers';\nenv.BY_HAND_WORKFLOW.create();\n")
    assert editor.codes(path) == ["unknown-binding"]
    write_wrangler(app, "migration", "data-sync", "by-hand")
    editor.tell(("wrangler.jsonc", 2))
    assert editor.codes(path) == []


def test_an_unsaved_package_json_configures(app: Path) -> None:
    editor = Editor(app)
    editor.open(PAGE, route("nosuch"))
    editor.open("package.json", '{ "name": "app" }\n')
    assert editor.codes(PAGE) == ["unknown-workflow"]
    editor.change("package.json", 2, '{ "koze-lsp": { "rules": { "unknown-workflow": "off" } } }\n')
    assert editor.codes(PAGE) == []
    editor.close("package.json")
    assert editor.codes(PAGE) == ["unknown-workflow"]


@pytest.mark.parametrize("capabilities", [PUSH, PULL], ids=["pushed", "pulled"])
def test_what_is_open_outlives_its_folder(app: Path, capabilities: dict[str, Any]) -> None:
    editor = Editor(app, capabilities)
    editor.open(PAGE, route("nosuch"))
    assert editor.codes(PAGE) == ["unknown-workflow"]
    folder = {"uri": app.as_uri(), "name": "app"}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
    editor.settle()
    session = editor.server.session
    assert session is not None
    assert session.workspace.roots() == [str(app)]
    assert editor.codes(PAGE) == ["unknown-workflow"]


@pytest.mark.parametrize("capabilities", [PUSH, PULL], ids=["pushed", "pulled"])
def test_an_open_file_finds_its_application_again(app: Path, capabilities: dict[str, Any]) -> None:
    """One that lies in none of the client's folders, went from the disk, and came back."""
    other = app.parent / "other"
    page = "../other/src/routes/[id].html"
    make_app(other, "migration")
    editor = Editor(app, capabilities)
    editor.open(page, route("nosuch"))
    assert editor.codes(page) == ["unknown-workflow"]
    shutil.rmtree(other)
    editor.tell(("../other", 3))
    assert editor.codes(page) == []
    make_app(other, "migration")
    editor.tell(*((f"../other/{path.relative_to(other)}", 1) for path in sorted(other.rglob("*"))), ("../other", 1))
    assert editor.codes(page) == ["unknown-workflow"]


# --- the disk


def test_every_file_of_one_event_is_read_again(app: Path) -> None:
    paths = [f"src/server/{name}.workflow.ts" for name in ("data-sync", "migration")]
    editor = Editor(app)
    for path in paths:
        (app / path).write_text("export const nothing = 1;\n")
    editor.tell(*((path, 2) for path in paths))
    editor.settle()
    assert editor.server.session is not None
    project = editor.server.session.workspace.project(str(app))
    texts = [document.text.source for path in paths if (document := project.document(path)) is not None]
    assert texts == ["export const nothing = 1;\n"] * 2


def test_findings_in_every_file_of_one_event_are_new(app: Path) -> None:
    pages = [f"src/routes/p{number}/[id].html" for number in range(3)]
    for page in pages:
        (app / page).parent.mkdir()
        (app / page).write_text(route())
    editor = Editor(app, PULL)
    assert editor.pull_everything() == {}
    for page in pages:
        (app / page).write_text(route("nosuch"))
    editor.tell(*((page, 2) for page in pages))
    assert set(editor.pull_everything()) == set(map(editor.uri, pages))


@pytest.mark.parametrize("folder", ["", "src/routes"])
def test_a_change_of_gitignore_lists_the_files_anew(app: Path, folder: str) -> None:
    ignore = f"{folder}/.gitignore".lstrip("/")
    (app / "src/routes/jobs.html").write_text(route())
    editor = Editor(app)
    (app / ignore).write_text("jobs.html\n")
    editor.tell((ignore, 1))
    assert "src/routes/jobs.html" not in editor.files()
    (app / ignore).write_text("\n")
    editor.tell((ignore, 2))
    assert "src/routes/jobs.html" in editor.files()
    (app / ignore).write_text("jobs.html\n")
    editor.tell((ignore, 2))
    assert "src/routes/jobs.html" not in editor.files()
    (app / ignore).unlink()
    editor.tell((ignore, 3))
    assert "src/routes/jobs.html" in editor.files()


def test_the_files_of_a_deleted_folder_go(app: Path) -> None:
    """Told of the folder alone, as some editors and file systems do."""
    (app / "src/routes/a/b").mkdir(parents=True)
    (app / "src/routes/a/b/deep.html").write_text(route("nosuch"))
    editor = Editor(app, PULL)
    deep = editor.uri("src/routes/a/b/deep.html")
    assert list(editor.pull_everything()) == [deep]
    shutil.rmtree(app / "src/routes/a")
    editor.tell(("src/routes/a", 3))
    assert "src/routes/a/b/deep.html" not in editor.files()
    assert editor.pull_everything() == {}
