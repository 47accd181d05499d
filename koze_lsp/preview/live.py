"""Live reload: what is saved, or typed in an editor, is shown at once.

A burst of changes is taken over once, and always the latest: while a stage is busy with a change, those that come
meanwhile wait as one.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from koze_lsp.project.project import Project
from koze_lsp.project.watching import changes
from koze_lsp.project.workspace import Workspace

if TYPE_CHECKING:
    from koze_lsp.preview.server.stage import Stage

__all__ = ["DiskWatcher", "update_later"]

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_waiting: dict[Stage, Project] = {}
_busy: set[Stage] = set()


def update_later(stage: Stage, project: Project) -> None:
    """Let a stage take over a snapshot, on a thread of its own; the latest of several wins."""
    with _lock:
        _waiting[stage] = project
        if stage in _busy:
            return
        _busy.add(stage)
    threading.Thread(target=_update, args=(stage,), name="koze-live", daemon=True).start()


def _update(stage: Stage) -> None:
    while True:
        with _lock:
            project = _waiting.pop(stage, None)
            if project is None:
                _busy.discard(stage)
                return
        stage.update(project)


class DiskWatcher:
    """Watches an application's files for one stage, from its own thread."""

    def __init__(self, stage: Stage, workspace: Workspace) -> None:
        self._stage, self._workspace = stage, workspace
        self._end = threading.Event()
        # What matters lies in src and beside it: packages, of which there may be a hundred thousand, are not watched.
        folders = [(f"{stage.root}/src", True), (stage.root, False)]
        if os.path.isdir(f"{stage.root}/public"):
            folders.append((f"{stage.root}/public", True))
        self._threads = [
            threading.Thread(target=self._run, args=folder, name="koze-watch", daemon=True) for folder in folders
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._end.set()
        for thread in self._threads:
            thread.join(2)

    def _run(self, folder: str, recursive: bool) -> None:
        root = self._stage.root
        try:
            for changed in changes([folder], logger.warning, recursive=recursive, stop=self._end, quiet=15, burst=60):
                paths = sorted(path.replace(os.sep, "/") for path in changed)
                if not paths:
                    continue
                with _lock:
                    touched = self._workspace.disk_changed(paths)
                if touched:
                    update_later(self._stage, self._workspace.project(root))
        except (OSError, RuntimeError) as error:  # the folder is gone, or the machine can't even look
            self._stage.problem = f"Changes on disk are not seen any more: {error}"
