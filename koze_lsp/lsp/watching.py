"""Changes on disk: told by the client where it can watch, seen by an own watcher where it can't.

The own watcher looks at source folders only, never at node_modules and its like, which may hold ten thousand folders
and exhaust the system's watches.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp import uris
from koze_lsp.lsp.capabilities import WATCHED_GLOBS

if TYPE_CHECKING:
    from koze_lsp.lsp.protocol import Protocol

logger = logging.getLogger(__name__)

STEP = 50
"""Milliseconds of quiet that end a burst of changes."""
DEBOUNCE = 400
"""Milliseconds after which a burst that goes on is told in parts."""
POLL_DELAY = 500
"""Milliseconds between two looks where the system's watches are exhausted."""
_TICK = 300
"""Milliseconds until a watcher that has begun says so, and until it sees that it is to stop."""
_RESTART_AFTER = 1.0


def register(protocol: Protocol) -> None:
    """Ask the client to watch."""
    watchers = [types.FileSystemWatcher(glob_pattern=glob) for glob in WATCHED_GLOBS]
    registration = types.Registration(
        id="koze-watch",
        method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
        register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers),
    )
    protocol.ask(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams([registration]))


class Watcher:
    """Watches folders on threads of its own and tells the paths that changed (absolute, POSIX).

    ``begun`` is called each time that it has begun to watch: what changed before that moment nobody has seen.
    """

    def __init__(self, tell: Callable[[set[str]], None], begun: Callable[[], None] = lambda: None) -> None:
        self._tell = tell
        self._begun = begun
        self._stop = threading.Event()
        self._watched: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    def watch(self, flat: Iterable[str], deep: Iterable[str]) -> None:
        """Watch these folders from now on: ``flat`` without, ``deep`` with the folders inside."""
        wanted = (tuple(sorted(flat)), tuple(sorted(deep)))
        if wanted == self._watched:
            return
        self.stop()
        self._watched, self._stop = wanted, threading.Event()
        for folders, recursive in zip(wanted, (False, True), strict=True):
            if folders:
                threading.Thread(
                    target=self._run, args=(folders, recursive, self._stop), name="koze-watch", daemon=True
                ).start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._watched = ((), ())

    def _run(self, folders: Sequence[str], recursive: bool, stop: threading.Event) -> None:
        import watchfiles  # noqa: PLC0415 - only where the client can't watch

        polling: bool | None = None
        while not stop.is_set():
            present = [folder for folder in folders if os.path.isdir(folder)]
            has_begun = False
            try:
                for changes in watchfiles.watch(
                    *present,
                    watch_filter=None,
                    stop_event=stop,
                    step=STEP,
                    debounce=DEBOUNCE,
                    recursive=recursive,
                    rust_timeout=_TICK,
                    yield_on_timeout=True,
                    force_polling=polling,
                    poll_delay_ms=POLL_DELAY,
                    raise_interrupt=False,
                ):
                    if not has_begun:
                        has_begun = True
                        self._begun()
                    if changes:
                        self._tell({uris.from_native(path) for _, path in changes})
                    if len(present) != sum(map(os.path.isdir, folders)):
                        break  # one came or went: look at those that are there
            except OSError as error:
                if present and polling is None:
                    logger.warning("can't watch for changes on disk (%s); looking every %d ms", error, POLL_DELAY)
                    polling = True
            except Exception:
                logger.exception("the watcher failed; it starts again")
            stop.wait(_RESTART_AFTER if not present or polling else 0.05)


def folders_to_watch(folders: Iterable[str], roots: Iterable[str]) -> tuple[set[str], set[str]]:
    """Which folders to watch flat and which deep, for the client's folders and the applications in them."""
    from koze_lsp.project.discovery import NEVER_ENTERED  # noqa: PLC0415 - brings the parsers

    roots = set(roots)
    flat = {folder for folder in folders if os.path.isdir(folder)}
    for root in roots:
        between = root
        while between not in flat and any(between.startswith(f"{folder}/") for folder in folders):
            flat.add(between)
            between = between.rsplit("/", 1)[0]
        flat.add(root)
    deep: set[str] = set()
    for folder in flat:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if entry.name in NEVER_ENTERED or path in flat or not entry.is_dir(follow_symlinks=False):
                    continue
                if folder in roots or not os.path.isdir(f"{path}/node_modules"):
                    deep.add(path)
    return flat, deep
