"""A page's statuses from the application's own workflows: the poll loop's clock and the workflows' clock are one.

``EngineSource`` is a ``StatusSource``. The first time that a page asks for an instance, the instance is created at that
virtual moment; each later request reads its status at its own moment. A workflow that cannot be loaded falls back to
the statuses of a scenario or of the default world, and ``problems`` says why.

A run takes virtual time so that it can be seen: an instance is queued for a second, and each attempt of a step takes
one and a half. A scenario's ``run`` changes that, and gives params, mocks, answers and actions:

    run: { migration: { params: { sourceId: 'crm' }, step_ms: 0, actions: [{ at: 5000, do: 'pause' }] } }

What people do to instances meanwhile (an event, a pause, a restart) is kept as the preview's course: see ``course``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from koze_lsp.preview.course import ACTIONS, CREATE, Intervention, perform
from koze_lsp.preview.engine.run import mocks_of
from koze_lsp.preview.engine.session import Limits, Workflow, WorkflowWorld
from koze_lsp.preview.isolate import LimitExceeded, PreviewError, ScriptError
from koze_lsp.preview.poll import StatusAnswer, StatusSource
from koze_lsp.preview.scenario import Scenario, ScenarioSource

if TYPE_CHECKING:
    from koze_lsp.preview.engine.app import Application
    from koze_lsp.preview.session import PreviewSession

__all__ = ["STEP_MS", "EngineSource", "join"]

STEP_MS = 1500.0
"""Virtual milliseconds that an attempt of a step takes beside what its own timers take."""

_LIMITS = Limits(timeout_ms=5000.0)
_INSTANCE_ID = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_-]{0,99}")


class EngineSource:
    """See the module. Times are virtual milliseconds since the first load; one call at a time.

    ``workflows`` maps status names to bindings, ``samples`` answers for what is not run; ``application`` is called when
    the first instance is created.
    """

    def __init__(
        self,
        application: Callable[[], Application],
        workflows: Mapping[str, str],
        scenario: Scenario,
        samples: StatusSource,
        *,
        production: bool = True,
        epoch_ms: float,
        limits: Limits | None = None,
    ) -> None:
        self._make = application
        self._application: Application | None = None
        self.workflows = dict(workflows)
        self.options = {workflows.get(name, name): dict(given) for name, given in (scenario.run or {}).items()}
        self.samples: StatusSource = samples
        self.production = production
        self.epoch_ms = epoch_ms
        self.limits = limits or _LIMITS
        self.course: list[Intervention] = []
        self.problems: dict[str, str] = {}
        self.stopped = ""
        """Why the engine was stopped: a limit was reached. '' while it runs."""
        self.outdated: dict[str, str] = {}
        """Binding → why its present text cannot be loaded, while the text before it goes on."""
        self._sampled = self._told_by_ticks(scenario)
        self._world: WorkflowWorld | None = None
        self._loaded: set[str] = set()
        self._wanted: list[tuple[str, str]] = []
        self._statuses: dict[tuple[str, str], StatusAnswer] = {}
        self._now = 0.0

    def _told_by_ticks(self, scenario: Scenario) -> frozenset[str]:
        """The bindings whose statuses the scenario's ticks give; ``run`` wins over them."""
        if scenario.ticks is None:
            return frozenset()
        self.samples = ScenarioSource(scenario.ticks, self.workflows)
        if all(name.startswith("$") for tick in scenario.ticks for name in tick):
            return frozenset()
        return frozenset(self.workflows.values()) - set(self.options)

    @property
    def application(self) -> Application:
        """Where the workflows come from; made when the first instance is."""
        if self._application is None:
            self._application = self._make()
        return self._application

    def close(self) -> None:
        """Free the engine."""
        if self._world is not None:
            self._world.close()
            self._world = None

    # -- as a StatusSource

    def begin(self, request: int, at_ms: float) -> tuple[str, ...]:
        """Let the workflows run up to this request, and read every status at its moment."""
        self.advance(at_ms)
        told = self.samples.begin(request, at_ms)
        self._statuses = {key: self._read(*key) for key in self._created()}
        return tuple(dict.fromkeys((*(name for name in told if name in self._sampled), *self._run())))

    def _run(self) -> list[str]:
        return [binding for binding in self.workflows.values() if binding not in self._sampled]

    def world(self, request: int, at_ms: float) -> dict[str, Any]:
        """What the samples say of the workflows that are not run."""
        sampled = self._sampled | set(self.problems)
        if not sampled:
            return {}
        return {name: told for name, told in self.samples.world(request, at_ms).items() if name in sampled}

    def status(self, binding: str, instance_id: str, at_ms: float) -> StatusAnswer:
        """The status of an instance; one that was not asked for before is created, so it is queued."""
        if self.stopped:
            return StatusAnswer(throws=self.stopped)
        key = (binding, instance_id)
        if key in self._statuses:
            return self._statuses[key]
        if binding not in self.workflows.values() or not _INSTANCE_ID.fullmatch(instance_id):
            return StatusAnswer(throws="instance.not_found")
        if binding in self.problems:
            sample = self.samples.status(binding, instance_id, at_ms)
            return sample if sample.throws is None else StatusAnswer(throws=self.problems[binding])
        if key not in self._wanted:
            self._wanted.append(key)
        return StatusAnswer({"status": "queued", "error": None, "output": None})

    def _read(self, binding: str, instance_id: str) -> StatusAnswer:
        try:
            return StatusAnswer(self._engine().status(binding, instance_id))
        except PreviewError as error:
            self._note(error)
            return StatusAnswer(throws=self.stopped or str(error))

    # -- the clock

    def advance(self, at_ms: float) -> None:
        """Create what the last request asked for first, then let everything happen that is due."""
        self._create_wanted()
        if self._world is not None and not self.stopped and at_ms > self._now:
            try:
                self._world.advance_to(at_ms)
            except PreviewError as error:
                self._note(error)
        self._now = max(self._now, at_ms)

    def next_event_at(self) -> float | None:
        """When something will next happen in an instance by itself."""
        self._create_wanted()
        return None if self._world is None or self.stopped else self._world.next_event_at()

    def _create_wanted(self) -> None:
        wanted, self._wanted = self._wanted, []
        for binding, instance_id in wanted:
            if binding not in self.problems:
                self._do(Intervention(self._now, CREATE, binding, instance_id))

    # -- instances

    def create(self, binding: str, instance_id: str) -> None:
        """Create an instance now, as a page does that asks for it first."""
        self._do(Intervention(self._now, CREATE, binding, instance_id))

    def act(self, action: str, binding: str, instance_id: str, **options: Any) -> None:
        """Do one of ``ACTIONS`` now: ``event`` for sendEvent, ``step`` (``name-1``) for skipSleep and failNextAttempt,
        ``from_step`` and ``params`` for restart.

        Raises:
            PreviewError: the instance cannot do that in its state, or there is none.
        """
        if action not in ACTIONS:
            raise ScriptError(f"there is no action {action}")
        self._create_wanted()
        done = Intervention(self._now, action, binding, instance_id, options)
        self._perform(done)
        self.course.append(done)

    def reports(self) -> list[dict[str, Any]]:
        """Every instance with its steps and history, in the order of creation."""
        self._create_wanted()
        if self._world is None or self.stopped:
            return []
        found = []
        names = {binding: name for name, binding in self.workflows.items()}
        for made in self._world.instances():
            report = self._world.report(made["binding"], made["id"])
            found.append({**report, "id": made["id"], "binding": made["binding"], "workflow": names[made["binding"]]})
        return sorted(found, key=lambda report: report["created_ms"])

    def raw(self, binding: str, instance_id: str, request: int, at_ms: float) -> Any:
        """What the world last answered for an instance, before the framework's additions."""
        known = self._statuses.get((binding, instance_id))
        if known is not None:
            return known.value
        told = self.world(request, at_ms).get(binding)
        if told is not None:
            return told.get(instance_id, told.get("*"))
        if binding in self.problems:
            return self.samples.status(binding, instance_id, at_ms).value
        return {"status": "queued", "error": None, "output": None}

    # -- changes of the code

    def is_outdated(self, read: Callable[[str], str | None]) -> bool:
        """Whether a file that the workflows were loaded from reads otherwise now."""
        return self._application is not None and any(
            read(path) != text for path, text in self.application.texts.items()
        )

    def rebuild(self, application: Application, workflows: Mapping[str, str]) -> None:
        """Run the course again with changed code, up to the present moment. Where the new code cannot be loaded, the
        old goes on and ``problems`` says why."""
        old = (self._world, self._application, self.workflows, dict(self.problems), self._loaded, self.stopped)
        course, now = list(self.course), self._now
        self._world, self._application, self.workflows = None, application, dict(workflows)
        self._loaded, self.problems, self.stopped, self.outdated = set(), {}, "", {}
        broken = self._replay(course, now)
        if broken and old[0] is not None and not old[5]:
            self.close()
            self._world, self._application, self.workflows, _, self._loaded, self.stopped = old
            # Texts that cannot be loaded are remembered, so that only a further change is tried.
            self.application.texts.update(application.texts)
            self.problems = dict(old[3])
            self.outdated = broken
        elif old[0] is not None:
            old[0].close()
        self.course, self._now = course, now

    def _replay(self, course: list[Intervention], now: float) -> dict[str, str]:
        self._now = 0.0
        for done in course:
            self.advance(done.at_ms)
            try:
                self._perform(done)
            except PreviewError as error:
                # An action that the changed workflow has no use for any more is simply not done.
                self._note(error, done.binding if done.action == CREATE else "")
        self.advance(now)
        return dict(self.problems)

    def restart(self) -> None:
        """Forget all instances and everything that was done: the clock begins again."""
        self.close()
        self.course, self._wanted, self._statuses = [], [], {}
        self._loaded, self.problems, self.stopped, self._now = set(), {}, "", 0.0

    # -- inside

    def _created(self) -> list[tuple[str, str]]:
        if self._world is None or self.stopped:
            return []
        return [(made["binding"], made["id"]) for made in self._world.instances()]

    def _do(self, intervention: Intervention) -> None:
        try:
            self._perform(intervention)
        except PreviewError as error:
            self._note(error, intervention.binding)
        else:
            self.course.append(intervention)

    def _perform(self, done: Intervention) -> None:
        if self.stopped:
            raise ScriptError(self.stopped)
        world = self._engine()
        if done.action == CREATE:
            self._load(done.binding)
        perform(done, world, self.options.get(done.binding, {}))

    def _engine(self) -> WorkflowWorld:
        if self._world is None:
            env: dict[str, Any] = dict(self.application.variables)
            fetch: dict[str, Any] = {}
            for options in self.options.values():
                env |= options.get("env", {})
                fetch |= options.get("fetch", {})
            self._world = WorkflowWorld(
                workflows=(),
                resolve=self.application.resolve,
                production=self.production,
                env=env,
                bindings=self.application.bindings,
                fetch=fetch,
                mocks=tuple(mock for binding, given in self.options.items() for mock in mocks_of(given, binding)),
                limits=self.limits,
                epoch_ms=self.epoch_ms,
            )
            self._world.advance_to(self._now)
        return self._world

    def _load(self, binding: str) -> None:
        """Load a workflow and those that it mentions, once."""
        if binding in self._loaded:
            return
        engine = self._engine()
        workflow = self.application.find(binding)
        engine.add(self._paced(workflow))
        self._loaded.add(binding)
        for other in self.application.mentioned(workflow):
            if other.binding not in self._loaded:
                engine.add(self._paced(other), optional=True)
                self._loaded.add(other.binding)

    def _paced(self, workflow: Workflow) -> Workflow:
        return replace(workflow, step_ms=float(self.options.get(workflow.binding, {}).get("step_ms", STEP_MS)))

    def _note(self, error: PreviewError, binding: str = "") -> None:
        if isinstance(error, LimitExceeded):
            self.stopped = f"The workflow was stopped: {error}"
            self.close()
        elif binding:
            place = ""
            if isinstance(error, ScriptError) and error.file and error.line:
                place = f"{error.file}:{error.line}:{error.column or 1}: "
            self.problems[binding] = f"{place}{error}"


def join(session: PreviewSession, *, production: bool = True) -> EngineSource:
    """Let a session's statuses come from its application's workflows; gives the source, which must be closed."""

    def application() -> Application:
        # The parsers and the project are not needed before the first answer is there.
        from koze_lsp.preview.engine.app import Application  # noqa: PLC0415
        from koze_lsp.preview.serverfiles import server_project  # noqa: PLC0415

        return Application(server_project(session.files))

    source = EngineSource(
        application,
        session.workflows,
        session.scenario,
        session.source,
        production=production,
        epoch_ms=session.started_ms,
    )
    session.source = source
    return source
