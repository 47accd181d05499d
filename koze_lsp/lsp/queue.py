"""The worker: everything that touches the session happens on its one thread, in order.

The thread that reads the client's messages only puts jobs here, so that a request that waits, or even one that runs,
can be cancelled at once. Jobs come first, one after the other; when there are none, tasks are worked off in small
steps. A task has a key, and a newer one with that key takes the older one's place: that is how outdated work is
dropped and a burst of edits becomes one check.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

Steps = Generator[Any, None, object]
"""Work in steps of a few milliseconds; what it returns is the result. A future that it yields is waited for."""
Task = Generator[Any, None, None]
"""The same without a result."""
RequestId = int | str
T = TypeVar("T")


class Priority(IntEnum):
    """Which task goes first when no job waits."""

    OPEN_FILES = 0
    DEPENDENTS = 1
    INDEX = 2
    REQUEST = 3
    STATUS = 4
    IDLE = 5


@dataclass(frozen=True, slots=True)
class Parked:
    """What a request's handler returns to be run again, from its start, after `Worker.wake` with this reason."""

    reason: str


class Job:
    """One message of the client, or something that happened outside.

    ``answer`` is called once with the result or the exception, never after a cancellation.
    """

    __slots__ = ("_lock", "answer", "name", "request_id", "run", "settled")

    def __init__(
        self,
        name: str,
        run: Callable[[], object],
        answer: Callable[[object, BaseException | None], None],
        request_id: RequestId | None = None,
    ) -> None:
        self.name = name
        self.run = run
        self.answer = answer
        self.request_id = request_id
        self.settled = False
        self._lock = threading.Lock()

    def claim(self) -> bool:
        """Whether the caller is the one that answers. True once."""
        with self._lock:
            first, self.settled = not self.settled, True
            return first


@dataclass
class _Task:
    key: Hashable
    priority: Priority
    start: Callable[[], Steps]
    due: float
    job: Job | None = None
    steps: Steps | None = field(default=None)


def aside(function: Callable[[], T]) -> Future[T]:
    """Run something on a thread of its own that does not touch the session: it waits for the disk, say."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="koze-aside", daemon=True).start()
    return future


class Worker:
    """Runs jobs and tasks on a thread of its own."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._tasks: dict[Hashable, _Task] = {}
        self._parked: dict[RequestId, tuple[str, Job]] = {}
        self._open: dict[RequestId, Job] = {}
        self._stopped = False
        self._thread = threading.Thread(target=self._loop, name="koze-worker", daemon=True)

    # --- from any thread

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Finish the jobs that wait, drop the tasks, and end; gives up after ``timeout`` seconds."""
        with self._wake:
            self._stopped = True
            self._tasks.clear()
            self._wake.notify()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def put(self, job: Job) -> None:
        """Add a job behind all others."""
        with self._wake:
            if job.request_id is not None:
                self._open[job.request_id] = job
            self._jobs.append(job)
            self._wake.notify()

    def cancel(self, request_id: RequestId) -> Job | None:
        """Cancel a request that has no answer yet; gives its job if the caller is to answer it."""
        with self._wake:
            job = self._open.pop(request_id, None)
            if job is None or not job.claim():
                return None
            self._parked.pop(request_id, None)
            task = self._tasks.get(("request", request_id))
            if task is not None:
                self._wake.notify()  # its generator is closed on the worker's thread
            elif job in self._jobs:
                self._jobs.remove(job)
            return job

    # --- from the worker's own thread (and, harmlessly, from any other)

    def task(
        self, key: Hashable, priority: Priority, start: Callable[[], Steps], *, after: float = 0.0, keep: bool = False
    ) -> None:
        """Do something when no job waits, ``after`` seconds or later.

        It takes the place of a task with the same key. With ``keep`` it does not if that one has not begun yet, so
        that what is asked for again and again is not put off each time.
        """
        with self._wake:
            old = self._tasks.get(key)
            if self._stopped or (keep and old is not None and old.steps is None):
                return
            if old is not None:
                del self._tasks[key]  # it goes to the end; its generator is closed with it
            self._tasks[key] = _Task(key, priority, start, time.monotonic() + after)
            self._wake.notify()

    def drop(self, key: Hashable) -> None:
        """Forget a task."""
        with self._wake:
            self._tasks.pop(key, None)

    def wake(self, reason: str) -> None:
        """Run the requests again that were parked for a reason."""
        with self._wake:
            woken = [job for why, job in self._parked.values() if why == reason]
            for job in woken:
                assert job.request_id is not None
                del self._parked[job.request_id]
                self._jobs.append(job)
            if woken:
                self._wake.notify()

    def busy(self) -> bool:
        """Whether jobs wait: long steps had better stop here."""
        return bool(self._jobs)

    # --- the thread

    def _loop(self) -> None:
        while True:
            work = self._take()
            if work is None:
                return
            if isinstance(work, Job):
                self._do(work)
            else:
                self._advance(work)

    def _take(self) -> Job | _Task | None:
        with self._wake:
            while True:
                if self._jobs:
                    return self._jobs.popleft()
                if self._stopped:
                    return None
                now = time.monotonic()
                ready = [task for task in self._tasks.values() if task.due <= now]
                if ready:
                    return min(ready, key=lambda task: task.priority)
                due = min((task.due for task in self._tasks.values()), default=math.inf)
                self._wake.wait(None if due == math.inf else due - now)

    def _do(self, job: Job) -> None:
        if job.settled:
            return
        try:
            result = job.run()
        except Exception as error:
            self._settle(job, None, error)
            return
        if isinstance(result, Generator):
            self._schedule(job, result)
        elif isinstance(result, Parked):
            self._park(job, result)
        else:
            self._settle(job, result, None)

    def _schedule(self, job: Job, steps: Steps) -> None:
        key = ("request", job.request_id)
        with self._wake:
            self._tasks[key] = _Task(key, Priority.REQUEST, lambda: steps, 0.0, job)

    def _park(self, job: Job, parked: Parked) -> None:
        with self._wake:
            if job.request_id is not None and not job.settled:
                self._parked[job.request_id] = (parked.reason, job)

    def _advance(self, task: _Task) -> None:
        if task.job is not None and task.job.settled:
            self._finish(task)
            return
        try:
            if task.steps is None:
                task.steps = task.start()
            waited = next(task.steps)
            if isinstance(waited, Future):
                self._wait(task, waited)
        except StopIteration as stop:
            self._finish(task)
            if task.job is not None:
                if isinstance(stop.value, Parked):
                    self._park(task.job, stop.value)
                else:
                    self._settle(task.job, stop.value, None)
        except Exception as error:
            self._finish(task)
            if task.job is not None:
                self._settle(task.job, None, error)
            else:
                logger.exception("background work failed: %s", task.key)

    def _wait(self, task: _Task, future: Future[Any]) -> None:
        task.due = math.inf

        def done(_future: Future[Any]) -> None:
            with self._wake:
                task.due = 0.0
                self._wake.notify()

        future.add_done_callback(done)

    def _finish(self, task: _Task) -> None:
        with self._wake:
            if self._tasks.get(task.key) is task:
                del self._tasks[task.key]
        if task.steps is not None:
            task.steps.close()

    def _settle(self, job: Job, result: object, error: BaseException | None) -> None:
        if job.request_id is not None:
            with self._wake:
                self._open.pop(job.request_id, None)
        if job.claim():
            try:
                job.answer(result, error)
            except Exception:
                logger.exception("the answer to %s could not be sent", job.name)
