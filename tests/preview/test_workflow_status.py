"""workflowStatus, call by call, with the fakes of the recorded runs in place of the bindings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from koze_lsp.preview.isolate import Isolate
from koze_lsp.preview.modules import install_linker
from koze_lsp.preview.runtime.host import kernel_source
from tests.conformance import load_cases

# Runs in the isolate: the calls one after the other, then everything the recorded runs looked at.
_HARNESS = """
kernel.api.caseRun = () => {};
kernel.api.kozePage((koze) => async () => {
  globalThis.__LOG = [];
  koze.useEnv(__ENV__);
  const out = { calls: [] };
  const describe = (value) => {
    const entry = { asyncValue: JSON.parse(JSON.stringify(value)), keys: Object.keys(value) };
    const name = Object.prototype.toString.call(value).slice(8, -1);
    if (name !== 'Object') entry.valueClass = name;
    if (name === 'Number' || name === 'String' || name === 'Boolean') {
      entry.primitive = value.valueOf();
      entry.asyncValue = value.valueOf();
    }
    return entry;
  };
  const values = [];
  for (const call of [__CALLS__]) {
    try {
      const value = await call();
      values.push(value);
      out.calls.push(describe(value));
    } catch (error) {
      out.calls.push({ rejects: error.message });
    }
  }
  const poll = koze.locals().__kozePoll ?? null;
  out.registeredPoll = poll && { interval: poll.interval, done: poll.done };
  if (globalThis.__LOG.length) out.trace = globalThis.__LOG;
  if (__AFTER__) out.after = __AFTER__();
  if (values.length === 2) {
    out.sameObject = values[0] === values[1];
    out.firstValueAfterSecondCall = JSON.parse(JSON.stringify(values[0]));
  }
  koze.keep({ out });
  return '';
});
"""


def run(case: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    env = case["env"]
    source = "null" if env is None else "{" + ",".join(f"{json.dumps(k)}: {v}" for k, v in env.items()) + "}"
    calls = ",".join(
        f"() => koze.workflowStatus({call['name']}, {call['id']}{', ' + call['options'] if 'options' in call else ''})"
        for call in case["calls"]
    )
    harness = _HARNESS.replace("__ENV__", source).replace("__CALLS__", calls)
    harness = harness.replace("__AFTER__", f"({case['after']})" if "after" in case else "null")
    with Isolate() as isolate:
        install_linker(isolate)
        isolate.install(kernel_source())
        isolate.call("kozeSetup", {"registry": case["registry"], "booleans": [], "legacy": False})
        isolate.install(harness)
        request = {"url": "http://localhost/", "params": {}, "bindings": None, "world": {}, "vars": {}, "headers": {}}
        result = json.loads(isolate.call("kozeRender", request))
    assert result["error"] is None, result["error"]
    return result["data"]["out"], result


@pytest.mark.parametrize("case", load_cases("koze/workflow_status"), ids=lambda case: case["id"])
def test_workflow_status(case: dict[str, Any]) -> None:
    out, result = run(case)
    expected = case["expect"]
    assert out["calls"] == expected["calls"]
    assert out["registeredPoll"] == expected["registeredPoll"]
    for key in ("trace", "after", "firstValueAfterSecondCall"):
        if key in expected:
            assert out[key] == expected[key]
    if "sameObject" in expected:
        assert out["sameObject"] == expected["sameObject"]
    if "page" in expected:
        poll = result["poll"]
        assert poll["directive"] == expected["page"]["directive"]
        assert ("1" if poll["done"] else None) == expected["page"]["doneHeader"]
