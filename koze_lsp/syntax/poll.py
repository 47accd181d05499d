"""Poll intervals as the Koze framework reads them: the ``poll`` option of ``workflowStatus``.

A number is milliseconds. A string is digits with ``ms``, ``s`` or ``m`` directly after them; without a unit
it counts seconds. Whatever the framework cannot read polls every 30 seconds, silently, and whatever is falsy
does not poll at all.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from koze_lsp.syntax.durations import HOUR, MINUTE, SECOND, guess, human, js_number

__all__ = ["FALLBACK_MS", "PollInterval", "human", "parse_poll", "suggest_polls", "unit_choices"]

FALLBACK_MS = 30_000.0
"""What an interval that the framework cannot read becomes, in milliseconds."""

_TIMER_LIMIT = 2**31 - 1
_GRAMMAR = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)?", re.ASCII | re.IGNORECASE)
_FACTORS = {"ms": 1.0, "s": SECOND, "m": MINUTE}


@dataclass(frozen=True, slots=True)
class PollInterval:
    """What the framework makes of one value.

    Attributes:
        ms: the milliseconds between two polls; None where polling is off.
        readable: False where the framework falls back to 30 seconds.
        has_unit: False for a string of digits alone, which counts seconds.
        off: the value is falsy, so nothing polls.
    """

    value: str | float | bool | None
    ms: float | None
    readable: bool = True
    has_unit: bool = True
    off: bool = False

    @property
    def overflows(self) -> bool:
        """Whether a browser's timer cannot wait that long and fires at once (2³¹ ms, about 24.8 days)."""
        return self.ms is not None and self.ms > _TIMER_LIMIT


def parse_poll(value: str | float | bool | None) -> PollInterval:
    """Read an interval as the framework does. None stands for ``null`` and ``undefined`` alike."""
    if value is None or value is False or value == "":
        return PollInterval(value, None, off=True)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value)
        if number == 0 or math.isnan(number):
            return PollInterval(value, None, off=True)
        if number > 0 and math.isfinite(number):
            return PollInterval(value, number)
        return PollInterval(value, FALLBACK_MS, readable=False)  # infinities travel as JSON's null
    match = _GRAMMAR.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return PollInterval(value, FALLBACK_MS, readable=False)
    unit = (match[2] or "s").lower()
    return PollInterval(value, float(match[1]) * _FACTORS[unit], has_unit=match[2] is not None)


def suggest_polls(value: str | float) -> tuple[str, ...]:
    """Readable strings near to one that the framework cannot read, the likeliest first: ``1h`` → ``60m``.

    Where nothing can be made of the value, what the documentation shows: ``2s``.
    """
    if not isinstance(value, str):
        return (_spell(abs(value)),) if abs(value) >= 1 and math.isfinite(value) else ("2s",)
    text = value.strip().lower().removeprefix("every").strip()
    meant = guess(text.lstrip("+-"))
    if meant is not None and meant.ms > 0 and math.isfinite(meant.ms):
        return (_spell(meant.ms, meant.unit),)
    bare = js_number(text.lstrip("+-")) if text else math.nan
    if math.isfinite(bare) and bare > 0:
        return unit_choices(_number(bare))
    return ("2s",)


def unit_choices(digits: str) -> tuple[str, ...]:
    """What a string of digits alone may have meant: milliseconds first where that is likelier."""
    milliseconds, seconds = f"{digits}ms", f"{digits}s"
    return (milliseconds, seconds) if float(digits) >= 100 else (seconds, milliseconds)


def _spell(ms: float, unit: str | None = None) -> str:
    if unit == "second" or (unit is None and ms % SECOND == 0 and ms % MINUTE):
        return _number(ms / SECOND) + "s"
    if unit in ("minute", "hour", "day", "week", "month", "year") or (unit is None and ms % MINUTE == 0):
        return _number(ms / MINUTE) + "m"
    if ms % SECOND == 0 and ms < HOUR:
        return _number(ms / SECOND) + "s"
    return _number(ms) + "ms"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
