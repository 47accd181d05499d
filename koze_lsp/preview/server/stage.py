"""A stage: one route (or one run of a workflow) that is being shown, with its clock, its history and its controls.

The stage is the whole state behind a page; the page itself only shows it and asks for changes. Virtual time passes
only when `advance` is called, so a preview that nobody looks at does nothing. A stage may be used from any thread.
All times are virtual milliseconds since the first load.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from koze_lsp.preview.appfiles import AppFiles
from koze_lsp.preview.engine.app import Application
from koze_lsp.preview.html import visible_text
from koze_lsp.preview.isolate import PreviewError
from koze_lsp.preview.joined import EngineSource
from koze_lsp.preview.poll import Answer, NetworkFailure, PollOptions, Tick, run_poll
from koze_lsp.preview.scenario import Scenario, ScenarioError
from koze_lsp.preview.server.moments import Event, History, Moment
from koze_lsp.preview.server.tab import CONDITIONS, Tab
from koze_lsp.preview.session import EXPIRED, OFFLINE, PreviewSession, Response, UsageError
from koze_lsp.project.project import Project

__all__ = ["Stage", "StageError"]

_MAX_TICKS_AT_ONCE = 2000
_MAX_REAL_S = 1.0
_QUIET_POLLS = 200


class StageError(Exception):
    """Something that cannot be done now; the text is for the user."""


@dataclass(eq=False)
class Stage:
    """See the module. Make it with `open`; `subject` is the route's file or the workflow's."""

    root: str
    subject: str
    project: Project
    production: bool = True
    scenario_path: str | None = None
    use_scenario: bool = True
    workflow: str | None = None
    """The binding, when a workflow is shown without a page."""
    version: int = 0
    generation: int = 0
    history: History = field(default_factory=History)
    tab: Tab = field(default_factory=Tab)
    problem: str = ""
    """Why the present text cannot be shown, while the one before it goes on."""
    changed: Callable[[], None] | None = None
    """Called, on any thread, when the stage changed by itself."""

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.started_ms = time.time() * 1000
        self.now = 0.0
        self.next_tick: float | None = None
        self.request = 0
        self.session: PreviewSession | None = None
        self.source: EngineSource | None = None
        self._poll: Iterator[Tick] = iter(())
        self._answered: Response | None = None
        self._edited = False

    # -- opening

    @classmethod
    def open(
        cls,
        project: Project,
        subject: str,
        *,
        scenario: str | None = None,
        use_scenario: bool = True,
        production: bool = True,
        workflow: str | None = None,
    ) -> Stage:
        """A stage with its page loaded, at time 0.

        Raises:
            UsageError: there is no such route or scenario.
            ScenarioError: the scenario cannot be used.
        """
        stage = cls(project.root, subject, project, production, scenario, use_scenario, workflow)
        stage.restart()
        return stage

    def close(self) -> None:
        """Free both isolates."""
        with self.lock:
            self._free()

    def _free(self) -> None:
        if self.session is not None:
            self.session.close()
        if self.source is not None:
            self.source.close()
        self.session = self.source = None

    def files(self) -> AppFiles:
        """The application's files with what the editor holds laid over them."""
        held = self.project.held().items()
        overlay = {path: document.source for path, document in held if document.version is not None}
        return AppFiles(self.root, overlay)

    def _session(self, files: AppFiles) -> PreviewSession:
        session = PreviewSession.open(
            self.subject,
            root=self.root,
            files=files,
            scenario=self.scenario_path,
            use_scenario=self.use_scenario,
            now_ms=self.started_ms,
        )
        self.subject = session.url if self.subject.startswith("/") else session.route
        return session

    def _source(self, workflows: Mapping[str, str], session: PreviewSession | None) -> EngineSource:
        from koze_lsp.preview.world import DefaultSource  # noqa: PLC0415

        return EngineSource(
            lambda: Application(self.project),
            workflows,
            session.scenario if session is not None else Scenario(),
            session.source if session is not None else DefaultSource({}, lambda _: ""),
            production=self.production,
            epoch_ms=self.started_ms,
        )

    def restart(self) -> None:
        """Begin again at time 0: the page is loaded, every instance is new, nothing has been done.

        Raises:
            UsageError, ScenarioError: as for `open`; then the stage is as it was.
        """
        with self.lock:
            if self.workflow is not None:
                binding = self.workflow
                names = {item.name: item.binding for item in self.project.workflows.workflows}
                session, source = None, self._source(names or {binding: binding}, None)
            else:
                session = self._session(self.files())
                source = self._source(session.workflows, session)
                session.source = source
            self._free()
            self.session, self.source = session, source
            self.generation += 1
            self.history, self.tab = History(), Tab(session.scenario if session is not None else None)
            self.problem = ""
            self.now, self.request, self.next_tick = 0.0, 0, None
            if session is None:
                source.create(self.workflow or "", "run-1")
            else:
                self._begin_poll()
                self._step("load")
            self._touch()

    def _begin_poll(self) -> None:
        self._poll = run_poll(self._fetch, PollOptions(max_fetches=1 << 60))

    def _touch(self) -> None:
        self.version += 1

    # -- the clock

    def advance(self, to_ms: float) -> None:
        """Let virtual time pass up to `to_ms`. A long way is gone in parts: then `now` stays behind `to_ms`."""
        with self.lock:
            deadline = time.monotonic() + _MAX_REAL_S
            ticks = 0
            to_ms = max(to_ms, self.now)
            while self.next_tick is not None and self.next_tick <= to_ms:
                self._pass_quiet_time(to_ms)
                self._move(self.next_tick)
                self._step("fetch")
                ticks += 1
                if ticks >= _MAX_TICKS_AT_ONCE or time.monotonic() > deadline:
                    self._touch()
                    return
            self._move(to_ms)
            self._touch()

    def _pass_quiet_time(self, to_ms: float) -> None:
        """Leave out polls that would say what the last two said, when nothing happens in any instance for long: a day
        of sleep has forty thousand of them. The polls that are left keep their times."""
        last = self.history.moments[-2:]
        session = self.session
        if len(last) < 2 or session is None or session.scenario.ticks is not None or self.next_tick is None:
            return
        alike = all(moment.event == "fetch" and not moment.changed and moment.ok for moment in last)
        interval = last[-1].interval
        if not alike or not interval or any(self.tab.conditions(self.now).values()):
            return
        event = self.next_event()
        end = min([to_ms, *self.tab.starts_after(self.now), *([] if event is None else [event])])
        left_out = int((end - self.next_tick) / interval) - 1
        if left_out < _QUIET_POLLS:
            return
        self.tab.leave_out(self.now, self.next_tick + (left_out - 1) * interval)
        self.request += left_out
        self.next_tick += left_out * interval

    def _move(self, to_ms: float) -> None:
        self.now = to_ms
        if self.source is not None:
            self.source.advance(to_ms)

    def next_event(self) -> float | None:
        """When something will next happen in an instance."""
        return None if self.source is None else self.source.next_event_at()

    def _step(self, event: Event) -> None:
        """The next event of the poll loop, at `now`."""
        if event == "fetch" and self.tab.holds("hidden", self.now):
            self._record(Tick(self.now, "hidden", interval=self.history.interval()), None, "hidden")
            return
        self._answered = None
        try:
            tick = next(self._poll)
        except StopIteration:
            self.next_tick = None
            return
        shown: Event = "failed" if tick.event == "fetch-failed" else event
        self._record(tick, self._answered, shown)

    def _fetch(self, request: int, at_ms: float) -> Answer:
        del request, at_ms  # the poll loop counts from the last load; the stage knows better
        session = self.session
        if session is None:
            raise NetworkFailure("there is no page")
        number = self.request
        self.request += 1
        # Changed code is shown whatever the tab's state is: it is the preview that loads it, not the tab.
        if not self._edited and self.tab.holds("offline", self.now):
            raise NetworkFailure(OFFLINE)
        if not self._edited and self.tab.holds("expired", self.now):
            response = EXPIRED
        else:
            response = session.render(number, self.now)
            if self.source is not None:
                self.source.advance(self.now)  # creates what the page asked for first
        self._answered = response
        return Answer(response.ok, response.done, response.directive, response.body)

    def _record(self, tick: Tick, response: Response | None, event: Event) -> None:
        calls = response.calls if response is not None else ()
        self.history.record(tick, response, event, self.now, tuple(self._status_object(call) for call in calls))
        self.next_tick = None if tick.interval is None else self.now + tick.interval

    def _status_object(self, call: Any) -> dict[str, Any]:
        """What the page's script got from workflowStatus. Source: the Koze framework, workflow status."""
        if call.error is not None:
            return {"pending": False, "error": call.error, "success": False}
        source, session = self.source, self.session
        raw = None
        if source is not None and session is not None:
            raw = source.raw(session.workflows.get(call.workflow, ""), str(call.id), self.request - 1, self.now)
        given = {key: value for key, value in raw.items() if not key.startswith("$")} if isinstance(raw, dict) else {}
        return {**given, "pending": False, "error": None, "success": True}

    def moment(self, index: int) -> Moment | None:
        """The moment of that number, if it is still kept."""
        with self.lock:
            return self.history.find(index)

    # -- controls

    def tick_now(self) -> None:
        """Go to the next tick of the poll loop.

        Raises:
            StageError: the page does not poll (any more).
        """
        with self.lock:
            if self.next_tick is None:
                raise StageError("The page does not poll: there is no next tick. Restart begins again.")
            self.advance(self.next_tick)

    def event_now(self) -> None:
        """Go to where an instance goes on by itself, past all polls until then.

        Raises:
            StageError: nothing will happen by itself.
        """
        with self.lock:
            at = self.next_event()
            if at is None:
                raise StageError("Nothing will happen by itself.")
            self.advance(at)

    def act(self, action: str, binding: str, instance_id: str, **options: Any) -> None:
        """One of `course.ACTIONS` for an instance, now.

        Raises:
            StageError: it cannot do that.
        """
        with self.lock:
            if self.source is None:
                raise StageError("nothing runs here")
            try:
                self.source.act(action, binding, instance_id, **options)
            except PreviewError as error:
                raise StageError(getattr(error, "message", "") or str(error)) from None
            self._touch()

    def set_condition(self, condition: str, *, on: bool) -> None:
        """Let a condition begin or end now."""
        if condition not in CONDITIONS:
            raise StageError(f"there is no condition {condition}")
        with self.lock:
            self.tab.switch(condition, self.now, on=on)
            self._touch()

    def choose_scenario(self, path: str | None) -> None:
        """Begin again with another scenario (a path relative to the root), or with none.

        Raises:
            StageError: it cannot be used; the stage goes on as it was.
        """
        with self.lock:
            before = (self.scenario_path, self.use_scenario)
            self.scenario_path = None if path is None else os.path.join(self.root, path)
            self.use_scenario = path is not None
            try:
                self.restart()
            except (UsageError, ScenarioError) as error:
                self.scenario_path, self.use_scenario = before
                raise StageError(str(error)) from None

    def go(self, url: str) -> None:
        """Show another path of the application, as a click on a link does.

        Raises:
            StageError: no page answers it.
        """
        with self.lock:
            before = self.subject, self.scenario_path, self.use_scenario
            self.subject, self.scenario_path, self.use_scenario = url, None, True
            try:
                self.restart()
            except (UsageError, ScenarioError) as error:
                self.subject, self.scenario_path, self.use_scenario = before
                raise StageError(str(error)) from None

    # -- changes of the code

    def update(self, project: Project) -> None:
        """Take over a changed application: the same moment, with the new code. Instances keep what they have done;
        a workflow whose code changed is run again through the same course. Text that cannot be opened (a broken
        scenario) leaves the stage as it is, with `problem`."""
        with self.lock:
            if project is self.project:
                return
            self.project = project
            files = self.files()
            if self.source is not None and self.source.is_outdated(files.read):
                self.source.rebuild(Application(project), self.source.workflows)
            if self.session is not None:
                self._swap_session(files)
            self._touch()
        if self.changed is not None:
            self.changed()

    def _swap_session(self, files: AppFiles) -> None:
        try:
            session = self._session(files)
        except (UsageError, ScenarioError) as error:
            self.problem = str(error)
            return
        self.problem = ""
        old = self.session
        if self.source is None or old is None:
            return
        if session.scenario != old.scenario or session.workflows != old.workflows:
            # Another world: what has happened in the old one has no meaning in it.
            now = self.now
            self.restart()
            self.advance(now)
            return
        session.source = self.source
        old.close()
        self.session = session
        self._begin_poll()
        self._edited = True
        try:
            self._step("edit")
        finally:
            self._edited = False

    def text(self) -> str:
        """What a reader sees now."""
        last = self.history.last
        return "" if last is None else visible_text(last.body)
