"""The rules about workflow files against the recorded answers of the framework and of the engine."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.conformance import load_cases
from tests.rules.workflow_project import IMPORT, PATH, check, workflow
from tests.syntax.test_step_config import javascript

W = "extends WorkflowEntrypoint"


@pytest.mark.parametrize("case", load_cases("koze/binding_names"), ids=lambda case: case["id"])
def test_what_the_framework_refuses_is_reported(case: dict[str, Any]) -> None:
    expect = case["expect"]
    refused = "error" in expect or not expect.get("workerLoads", True)
    errors = [item for item in check(case["files"]) if item.severity.value == "error"]
    if refused:
        assert errors
    elif len({workflow["binding"] for workflow in expect["workflows"]}) == len(expect["workflows"]):
        assert errors == []


@pytest.mark.parametrize("case", load_cases("koze/binding_names"), ids=lambda case: case["id"])
def test_names_missing_from_the_type_are_reported(case: dict[str, Any]) -> None:
    if "error" in case["expect"]:
        return
    union = case["expect"]["workflowNameUnion"]
    registered = case["expect"]["runtimeRegistry"] or {}
    for entry in case["expect"]["workflows"]:
        name = entry["statusName"]
        bad = f"'{name}'" not in union or name not in registered
        codes = [item.code for item in check(case["files"]) if item.path == entry["file"]]
        assert ("invalid-binding-name" in codes) == bad


DURATIONS = [case for case in load_cases("cloudflare/durations") if isinstance(case["input"], str)]


@pytest.mark.parametrize("case", DURATIONS, ids=lambda case: repr(case["input"]))
def test_durations_in_every_place(case: dict[str, Any]) -> None:
    text = json.dumps(case["input"])
    sleep = {item.code for item in check({PATH: workflow(f"await step.sleep('a', {text});")})}
    wait = {
        item.code
        for item in check({PATH: workflow(f"await step.waitForEvent('a', {{ type: 't', timeout: {text} }});")})
    }
    timeout = {
        item.code for item in check({PATH: workflow(f"await step.do('a', {{ timeout: {text} }}, async () => 1);")})
    }
    retries = f"{{ retries: {{ limit: 1, delay: {text} }} }}"
    delay = {item.code for item in check({PATH: workflow(f"await step.do('a', {retries}, async () => 1);")})}
    assert ("invalid-duration" in sleep) == (not case["ok"])
    assert ("invalid-duration" in wait) == case["wait_for_event"].startswith("error")
    for codes in (sleep, wait, timeout, delay):
        assert ("duration-unit" in codes) == case["trap"]
    assert bool(timeout & {"invalid-duration", "invalid-step-config"}) == (not case["step_do_timeout_ok"])
    assert bool(delay & {"invalid-duration", "invalid-step-config"}) == (not case["retry_delay_ok"])


@pytest.mark.parametrize("case", load_cases("cloudflare/step-config"), ids=lambda case: javascript(case["input"]))
def test_step_configs(case: dict[str, Any]) -> None:
    found = check({PATH: workflow(f"await step.do('a', {javascript(case['input'])}, async () => 1);")})
    assert any(item.severity.fails for item in found) == (not case["ok"])


@pytest.mark.parametrize("case", load_cases("cloudflare/step-names"), ids=lambda case: repr(case["input"])[:60])
def test_step_names(case: dict[str, Any]) -> None:
    rest = {"step.do": "async () => 1", "step.sleep": "5", "step.waitForEvent": "{ type: 't' }"}[case["api"]]
    found = check({PATH: workflow(f"await {case['api']}({javascript(case['input'])}, {rest});")})
    assert [item.code for item in found] == ([] if case["ok"] else ["invalid-step-name"])


RETURNED = {
    "undef": "undefined",
    "nul": "null",
    "nan": "NaN",
    "str": "'s'",
    "date": "new Date(0)",
    "map": "new Map()",
    "set": "new Set()",
    "re": "/x/",
    "err": "new Error('x')",
    "typeerr": "new TypeError('x')",
    "fn": "() => 1",
    "sym": "Symbol('x')",
    "cls": "new Foo()",
    "promiseInObj": "{ p: Promise.resolve(1) }",
    "headers": "new Headers()",
    "response": "new Response('x')",
    "url": "new URL('https://x')",
    "wm": "new WeakMap()",
    "arrsparse": "[, , , 1]",
    "nullproto": "Object.create(null)",
    "getter": "{ get x() { return 5; } }",
    "boxed": "Object(5)",
}


@pytest.mark.parametrize("case", load_cases("cloudflare/step-returns"), ids=lambda case: case["kind"])
def test_step_returns(case: dict[str, Any]) -> None:
    source = RETURNED.get(case["kind"])
    if source is None:
        return  # streams and Blob: the two engines differ, and we say nothing
    text = workflow(f"await step.do('a', async () => ({source}));", top="class Foo {}\n")
    found = [item.code for item in check({PATH: text})]
    assert found == ([] if case["wrangler_4_164_0"]["ok"] else ["unserializable-step-result"])


CLASS_FORMS = {
    "d_plainclass": ("export class A { async run() {} }", "not-workflow-entrypoint"),
    "d_norun": (f"{IMPORT}export class A {W} {{}}", "missing-run"),
    "d_arrowrun": (f"{IMPORT}export class A {W} {{ run = async () => 1; }}", "missing-run"),
    "d_syncrun": (f"{IMPORT}export class A {W} {{ run() {{ return 5; }} }}", None),
    "d_function": ("export function A() {}", "no-workflow-class"),
}


@pytest.mark.parametrize("case", load_cases("cloudflare/class-forms"), ids=lambda case: case["case"])
def test_class_forms(case: dict[str, Any]) -> None:
    if case["case"] not in CLASS_FORMS:
        return  # a form of the Worker's entry or of wrangler's file
    text, code = CLASS_FORMS[case["case"]]
    assert (case["dev_status"] == "complete") == (code is None)
    assert [item.code for item in check({PATH: text})] == ([] if code is None else [code])


ALLOWED = {
    # What the recorded run shows: id → codes of errors and warnings.
    "ctx-argument": ["duration-unit"],  # config.delay recorded as '10 ms'
    "value-function": ["unserializable-step-result"],
    "value-object-with-function": ["unserializable-step-result"],
    "value-symbol": ["unserializable-step-result"],
    "value-weakmap": ["unserializable-step-result"],
    "run-missing": ["missing-run"],
    "run-not-a-function": ["missing-run"],
    "retry-module-counter": ["duration-unit"],
    "retry-nonretryable-named": ["non-retryable-renamed"],
    "sleep-bad-string": ["invalid-duration"],
    "sleep-between-steps": ["duration-unit"],
    "wait-bad-timeout": ["invalid-duration"],
    "name-undefined": ["invalid-step-name"],
    "config-unknown-key": ["invalid-step-config"],
    "config-unknown-key-caught": ["invalid-step-config"],
    "config-bad-backoff": ["invalid-step-config"],
    "config-bad-timeout": ["invalid-duration"],
    "config-infinite-limit": ["invalid-step-config"],
    "unawaited-step": ["step-not-awaited"],
    "unawaited-step-body": ["step-not-awaited"],
}


@pytest.mark.parametrize("case", load_cases("cloudflare/workflow_runs"), ids=lambda case: case["id"])
def test_recorded_runs(case: dict[str, Any]) -> None:
    found = check({PATH: case["source"]})
    failing = [item.code for item in found if item.severity.fails]
    if case["id"] in ALLOWED:
        assert failing == ALLOWED[case["id"]]
        return
    # A case that is not in the sample may have findings, but only of what its run shows.
    outcome = json.dumps(case["expect"])
    evidence = {
        "invalid-step-config": "is in a invalid format",
        "invalid-step-name": "Step name|reading 'length'",
        "invalid-duration": "NOT NULL constraint|is in a invalid format",
        "missing-run": "does not implement the method",
        "unserializable-step-result": "DataCloneError|not serialisable",
        "step-not-awaited": "complete|errored",
        "duration-unit": " ",
        "non-retryable-renamed": "attempt_errored",
    }
    for code in failing:
        assert re.search(evidence[code], outcome), code
