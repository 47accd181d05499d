"""The course of a preview: what was done to the workflows' instances, and when.

A changed workflow is run again through the same course, up to the same moment, and a course can be saved as a
scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from koze_lsp.preview.engine.session import WorkflowWorld
from koze_lsp.syntax.scenario_keys import DO

__all__ = ["ACTIONS", "CREATE", "QUEUED_MS", "Intervention", "perform"]

ACTIONS = tuple(DO)
CREATE = "create"
QUEUED_MS = 1000.0
"""Virtual milliseconds that an instance is queued before run() is called, unless the scenario says otherwise."""


@dataclass(frozen=True, slots=True)
class Intervention:
    """Something that was done to an instance at a virtual moment; ``action`` is ``CREATE`` or one of ``ACTIONS``."""

    at_ms: float
    action: str
    binding: str
    instance_id: str
    options: Mapping[str, Any] = field(default_factory=dict)


def perform(done: Intervention, world: WorkflowWorld, given: Mapping[str, Any]) -> None:
    """Do it now; ``given`` is what the scenario says of the run (``scenario_keys.RUN``).

    Raises:
        PreviewError: the instance cannot do that in its state, or there is none.
    """
    binding, instance_id, options = done.binding, done.instance_id, dict(done.options)
    if done.action == CREATE:
        world.create(binding, **_creation(instance_id, given))
    elif done.action == "sendEvent":
        world.send_event(binding, instance_id, options["event"]["type"], options["event"].get("payload"))
    elif done.action == "restart":
        world.restart(binding, instance_id, **options)
    elif done.action == "skipSleep":
        world.skip_sleep(binding, instance_id, options.get("step"))
    elif done.action == "failNextAttempt":
        world.fail_next_attempt(binding, instance_id, options.get("step"))
    else:
        {"pause": world.pause, "resume": world.resume, "terminate": world.terminate}[done.action](binding, instance_id)


def _creation(instance_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"id": instance_id, "actions": given.get("actions", [])}
    made["engine"] = {"queuedMs": given.get("queued_ms", QUEUED_MS)}
    if "params" in given:
        made["params"] = given["params"]
    return made
