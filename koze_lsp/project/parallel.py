"""Work that is shared with a second process, where the tree is large enough for that to pay.

A forked process starts in a few milliseconds with everything imported and read; starting a fresh interpreter costs
more than a whole check of a small application. So work is shared on systems that can fork, and only by a process
that has neither threads nor an event loop, which a fork would tear apart: a check on the command line, never the
language server.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")

MAX_PROCESSES = 4
"""More only wait for the same disk and for each other's results."""
_MAX_CHUNKS = 128


def processes() -> int:
    """How many processes may share the work: 1 where forking is impossible or not safe."""
    if sys.platform != "linux" or "asyncio" in sys.modules:
        return 1
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), MAX_PROCESSES)


@contextmanager
def without_collector() -> Iterator[None]:
    """Leave the garbage collector out while much is made that stays: it would look through all of it repeatedly."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def share(
    work: Callable[[Iterable[int]], Result], chunks: int, *, elsewhere: Callable[[Iterable[int]], Result] | None = None
) -> list[Result]:
    """Call ``work`` once in each process with the numbers (0 to ``chunks`` - 1) that it gets; the results of all.

    ``elsewhere`` is called instead in all processes but this one, where that pays.

    ``chunks`` is what `chunk_count` gave. Each process takes the next number when it is through with one, so that
    none waits for another. If a process ends without a result, all of the work is done once more in this one.
    """
    count = min(processes(), chunks)
    if count < 2:
        return [work(range(chunks))]
    import pickle  # noqa: PLC0415 - small trees are never shared; before the fork, so that all have it

    numbers, fill = os.pipe()
    os.write(fill, bytes(range(chunks)))
    os.close(fill)
    others = [_start(elsewhere or work, numbers) for _ in range(count - 1)]
    try:
        results: list[Result] = [work(_taken(numbers))]
    finally:
        os.close(numbers)
        answers = [_answer(pid, descriptor) for pid, descriptor in others]
    for answer in answers:
        if not answer:
            return [work(range(chunks))]
        results.append(pickle.loads(answer))
    return results


def chunk_count(items: int, smallest: int) -> int:
    """Into how many chunks a number of items is cut, none smaller than a size."""
    return max(1, min(_MAX_CHUNKS, items // smallest))


def _taken(numbers: int) -> Iterator[int]:
    """The numbers that this process gets; reading one byte of a pipe takes it from all others."""
    while number := os.read(numbers, 1):
        yield number[0]


def _start(work: Callable[[Iterable[int]], Result], numbers: int) -> tuple[int, int]:
    """Fork a process that works and writes its result; gives its id and where to read from."""
    here, there = os.pipe()
    pid = os.fork()
    if pid:
        os.close(there)
        return pid, here
    status = 1
    try:  # nothing may come back from here: this is a second copy of the whole program
        os.close(here)
        import pickle  # noqa: PLC0415

        with os.fdopen(there, "wb") as pipe:
            pipe.write(pickle.dumps(work(_taken(numbers)), protocol=pickle.HIGHEST_PROTOCOL))
        status = 0
    except BaseException:
        pass
    finally:
        os._exit(status)


def _answer(pid: int, descriptor: int) -> bytes:
    """What a process wrote; empty where it failed."""
    with os.fdopen(descriptor, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(pid, 0)
    return data if status == 0 else b""
