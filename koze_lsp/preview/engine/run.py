"""One instance of a workflow from its creation to its end.

``run_workflow`` gives a dict in the shape of Cloudflare's engine as recorded: ``status``, ``output`` (structured
values, marked), ``output_json`` where the JSON form differs, ``error``, ``steps``, ``history``, ``after_end``,
``console``, ``action_results``; and beyond it ``virtual_ms``, ``at_ms`` on steps and attempts (with ``end_ms``), and
``events``, the history with times. Its default is the local engine's behaviour (``production=False``), which is what
``koze-lsp run`` shows; the joined preview of a page uses production's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from koze_lsp.preview.engine.session import END_OF_TIME_MS, Limits, Workflow, WorkflowWorld
from koze_lsp.preview.isolate import ScriptError
from koze_lsp.preview.modules import Resolver
from koze_lsp.project.naming import binding_name
from koze_lsp.syntax.scenario_keys import PAGE, RUN
from koze_lsp.syntax.scenario_run import check_run


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

    ``scenario``: what ``syntax.scenario_keys.RUN`` lists, or a page's scenario, of which the workflow's part of
    ``run`` counts; ``params`` are marked JSON, and absent when it is created without.
    ``others`` is asked, after the workflow's own modules are loaded, which other workflows it may use.
    ``skip_sleeps`` ends sleeps and the delays of retries at once.

    Raises ``ScriptError`` when the module can't be loaded, ``LimitExceeded`` when the run is stopped.
    """
    given = _options_for(workflow, scenario or {})
    workflow = replace(workflow, step_ms=float(given.get("step_ms", 0.0)))
    with WorkflowWorld(
        workflows=(workflow,),
        resolve=resolve,
        production=production,
        env={**(env or {}), **given.get("env", {})},
        bindings=bindings or {},
        fetch=given.get("fetch"),
        mocks=tuple(mocks_of(given)),
        limits=limits or Limits(),
    ) as world:
        for other in others() if others is not None else ():
            world.add(other, optional=True)
        options: dict[str, Any] = {"actions": given.get("actions", []), "watch": True}
        options["engine"] = {"queuedMs": given.get("queued_ms", 0)}
        if skip_sleeps:
            options["engine"] |= {"skipSleeps": True, "skipRetryDelays": True}
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


def mocks_of(options: Mapping[str, Any], binding: str = "*") -> list[dict[str, Any]]:
    """What ``steps`` and ``waits`` of a run say, as the engine takes it; ``binding`` is the workflow that is meant."""
    mocks: list[dict[str, Any]] = []
    for key, wait in (("steps", False), ("waits", True)):
        for name, mock in options.get(key, {}).items():
            error = mock.get("error")
            made = dict(mock)
            if isinstance(error, str):
                made["error"] = {"message": error}
            mocks.append({"binding": mock.get("workflow", binding), "step": name, "wait": wait, **made})
    return mocks


def check_scenario(value: Any) -> dict[str, Any]:
    """A scenario whose keys and kinds are right: one of a run, or one of a page, of which only ``run`` counts here.

    Raises:
        ScriptError: what is wrong with it, and what would be right.
    """
    if not isinstance(value, dict):
        raise ScriptError("a scenario is an object: { params: …, actions: […] }")
    if not _is_of_a_page(value):
        check_run(value, lambda _, message: ScriptError(message))
    elif not isinstance(value.get("run", {}), dict):
        raise ScriptError("`run` must be an object: workflow name → { params: … }")
    for name, options in value.get("run", {}).items():
        if isinstance(options, dict):
            check_run(options, lambda _, message, name=name: ScriptError(f"run.{name}: {message}"))  # type: ignore[misc]
    return value


def _is_of_a_page(value: Mapping[str, Any]) -> bool:
    return any(key in PAGE and key not in RUN for key in value) and all(key in PAGE for key in value)


def _options_for(workflow: Workflow, scenario: Mapping[str, Any]) -> dict[str, Any]:
    """What a scenario says of a workflow: all of it, or, if it is a page's, what stands under its name."""
    if not _is_of_a_page(scenario):
        return dict(scenario)
    names = (workflow.binding, *(name for name in scenario.get("run", {}) if binding_name(name) == workflow.binding))
    found = (scenario.get("run", {}).get(name) for name in names)
    return dict(next((options for options in found if isinstance(options, dict)), {}))
