"""One instance of a workflow from its creation to its end.

``run_workflow`` gives a dict in the shape of Cloudflare's engine as recorded: ``status``, ``output`` (structured
values, marked), ``output_json`` where the JSON form differs, ``error``, ``steps``, ``history``, ``after_end``,
``console``, ``action_results``; and beyond it ``virtual_ms``, ``at_ms`` on steps and attempts (with ``end_ms``), and
``events``, the history with times. Its default is the local engine's behaviour (``production=False``), which is what
``koze-lsp run`` shows; the joined preview of a page uses production's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from koze_lsp.preview.engine.session import END_OF_TIME_MS, Limits, Workflow, WorkflowWorld
from koze_lsp.preview.isolate import ScriptError
from koze_lsp.preview.modules import Resolver

#: Keys of a scenario that concern the run of a workflow.
SCENARIO_KEYS = ("params", "env", "actions", "stop_after_ms", "steps", "waits", "fetch")


def run_workflow(  # noqa: PLR0913
    workflow: Workflow,
    resolve: Resolver,
    *,
    scenario: Mapping[str, Any] | None = None,
    instance_id: str | None = None,
    env: Mapping[str, Any] | None = None,
    bindings: Mapping[str, str] | None = None,
    others: Callable[[], tuple[Workflow, ...]] | None = None,
    skip_sleeps: bool = False,
    production: bool = False,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Runs one instance to its end; see the module.

    ``scenario``: ``params`` (marked JSON; absent = created without params), ``env`` (values beside the wrangler
    file's), ``actions``, ``stop_after_ms`` (virtual), ``steps`` and ``waits`` (mocks by step name), ``fetch``.
    ``others`` is asked, after the workflow's own modules are loaded, which other workflows it may use.
    ``skip_sleeps`` ends sleeps and the delays of retries at once.

    Raises ``ScriptError`` when the module can't be loaded, ``LimitExceeded`` when the run is stopped.
    """
    given = dict(scenario or {})
    with WorkflowWorld(
        workflows=(workflow,),
        resolve=resolve,
        production=production,
        env={**(env or {}), **given.get("env", {})},
        bindings=bindings or {},
        fetch=given.get("fetch"),
        mocks=tuple(_mocks(given)),
        limits=limits or Limits(),
    ) as world:
        for other in others() if others is not None else ():
            world.add(other, optional=True)
        options: dict[str, Any] = {"actions": given.get("actions", []), "watch": True}
        if skip_sleeps:
            options["engine"] = {"skipSleeps": True, "skipRetryDelays": True}
        if instance_id is not None:
            options["id"] = instance_id
        if "params" in given:
            options["params"] = given["params"]
        made = world.create(workflow.binding, **options)
        stop = given.get("stop_after_ms")
        world.advance_to(END_OF_TIME_MS if stop is None else float(stop))
        return result_of(world, workflow.binding, made, actions=bool(given.get("actions")))


def result_of(world: WorkflowWorld, binding: str, instance_id: str, *, actions: bool = False) -> dict[str, Any]:
    """The presentable result of an instance as it stands."""
    report = world.report(binding, instance_id)
    console = world.take_console()
    result: dict[str, Any] = {"status": report["status"], "output": report["output"]}
    if report["status"] == "complete" and report["output"] != report["json"]:
        result["output_json"] = report["json"]
    result["error"] = report["error"]
    result["steps"] = report["steps"]
    result["history"] = report["history"]
    if report["after_end"]:
        result["after_end"] = report["after_end"]
    result["console"] = [{"level": entry.level, "args": list(entry.args)} for entry in console]
    if actions or report["actionResults"]:
        result["action_results"] = report["actionResults"]
    result["virtual_ms"] = report["virtual_ms"] - report["created_ms"]
    result["events"] = [
        {"event": event, "at_ms": at} for event, at in zip(report["history"], report["history_at_ms"], strict=True)
    ]
    if report["stack"]:
        result["stack"] = report["stack"]
    return result


def _mocks(scenario: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``steps: {name: {result} | {error, times} | {timeout: true, times}}`` and ``waits: {name: {timeout: true}}``."""
    mocks: list[dict[str, Any]] = []
    for key, wait in (("steps", False), ("waits", True)):
        for name, mock in (scenario.get(key) or {}).items():
            if not isinstance(mock, Mapping):
                raise ScriptError(f"{key}.{name} of the scenario must be an object such as {{ result: … }}")
            error = mock.get("error")
            made = dict(mock)
            if isinstance(error, str):
                made["error"] = {"message": error}
            mocks.append({"binding": mock.get("workflow", "*"), "step": name, "wait": wait, **made})
    return mocks


def check_scenario(value: Any) -> dict[str, Any]:
    """A scenario whose keys and kinds are right.

    Raises:
        ScriptError: what is wrong with it, and what would be right.
    """
    if not isinstance(value, dict):
        raise ScriptError("a scenario is an object: { params: …, actions: […] }")
    kinds: dict[str, tuple[type, ...]] = {"env": (dict,), "actions": (list,), "stop_after_ms": (int, float)}
    kinds |= {"steps": (dict,), "waits": (dict,), "fetch": (dict,)}
    for key, found in value.items():
        if key not in SCENARIO_KEYS and key not in _PAGE_KEYS:
            raise ScriptError(f"unknown key `{key}`; a scenario of a run has {', '.join(SCENARIO_KEYS)}")
        if key in kinds and not isinstance(found, kinds[key]):
            raise ScriptError(f"`{key}` must be {_KIND_NAMES[kinds[key][0]]}")
    for index, action in enumerate(value.get("actions", [])):
        _check_action(action, f"actions[{index}]")
    return value


_PAGE_KEYS = ("url", "ticks", "run", "server", "hidden")  # a page's scenario may be run as well
_KIND_NAMES = {dict: "an object", list: "a list", int: "a number of milliseconds"}
ACTIONS = ("sendEvent", "pause", "resume", "terminate", "restart", "skipSleep", "failNextAttempt")


def _check_action(action: Any, where: str) -> None:
    if not isinstance(action, dict) or action.get("do") not in ACTIONS:
        raise ScriptError(f"{where}: `do` must be one of {', '.join(ACTIONS)}")
    after = action.get("after")
    if "at" not in action and not (isinstance(after, dict) and isinstance(after.get("type"), str)):
        raise ScriptError(
            f"{where}: say when: `after: {{ type, step }}` with `delay_ms`, or `at` (virtual milliseconds)"
        )
    if "at" in action and not isinstance(action["at"], (int, float)):
        raise ScriptError(f"{where}: `at` must be a number of virtual milliseconds")
    event = action.get("event")
    if action["do"] == "sendEvent" and not (isinstance(event, dict) and "type" in event):
        raise ScriptError(f"{where}: sendEvent needs `event: {{ type, payload }}`")
