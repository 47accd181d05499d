"""What keeps the server quick: when garbage is collected, plain JSON for large answers, long requests in steps."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from koze_lsp.lsp import collector
from koze_lsp.lsp.collector import Collector
from koze_lsp.lsp.queue import Job, Worker
from koze_lsp.project.project import KEPT_KINDS
from koze_lsp.project.workspace import Workspace
from koze_lsp.text import Text
from tests.lsp.app import make_app, name_column, route
from tests.lsp.raw import raw_client
from tests.lsp.test_features import FULL, at


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    made.start()
    yield made
    made.stop(1)


@pytest.fixture(autouse=True)
def usual_collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    gc.collect()


class Ring:
    """An object that only the garbage collector frees."""

    def __init__(self, freed: list[int]) -> None:
        self.itself = self
        self.freed = freed

    def __del__(self) -> None:
        self.freed.append(1)


def rings(count: int) -> list[int]:
    """Make garbage; gives the list that grows as it is freed."""
    freed: list[int] = []
    for _ in range(count):
        Ring(freed)
    return freed


def within(seconds: float, holds: Callable[[], object]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not holds():
        time.sleep(0.005)
    return bool(holds())


def test_garbage_waits_until_nobody_does(worker: Worker) -> None:
    subject = Collector(worker)
    gc.collect()
    started, go_on = threading.Event(), threading.Event()

    def run() -> None:
        started.set()
        go_on.wait(10)

    worker.put(Job("long", run, lambda _result, _error: None))
    assert started.wait(10)
    subject.used()
    freed = rings(5_000)
    time.sleep(5 * collector.QUIET)
    assert not freed, "collected while a request ran"
    go_on.set()
    assert within(10, lambda: len(freed) == 5_000)


def test_little_garbage_is_left_for_later(worker: Worker) -> None:
    subject = Collector(worker)
    gc.collect()
    freed = rings(10)
    subject.used()
    time.sleep(10 * collector.QUIET)
    assert not freed


def test_what_stays_is_set_aside(worker: Worker) -> None:
    subject = Collector(worker)
    kept = [[number] for number in range(1_000)]
    freed = rings(10)
    subject.keep()
    assert gc.get_freeze_count() >= len(kept)
    assert len(freed) == 10, "garbage was set aside"


def test_what_was_set_aside_is_looked_through_when_it_is_quiet_for_long(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "LONG_QUIET", 0.02)
    monkeypatch.setattr(collector, "_MANY", 0)
    subject = Collector(worker)
    freed: list[int] = []
    old = Ring(freed)
    subject.keep()
    del old
    gc.collect()
    assert not freed
    subject.used()
    assert within(10, lambda: freed)


def test_much_that_is_in_use_is_not_looked_through_again_and_again(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "_LARGE", 100)
    subject = Collector(worker)
    subject.keep()
    before = gc.get_freeze_count()
    kept = [[number] for number in range(5_000)]
    subject.used()
    assert within(10, lambda: gc.get_freeze_count() >= before + len(kept) // 2)


@pytest.mark.parametrize("capabilities", [FULL, {}], ids=["full", "none"])
def test_completions_have_the_protocols_shape(tmp_path: Path, capabilities: dict[str, Any]) -> None:
    """They are written as JSON by hand: pygls reads them as its own type and writes them the same."""
    app = make_app(tmp_path / "app")
    page = (app / "src/routes/[id].html").as_uri()
    converter, seen = LanguageServer("test", "1").protocol._converter, 0
    with raw_client() as client:
        client.initialize(app, capabilities)
        client.open(page, route())
        text = route()
        for line, content in enumerate(text.split("\n")):
            for column in range(0, len(content) + 1, 3):
                answer = client.ask("textDocument/completion", at(page, line, column))
                if answer is None:
                    continue
                for item in answer["items"]:
                    seen += 1
                    typed = converter.structure(item, types.CompletionItem)
                    assert converter.unstructure(typed) == item
    assert seen > 50


def test_completion_needs_no_conversion_for_each_item(tmp_path: Path) -> None:
    """The name's completions are made from plain data: items share one range."""
    app = make_app(tmp_path / "app", "migration", "data-sync")
    page = (app / "src/routes/[id].html").as_uri()
    with raw_client() as client:
        client.initialize(app, FULL)
        client.open(page, route())
        items = client.ask("textDocument/completion", at(page, character=name_column("migration") + 1))["items"]
    assert [item["label"] for item in items] == ["data-sync", "migration"]
    assert {str(item["textEdit"]["range"]) for item in items} == {str(items[0]["textEdit"]["range"])}
    assert all("documentation" not in item and item["data"]["key"] == ["workflow", item["label"]] for item in items)


def test_documents_that_were_only_looked_at_are_let_go(tmp_path: Path) -> None:
    """Open ones and those that every rule needs stay, also over the snapshots that follow."""
    app = make_app(tmp_path / "app")
    root, page = str(app), "src/routes/[id].html"
    (app / "src/routes/other.html").write_text("<p>one</p>\n")
    workspace = Workspace()
    workspace.load(root)
    project = workspace.project(root)
    for path in project.files:
        project.document(path)
    workspace.open(f"{root}/{page}", Text(route()), 1)
    project = workspace.project(root)
    project.document("src/routes/other.html")
    (app / "src/routes/other.html").write_text("<p>two</p>\n")
    workspace.disk_changed([f"{root}/src/routes/other.html"])
    project = workspace.project(root)
    assert "src/routes/other.html" in project.held()
    project.release_passing()
    assert set(project.held()) == {page, *project.paths(*KEPT_KINDS)}
    document = project.document("src/routes/other.html")
    assert document is not None
    assert document.source == "<p>two</p>\n"
    project.release_passing()
    assert "src/routes/other.html" not in project.held()
