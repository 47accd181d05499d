"""Durations as the engine reads them, against its recorded answers."""

from __future__ import annotations

import math
from typing import Any

import pytest

from koze_lsp.syntax.durations import human, js_number, parse_duration, suggest_duration
from tests.conformance import load_cases

CASES = [
    case
    for case in load_cases("cloudflare/durations")
    if isinstance(case["input"], (str, int, float)) and not isinstance(case["input"], bool)
]


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return float(value.replace("Infinity", "inf"))
    return None if value is None else float(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["input"]))
def test_reads_what_the_engine_reads(case: dict[str, Any]) -> None:
    duration = parse_duration(case["input"])
    assert (duration.problem != "refused") == case["ok"]
    assert duration.ms == _number(case["ms"])
    if isinstance(case["input"], str):
        assert (duration.problem == "unit ignored") == case["trap"]


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [
        ("second", 1),
        ("minute", 60),
        ("hour", 3600),
        ("day", 86_400),
        ("week", 604_800),
        ("month", 2_592_000),
        ("year", 31_557_600),
    ],
)
def test_units(unit: str, seconds: int) -> None:
    assert parse_duration(f"1 {unit}").ms == parse_duration(f"1 {unit}s").ms == seconds * 1000
    assert parse_duration(f"1 {unit.title()}").problem == "unit ignored"


def test_not_a_number_is_refused() -> None:
    assert parse_duration(math.nan).problem == "refused"
    assert parse_duration(-math.inf).ms == -math.inf


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.get("documented_form")], ids=lambda c: repr(c["input"])
)
def test_documented_forms_are_known(case: dict[str, Any]) -> None:
    assert parse_duration(case["input"]).documented


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("5s", "5 seconds"),
        ("1s", "1 second"),
        ("5 min", "5 minutes"),
        ("5 MINUTES", "5 minutes"),
        ("1 Hour", "1 hour"),
        ("1h30m", "90 minutes"),
        ("1 hour and 30 minutes", "90 minutes"),
        ("PT1H", "1 hour"),
        ("01:30:00", "90 minutes"),
        (" 5 minutes ", "5 minutes"),
        ("½ hour", "0.5 hours"),
        ("an hour", "1 hour"),
        ("500ms", 500),
        ("5 milliseconds", 5),
        ("5000 ms", "5 seconds"),
        ("soon", None),
        ("5", None),
        ("", None),
        ("5 fortnights", None),
        ("-5s", None),
        ("9" * 500 + "s", None),
    ],
)
def test_nearest_readable(text: str, nearest: str | int | None) -> None:
    assert suggest_duration(text) == nearest


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["input"]))
def test_a_suggestion_is_always_readable(case: dict[str, Any]) -> None:
    nearest = suggest_duration(str(case["input"]))
    if nearest is not None:
        assert parse_duration(nearest).problem is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0),
        (" 42\ufeff", 42),
        ("0x10", 16),
        ("0b11", 3),
        (".5", 0.5),
        ("5.", 5),
        ("1e3", 1000),
        ("-Infinity", -math.inf),
    ],
)
def test_number_as_javascript(text: str, value: float) -> None:
    assert js_number(text) == value


@pytest.mark.parametrize("text", ["1_000", "1,5", "٢", "0x", "-0x10", "inf", "nan", "5s", "1e", "--1", "0x1.8p1"])
def test_no_number_in_javascript(text: str) -> None:
    assert math.isnan(js_number(text))


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 ms"),
        (-5, "0 ms"),
        (math.nan, "0 ms"),
        (2.5, "2.5 ms"),
        (999, "999 ms"),
        (2_000, "2 s"),
        (1_500, "1.5 s"),
        (59_999.9, "1 min"),
        (500_000, "8 min 20 s"),
        (3_599_999, "1 h"),
        (5_400_000, "1 h 30 min"),
        (90_000_000, "1 d 1 h"),
        (math.inf, "for ever"),
    ],
)
def test_for_people(ms: float, text: str) -> None:
    assert human(ms) == text
