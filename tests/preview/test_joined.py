"""Pages whose statuses come from their own workflows: one clock for both, scenarios' `run`, courses, changed code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from koze_lsp.preview.appfiles import AppFiles
from koze_lsp.preview.engine.app import Application
from koze_lsp.preview.isolate import PreviewError
from koze_lsp.preview.joined import EngineSource, join
from koze_lsp.preview.poll import PollOptions
from koze_lsp.preview.scenario import ScenarioError
from koze_lsp.preview.session import PreviewSession
from koze_lsp.project.workspace import Workspace
from tests.preview.page.conftest import FILES

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "migrations"
ROUTE = "src/routes/migrations/[id].html"
APPROVALS = "src/routes/approvals/[id].html"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def opened(app: Path, route: str = ROUTE, **options: Any) -> tuple[PreviewSession, EngineSource]:
    session = PreviewSession.open(route, root=str(app))
    return session, join(session, **options)


def story(session: PreviewSession, count: int = 12) -> list[tuple[float, list[Any]]]:
    ticks = session.ticks(PollOptions(max_fetches=count))
    return [(tick.at_ms, [call.error or call.status for call in tick.calls]) for tick in ticks]


def test_the_documentation_page_with_its_own_workflow() -> None:
    session = PreviewSession.open(str(EXAMPLES / "src/routes/migrations/[id]/index.html"))
    source = join(session)
    ticks = list(session.ticks())
    assert [(tick.at_ms, tick.calls[0].status) for tick in ticks] == [
        (0, "queued"),
        (2000, "running"),
        (4000, "running"),
        (6000, "complete"),
    ]
    assert ticks[-1].interval is None
    assert "3 rows migrated" in ticks[-1].text
    assert source.problems == {}
    source.close()
    session.close()


def test_each_instance_is_its_own() -> None:
    session = PreviewSession.open(str(EXAMPLES / "src/routes/migrations/index.html"))
    source = join(session)
    list(session.ticks())
    assert [(report["id"], report["status"], report["json"]) for report in source.reports()] == [
        ("m1", "complete", {"migrated": 3}),
        ("m2", "complete", {"migrated": 3}),
    ]


def test_production_waits_and_the_local_engine_runs(app: Path) -> None:
    for production, status in ((True, "waiting"), (False, "running")):
        session, source = opened(app, APPROVALS, production=production)
        assert story(session, 2)[-1] == (10_000, [status])
        source.close()


def test_run_of_a_scenario(app: Path) -> None:
    (app / "src/routes/approvals/[id].preview.json5").write_text(
        """{ params: { id: 'q3' }, run: { approval: {
          params: { name: 'Grace' }, queued_ms: 0, step_ms: 0, waits: {},
          actions: [{ at: 7000, do: 'skipSleep' }, { at: 8000, do: 'sendEvent', event: { type: 'approved', payload: { by: 'Ada' } } }],
        } } }""",
        encoding="utf-8",
    )
    session, source = opened(app, APPROVALS)
    ticks = list(session.ticks())
    assert [tick.at_ms for tick in ticks] == [0, 5000, 10_000]
    assert "By Ada for Grace" in ticks[-1].text
    source.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ run: { migratoin: {} } }", "there is no workflow `migratoin`"),
        ("{ run: { migration: 3 } }", "this is an object"),
        ("{ run: { migration: { step_ms: -1 } } }", "virtual milliseconds"),
        ("{ run: { migration: { actions: [{ do: 'dance', at: 1 }] } } }", "`do` must be one of"),
    ],
)
def test_scenarios_that_make_no_sense(app: Path, text: str, message: str) -> None:
    (app / "src/routes/migrations/[id].preview.json5").write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        opened(app)


def test_ticks_and_run_together(app: Path) -> None:
    (app / "src/routes/several.preview.json5").write_text(
        "{ ticks: [{ approval: { '*': { status: 'paused' } } }], run: { migration: {} } }", encoding="utf-8"
    )
    session, source = opened(app, "src/routes/several.html")
    assert story(session, 4)[-1] == (4000, ["complete", "paused"])
    source.close()


def test_network_ticks_leave_the_run_alone(app: Path) -> None:
    (app / "src/routes/migrations/[id].preview.json5").write_text(
        "{ ticks: [{}, { $network: 'Failed to fetch' }, {}] }", encoding="utf-8"
    )
    session, source = opened(app)
    assert story(session) == [(0, ["queued"]), (2000, []), (4000, ["complete"])]
    source.close()


def test_a_workflow_that_cannot_be_loaded_is_shown_by_samples(app: Path) -> None:
    text = FILES["src/server/migration.workflow.ts"] + "throw new Error('no database here');\n"
    (app / "src/server/migration.workflow.ts").write_text(text, encoding="utf-8")
    session, source = opened(app)
    assert story(session) == [(0, ["queued"]), (2000, ["running"]), (4000, ["complete"])]
    assert "no database here" in source.problems["MIGRATION_WORKFLOW"]
    source.close()


def test_ids_that_cannot_be(app: Path) -> None:
    session, source = opened(app)
    source.begin(0, 0)
    assert source.status("MIGRATION_WORKFLOW", "a b", 0).throws == "instance.not_found"
    assert source.status("NO_WORKFLOW", "1", 0).throws == "instance.not_found"
    session.close()


def test_an_endless_workflow_is_stopped(app: Path) -> None:
    text = FILES["src/server/migration.workflow.ts"].replace("async () => [1, 2, 3]", "async () => { for (;;); }")
    (app / "src/server/migration.workflow.ts").write_text(text, encoding="utf-8")
    session = PreviewSession.open(ROUTE, root=str(app))
    source = join(session)
    source.limits = type(source.limits)(timeout_ms=300)
    found = story(session, 2)
    assert "was stopped" in found[-1][1][0]
    assert "fetch-data" in source.stopped
    with pytest.raises(PreviewError):
        source.act("pause", "MIGRATION_WORKFLOW", "1")
    source.close()


def test_changed_code_runs_the_same_course(app: Path) -> None:
    session, source = opened(app, APPROVALS)
    poll = session.ticks()
    next(poll), next(poll)
    source.act("skipSleep", "APPROVAL_WORKFLOW", "1")
    source.act("sendEvent", "APPROVAL_WORKFLOW", "1", event={"type": "approved", "payload": {"by": "Ada"}})
    assert next(poll).calls[0].status == "complete"
    workflow = app / "src/server/approval.workflow.ts"
    workflow.write_text(workflow.read_text().replace("by: answer.payload.by", "by: answer.payload.by + '!'"))
    files = AppFiles(str(app))
    assert source.is_outdated(files.read)
    source.rebuild(_application(app), session.workflows)
    assert source.reports()[0]["json"]["by"] == "Ada!"
    workflow.write_text("class {")
    source.rebuild(_application(app), session.workflows)
    assert "APPROVAL_WORKFLOW" in source.outdated
    assert source.reports()[0]["json"]["by"] == "Ada!"
    assert not source.is_outdated(AppFiles(str(app)).read)
    source.close()


def _application(app: Path) -> Application:
    workspace = Workspace()
    workspace.load(str(app))
    return Application(workspace.project(str(app)))


def test_closing_and_beginning_again(app: Path) -> None:
    session, source = opened(app)
    first = story(session)
    source.restart()
    session.close()
    assert story(session) == first
    source.close()
