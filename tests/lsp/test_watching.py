"""The own watcher: where it looks, and what it does when it can't."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from koze_lsp.lsp.watching import Watcher, folders_to_watch
from tests.lsp.app import make_app
from tests.lsp.raw import eventually


def test_source_folders_are_watched_and_node_modules_never(tmp_path: Path) -> None:
    app = make_app(tmp_path / "packages" / "app")
    for folder in ("node_modules/x", "packages/app/node_modules/y", "packages/app/dist", "packages/lib/src", ".git/o"):
        (tmp_path / folder).mkdir(parents=True)
    flat, deep = folders_to_watch([str(tmp_path)], [str(app)])
    assert flat == {str(tmp_path), str(tmp_path / "packages"), str(app)}
    assert deep == {str(app / "src"), str(tmp_path / "packages" / "lib")}


def test_a_folder_that_is_an_application_itself(tmp_path: Path) -> None:
    app = make_app(tmp_path / "app")
    assert folders_to_watch([str(app)], [str(app)]) == ({str(app)}, {str(app / "src")})


def test_changes_are_told_and_stop_stops(tmp_path: Path) -> None:
    told: set[str] = set()
    watcher = Watcher(told.update)
    watcher.watch([], [str(tmp_path)])
    target = tmp_path / "a.html"

    def seen() -> bool:
        target.write_text("x")
        return str(target) in told

    try:
        eventually(seen)
    finally:
        watcher.stop()


def test_exhausted_watches_are_replaced_by_looking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    polled = threading.Event()

    def watch(*_paths: str, **options: Any) -> Iterator[set[Any]]:
        if not options["force_polling"]:
            raise OSError(28, "OS file watch limit reached")
        polled.set()
        options["stop_event"].wait(5)
        return iter(())

    monkeypatch.setattr(watchfiles, "watch", watch)
    watcher = Watcher(lambda _paths: None)
    watcher.watch([str(tmp_path)], [])
    try:
        assert polled.wait(5)
    finally:
        watcher.stop()


def test_a_folder_that_vanishes_is_waited_for(tmp_path: Path) -> None:
    told: set[str] = set()
    folder = tmp_path / "later"
    watcher = Watcher(told.update)
    watcher.watch([], [str(folder)])
    try:
        folder.mkdir()

        def seen() -> bool:
            (folder / "a.html").write_text("x")
            return str(folder / "a.html") in told

        eventually(seen, 8)
    finally:
        watcher.stop()
