"""What the engine accepts at run time: durations, names, configurations, results and ids, as recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from koze_lsp.preview.isolate import ScriptError
from tests.conformance import load_cases
from tests.preview.engine.programs import run, workflow, world

DECODE = """
const decode = (v) => {
  if (v && v.$num !== undefined) return Number(v.$num);
  if (v && v.$undefined) return undefined;
  if (v && v.$date) return new Date(v.$date);
  return v && v.$bigint ? BigInt(v.$bigint) : v;
};
"""
CONFIG_ERROR = "WorkflowFatalError: Step config"


def caught(call: str, show: str = "e.message") -> str:
    """A body that gives what a call gives, or its error."""
    return f"try {{ {call} }} catch (e) {{ return {show}; }}"


def js(value: Any) -> str:
    return f"decode({json.dumps(value)})"


@pytest.mark.parametrize("case", load_cases("cloudflare/durations"), ids=lambda case: repr(case["input"]))
def test_durations(case: dict[str, Any]) -> None:
    value = js(case["input"])
    result = run(
        f"try {{ await step.sleep('s', {value}); return 'ok'; }} catch (e) {{ return e.message; }}",
        head=DECODE,
        stop_after_ms=5,
    )
    error = result["output"] if result["status"] == "complete" and result["output"] != "ok" else None
    assert (error is None) == case["ok"], error
    if case["error"] is not None:
        assert error == case["error"]
    recorded = [step["durationMs"] for step in result["steps"]]
    if isinstance(case["ms"], (int, float)):
        assert recorded == [case["ms"]]


@pytest.mark.parametrize("case", load_cases("cloudflare/durations"), ids=lambda case: repr(case["input"]))
def test_durations_in_configurations(case: dict[str, Any]) -> None:
    value = js(case["input"])
    for field, config in (
        ("step_do_timeout_ok", f"{{ timeout: {value} }}"),
        ("retry_delay_ok", f"{{ retries: {{ limit: 0, delay: {value} }} }}"),
    ):
        if case.get(field) is None:
            continue
        result = run(
            f"try {{ await step.do('s', {config}, async () => 1); }} catch (e) {{ return e.message; }}", head=DECODE
        )
        refused = str(result["output"]).startswith(CONFIG_ERROR)
        assert refused == (not case[field]), (field, result["output"])


@pytest.mark.parametrize(
    "case", load_cases("cloudflare/step-names"), ids=lambda case: f"{case['api']} {case['input']!r:.30}"
)
def test_step_names(case: dict[str, Any]) -> None:
    name = js(case["input"])
    call = {
        "step.do": f"step.do({name}, async () => 1)",
        "step.sleep": f"step.sleep({name}, 1)",
        "step.waitForEvent": f"step.waitForEvent({name}, {{ type: 't', timeout: 1 }}).catch(() => 0)",
    }[case["api"]]
    result = run(f"try {{ await {call}; return 'ok'; }} catch (e) {{ return e.message; }}", head=DECODE)
    assert (result["output"] == "ok") == case["ok"]
    if case["error"] is not None:
        assert result["output"] == case["error"]


@pytest.mark.parametrize("case", load_cases("cloudflare/step-config"), ids=lambda case: json.dumps(case["input"]))
def test_step_config(case: dict[str, Any]) -> None:
    result = run(
        caught(f"return await step.do('<name>', {js(case['input'])}, async (c) => c.config);"),
        head=DECODE,
    )
    assert result["output"] == (case["resolved"] if case["ok"] else case["error"])


RETURNS = {
    "nul": "null", "nan": "NaN", "str": "'s'", "date": "new Date(0)", "set": "new Set([1])", "re": "/a/g",
    "err": "new Error('e')", "typeerr": "new TypeError('t')", "fn": "() => 1", "sym": "Symbol('x')", "cls": "new Foo()",
    "promiseInObj": "{ p: Promise.resolve(1) }", "headers": "new Headers({ a: 'b' })", "url": "new URL('https://a.test')",
    "wm": "new WeakMap()", "arrsparse": "(() => { const a = []; a[3] = 1; return a; })()",
    "nullproto": "Object.create(null)", "getter": "{ get x() { return 5; } }", "boxed": "new Number(5)",
    "blob": "new Blob(['x'])", "stream": "new Blob(['hello stream']).stream()",
}  # fmt: skip


@pytest.mark.parametrize("case", load_cases("cloudflare/step-returns"), ids=lambda case: case["kind"])
def test_step_returns(case: dict[str, Any]) -> None:
    expression = RETURNS[case["kind"]]
    expected = case["wrangler_4_164_0"]
    head = "class Foo { a = 1 }"
    config = "{ retries: { limit: 0, delay: 0 } }"
    result = run(
        caught(f"await step.do('s', {config}, async () => ({expression})); return 'ok';", "`${e.name}: ${e.message}`"),
        head=head,
    )
    if expected["fatal_error"] is not None:
        assert result["error"]["message"] == expected["fatal_error"]
    else:
        assert result["output"] == (expected["catchable_error"] or "ok")
    returned = run(f"return ({expression});", head=head)
    whole = case["run_return_4_164_0"]
    assert returned["status"] == whole["status"]
    assert returned.get("output_json", returned["output"]) == whole["output"]
    assert returned["error"] == whole["error"]


def test_instance_ids() -> None:
    with world(workflow("return 1")) as subject:
        for case in load_cases("cloudflare/instance-ids"):
            if case["ok"]:
                subject.create("SUBJECT_WORKFLOW", id=case["input"])
                continue
            with pytest.raises(ScriptError, match=case["error"].split(": ")[1]):
                subject.create("SUBJECT_WORKFLOW", id=case["input"])
