"""An isolated V8 with a virtual clock: the only place of the package that touches mini-racer.

Contract
--------
``Isolate(memory_limit=64 MiB, now_ms=0, seed=1)`` is a bare V8 of its own with the globals that Worker code may
expect (console, timers, URL, TextEncoder, crypto, structuredClone, AbortController …). No network, no files, no host
objects, no real clock, no code from strings (as on Cloudflare). Timers and ``Date`` run on a virtual clock.

* ``install(body)``: runs trusted JavaScript as the body of ``function (kernel) {…}``. It adds functions for Python
  to ``kernel.api`` (``kernel.api.render = (a, b) => …``), shares things with other parts through ``kernel.parts``,
  and reaches clock and host by ``kernel.now()``, ``kernel.schedule(ms, run)``, ``kernel.request(operation, args)``.
  Its frames never show in stacks.
* ``call(name, *args)``: calls ``kernel.api[name]`` with JSON arguments and gives its JSON result (``undefined`` is
  ``None``). A promise is awaited: microtasks are drained, and virtual timers fire until it settles.
* ``script(expression, name, *args, filename=…)``: evaluates untrusted source, an expression, and gives its value to
  ``kernel.api[name](value, *args)``. ``filename`` and ``columns`` make the positions in errors those of the source.
* ``eval(source, filename=…)``: a script's primitive completion value, for tests and for simple needs.
* ``advance(until_ms)``: fires the timers due until then and sets the clock; ``next_event_at()`` tells when one is due.
* ``take_console()``: what the code printed since the last call.

Times are virtual milliseconds since the epoch; ``timeout_ms`` is real time for one call. Errors: ``ScriptError`` for
what the code throws, ``LimitExceeded`` when it is stopped. After ``LimitExceeded`` of time or memory the isolate is
closed and every further call raises it again; other isolates and the process go on. One isolate may be used from any
thread, one call at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import py_mini_racer

from koze_lsp.preview.isolate_errors import (
    Columns,
    LimitExceeded,
    PreviewError,
    Script,
    ScriptError,
    map_column,
    message,
    parse_error,
    script_error,
)
from koze_lsp.preview.isolate_process import loop, open_isolates, start_v8, take_racer

__all__ = [
    "DEFAULT_MEMORY",
    "DEFAULT_TIMEOUT_MS",
    "MIB",
    "Columns",
    "ConsoleEntry",
    "Host",
    "Isolate",
    "LimitExceeded",
    "PreviewError",
    "ScriptError",
    "map_column",
]

MIB = 1 << 20
DEFAULT_MEMORY = 64 * MIB
DEFAULT_TIMEOUT_MS = 1000.0
T = TypeVar("T")

#: (operation, arguments) → a JSON value; what isolate code asks of Python with ``kernel.request``.
Host = Callable[[str, "list[Any]"], Any]


@dataclass(frozen=True, slots=True)
class ConsoleEntry:
    """One console call: its level, its arguments as marked JSON (``encode.js``) and its virtual time."""

    level: str
    args: tuple[Any, ...]
    at_ms: float


class _MicrotaskMemoryError(Exception):
    """The memory limit was reached between two evaluations; what ran is the label that was told last."""


# ---- The isolate ------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Isolate:
    """One isolated V8; see the module's contract."""

    memory_limit: int = DEFAULT_MEMORY
    now_ms: float = 0.0
    seed: int = 1
    console_entries: int = 1000
    console_characters: int = MIB
    _racer: Any = field(default=None, init=False, repr=False)
    _name: str = field(default="", init=False, repr=False)
    _lock: Any = field(default_factory=threading.RLock, init=False, repr=False)
    linked: set[str] | None = field(default=None, init=False, repr=False)  # kept by `modules`
    _label: str = field(default="", init=False, repr=False)  # what ran last, as far as V8 could tell
    _dead: PreviewError | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        start_v8()
        loop.run(self._open())
        open_isolates.add(self)

    async def _open(self) -> None:
        self._racer, self._name = await take_racer()
        self._racer.set_hard_memory_limit(self.memory_limit)
        k = self._name
        start = f"{k}.api.start({json.dumps(self.now_ms)}); {k}.api.seed({self.seed}); "
        bounds = f"{k}.api.consoleBounds({self.console_entries}, {self.console_characters}); "
        bounds += f"{k}.api.bufferLimit({max(self.memory_limit, 64 * MIB)}); 0"
        await self._racer.eval_cancelable(start + bounds)

    def __enter__(self) -> Isolate:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, wait_s: float = 2.0) -> None:
        """Stops whatever runs and frees the isolate; waits at most ``wait_s`` seconds for it."""
        racer: Any = self._racer
        self._racer = None
        open_isolates.discard(self)
        if self._dead is None:
            self._dead = PreviewError("this isolate is closed")
        if racer is None:
            return
        # A built-in that can't be interrupted (filling a huge array) must not stop the others: own thread.
        closer = threading.Thread(target=racer.close, name="koze-v8-close", daemon=True)
        closer.start()
        closer.join(wait_s)

    # -- running code

    def install(self, body: str, timeout_ms: float = 5000.0) -> None:
        """Runs trusted JavaScript as the body of ``function (kernel) {…}``."""
        self._run(f"{self._name}.begin(() => {{ (function (kernel) {{ {body}\n}})({self._name}) }})", timeout_ms)

    def eval(self, source: str, filename: str = "script.js", timeout_ms: float = DEFAULT_TIMEOUT_MS) -> Any:
        """The completion value of a script of plain JavaScript if it is a primitive one, else ``None``."""
        self._register(source, filename, None)
        value = self._raw(source, timeout_ms, Script(filename))
        return value if isinstance(value, (str, int, float, bool)) else None

    def call(
        self,
        name: str,
        *args: Any,
        timeout_ms: float = DEFAULT_TIMEOUT_MS,
        until_ms: float | None = None,
        host: Host | None = None,
    ) -> Any:
        """Calls ``kernel.api[name]`` with JSON arguments and gives its JSON result.

        While a promise is pending virtual timers fire, at most up to ``until_ms``; if it can then never settle a
        ``ScriptError`` says so. ``host`` answers ``kernel.request``; what it raises is thrown in JavaScript.
        """
        k = self._name
        arguments = json.dumps(args, separators=(",", ":"))
        code = f"{k}.begin(() => {k}.api[{json.dumps(name)}](...{arguments}))"
        return self._run(code, timeout_ms, until_ms, host)

    def script(
        self,
        expression: str,
        name: str,
        *args: Any,
        filename: str,
        columns: Columns | None = None,
        timeout_ms: float = DEFAULT_TIMEOUT_MS,
        host: Host | None = None,
    ) -> Any:
        """Evaluates an untrusted expression and gives its value to ``kernel.api[name](value, *args)``.

        The expression's first line is line 1 of ``filename``; ``columns`` maps the columns of each line.
        """
        k = self._name
        head = f"{k}.begin(() => {k}.api[{json.dumps(name)}]("
        code = f"{head}{expression}\n,...{json.dumps(args, separators=(',', ':'))}))"
        self._register(code, filename, columns, len(head))
        return self._run(code, timeout_ms, None, host, Script(filename, columns, len(head)))

    def register(self, code: str, filename: str, columns: Columns | None = None) -> None:
        """Tells positions of a text that will be run: its frames then show in stacks as ``filename``."""
        self._register(code, filename, columns)

    # -- the clock

    def now(self) -> float:
        """The virtual time."""
        return float(self._raw(f"{self._name}.now()"))

    def next_event_at(self) -> float | None:
        """When the next timer is due, or ``None``."""
        value = self._raw(f"{self._name}.nextAt()")
        return None if value is None else float(value)

    def advance(
        self, until_ms: float, timeout_ms: float = DEFAULT_TIMEOUT_MS, host: Host | None = None
    ) -> float | None:
        """Fires the timers due up to ``until_ms``, sets the clock to it, and tells when the next one is due."""
        with self._lock:
            code = f"{self._name}.advance({json.dumps(until_ms)})"
            answer: float | None = loop.run(self._limited(self._advance(code, host), timeout_ms, None))
            return answer

    # -- what the code said

    def take_console(self) -> list[ConsoleEntry]:
        """The console calls since the last time this was asked."""
        entries = self.call("takeConsole")
        return [ConsoleEntry(e["level"], tuple(e["args"]), e["at_ms"]) for e in entries]

    def take_uncaught(self) -> list[ScriptError]:
        """Errors of timers and microtasks that nothing awaited, since the last time this was asked."""
        found = json.loads(self._raw(f"JSON.stringify({self._name}.takeUncaught())"))
        return [script_error(error) for error in found]

    # -- inside

    def _register(self, code: str, filename: str, columns: Columns | None, shift: int = 0) -> None:
        digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
        rows = None
        if columns is not None or shift:
            rows = [list(row) for row in columns] if columns is not None else [[]]
            first = rows[0] if rows else []
            rows = [[0, 0, *first] if not first else list(first), *rows[1:]]
            rows[0] = [n + shift if i % 2 == 0 else n for i, n in enumerate(rows[0])]
        known = json.dumps([digest, filename, rows], separators=(",", ":"))
        self._raw(f"{self._name}.registerScript(...{known}); 0")

    def _raw(self, code: str, timeout_ms: float = DEFAULT_TIMEOUT_MS, script: Script | None = None) -> Any:
        with self._lock:
            return loop.run(self._limited(self._evaluate(code), timeout_ms, script))

    def _run(
        self,
        code: str,
        timeout_ms: float,
        until_ms: float | None = None,
        host: Host | None = None,
        script: Script | None = None,
    ) -> Any:
        with self._lock:
            return loop.run(self._limited(self._drive(code, until_ms, host), timeout_ms, script))

    async def _evaluate(self, code: str) -> Any:
        racer = self._racer
        if racer is None:
            raise self._dead or PreviewError("this isolate is closed")
        answer = await racer.eval_cancelable(code)
        # Microtasks run between evaluations: when they eat the memory, only this tells.
        if racer.was_hard_memory_limit_reached():
            raise _MicrotaskMemoryError
        return answer

    async def _drive(self, code: str, until_ms: float | None, host: Host | None) -> Any:
        """Starts a job and turns the loop until it has an answer. One evaluation a task of the virtual clock:
        the host drains microtasks only between evaluations."""
        evaluate = self._evaluate
        turn = f"{self._name}.turn({json.dumps(until_ms)})"
        answer = await evaluate(code)
        while True:
            if answer in ('["turn"]', '["pending"]'):
                answer = await evaluate(turn)
                continue
            kind, *rest = message(answer)
            if kind == "turn":
                self._label = rest[0]
                answer = await evaluate(turn)
                continue
            if kind == "done":
                return None if rest[1] else rest[0]
            if kind == "error":
                raise script_error(rest[0])
            if kind == "limit":
                raise LimitExceeded(rest[0], rest[1], await evaluate(f"{self._name}.label()"))
            if kind == "request":
                await self._answer(rest[0], host)
                answer = '["turn"]'
                continue
            raise self._stuck(kind, rest[0])

    def _stuck(self, kind: str, next_at: float | None) -> ScriptError:
        if kind == "idle" and next_at is not None:
            return ScriptError("the call waits for a timer that is beyond the time it was given")
        return ScriptError("the call waits for a promise that never settles")

    async def _advance(self, code: str, host: Host | None) -> float | None:
        evaluate = self._evaluate
        while True:
            answer = await evaluate(code)
            if answer == '["turn"]':
                continue
            kind, *rest = message(answer)
            if kind == "turn":
                self._label = rest[0]
                continue
            if kind == "idle":
                return None if rest[0] is None else float(rest[0])
            if kind == "limit":
                raise LimitExceeded(rest[0], rest[1], await evaluate(f"{self._name}.label()"))
            if kind == "error":
                raise script_error(rest[0])
            if kind == "request":
                await self._answer(rest[0], host)
            # "done" of a forgotten job is nobody's concern here.

    async def _answer(self, requests: list[dict[str, Any]], host: Host | None) -> None:
        for request in requests:
            try:
                if host is None:
                    raise ScriptError(f"{request['operation']} is not available in the preview")
                ok, value = True, host(request["operation"], request["args"])
            except ScriptError as error:
                ok, value = False, {"name": error.name, "message": error.message}
            text = json.dumps(json.dumps(value))
            await self._racer.eval_cancelable(
                f"{self._name}.answer({json.dumps(request['id'])}, {json.dumps(ok)}, {text}); 0"
            )

    async def _limited(self, coroutine: Coroutine[Any, Any, T], timeout_ms: float, script: Script | None) -> T:
        """Runs it with a time limit and turns mini-racer's exceptions into ours."""
        if self._dead is not None:
            coroutine.close()
            raise self._dead
        try:
            return await asyncio.wait_for(coroutine, timeout_ms / 1000)
        except (asyncio.TimeoutError, py_mini_racer.JSTimeoutException):
            failure = ("time", f"the time limit of {timeout_ms:g} ms was reached")
        except _MicrotaskMemoryError:
            dead = LimitExceeded("memory", _MEMORY.format(self.memory_limit / MIB), self._label)
            self._dead = dead
            self.close(wait_s=0.05)
            raise dead from None
        except py_mini_racer.JSOOMException:
            failure = ("memory", _MEMORY.format(self.memory_limit / MIB))
        except py_mini_racer.JSParseException as error:
            raise parse_error(str(error), script) from None
        except py_mini_racer.JSEvalException as error:
            if not self._racer.was_hard_memory_limit_reached():
                raise parse_error(str(error), script) from None
            failure = ("memory", _MEMORY.format(self.memory_limit / MIB))
        dead = LimitExceeded(*failure, where=await self._post_mortem())
        self._dead = dead
        self.close(wait_s=0.05)
        raise dead

    async def _post_mortem(self) -> str:
        """What ran when the limit was hit. A loop of microtasks is broken by making its next collection fail."""
        for memory in (0, 1):
            self._racer.set_hard_memory_limit(memory)
            try:
                label = await asyncio.wait_for(self._racer.eval_cancelable(f"{self._name}.label()"), 0.2)
            except (asyncio.TimeoutError, py_mini_racer.JSEvalException):
                continue
            return label if isinstance(label, str) else self._label
        return self._label


_MEMORY = "the memory limit of {:g} MiB was reached"
