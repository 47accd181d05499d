"""The state behind the page, without a browser: what the tab does, what a course says, what an edit leaves alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from koze_lsp.preview.poll import PollOptions
from koze_lsp.preview.server.saving import course_of, save
from koze_lsp.preview.server.stage import Stage, StageError
from koze_lsp.preview.server.tab import Tab
from koze_lsp.preview.session import PreviewSession
from koze_lsp.project.workspace import Workspace
from koze_lsp.syntax.scenario import parse_scenario
from koze_lsp.text import Text

ROUTE = "src/routes/migrations/[id].html"


@pytest.fixture
def workspace(app: Path) -> Workspace:
    found = Workspace()
    found.load(str(app))
    return found


@pytest.fixture
def stage(app: Path, workspace: Workspace) -> Iterator[Stage]:
    opened = Stage.open(workspace.project(str(app)), ROUTE)
    yield opened
    opened.close()


def events(stage: Stage) -> list[tuple[float, str, int | None]]:
    return [(moment.at_ms, moment.event, moment.http) for moment in stage.history.moments]


@pytest.mark.parametrize(
    ("condition", "told"), [("hidden", ("hidden", None)), ("offline", ("failed", None)), ("expired", ("fetch", 401))]
)
def test_a_condition_is_saved_and_told_again(stage: Stage, condition: str, told: tuple[str, int]) -> None:
    stage.set_condition(condition, on=True)
    stage.tick_now()
    stage.tick_now()
    stage.set_condition(condition, on=False)
    stage.tick_now()
    assert events(stage) == [(0, "load", 200), (2000, *told), (4000, *told), (6000, "fetch", 200)]
    text = course_of(stage)
    # Switched after the poll of that moment, so a plan begins and ends just behind it.
    assert f"{condition}: {{ from: 1, to: 4001 }}" in text
    assert text.startswith("{")  # nothing is left to a remark
    before = events(stage)
    stage.choose_scenario(save(stage, "again"))
    for _ in range(3):
        stage.tick_now()
    assert events(stage) == before


def test_what_still_holds_is_saved_without_an_end(stage: Stage) -> None:
    stage.tick_now()
    stage.set_condition("expired", on=True)
    text = course_of(stage)
    assert "expired: { from: 2001 }" in text
    assert parse_scenario(text, "a.preview.json5").expired == ((2001.0, float("inf")),)


def test_a_condition_that_lasted_no_time_is_not_saved(stage: Stage) -> None:
    stage.set_condition("offline", on=True)
    stage.set_condition("offline", on=False)
    assert "offline" not in course_of(stage)


def test_the_terminal_tells_the_same_story(app: Path, stage: Stage) -> None:
    for condition in ("offline", "expired"):
        stage.set_condition(condition, on=True)
        stage.tick_now()
        stage.set_condition(condition, on=False)
    stage.tick_now()
    save(stage, "")
    session = PreviewSession.open(ROUTE, root=str(app))
    ticks = list(session.ticks(PollOptions(max_fetches=4)))
    session.close()
    assert [(tick.at_ms, tick.http, tick.failure) for tick in ticks[:4]] == [
        (0, 200, ""),
        (2000, None, "Failed to fetch"),
        (4000, 401, ""),
        (6000, 200, ""),
    ]


def test_a_page_that_runs_only_as_long_as_its_scenario_says(app: Path) -> None:
    (app / "src/routes/migrations/[id].preview.json5").write_text("{ run: { migration: { stop_after_ms: 2500 } } }")
    session = PreviewSession.open(ROUTE, root=str(app))
    assert [tick.at_ms for tick in session.ticks()] == [0, 2000]
    session.close()


@pytest.mark.parametrize("condition", ["offline", "expired"])
def test_an_edit_shows_whatever_the_tab_does(app: Path, workspace: Workspace, stage: Stage, condition: str) -> None:
    stage.set_condition(condition, on=True)
    stage.tick_now()
    text = (app / ROUTE).read_text(encoding="utf-8").replace("Now running", "Now it runs")
    workspace.open(f"{app}/{ROUTE}", Text(text), 2)
    stage.update(workspace.project(str(app)))
    assert stage.text() == "Now it runs"
    stage.tick_now()  # polling goes on, and the tab is as it was
    assert not stage.history.moments[-1].ok
    assert stage.text() == "Now it runs"


def test_unknown_conditions(stage: Stage) -> None:
    with pytest.raises(StageError, match="no condition rain"):
        stage.set_condition("rain", on=True)


def test_tab() -> None:
    tab = Tab(parse_scenario("{ hidden: [{ from: 5, to: 9 }], offline: { from: 20 } }", "a.preview.json5"))
    assert [tab.holds("hidden", at) for at in (4, 5, 8, 9)] == [False, True, True, False]
    assert tab.starts_after(6) == [20.0]
    tab.switch("offline", 30, on=True)  # it holds already
    tab.switch("offline", 40, on=False)
    assert [tab.holds("offline", at) for at in (30, 39, 40, 1000)] == [True, True, False, False]
