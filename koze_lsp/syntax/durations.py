"""Durations as Cloudflare's workflow engine reads them: sleeps, timeouts, retry delays.

A number, or a string that JavaScript reads as a number, is milliseconds. Any other string is an amount, one
or more spaces and a unit word, singular or plural. Two traps follow: without a space, or with two units, the
engine fails at run time; and a unit that it does not know counts as milliseconds, silently.

All times are in milliseconds.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

SECOND = 1_000.0
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = {
    "second": SECOND,
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": 7 * DAY,
    "month": 30 * DAY,
    "year": 365.25 * DAY,
}
"""The engine's unit words → milliseconds. It knows their plurals too, in lower case only."""

DOCUMENTED_MAXIMUM = 365 * DAY
"""The longest sleep and timeout of waitForEvent in production, by its documentation; not enforced locally."""

Problem = Literal["refused", "unit ignored"]

_GRAMMAR = re.compile(r"([^ ]+) +([A-Za-z0-9_]+?)s?")
_DOCUMENTED = re.compile(r"\d+(\.\d+)? (second|minute|hour|day|week|month|year)s?", re.ASCII)
# `units[name]` finds these on every JavaScript object, and an amount times one of them is no number.
_INHERITED = frozenset(
    [
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
        "__proto__",
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
    ]
)
# What JavaScript trims: its white space and line ends.
_JS_SPACE = "\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
_DECIMAL = re.compile(r"[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_RADIX = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")


@dataclass(frozen=True, slots=True)
class Duration:
    """What the engine makes of one value.

    Attributes:
        value: the value as given.
        ms: milliseconds; infinite or negative (at once) as given, None if the engine refuses the value.
        problem: ``refused``, or ``unit ignored`` where an unknown unit counts as milliseconds.
        unit: the unit word as written, if the value is a string with one.
    """

    value: str | float
    ms: float | None
    problem: Problem | None = None
    unit: str | None = None

    @property
    def documented(self) -> bool:
        """Whether the value has a form that Cloudflare's documentation and types know."""
        return not isinstance(self.value, str) or _DOCUMENTED.fullmatch(self.value) is not None


def parse_duration(value: str | float) -> Duration:
    """Read a duration as the engine's ``sleep``, ``timeout`` and ``delay`` do."""
    number = js_number(value) if isinstance(value, str) else float(value)
    if not math.isnan(number):
        return Duration(value, number)
    match = _GRAMMAR.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return Duration(value, None, "refused")
    amount, unit, written = js_number(match[1]), match[2], match[0][match.start(2) :]
    if math.isnan(amount) or unit in _INHERITED:
        return Duration(value, None, "refused", written)
    if unit in UNITS:
        return Duration(value, amount * UNITS[unit], None, written)
    return Duration(value, amount, "unit ignored", written)


def js_number(text: str) -> float:
    """What JavaScript's ``Number(text)`` gives; NaN where it is no number."""
    text = text.strip(_JS_SPACE)
    if not text:
        return 0.0
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _RADIX.fullmatch(text):
        digits = int(text, 0)
        return float(digits) if digits.bit_length() < 1024 else math.inf
    return math.nan


# What a person may have meant ----------------------------------------------------------------------------

_ALIASES = {
    **dict.fromkeys(("ms", "msec", "msecs", "milli", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "second"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "minute"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "week"),
    **dict.fromkeys(("mo", "mon", "mos", "mth", "month", "months"), "month"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "year"),
}
_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "half": 0.5}
_PART = re.compile(r"\s*([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e\d+)?|[^\W\d_]*|[¼½¾])\s*([a-z]*)\.?\s*(?:,|and\b)?\s*", re.I)
_ISO = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.ASCII | re.I)
_CLOCK = re.compile(r"(\d+):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_WHOLE = (("week", 7 * DAY), ("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", SECOND))
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text most likely means: milliseconds, and the unit (``ms``, ``second``, …) if it has just one."""

    ms: float
    unit: str | None


def guess(text: str) -> Meaning | None:
    """Read a duration as a person would: ``5s``, ``1h30m``, ``PT1H``, ``01:30:00``, ``5 Min.``; None if unclear.

    A number without a unit is not guessed at.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()):
        return _sum(iso.groups(), (DAY, HOUR, MINUTE, SECOND))
    clock = _CLOCK.fullmatch(text)
    if clock:
        return _sum(clock.groups(), (HOUR, MINUTE, SECOND))
    total, units, at = 0.0, [], 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or match.end() == at:
            return None
        amount, word = match[1], match[2].lower()
        if not word and len(amount) > 3 and amount.lower() in _ALIASES:  # 'hour' alone
            amount, word = "1", amount.lower()
        number, unit = _amount(amount.lower()), _ALIASES.get(word)
        if number is None or unit is None:
            return None
        total += number * UNITS.get(unit, 1.0)
        units.append(unit)
        at = match.end()
    return Meaning(total, units[0] if len(units) == 1 else None)


def _sum(groups: tuple[str | None, ...], sizes: tuple[float, ...]) -> Meaning:
    return Meaning(sum(float(group or 0) * size for group, size in zip(groups, sizes, strict=True)), None)


def _amount(text: str) -> float | None:
    if text in _WORDS:
        return float(_WORDS[text])
    if len(text) == 1 and not text.isdigit():
        number = unicodedata.numeric(text, -1.0)
        return number if number >= 0 else None
    number = js_number(text.replace("_", ""))
    return None if math.isnan(number) or not text else number


def suggest_duration(text: str) -> str | int | None:
    """The nearest value that the engine reads as it was meant: ``5s`` → ``5 seconds``, ``1h30m`` → ``90 minutes``.

    An amount of milliseconds gives an int, since the engine has no word for them; None if the text's
    meaning is unclear.
    """
    meant = guess(text)
    if meant is None or not math.isfinite(meant.ms) or meant.ms < 0:
        return None
    if meant.unit is not None and meant.unit != "ms":
        return _spell(meant.ms / UNITS[meant.unit], meant.unit)
    for unit, size in _WHOLE:
        if meant.ms and meant.ms % size == 0 and (meant.unit is None or unit == "second"):
            return _spell(meant.ms / size, unit)
    return int(meant.ms) if meant.ms == int(meant.ms) else None


def _spell(amount: float, unit: str) -> str:
    return f"{amount:g} {unit}{'' if amount == 1 else 's'}" if amount < 1e6 else f"{amount:.0f} {unit}s"


def human(ms: float) -> str:
    """A time for people, in at most two units: ``250 ms``, ``2 s``, ``8 min 20 s``, ``2 d 3 h``."""
    if math.isinf(ms) and ms > 0:
        return "for ever"
    if not ms > 0:  # NaN too
        return "0 ms"
    if ms < SECOND:
        return f"{_decimal(ms)} ms"
    ms = round(ms) if ms < MINUTE else round(ms / SECOND) * SECOND
    if ms < MINUTE:
        return f"{_decimal(ms / SECOND)} s"
    if ms < HOUR:
        return _two(ms, (MINUTE, "min"), (SECOND, "s"))
    if ms < DAY:
        return _two(ms, (HOUR, "h"), (MINUTE, "min"))
    return _two(ms, (DAY, "d"), (HOUR, "h"))


def _two(ms: float, large: tuple[float, str], small: tuple[float, str]) -> str:
    whole, rest = divmod(round(ms / small[0]), round(large[0] / small[0]))
    return f"{whole} {large[1]}" + (f" {rest} {small[1]}" if rest else "")


def _decimal(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
