"""Configs of step.do as the engine checks them, against its recorded answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from koze_lsp.syntax import workflow
from koze_lsp.syntax.step_config import ConfigProblem, check_config, retry_schedule
from koze_lsp.syntax.values import Value
from tests.conformance import load_cases


def config_of(source: str, before: str = "") -> Value:
    """The config of a step whose second argument is the given source."""
    text = f"export class A {{ async run(event, step) {{ {before} await step.do('s', {source}, async () => 1); }} }}"
    step = workflow.parse(text).steps[0]
    assert step.config is not None
    return step.config


def javascript(value: Any) -> str:
    """The source of a recorded input."""
    if isinstance(value, dict):
        if "$num" in value:
            return str(value["$num"])
        if "$undefined" in value:
            return "undefined"
        return "{" + ", ".join(f"{json.dumps(key)}: {javascript(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


@pytest.mark.parametrize("case", load_cases("cloudflare/step-config"), ids=lambda case: javascript(case["input"]))
def test_refuses_what_the_engine_refuses(case: dict[str, Any]) -> None:
    assert (check_config(config_of(javascript(case["input"]))) == []) == case["ok"]


DURATIONS = [case for case in load_cases("cloudflare/durations") if case.get("step_do_timeout_ok") is not None]


@pytest.mark.parametrize("case", DURATIONS, ids=lambda case: javascript(case["input"]))
def test_timeouts_and_delays(case: dict[str, Any]) -> None:
    value = javascript(case["input"])
    timeout = config_of(f"{{ timeout: {value} }}")
    delay = config_of(f"{{ retries: {{ limit: 1, delay: {value} }} }}")
    assert (check_config(timeout) == []) == case["step_do_timeout_ok"]
    assert (check_config(delay) == []) == case["retry_delay_ok"]


@pytest.mark.parametrize(
    "source",
    [
        "{}",
        "null",
        "config",
        "{ ...base }",
        "{ ...base, retries: { limit: 3, ...more } }",
        "{ retries: { limit: 3, ...more } }",
        "{ timeout: 0, ...base }",
        "{ timeout: wait(), retries: { limit, delay, backoff } }",
        "{ retries: { limit: 3, delay: (context) => 1000 * context.attempt } }",
        "{ retries: { limit: 3, delay() { return 1; } } }",
        "{ retries: undefined }",
        "{ sensitive: 'output' }",
        "{ retries: { limit: 2.5, delay: 0, backoff: undefined } }",
        "new Config()",
        "{ ['retries']: {} }",
    ],
)
def test_silent_where_the_engine_accepts_or_the_text_does_not_show(source: str) -> None:
    assert check_config(config_of(source)) == []


def problem(source: str, before: str = "") -> tuple[ConfigProblem, str]:
    value = config_of(source, before)
    found = check_config(value)
    assert len(found) == 1
    return found[0], source


@pytest.mark.parametrize(
    ("source", "reason", "replacement"),
    [
        ("{ retry: { limit: 1, delay: 1 } }", "'retry' is no key", "retries"),
        ("{ retries: { limit: 3, delay: 1, backof: 'linear' } }", "'backof' is no key", "backoff"),
        ("{ retries: { limit: 3, delay: 1, backoff: 'quadratic' } }", "'backoff' must be", None),
        ("{ retries: { limit: 3, delay: 1, backoff: 'exponent' } }", "'backoff' must be", "'exponential'"),
        ("{ retries: { limit: '3', delay: 1 } }", "'limit' must be a number", "3"),
        ("{ retries: { limit: Infinity, delay: 1 } }", "'limit' must be a finite", None),
        ("{ retries: { limit: -1, delay: 1 } }", "'limit' must be a finite", None),
        ("{ retries: { limit: 3 } }", "'retries' needs 'delay'", None),
        ("{ retries: { delay: 3 } }", "'retries' needs 'limit'", None),
        ("{ retries: null }", "'retries' must be an object", None),
        ("{ retries: { limit: null, delay: 1 } }", "'limit' must be a number", None),
        ("{ retries: { limit: 1, delay: -1 } }", "'delay' must be 0 or more", None),
        ("{ retries: { limit: 1, delay: true } }", "'delay' must be milliseconds", None),
        ("{ timeout: 0 }", "'timeout' must be a finite", None),
        ("{ timeout: '' }", "'timeout' must not be 0", None),
        ("{ timeout: undefined }", "an undefined 'timeout'", None),
        ("{ timeout: Infinity }", "'timeout' must be a finite", None),
        ("{ sensitive: true }", "'sensitive' can only", None),
        ("[]", "the config must be an object", None),
    ],
)
def test_reasons(source: str, reason: str, replacement: str | None) -> None:
    found, _ = problem(source)
    assert found.reason.startswith(reason)
    assert found.replacement == replacement


def test_a_constant_is_followed_but_not_replaced() -> None:
    found, _ = problem("{ retries: { limit: 1, delay: 1, backoff } }", "const backoff = 'exponent';")
    assert found.replacement is None


def test_duration_strings_are_told_apart() -> None:
    found, _ = problem("{ timeout: '5s' }")
    assert found.duration == "5s"


@pytest.mark.parametrize(
    ("source", "delays"),
    [
        ("{ retries: { limit: 3, delay: 10, backoff: 'constant' } }", (10, 10, 10)),
        ("{ retries: { limit: 3, delay: 10, backoff: 'linear' } }", (10, 20, 30)),
        ("{ retries: { limit: 3, delay: '1 second' } }", (1000, 2000, 4000)),
        ("{ retries: { limit: 2.5, delay: 10, backoff: 'constant' } }", (10, 10)),
        ("{ retries: { limit: 0, delay: 10 } }", ()),
        ("{ timeout: '1 minute' }", (1000, 2000, 4000, 8000, 16000)),
        ("{ retries: { limit: 1, delay: f } }", None),
    ],
)
def test_retry_schedule(source: str, delays: tuple[float, ...] | None) -> None:
    schedule = retry_schedule(config_of(source))
    assert schedule is not None
    assert schedule.delays == delays


@pytest.mark.parametrize(
    "source", ["{ retries: { limit: 3 } }", "{ ...base }", "{ retries: { limit, delay: 1 } }", "base"]
)
def test_no_schedule_where_it_does_not_show(source: str) -> None:
    assert retry_schedule(config_of(source)) is None


def test_default_schedule() -> None:
    schedule = retry_schedule(None)
    assert schedule is not None
    assert (schedule.limit, schedule.backoff, schedule.timeout) == (5, "exponential", 600_000)
