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

from lsprotocol import types

from koze_lsp.lsp import uris
from koze_lsp.lsp.capabilities import WATCHED_GLOBS
from koze_lsp.lsp.protocol import Protocol, describe

logger = logging.getLogger(__name__)

STEP = 50
"""Milliseconds of quiet that end a burst of changes."""
DEBOUNCE = 400
"""Milliseconds after which a burst that goes on is told in parts."""
_TICK = 300
"""Milliseconds until a watcher that has begun says so, and until it sees that it is to stop."""
_SHORTEST_PAUSE = 0.05
_LONGEST_PAUSE = 30.0
"""Seconds until a watcher that could not begin tries again; twice as many each time."""


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
        self._said: set[str] = set()
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
        from koze_lsp.project.watching import changes  # noqa: PLC0415 - only where the client can't watch

        pause = _SHORTEST_PAUSE
        while not stop.is_set():
            present = [folder for folder in folders if os.path.isdir(folder)]
            has_begun = False
            try:
                for paths in changes(
                    present, self._say, recursive=recursive, stop=stop, quiet=STEP, burst=DEBOUNCE, look=_TICK
                ):
                    if not has_begun:
                        has_begun, pause = True, _SHORTEST_PAUSE
                        self._begun()
                    if paths:
                        self._tell(set(map(uris.from_native, paths)))
                    if len(present) != sum(map(os.path.isdir, folders)):
                        break  # one came or went: look at those that are there
            except FileNotFoundError:
                pass  # it went between the two looks
            except Exception as error:
                self._say(f"the watcher failed ({describe(error)}); it starts again")
            if not has_begun:
                pause = min(2 * pause, _LONGEST_PAUSE)
            stop.wait(1.0 if not present else pause)

    def _say(self, problem: str) -> None:
        """Tell a problem, but the same one only once: it may stay as long as the session."""
        if problem not in self._said:
            self._said.add(problem)
            logger.warning("%s", problem)


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
