"""A world of workflows and their instances on one virtual clock.

``WorkflowWorld`` owns an isolate in which the workflows of an application run. The poll loop of a page advances it
(``advance_to``) and reads statuses (``status``) at its own moments; the buttons of the preview page call the same
methods as a scenario's actions. All times are virtual milliseconds since the world began.

What the engine does follows Cloudflare's local engine (wrangler 4.164, observed); ``production=True`` differs where
production is documented to: ``waiting`` while an instance sleeps, and 10 s as the default delay of retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from koze_lsp.preview.isolate import MIB, ConsoleEntry, Host, Isolate, ScriptError
from koze_lsp.preview.modules import Resolver, Source, install_linker, link

_HERE = Path(__file__).resolve().parent
_PARTS = ("rules", "border", "streams", "http", "record", "context", "stub", "instance", "world", "bindings")
DEFAULT_STEP_LIMIT = 10_000
#: A moment that no clock of ours reaches.
END_OF_TIME_MS = 8.64e15
#: 2026-01-01T00:00:00Z: when worlds begin unless told otherwise, so that a run repeats exactly.
DEFAULT_EPOCH_MS = 1_767_225_600_000.0


@lru_cache(maxsize=1)
def _engine_source() -> str:
    head = "'use strict';\n"
    return head + "\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in _PARTS)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow of the application.

    ``binding`` names it in ``env``, ``name`` is its name in the wrangler file, ``class_name`` the class that ``source``
    exports; None means its only workflow class. ``step_ms``: virtual milliseconds that each attempt of a step takes
    beside what its own timers take.
    """

    binding: str
    name: str
    class_name: str | None
    source: Source
    step_limit: int = DEFAULT_STEP_LIMIT
    step_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a world may use: V8 memory in bytes, real milliseconds for one call, console calls and characters."""

    memory: int = 256 * MIB
    timeout_ms: float = 30_000.0
    console_entries: int = 10_000
    console_characters: int = 4 * MIB


@dataclass(eq=False)
class WorkflowWorld:
    """See the module. Not thread-safe beyond what ``Isolate`` gives: one call at a time."""

    workflows: tuple[Workflow, ...]
    resolve: Resolver
    production: bool = True
    env: Mapping[str, Any] = field(default_factory=dict)
    bindings: Mapping[str, str] = field(default_factory=dict)  # other bindings: name → kind (kv, r2, …)
    fetch: Mapping[str, Any] | None = None
    mocks: tuple[Mapping[str, Any], ...] = ()
    limits: Limits = field(default_factory=Limits)
    epoch_ms: float = DEFAULT_EPOCH_MS
    seed: int = 1
    isolate: Isolate = field(init=False)

    def __post_init__(self) -> None:
        limits = self.limits
        self.isolate = Isolate(
            memory_limit=limits.memory,
            now_ms=self.epoch_ms,
            seed=self.seed,
            console_entries=limits.console_entries,
            console_characters=limits.console_characters,
        )
        install_linker(self.isolate)
        self.isolate.install(_engine_source())
        self.isolate.call("configureEngine", {"production": self.production})
        self.isolate.call("setVars", dict(self.env))
        self.isolate.call("simulateBindings", dict(self.bindings), dict(self.env), self.fetch or {})
        self.isolate.call("addMocks", [dict(mock) for mock in self.mocks])
        for workflow in self.workflows:
            self.add(workflow)

    def __enter__(self) -> WorkflowWorld:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees the isolate."""
        self.isolate.close()

    def add(self, workflow: Workflow, *, optional: bool = False) -> None:
        """Loads one more workflow. An ``optional`` one that can't be loaded is an error only when it is used.

        Raises:
            ScriptError: it can't be loaded: a syntax error, a missing import, no workflow class.
        """
        try:
            link(self.isolate, workflow.source, self.resolve, timeout_ms=self.limits.timeout_ms)
            self.isolate.call("defineWorkflow", _definition(workflow))
        except ScriptError as error:
            if not optional:
                raise
            self.isolate.call("defineBroken", workflow.binding, str(error))

    # -- the clock

    def now(self) -> float:
        """Virtual milliseconds since the world began."""
        return self.isolate.now() - self.epoch_ms

    def next_event_at(self) -> float | None:
        """When something will next happen by itself, or ``None``."""
        at = self.isolate.next_event_at()
        return None if at is None else at - self.epoch_ms

    def advance_to(self, ms: float, host: Host | None = None) -> float | None:
        """Lets everything happen that is due up to ``ms``; tells when the next thing is due."""
        at = self.isolate.advance(self.epoch_ms + ms, timeout_ms=self.limits.timeout_ms, host=host)
        return None if at is None else at - self.epoch_ms

    # -- instances

    def create(self, binding: str, **options: Any) -> str:
        """Creates and starts an instance; its id. ``options``: ``id``, ``params`` (marked JSON; absent = none),
        ``actions`` (as in a scenario), ``engine`` (``queuedMs``, ``skipSleeps``, ``skipRetryDelays``), ``watch``."""
        made: str = self.isolate.call("createInstance", binding, options)
        return made

    def status(self, binding: str, instance_id: str) -> dict[str, Any]:
        """What ``instance.status()`` answers now; raises ``ScriptError`` (instance.not_found)."""
        answer: dict[str, Any] = self.isolate.call("instanceStatus", binding, instance_id)
        return answer

    def instances(self) -> list[dict[str, Any]]:
        """All instances: binding, workflow, id, status, created_ms."""
        found: list[dict[str, Any]] = self.isolate.call("instances")
        return found

    def report(self, binding: str, instance_id: str) -> dict[str, Any]:
        """Everything known of an instance, in the shape that ``run.result_of`` makes presentable."""
        answer: dict[str, Any] = self.isolate.call("instanceReport", binding, instance_id)
        return answer

    def take_console(self) -> list[ConsoleEntry]:
        """What the workflows printed since the last time this was asked."""
        return self.isolate.take_console()

    def _act(self, binding: str, instance_id: str, action: str, **options: Any) -> None:
        self.isolate.call(
            "instanceAction",
            binding,
            instance_id,
            action,
            options,
            until_ms=self.isolate.now(),
            timeout_ms=self.limits.timeout_ms,
        )

    def send_event(self, binding: str, instance_id: str, event_type: str, payload: Any = None) -> None:
        """Sends an event; it waits in the instance until a waitForEvent of its type takes it."""
        self._act(binding, instance_id, "sendEvent", event={"type": event_type, "payload": payload})

    def pause(self, binding: str, instance_id: str) -> None:
        """Pauses when no step runs (at once if none does)."""
        self._act(binding, instance_id, "pause")

    def resume(self, binding: str, instance_id: str) -> None:
        """Goes on after a pause: run() starts from the top, finished steps are skipped."""
        self._act(binding, instance_id, "resume")

    def terminate(self, binding: str, instance_id: str, *, rollback: bool = False) -> None:
        """Ends the instance; raises ``ScriptError`` if it has ended already."""
        self._act(binding, instance_id, "terminate", rollback=rollback)

    def restart(self, binding: str, instance_id: str, **options: Any) -> None:
        """Starts anew. ``from_step={"name", "count", "type"}`` keeps the results before that step; ``params`` (marked
        JSON) replaces the input."""
        given = {("from" if key == "from_step" else key): value for key, value in options.items()}
        self._act(binding, instance_id, "restart", **given)

    def skip_sleep(self, binding: str, instance_id: str, step: str | None = None) -> None:
        """Ends open sleeps, event timeouts and retry delays at once: all, or those of ``step`` (``name-1``)."""
        self._act(binding, instance_id, "skipSleep", **({} if step is None else {"step": step}))

    def fail_next_attempt(self, binding: str, instance_id: str, step: str | None = None) -> None:
        """The next attempt (of ``step``, as ``name-1``) throws instead of running its callback."""
        self._act(binding, instance_id, "failNextAttempt", **({} if step is None else {"step": step}))


def _definition(workflow: Workflow) -> dict[str, Any]:
    return {
        "binding": workflow.binding,
        "name": workflow.name,
        "className": workflow.class_name,
        "key": workflow.source.key,
        "file": workflow.source.filename,
        "stepLimit": workflow.step_limit,
        "stepMs": workflow.step_ms,
    }


__all__ = ["DEFAULT_STEP_LIMIT", "END_OF_TIME_MS", "Limits", "ScriptError", "Workflow", "WorkflowWorld"]
