"""The configuration of ``step.do`` as Cloudflare's workflow engine checks it, and the retries it leads to.

The engine checks strictly and all at once: one unknown key or one missing member, and the step throws
``WorkflowFatalError: Step config for "…" is in a invalid format`` before its callback has run.
What the text does not show (a spread, a computed value) is taken to be right.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from koze_lsp.syntax.durations import MINUTE, js_number, parse_duration
from koze_lsp.syntax.value_tokens import elsewhere, token
from koze_lsp.syntax.values import Value
from koze_lsp.text import Span

Backoff = Literal["constant", "linear", "exponential"]
BACKOFFS: tuple[Backoff, ...] = ("constant", "linear", "exponential")
KEYS = ("retries", "timeout", "sensitive")
RETRY_KEYS = ("limit", "delay", "backoff")

DEFAULT_LIMIT = 5.0
DEFAULT_DELAY_MS = 1_000.0
"""What the local engine uses; production waits 10 seconds by its documentation."""
DEFAULT_BACKOFF: Backoff = "exponential"
DEFAULT_TIMEOUT_MS = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One reason for which the engine refuses a config.

    Attributes:
        span: the wrong key or value.
        reason: what is wrong, then what to write, as half a sentence.
        duration: the refused text where the reason is a duration string that the engine cannot read.
        replacement: source text to put at ``span``, where there is one likely answer.
    """

    span: Span
    reason: str
    duration: str | None = None
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """How often and when the engine tries a step.

    Attributes:
        limit: the number of retries after the first attempt; infinite where the text says so.
        delays: the wait before each retry in milliseconds, at most ``SHOWN`` of them; None if not known.
        timeout: the milliseconds that one attempt may take; None if not known.
    """

    limit: float
    backoff: Backoff
    delays: tuple[float, ...] | None
    timeout: float | None


SHOWN = 20


def check_config(value: Value) -> list[ConfigProblem]:
    """Why the engine refuses a config; empty where it accepts it, or where the text does not show it."""
    if value.kind in ("unknown", "undefined", "null", "function", "new"):
        return []  # null counts as no config; class instances are not looked into
    if value.kind != "object":
        return [ConfigProblem(token(value), "the config must be an object such as { timeout: '1 minute' }")]
    problems = list(_unknown_keys(value, KEYS))
    found = members(value)
    if "retries" in found:
        problems += _retries(found["retries"])
    if "timeout" in found:
        problems += _timeout(found["timeout"])
    sensitive = found.get("sensitive")
    if sensitive is not None and _known(sensitive) and sensitive.kind != "undefined" and sensitive.string != "output":
        problems.append(ConfigProblem(token(sensitive), "'sensitive' can only be 'output'"))
    return sorted(problems, key=lambda problem: problem.span)


def _retries(value: Value) -> Iterator[ConfigProblem]:
    if not _known(value) or value.kind == "undefined":
        return
    if value.kind != "object":
        yield ConfigProblem(token(value), "'retries' must be an object with 'limit' and 'delay'")
        return
    yield from _unknown_keys(value, RETRY_KEYS)
    found = members(value)
    for key in ("limit", "delay"):
        if value.complete and (key not in found or found[key].kind == "undefined"):
            yield ConfigProblem(token(value), f"'retries' needs '{key}' as well")
    limit, delay, backoff = found.get("limit"), found.get("delay"), found.get("backoff")
    if limit is not None and _known(limit) and limit.kind != "undefined":
        yield from _limit(limit)
    if delay is not None and _known(delay):
        yield from _delay(delay)
    if backoff is not None and _known(backoff) and backoff.kind != "undefined" and backoff.string not in BACKOFFS:
        near = difflib.get_close_matches(backoff.string or "", BACKOFFS, 1, 0.5)
        reason = "'backoff' must be 'constant', 'linear' or 'exponential'"
        yield ConfigProblem(
            token(backoff), reason, replacement=f"'{near[0]}'" if near and not elsewhere(backoff) else None
        )


def _limit(value: Value) -> Iterator[ConfigProblem]:
    if value.number is None:
        number = js_number(value.string) if value.string else math.nan
        readable = value.string is not None and number >= 0 and math.isfinite(number) and not elsewhere(value)
        fix = value.string.strip() if value.string and readable else None
        yield ConfigProblem(token(value), "'limit' must be a number", replacement=fix)
    elif not value.number >= 0 or math.isinf(value.number):
        yield ConfigProblem(token(value), "'limit' must be a finite number, 0 or more")


