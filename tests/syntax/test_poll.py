"""Poll intervals as the framework reads them, against its recorded answers."""

from __future__ import annotations

import math
from typing import Any

import pytest

from koze_lsp.syntax.poll import parse_poll, suggest_polls, unit_choices
from tests.conformance import load_cases

_MISSING = object()


def _value(case: dict[str, Any]) -> Any:
    given = case.get("poll", _MISSING)
    if given is not _MISSING:
        return given
    return {"undefined": None, "NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(case["js"], _MISSING)


CASES = [
    case
    for case in load_cases("koze/poll_intervals")
    if _value(case) is not _MISSING and not isinstance(_value(case), (list, dict))
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_reads_what_the_framework_reads(case: dict[str, Any]) -> None:
    interval = parse_poll(_value(case))
    assert interval.ms == case["ms"]
    assert interval.off == (not case["registers"])
    assert interval.overflows == case.get("browser_timer_overflow", False)


def test_the_sample_is_used() -> None:
    assert len(CASES) > 40


@pytest.mark.parametrize("text", ["2 s", "1h", "fast", "2s ", "2s\n", "-1s", "+2s", ".5s", "٢s", "2ſ", "1e3ms", True])
def test_unreadable_falls_back(text: str) -> None:
    interval = parse_poll(text)
    assert (interval.readable, interval.ms) == (False, 30_000)


@pytest.mark.parametrize(
    ("text", "unit"), [("500", False), ("1.5", False), ("500ms", True), ("2S", True), ("1M", True)]
)
def test_unit(text: str, unit: bool) -> None:
    interval = parse_poll(text)
    assert (interval.readable, interval.has_unit) == (True, unit)


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        ("2 s", "2s"),
        ("1h", "60m"),
        ("2 seconds", "2s"),
        ("every 2s", "2s"),
        ("90 sec", "90s"),
        ("1h30m", "90m"),
        ("1d", "1440m"),
        ("-1s", "1s"),
        (".5s", "0.5s"),
        ("1e3ms", "1s"),
        ("250 ms", "250ms"),
        ("fast", "2s"),
        ("", "2s"),
        (-500, "500ms"),
        (math.inf, "2s"),
        (-0.1, "2s"),
    ],
)
def test_nearest_readable(value: str | float, nearest: str) -> None:
    assert suggest_polls(value)[0] == nearest


@pytest.mark.parametrize("case", [case for case in CASES if isinstance(case.get("poll"), str)], ids=lambda c: c["id"])
def test_a_suggestion_is_always_readable(case: dict[str, Any]) -> None:
    for text in suggest_polls(case["poll"]):
        interval = parse_poll(text)
        assert interval.readable
        assert interval.has_unit


def test_choices_for_bare_digits() -> None:
    assert unit_choices("500") == ("500ms", "500s")
    assert unit_choices("2") == ("2s", "2ms")
