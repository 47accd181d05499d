"""The poll loop: what the framework's client does with a page that polls, on a virtual clock.

It waits the interval, skips while the tab is hidden, asks for the same path and query, swaps the body of a good
answer, and goes on with the new interval, or with the old one if the answer names none, until an answer says it is
done. Source: the Koze framework, poll bridge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

__all__ = [
    "DEFAULT_INTERVAL_MS",
    "Answer",
    "NetworkFailure",
    "PollOptions",
    "StatusAnswer",
    "StatusSource",
    "Tick",
    "interval_ms",
    "run_poll",
]

DEFAULT_INTERVAL_MS = 30_000.0
_INTERVAL = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m)?\Z")
_UNITS = {"ms": 1.0, "s": 1000.0, "m": 60_000.0}


class NetworkFailure(Exception):  # noqa: N818 — what happens, not what went wrong in our code
    """A request that does not reach the server; its text is the browser's message."""


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """What an instance says: a raw status, or (`throws`) the message of the error that asking for it gives.
    `delay_ms`: virtual milliseconds until the answer is there."""

    value: Any = None
    throws: str | None = None
    delay_ms: float = 0.0


class StatusSource(Protocol):
    """Where a preview's statuses come from: a scenario's ticks, the default world, the workflow engine."""

    def begin(self, request: int, at_ms: float) -> tuple[str, ...]:
        """The bindings that the environment has at this request (0 is the first load).

        Raises:
            NetworkFailure: this request fails on its way.
        """

    def world(self, request: int, at_ms: float) -> dict[str, Any]:
        """Statuses known beforehand: binding → instance id or `*` → raw status, or `{"$throw": message}`, with
        `$delayMs`. A binding that is missing here is asked by `status`."""

    def status(self, binding: str, instance_id: str, at_ms: float) -> StatusAnswer:
        """The status of an instance at a virtual time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A rendered response, as far as the client looks at it: `directive` is the JSON text of the poll tag."""

    ok: bool
    done: bool
    directive: str | None
    body: str


@dataclass(frozen=True, slots=True)
class PollOptions:
    """When to stop: after `max_fetches` requests or at `until_ms`; `hidden` are [from, to) spans in ms."""

    max_fetches: int = 100
    until_ms: float | None = None
    hidden: tuple[tuple[float, float], ...] = ()
    skips: int = 1000


@dataclass(frozen=True, slots=True)
class Tick:
    """One event of the loop. `answer` is what came, None for a hidden or a failed one; `interval` is what the
    client waits next, None when it stops."""

    at_ms: float
    event: Literal["load", "fetch", "fetch-failed", "hidden"]
    answer: Answer | None = None
    swapped: bool = False
    interval: float | None = None
    failure: str = ""


def interval_ms(value: object) -> float:
    """Milliseconds for the value in a poll directive, as the client reads it.

    A number above 0 counts milliseconds; a text is digits with `ms`, `s` or `m`, seconds without; all else is 30 s.
    """
    if isinstance(value, bool):
        return _text_ms("true") if value else DEFAULT_INTERVAL_MS
    if isinstance(value, (int, float)):
        return float(value) if value > 0 else DEFAULT_INTERVAL_MS
    if not value:
        return DEFAULT_INTERVAL_MS
    return _text_ms(_js_string(value))


def _text_ms(text: str) -> float:
    match = _INTERVAL.match(text.lower() if text.isascii() else text)
    return float(match[1]) * _UNITS[match[2] or "s"] if match else DEFAULT_INTERVAL_MS


def _js_string(value: object) -> str:
    """`String(value)` for a JSON value."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join("" if item is None else _js_string(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def directive_ms(directive: str) -> float | None:
    """Milliseconds for a poll tag's text; None if it cannot be read."""
    try:
        config = json.loads(directive)
    except ValueError:
        return None
    return interval_ms(config.get("interval") if isinstance(config, dict) else None)


@dataclass(slots=True)
class _Loop:
    fetch: Callable[[int, float], Answer]
    options: PollOptions
    now: float = 0.0
    request: int = 0
    skipped: int = field(default=0)

    def hidden(self) -> bool:
        return any(start <= self.now < end for start, end in self.options.hidden)


def run_poll(fetch: Callable[[int, float], Answer], options: PollOptions | None = None) -> Iterator[Tick]:
    """The events of a page from its first load on.

    `fetch(request, at_ms)` renders request number `request` (0: the load) and may raise `NetworkFailure`. The last
    tick's `interval` is None if the client stopped by itself.
    """
    loop = _Loop(fetch, options or PollOptions())
    try:
        first = fetch(0, 0.0)
    except NetworkFailure as failure:
        yield Tick(0.0, "fetch-failed", failure=str(failure))
        return
    interval = directive_ms(first.directive) if first.directive is not None else None
    yield Tick(0.0, "load", first, interval=interval)
    while interval is not None and loop.request < loop.options.max_fetches and loop.skipped < loop.options.skips:
        until = loop.options.until_ms
        if until is not None and loop.now + interval > until:
            return
        loop.now += interval
        tick = _next(loop, interval)
        interval = tick.interval
        yield tick


def _next(loop: _Loop, interval: float) -> Tick:
    if loop.hidden():
        loop.skipped += 1
        return Tick(loop.now, "hidden", interval=interval)
    loop.request += 1
    try:
        answer = loop.fetch(loop.request, loop.now)
    except NetworkFailure as failure:
        return Tick(loop.now, "fetch-failed", interval=interval, failure=str(failure))
    if not answer.ok:
        return Tick(loop.now, "fetch", answer, interval=interval)
    following: float | None = interval
    if answer.done:
        following = None
    elif answer.directive is not None:
        following = directive_ms(answer.directive)
        following = interval if following is None else following
    return Tick(loop.now, "fetch", answer, swapped=True, interval=following)