def _delay(value: Value) -> Iterator[ConfigProblem]:
    if value.kind in ("function", "undefined"):  # a missing delay is reported with 'retries'
        return
    if value.string is not None:
        if parse_duration(value.string).problem == "refused":
            yield ConfigProblem(token(value), "'delay' is no duration", duration=value.string)
    elif value.number is None:
        yield ConfigProblem(token(value), "'delay' must be milliseconds or a duration such as '10 seconds'")
    elif not value.number >= 0:
        yield ConfigProblem(token(value), "'delay' must be 0 or more")


def _timeout(value: Value) -> Iterator[ConfigProblem]:
    if not _known(value):
        return
    if value.string is not None:
        duration = parse_duration(value.string)
        if duration.problem == "refused":
            yield ConfigProblem(token(value), "'timeout' is no duration", duration=value.string)
        elif js_number(value.string) == 0:
            yield ConfigProblem(token(value), "'timeout' must not be 0")
    elif value.kind == "undefined":
        yield ConfigProblem(token(value), "an undefined 'timeout' fails every attempt; leave the key out")
    elif value.number is None:
        yield ConfigProblem(token(value), "'timeout' must be milliseconds or a duration such as '1 minute'")
    elif not value.number > 0 or math.isinf(value.number):
        yield ConfigProblem(token(value), "'timeout' must be a finite number above 0")


def _unknown_keys(value: Value, known: tuple[str, ...]) -> Iterator[ConfigProblem]:
    for member in value.properties:
        if member.key is None or member.key in known:
            continue
        near = difflib.get_close_matches(member.key, known, 1, 0.6)
        quoted = ", ".join(f"'{key}'" for key in known)
        hint = f"did you mean '{near[0]}'?" if near else f"it knows only {quoted}"
        replacement = near[0] if near and member.kind == "pair" else None
        reason = f"'{member.key}' is no key that the engine knows; {hint}"
        yield ConfigProblem(member.key_span, reason, replacement=replacement)


def members(value: Value) -> dict[str, Value]:
    """The members of an object that count: later ones win, and a spread hides what came before it."""
    found: dict[str, Value] = {}
    for member in value.properties:
        if member.key is None:
            found.clear()
        else:
            found[member.key] = member.value
    return found


def _known(value: Value) -> bool:
    """Whether a member's kind shows; an instance of a class is left alone."""
    return value.kind not in ("unknown", "new")


def retry_schedule(value: Value | None) -> RetrySchedule | None:
    """What a config leads to, with the engine's defaults for what it leaves out; None if it does not show.

    A config that the engine refuses has no schedule.
    """
    if value is None or value.kind in ("undefined", "null"):
        return _schedule(DEFAULT_LIMIT, DEFAULT_DELAY_MS, DEFAULT_BACKOFF, DEFAULT_TIMEOUT_MS)
    if not value.complete or check_config(value):
        return None
    found = members(value)
    timeout: float | None = DEFAULT_TIMEOUT_MS
    if "timeout" in found:
        timeout = _milliseconds(found["timeout"])
    retries = found.get("retries")
    if retries is None or retries.kind == "undefined":
        return _schedule(DEFAULT_LIMIT, DEFAULT_DELAY_MS, DEFAULT_BACKOFF, timeout)
    inner = members(retries)
    limit = inner["limit"].number if "limit" in inner else None
    if not retries.complete or limit is None:
        return None
    backoff: Backoff = DEFAULT_BACKOFF
    if "backoff" in inner and inner["backoff"].kind != "undefined":
        known = next((name for name in BACKOFFS if name == inner["backoff"].string), None)
        if known is None:
            return None
        backoff = known
    return _schedule(limit, _milliseconds(inner["delay"]), backoff, timeout)


def _schedule(limit: float, delay: float | None, backoff: Backoff, timeout: float | None) -> RetrySchedule:
    if delay is None:
        return RetrySchedule(limit, backoff, None, timeout)
    # The engine retries while the attempts so far are at most the limit: 2.5 gives two retries.
    count = int(min(math.floor(limit), SHOWN))
    delays = tuple(delay * _factor(backoff, retry) for retry in range(1, count + 1))
    return RetrySchedule(limit, backoff, delays, timeout)


def _factor(backoff: Backoff, retry: int) -> int:
    """By what the delay before a retry (from 1) is multiplied."""
    if backoff == "linear":
        return retry
    return 2 ** (retry - 1) if backoff == "exponential" else 1


def _milliseconds(value: Value) -> float | None:
    literal = value.string if value.string is not None else value.number
    return None if literal is None else parse_duration(literal).ms
