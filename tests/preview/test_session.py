"""Sessions: scenarios, the default world, server modules, positions of errors, other generations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from koze_lsp.preview.poll import PollOptions, StatusAnswer
from koze_lsp.preview.scenario import ScenarioError, parse_scenario
from koze_lsp.preview.session import PreviewSession, UsageError
from tests.conformance import load_cases
from tests.preview.helpers import TickSource, app, normal, session

STATUS_PAGE = """<script>
  import { params } from 'koze:request';
  import { workflowStatus } from 'koze:workflow';
  const status = await workflowStatus('migration', params.id, { poll: '2s' });
</script>
<p>{status.status}</p>
if (status.status === 'complete') {
  <b>{status.output.migrated}</b>
}
"""
WORKFLOW = """import { WorkflowEntrypoint } from 'cloudflare:workers';
export class MigrationWorkflow extends WorkflowEntrypoint {
  async run(event, step) {
    const rows = await step.do('fetch', async () => [1]);
    return { migrated: rows.length };
  }
}
"""
FILES = {"src/routes/[id].koze": STATUS_PAGE, "src/server/migration.workflow.ts": WORKFLOW}
ROUTE = "src/routes/[id].koze"


def texts(opened: PreviewSession, **options: Any) -> list[str]:
    try:
        return [tick.text for tick in opened.ticks(PollOptions(**options))]
    finally:
        opened.close()


def test_default_world(tmp_path: Path) -> None:
    assert texts(session(tmp_path, FILES, ROUTE)) == ["queued", "running", "complete 3"]


def test_scenario_beside_the_route(tmp_path: Path) -> None:
    scenario = """{
      // by name, by binding, with and without ids
      url: '/m-1?tab=log',
      ticks: [
        { migration: { 'm-1': { status: 'queued' } } },
        { MIGRATION_WORKFLOW: { '*': { status: 'complete', output: { migrated: 12 } } } },
      ],
    }"""
    files = {**FILES, "src/routes/[id].preview.json5": scenario}
    assert texts(session(tmp_path, files, ROUTE)) == ["queued", "complete 12"]
    assert texts(session(tmp_path, files, ROUTE, use_scenario=False))[-1] == "complete 3"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("{ ticks: [ }", (1, 12), "JSON5"),
        ("[]", (1, 1), "object"),
        ("{\n  tics: []\n}", (2, 3), "did you mean `ticks`"),
        ("{\n  ticks: [\n    { migratoin: { '*': { status: 'x' } } },\n  ],\n}", (3, 7), "did you mean `migration`"),
        ("{ ticks: [] }", (1, 3), "at least one"),
        ("{ ticks: [{ migration: 'running' }] }", (1, 13), "instance ids"),
        ("{ ticks: [{ migration: { '*': 'running' } }] }", (1, 26), "a status is an object"),
        ("{ ticks: [{ migration: { '*': { $delay: 5 } } }] }", (1, 33), "$delayMs"),
        ("{ url: 'jobs' }", (1, 3), "path"),
        ("{ hidden: { from: 5, to: 1 } }", (1, 22), "after"),
        ("{ params: { id: {} } }", (1, 13), "text"),
    ],
)
def test_scenario_errors_name_the_place(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "a.preview.json5", {"migration": "MIGRATION_WORKFLOW"})
    assert caught.value.path == "a.preview.json5"
    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message


SERVER_PAGE = """<script>
import { listJobs } from '$server/jobs';
const jobs = await listJobs();
</script>
<p>{jobs.join()}</p>
"""


def test_server_module_without_a_value_is_said_where_it_is_used(tmp_path: Path) -> None:
    server = "import { drizzle } from 'drizzle-orm/d1';\nexport async function listJobs() { return drizzle(); }\n"
    opened = session(tmp_path, {"src/routes/index.koze": SERVER_PAGE, "src/server/jobs.ts": server})
    try:
        response = opened.render()
        assert response.error is not None
        assert response.error.message == "`listJobs` from $server/jobs has no value in the scenario"
        assert response.error.place is not None
        assert (response.error.place.path, response.error.place.line) == ("src/routes/index.koze", 3)
    finally:
        opened.close()


def test_server_values_by_call(tmp_path: Path) -> None:
    files = {
        "src/routes/index.koze": SERVER_PAGE,
        "src/routes/index.preview.json5": "{ server: { '$server/jobs': { listJobs: [['a'], ['a', 'b']] } } }",
    }
    opened = session(tmp_path, files)
    try:
        assert [opened.render(number).body for number in range(3)] == ["<p>a</p>", "<p>a,b</p>", "<p>a,b</p>"]
    finally:
        opened.close()


def test_plain_server_modules_run(tmp_path: Path) -> None:
    server = "import { up } from '$lib/text';\nexport async function listJobs() { return [up('x')]; }\n"
    lib = "export const up = (text: string): string => text.toUpperCase();\n"
    files = {"src/routes/index.koze": SERVER_PAGE, "src/server/jobs.ts": server, "src/lib/text.ts": lib}
    opened = session(tmp_path, files)
    try:
        assert opened.render().body == "<p>X</p>"
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("page", "line", "column"),
    [
        ("<h1>é</h1>\n<p>{nope.x}</p>\n", 2, 5),
        ("<ul>\n  for (const x of [1]) {\n    <li title={x.y.z}>x</li>\n  }\n</ul>\n", 3, 20),
        ("<script>\nconst a: number = 1;\nconst b = a.c.d;\n</script>\n<p>{b}</p>\n", 3, 15),
        ("<script>\nconst s = '😀'; const b = s.c.d;\n</script>\n<p>{b}</p>\n", 2, 30),
        ("<p>ok</p>\n<p>{a b}</p>\n", 2, 7),
        ("if (1) {\n<p>x</p>\n", 1, 1),
        ("<p>x</p>\n}\n", 2, 1),
        ("if (a) {\n<p>x</p>\n}\nelse {\n<p>y</p>\n}\n", 4, 1),
        ("if (1) {\n<p>x</p>\n} // end\n", 3, 1),
    ],
)
def test_errors_name_their_place(page: str, line: int, column: int, tmp_path: Path) -> None:
    opened = session(tmp_path, {"src/routes/index.koze": page})
    try:
        response = opened.render()
        assert response.error is not None
        assert response.error.place is not None
        assert (response.error.place.line, response.error.place.column) == (line, column)
    finally:
        opened.close()


class AskedSource:
    """A source that is asked for each status, as the workflow engine will be."""

    def __init__(self, delay_ms: float) -> None:
        self.delay_ms = delay_ms
        self.asked: list[tuple[str, str, float]] = []

    def begin(self, request: int, at_ms: float) -> tuple[str, ...]:
        return ("MIGRATION_WORKFLOW",)

    def world(self, request: int, at_ms: float) -> dict[str, Any]:
        return {}

    def status(self, binding: str, instance_id: str, at_ms: float) -> StatusAnswer:
        self.asked.append((binding, instance_id, at_ms))
        if instance_id == "gone":
            return StatusAnswer(throws="instance.not_found")
        return StatusAnswer({"status": "running"}, delay_ms=self.delay_ms)


@pytest.mark.parametrize("delay", [0, 20])
def test_a_source_that_is_asked(tmp_path: Path, delay: float) -> None:
    source = AskedSource(delay)
    opened = session(tmp_path, FILES, ROUTE, source=source)
    opened.params = {"id": "m-1"}
    assert texts(opened, max_fetches=1) == ["running", "running"]
    assert source.asked == [("MIGRATION_WORKFLOW", "m-1", 0.0), ("MIGRATION_WORKFLOW", "m-1", 2000.0)]
    opened.params = {"id": "gone"}
    response = opened.render()
    opened.close()
    assert response.calls[0].error == "instance.not_found"
    assert response.directive == '{"interval":"2s"}'


@pytest.mark.parametrize(("delay", "directive"), [(0, '{"interval":"2s"}'), (20, None)])
def test_missing_await(tmp_path: Path, delay: float, directive: str | None) -> None:
    page = STATUS_PAGE.replace("await workflowStatus", "workflowStatus")
    opened = session(tmp_path, {**FILES, "src/routes/[id].koze": page}, ROUTE, source=AskedSource(delay))
    try:
        assert opened.render().directive == directive
    finally:
        opened.close()


def test_virtual_time(tmp_path: Path) -> None:
    page = "<script>\nconst at = Date.now();\n</script>\n<p>{at} {new Date().toISOString()}</p>\n"
    opened = session(tmp_path, {"src/routes/index.koze": page}, now_ms=1000)
    try:
        assert opened.render(0, 0).body == "<p>1000 1970-01-01T00:00:01.000Z</p>"
        assert opened.render(1, 2000).body == "<p>3000 1970-01-01T00:00:03.000Z</p>"
    finally:
        opened.close()


ONE_LINE = """<script>
const a = true, b = 1, c = 2;
</script>
if (a) { <p>{b}</p> } else { <p>{c}</p> }
"""


def test_names_that_the_framework_does_not_see(tmp_path: Path) -> None:
    # Declared together they live; on its own the else branch's name is lost, as in the framework.
    opened = session(tmp_path, {"src/routes/index.koze": ONE_LINE})
    lost = ONE_LINE.replace("const a = true, b = 1, c = 2;", "const a = false;\nconst b = 1;\nconst c = 2;")
    broken = session(tmp_path, {"src/routes/index.koze": lost})
    try:
        assert opened.render().body == "<p>1</p>"
        error = broken.render().error
        assert error is not None
        assert error.message == "c is not defined"
    finally:
        opened.close()
        broken.close()


def test_unknown_routes(tmp_path: Path) -> None:
    files = app(tmp_path, {"src/routes/layout.koze": "<slot></slot>", **FILES})
    with pytest.raises(UsageError, match="no route"):
        PreviewSession.open("src/routes/nope.koze", files=files)
    with pytest.raises(UsageError, match="no page"):
        PreviewSession.open("src/routes/layout.koze", files=files)
    opened = PreviewSession.open("/m-7", files=files)
    assert (opened.route, opened.params) == (ROUTE, {"id": "m-7"})


def test_oldest_generation_runs_the_whole_script(tmp_path: Path) -> None:
    page = "<script>\nconst xs = [];\nxs.push(1);\n</script>\n<p>{xs.length}</p>\n"
    opened = session(tmp_path, {"src/routes/index.html": page}, "src/routes/index.html")
    try:
        assert opened.render().body == "<p>1</p>"
    finally:
        opened.close()


OLDER = [case for case in load_cases("koze/poll_pages") if case.get("path") == "cli"]


@pytest.mark.parametrize("case", OLDER, ids=lambda case: case["id"])
def test_older_path(case: dict[str, Any], tmp_path: Path) -> None:
    route = "src/routes/jobs/[id].koze"
    opened = PreviewSession.open(route, files=app(tmp_path, case["files"]), source=TickSource(case["ticks"]))
    opened.legacy, opened.url, opened.params = True, "/jobs/42", {"id": "42"}
    try:
        for number, expected in enumerate(case["expect"]["responses"]):
            response = opened.render(number)
            assert (response.status, response.directive) == (expected["status"], expected["directive"])
            assert response.done == (expected["doneHeader"] == "1")
            assert normal(response.body) == normal(expected["body"])
    finally:
        opened.close()
