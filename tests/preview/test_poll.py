"""The poll loop and its intervals, against the framework's server and its client on a virtual clock."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from koze_lsp.preview.poll import PollOptions, directive_ms, interval_ms
from koze_lsp.preview.session import PreviewSession
from tests.conformance import load_cases
from tests.preview.helpers import TickSource, app, normal

PAGE = """<script>
import {{ workflowStatus }} from 'koze:workflow';
const status = await workflowStatus('job', 'i1', {{ poll: {value} }});
</script>
<p>{{status.status}}</p>
"""
WORKFLOW = {"src/server/job.workflow.ts": "export class JobWorkflow extends WorkflowEntrypoint {}"}
RUNNING = TickSource([{"JOB_WORKFLOW": {"*": {"status": "running"}}}])


@pytest.mark.parametrize("case", load_cases("koze/poll_intervals"), ids=lambda case: case["id"])
def test_interval(case: dict[str, Any], tmp_path: Path) -> None:
    files = app(tmp_path, {"src/routes/index.koze": PAGE.format(value=case["js"]), **WORKFLOW})
    session = PreviewSession.open("src/routes/index.koze", files=files, source=RUNNING)
    try:
        response = session.render()
    finally:
        session.close()
    assert response.status == case.get("page_status", 200)
    if "page_error" in case:
        assert response.error is not None
        assert response.error.message == case["page_error"]
    assert response.directive == case["directive"]
    found = None if response.directive is None else directive_ms(response.directive)
    assert found == case["ms"]


@pytest.mark.parametrize(("value", "ms"), [("500", 500_000), (500, 500), (0, 30_000), ([500], 500_000), ({}, 30_000)])
def test_interval_of_json_values(value: object, ms: float) -> None:
    assert interval_ms(value) == ms


NEWER = [case for case in load_cases("koze/poll_pages") if case.get("path") != "cli"]


def open_case(case: dict[str, Any], tmp_path: Path) -> PreviewSession:
    route = next(path for path in case["files"] if path.startswith("src/routes/") and "layout" not in path)
    session = PreviewSession.open(route, files=app(tmp_path, case["files"]), source=TickSource(case["ticks"]))
    session.url = case["url"]
    path = re.split(r"[?#]", case["url"])[0]
    session.params = {"id": path.rsplit("/", 1)[1]} if "[id]" in route else {}
    return session


@pytest.mark.parametrize("case", NEWER, ids=lambda case: case["id"])
def test_page(case: dict[str, Any], tmp_path: Path) -> None:
    session = open_case(case, tmp_path)
    hidden = ((case["hiddenFrom"], case["hiddenTo"]),) if "hiddenFrom" in case else ()
    options = PollOptions(max_fetches=case.get("maxFetches", 100), hidden=hidden)
    try:
        ticks = list(session.ticks(options))
    finally:
        session.close()
    answered = [tick for tick in ticks if tick.http is not None]
    for tick, expected in zip(answered, case["expect"]["responses"], strict=True):
        assert tick.http == expected["status"]
        assert tick.directive == expected["directive"]
        assert ("1" if tick.done else None) == expected["doneHeader"]
        if tick.swapped or tick.event == "load":
            assert normal(tick.html) == normal(expected["body"])
    client = case["expect"]["client"]
    names = {"load": "load", "fetch": "fetch", "fetch-failed": "fetch", "skipped-hidden": "hidden"}
    for tick, event in zip(ticks, client["events"], strict=True):
        assert (tick.at_ms, tick.event) == (event["t"], names[event["event"]])
        if "text" in event:
            assert tick.text == event["text"]
        if event["event"] == "fetch":
            assert (tick.ok, tick.done, tick.swapped) == (event["ok"], event["done"], event["swapped"])
        if event["event"] == "load":
            assert (tick.interval is not None) == event["polls"]
    final = client["final"]
    assert (ticks[-1].interval is not None) == final["polling"]
    if final["polling"]:
        assert ticks[-1].interval == final["nextTickInMs"]


def test_data_blob(tmp_path: Path) -> None:
    case = next(case for case in NEWER if case["id"] == "pp-040")
    session = open_case(case, tmp_path)
    try:
        assert session.render().data == case["expect"]["responses"][0]["dataBlob"]
    finally:
        session.close()


def test_directive_text_is_json() -> None:
    assert directive_ms(json.dumps({"interval": "2s"})) == 2000
    assert directive_ms("{") is None
