"""When the garbage collector runs: while nobody waits, never in the middle of a keystroke.

Most of a server's objects stay to its end, and looking through all of them takes 40 to 240 ms with 10,000 pages. So
what has been made to stay (modules, the index) is set aside with `gc.freeze`, and the rest, what the open documents
need, is looked through as soon as an answer has been given and nothing else waits: a few milliseconds. The thresholds
are so high that the collector seldom starts by itself; they remain for a client that never pauses.
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

from koze_lsp.lsp.queue import Priority, Task

if TYPE_CHECKING:
    from koze_lsp.lsp.queue import Worker

QUIET = 0.01
"""Seconds without a message after which garbage may be collected."""
LONG_QUIET = 20.0
"""Seconds without a message after which what was set aside is looked through too."""

_THRESHOLDS = (20_000, 50, 20)
_FEW = 3_000
"""New objects; fewer are left for later. An edit of a page with 1,000 lines makes about as many. Where nothing is found
among them, twice as many are waited for the next time."""
_SHARE = 10
"""A collection comes no sooner than after so many times what the last one took."""
_LARGE = 50_000
"""Objects in use; where there are more after a collection, they are set aside, or the next would take long again."""
_OFTEN = 10
"""So many times that has been done, what was set aside is looked through at once: documents may have changed since."""
_MANY = 200
"""So many collections, that is done when the client is quiet for long."""


class Collector:
    """Decides when the garbage collector runs. Used on the worker's thread only."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._collections = _MANY  # the start set everything aside: it is looked through in the first long pause
        self._set_aside = 0
        self._few = _FEW
        self._next = 0.0
        gc.set_threshold(*_THRESHOLDS)

    def keep(self) -> None:
        """Set aside everything that is there: most of it stays. Garbage made since the last time is let go first."""
        gc.collect(1)
        gc.freeze()

    def used(self) -> None:
        """The client said something: garbage waits until it has been quiet for a moment."""
        self._worker.task("collect", Priority.IDLE, self._collect, after=QUIET)
        if self._collections >= _MANY:
            self._worker.task("collect all", Priority.IDLE, self._collect_all, after=LONG_QUIET)

    def _collect(self) -> Task:
        started = time.monotonic()
        if gc.get_count()[0] >= self._few and started >= self._next:
            found = gc.collect()
            self._few = _FEW if found >= _FEW // 10 else min(2 * self._few, _THRESHOLDS[0])
            self._collections += 1
            if len(gc.get_objects()) >= _LARGE:
                gc.freeze()
                self._set_aside += 1
            if self._set_aside >= _OFTEN:
                yield from self._collect_all()
            now = time.monotonic()
            self._next = now + (now - started) * _SHARE
        yield

    def _collect_all(self) -> Task:
        self._collections = self._set_aside = 0
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        yield
