"""The same run by Cloudflare's own local engine: miniflare from the application's node_modules, on real time.

A small Node script (``workerd.mjs``) bundles the workflow with esbuild, starts miniflare, creates the instance,
carries out the scenario's actions and prints what ``instance.subscribe()`` and ``status()`` say. Step mocks and
answers for ``fetch`` and bindings are the embedded engine's own and are refused here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koze_lsp.preview.engine.app import Application
from koze_lsp.preview.engine.session import Workflow
from koze_lsp.preview.isolate import LimitExceeded, PreviewError

_SCRIPT = Path(__file__).resolve().parent / "workerd.mjs"
_REMEDY = "install it in the application with `npm install --save-dev wrangler`"
#: Virtual and real time agree only this far.
COMPARED_WITHOUT_HISTORY = ("status", "output", "error", "action_results")
COMPARED = ("status", "output", "output_json", "error", "steps", "history", "after_end", "action_results")


def run_on_workerd(
    application: Application,
    workflow: Workflow,
    scenario: Mapping[str, Any],
    *,
    instance_id: str | None = None,
    skip_sleeps: bool = False,
    timeout_s: float = 30.0,
) -> dict[str, Any]:
    """Runs one instance by miniflare; the shape is that of ``run.run_workflow``, with real times and no ``console``.

    Versions of miniflare that can't be subscribed to (before wrangler 4.164's) give no ``steps`` and ``history``.

    Raises:
        PreviewError: Node or miniflare is missing (the text says how to get it), or the run could not be started.
        LimitExceeded: it took longer than ``timeout_s`` seconds of real time.
    """
    refused = [key for key in ("steps", "waits", "fetch") if scenario.get(key)]
    if refused:
        raise PreviewError(
            f"`{refused[0]}` of a scenario is for the embedded engine; --engine workerd runs the real thing"
        )
    node = shutil.which("node")
    if node is None:
        raise PreviewError("--engine workerd needs Node.js 20 or later on the PATH")
    modules = _node_modules(application.project.root)
    if modules is None:
        raise PreviewError(f"--engine workerd needs miniflare, which this application has not: {_REMEDY}")
    request = {
        "modules": modules,
        "root": application.project.root,
        "entry": workflow.source.filename,
        "className": workflow.class_name,
        "binding": workflow.binding,
        "name": workflow.name,
        "id": instance_id,
        "env": {**application.variables, **scenario.get("env", {})},
        "actions": scenario.get("actions", []),
        "skipSleeps": skip_sleeps,
        "stopAfterMs": scenario.get("stop_after_ms"),
        "timeoutMs": timeout_s * 1000,
        **({"params": scenario["params"]} if "params" in scenario else {}),
    }
    return _answer(_run(node, request, timeout_s))


def _node_modules(root: str) -> str | None:
    """The nearest node_modules that holds miniflare, also wrangler's own."""
    folder = root
    while True:
        for path in (f"{folder}/node_modules", f"{folder}/node_modules/wrangler/node_modules"):
            if os.path.isfile(f"{path}/miniflare/package.json"):
                return path
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _run(node: str, request: Mapping[str, Any], timeout_s: float) -> str:
    environment = {**os.environ, "WRANGLER_SEND_METRICS": "false", "NO_COLOR": "1", "CI": "1"}
    try:
        done = subprocess.run(
            [node, str(_SCRIPT)],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=timeout_s + 30,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LimitExceeded("time", f"the time limit of {timeout_s:g} s was reached in workerd") from None
    except OSError as error:
        raise PreviewError(f"Node.js could not be started: {error}") from None
    if done.returncode != 0 or not done.stdout.strip():
        lines = done.stderr.strip().splitlines() or ["no output"]
        raise PreviewError(f"workerd could not run the workflow: {lines[-1]}")
    return done.stdout.strip().splitlines()[-1]


def _answer(text: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(text)
    if "failure" in answer:
        raise PreviewError(f"workerd could not run the workflow: {answer['failure']}")
    return answer


def differences(embedded: Mapping[str, Any], workerd: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields in which two results of a run differ; times are left out, for one of them is virtual.

    Where workerd told no history, its output is the JSON form, and that is compared.
    """
    if "history" not in workerd:
        embedded = {**embedded, "output": embedded.get("output_json", embedded["output"])}
    found = []
    for name in COMPARED if "history" in workerd else COMPARED_WITHOUT_HISTORY:
        ours, theirs = (_without_times(result.get(name)) for result in (embedded, workerd))
        if ours != theirs and (ours or theirs):
            found.append({"field": name, "embedded": ours, "workerd": theirs})
    return found


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_times(item) for key, item in value.items() if key not in ("at_ms", "end_ms")}
    return [_without_times(item) for item in value] if isinstance(value, list) else value
