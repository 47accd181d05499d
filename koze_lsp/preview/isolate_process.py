"""V8 in this process: one start, one thread for all isolates, and the platform's code that each of them begins with.

A V8 with the platform in it is some 10 ms of work that needs nothing of Python: `prepare` has it done ahead.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import secrets
import threading
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import py_mini_racer

from koze_lsp.preview.isolate_fatal import park_faulty_threads

_HERE = Path(__file__).resolve().parent
# Order matters: each file may use what the ones before it put into `kernel.parts`.
_PLATFORM = ("harden", "clock", "memory", "encode", "decode", "events", "encoding", "clone", "console", "random", "web")
_FLAGS = ("--single-threaded", "--disallow-code-generation-from-strings")
T = TypeVar("T")


class Closable(Protocol):
    """An isolate, as far as the end of the process is concerned."""

    def close(self, wait_s: float = ...) -> None:
        """Free it."""


class Loop:
    """mini-racer answers on an asyncio loop; one daemon thread runs it for every isolate of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="koze-v8", daemon=True).start()
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result()


loop = Loop()
#: What is closed when the process ends.
open_isolates: set[Closable] = set()
#: Isolates made ahead; only the loop's thread looks at them.
_spares: deque[asyncio.Future[tuple[Any, str]]] = deque()
_start_lock = threading.Lock()
_started = False


def start_v8() -> None:
    """Initialises V8 once, with UTC as its time zone: that of a Worker, whatever the machine's is."""
    global _started  # noqa: PLW0603
    with _start_lock:
        if _started:
            return
        zone = os.environ.get("TZ")
        os.environ["TZ"] = "UTC"
        try:
            py_mini_racer.init_mini_racer(flags=_FLAGS, ignore_duplicate_init=True)
            park_faulty_threads()
            loop.run(_begin())
        finally:
            if zone is None:
                del os.environ["TZ"]
            else:
                os.environ["TZ"] = zone
        atexit.register(_close_all)
        _started = True


async def _begin() -> None:
    """The first look at a local time fixes the process's zone inside V8; who looks is the first isolate."""
    racer: Any = py_mini_racer.MiniRacer()
    await racer.eval_cancelable("new Date(0).getHours()")
    _spares.append(asyncio.ensure_future(_with_platform(racer)))


def prepare(count: int) -> None:
    """Start V8 and have so many isolates made ahead, in V8's own threads: does not wait for them."""
    start_v8()
    loop.run(_prepare(count))


async def _prepare(count: int) -> None:
    while len(_spares) < count:
        _spares.append(asyncio.ensure_future(_with_platform(py_mini_racer.MiniRacer())))


async def take_racer() -> tuple[Any, str]:
    """A V8 with the platform's code in it, one of those made ahead if there is one, and its kernel's secret name."""
    if _spares:
        return await _spares.popleft()
    return await _with_platform(py_mini_racer.MiniRacer())


async def _with_platform(racer: Any) -> tuple[Any, str]:
    name = f"k{secrets.token_hex(12)}"
    await racer.eval_cancelable(platform_source().replace("@@", name))
    return racer, name


def _close_all() -> None:
    # Before the interpreter freezes daemon threads: closing later would wait for them for ever.
    for isolate in list(open_isolates):
        isolate.close()
    loop.run(_close_spares())


async def _close_spares() -> None:
    while _spares:
        racer, _ = await _spares.popleft()
        racer.close()


def _read(path: str) -> str:
    return (_HERE / path).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def platform_source() -> str:
    """The kernel and the platform as one script; ``@@`` stands for the secret name."""
    parts = [f"const @@ = (function () {{\n{_read('platform/kernel.js')}\n}})();"]
    for name in _PLATFORM:
        head = ""
        if name == "web":
            head = f"const loadVendor = () => {_read('vendor/web.js').strip()};\n"
        parts.append(f"(function (kernel) {{\n{head}{_read(f'platform/{name}.js')}\n}})(@@);")
    return "\n".join([*parts, "0"])
