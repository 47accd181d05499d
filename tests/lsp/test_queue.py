"""The worker: order, cancellation, steps and the dropping of outdated work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from koze_lsp.lsp.queue import Job, Parked, Priority, Task, Worker, aside


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    made.start()
    yield made
    made.stop(1)


class Answers:
    def __init__(self) -> None:
        self.all: list[tuple[object, BaseException | None]] = []
        self.first = threading.Event()

    def __call__(self, result: object, error: BaseException | None) -> None:
        self.all.append((result, error))
        self.first.set()


def job(run: Callable[[], object], number: int | None = None) -> tuple[Job, Answers]:
    answers = Answers()
    return Job("test", run, answers, number), answers


def test_jobs_run_in_order(worker: Worker) -> None:
    seen: list[int] = []
    last = threading.Event()
    for number in range(50):
        worker.put(job(lambda number=number: seen.append(number))[0])  # type: ignore[misc]
    worker.put(job(last.set)[0])
    assert last.wait(5)
    assert seen == list(range(50))


def test_a_waiting_request_is_cancelled_and_never_runs(worker: Worker) -> None:
    gate, ran = threading.Event(), []
    worker.put(job(lambda: gate.wait(5))[0])
    waiting, answers = job(lambda: ran.append(1), 7)
    worker.put(waiting)
    assert worker.cancel(7) is waiting
    assert worker.cancel(7) is None, "it is answered once"
    gate.set()
    done, finished = job(lambda: None)
    worker.put(done)
    assert finished.first.wait(5)
    assert not ran
    assert not answers.all


def test_the_result_of_a_cancelled_request_that_runs_is_dropped(worker: Worker) -> None:
    started, gate = threading.Event(), threading.Event()
    running, answers = job(lambda: (started.set(), gate.wait(5)), 1)
    worker.put(running)
    assert started.wait(5)
    assert worker.cancel(1) is running
    gate.set()
    done, finished = job(lambda: None)
    worker.put(done)
    assert finished.first.wait(5)
    assert not answers.all


def test_a_failing_job_gives_its_error_and_the_next_works(worker: Worker) -> None:
    failing, answers = job(lambda: 1 // 0, 1)
    working, results = job(lambda: "fine", 2)
    worker.put(failing)
    worker.put(working)
    assert results.first.wait(5)
    assert isinstance(answers.all[0][1], ZeroDivisionError)
    assert results.all == [("fine", None)]


def test_jobs_come_between_the_steps_of_a_request(worker: Worker) -> None:
    def steps() -> Iterator[None]:
        while not between.is_set():
            yield
        return "result"  # type: ignore[return-value]

    between = threading.Event()
    long, answers = job(steps, 1)
    worker.put(long)
    worker.put(job(between.set)[0])
    assert answers.first.wait(5)
    assert answers.all == [("result", None)]


def test_a_cancelled_request_in_steps_is_closed(worker: Worker) -> None:
    closed = threading.Event()

    def steps() -> Iterator[None]:
        try:
            while True:
                yield
        finally:
            closed.set()

    long, answers = job(steps, 1)
    worker.put(long)
    while ("request", 1) not in worker._tasks:
        time.sleep(0.001)
    assert worker.cancel(1) is long
    assert closed.wait(5)
    assert not answers.all


def test_a_newer_task_takes_the_older_ones_place(worker: Worker) -> None:
    gate, seen, last = threading.Event(), [], threading.Event()
    worker.put(job(lambda: gate.wait(5))[0])

    def note(number: int) -> Task:
        seen.append(number)
        if number == 9:
            last.set()
        yield

    for number in range(10):
        worker.task("key", Priority.OPEN_FILES, lambda number=number: note(number))  # type: ignore[misc]
    gate.set()
    assert last.wait(5)
    assert seen == [9]


def test_a_kept_task_is_one_that_has_not_begun(worker: Worker) -> None:
    """What has done its work but not ended yet must not swallow what is asked for now."""
    seen: list[str] = []
    last = threading.Event()

    def first() -> Task:
        seen.append("first")
        worker.task("key", Priority.OPEN_FILES, second, keep=True)
        yield
        seen.append("never")

    def second() -> Task:
        worker.task("other", Priority.INDEX, third, keep=True)
        worker.task("other", Priority.INDEX, third, keep=True)
        seen.append("second")
        yield

    def third() -> Task:
        seen.append("third")
        last.set()
        yield

    worker.task("key", Priority.OPEN_FILES, first)
    assert last.wait(5)
    worker.put(job(last.clear)[0])
    time.sleep(0.05)
    assert seen == ["first", "second", "third"]


def test_tasks_go_by_priority_and_after_their_time(worker: Worker) -> None:
    gate, seen, last = threading.Event(), [], threading.Event()
    worker.put(job(lambda: gate.wait(5))[0])

    def note(name: str) -> Task:
        seen.append(name)
        if name == "late":
            last.set()
        yield

    worker.task("late", Priority.OPEN_FILES, lambda: note("late"), after=0.1)
    worker.task("index", Priority.INDEX, lambda: note("index"))
    worker.task("open", Priority.OPEN_FILES, lambda: note("open"))
    gate.set()
    assert last.wait(5)
    assert seen == ["open", "index", "late"]


def test_a_failing_task_does_no_harm(worker: Worker) -> None:
    def failing() -> Task:
        yield
        raise ValueError

    worker.task("bad", Priority.OPEN_FILES, failing)
    done, finished = job(lambda: None)
    worker.put(done)
    assert finished.first.wait(5)


def test_parked_requests_run_again_when_woken(worker: Worker) -> None:
    ready = threading.Event()
    waiting, answers = job(lambda: "now" if ready.is_set() else Parked("index"), 1)
    worker.put(waiting)
    while not worker._parked:
        time.sleep(0.001)
    worker.wake("something else")
    assert not answers.first.wait(0.05)
    ready.set()
    worker.wake("index")
    assert answers.first.wait(5)
    assert answers.all == [("now", None)]


def test_parked_requests_can_be_cancelled(worker: Worker) -> None:
    waiting, answers = job(lambda: Parked("index"), 1)
    worker.put(waiting)
    while not worker._parked:
        time.sleep(0.001)
    assert worker.cancel(1) is waiting
    worker.wake("index")
    assert not answers.first.wait(0.05)


def test_a_task_waits_for_what_it_yields(worker: Worker) -> None:
    gate, seen, last = threading.Event(), [], threading.Event()

    def steps() -> Task:
        future = aside(lambda: gate.wait(5))
        yield future
        seen.append(future.result())
        last.set()

    worker.task("waits", Priority.OPEN_FILES, steps)
    done, finished = job(lambda: None)
    worker.put(done)
    assert finished.first.wait(5), "the worker is free meanwhile"
    gate.set()
    assert last.wait(5)
    assert seen == [True]
