"""The page in Chromium: what is shown when, every control, going back, what is typed, and changes of the code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api")

from playwright.sync_api import expect

pytestmark = pytest.mark.xdist_group("chromium")
Opened = Callable[..., Any]


def route(page: Any) -> Any:
    return page.frame_locator("#frame")


def tick(page: Any) -> None:
    page.get_by_role("button", name="Next tick").click()


def clock(page: Any) -> Any:
    return page.locator("#clock")


def test_documentation_page(opened: Opened) -> None:
    page = opened("src/routes/migrations/[id].html")
    expect(route(page).locator(".phase")).to_have_text("Now queued")
    expect(page.locator("#polling")).to_have_text("polls every 2 s")
    for at, text in (("2.0 s", "Now running"), ("4.0 s", "3 rows from legacy")):
        tick(page)
        expect(clock(page)).to_have_text(at)
        expect(route(page).locator("p")).to_have_text(text)
    expect(page.locator("#polling")).to_have_text("polling has stopped")
    expect(page.get_by_role("button", name="Next tick")).to_be_disabled()
    expect(page.locator(".row.step")).to_have_count(2)
    expect(page.locator("#object")).to_contain_text('"status": "complete"')


def test_time_passes_by_itself(opened: Opened) -> None:
    page = opened("src/routes/migrations/[id].html", paused=False)
    page.get_by_label("Speed").select_option("4")
    expect(route(page).locator(".done")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_disabled()


def test_several_polls(opened: Opened) -> None:
    page = opened("src/routes/several.html")
    rows = page.locator("#calls tr")
    expect(rows.nth(0)).to_contain_text("wins")
    expect(rows.nth(1)).not_to_contain_text("wins")
    for _ in range(4):
        tick(page)
    expect(clock(page)).to_have_text("4.0 s")
    expect(route(page).locator("#quick")).to_have_text("complete")
    expect(rows.nth(0)).to_contain_text("finished")
    expect(rows.nth(1)).to_contain_text("open")
    expect(page.locator("#polling")).to_have_text("polls every 1 s")
    rows.nth(1).get_by_role("button").click()
    expect(page.locator("#object-title")).to_have_text("workflowStatus('approval', 'b')")


def test_errored_page_is_empty_as_in_the_framework(opened: Opened, app: Path) -> None:
    workflow = app / "src/server/migration.workflow.ts"
    broken = "async () => { throw new TypeError('no rows'); }"
    workflow.write_text(workflow.read_text().replace("async () => [1, 2, 3]", broken), encoding="utf-8")
    (app / "src/routes/migrations/[id].preview.json5").write_text(
        "{ run: { migration: { steps: { 'fetch-data': { error: 'no rows' } } } } }", encoding="utf-8"
    )
    page = opened("src/routes/migrations/[id].html")
    page.locator("#speed").select_option("3600")
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#instance-status")).to_have_text("errored")
    expect(page.locator("#polling")).to_have_text("polling has stopped")
    expect(page.locator("#empty")).to_be_visible()
    assert route(page).locator("body").inner_text().strip() == ""
    expect(page.locator("#object")).to_contain_text('"error": null')
    expect(page.locator("#notes")).to_contain_text("loses a workflow's own error")
    expect(page.locator("#diagnostics")).to_contain_text("unhandled-failure")
    expect(page.locator("#outcome")).to_contain_text("no rows")


def test_dragging_back_shows_the_earlier_page(opened: Opened) -> None:
    page = opened("src/routes/migrations/[id].html")
    tick(page)
    tick(page)
    expect(route(page).locator("p")).to_have_text("3 rows from legacy")
    axis = page.locator(".axis").bounding_box()
    cursor = page.locator(".cursor").bounding_box()
    page.mouse.move(cursor["x"] + cursor["width"] / 2, cursor["y"] + 10)
    page.mouse.down()
    page.mouse.move(axis["x"] + axis["width"] * 0.27, axis["y"] + 10, steps=5)
    page.mouse.up()
    expect(route(page).locator("p")).to_have_text("Now running")
    expect(page.locator("#notes")).to_contain_text("as it was at 2 s")
    page.locator(".cursor").press("ArrowLeft")
    expect(route(page).locator("p")).to_have_text("Now queued")
    expect(page.locator("#object")).to_contain_text('"queued"')
    page.get_by_role("button", name="Back to now").click()
    expect(route(page).locator("p")).to_have_text("3 rows from legacy")


def test_typed_text_is_lost_on_a_tick(opened: Opened) -> None:
    page = opened("src/routes/migrations/[id].html")
    route(page).get_by_label("Comment").fill("half a senten")
    tick(page)
    expect(route(page).locator("p")).to_have_text("Now running")
    expect(route(page).get_by_label("Comment")).to_have_value("")
    expect(page.locator("#notes")).to_contain_text("typed text with it, as it does in the framework")


def test_event_sleep_and_output(opened: Opened) -> None:
    page = opened("src/routes/approvals/[id].html")
    expect(page.locator("#event-type")).to_have_value("approved")
    tick(page)
    expect(route(page).locator("p").first).to_have_text("It is waiting")
    page.get_by_role("button", name="Skip sleep").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.locator(".row.waitForEvent")).to_be_visible()
    page.get_by_role("textbox", name=re.compile("payload", re.IGNORECASE)).fill("{ nonsense")
    page.get_by_role("button", name="Send event").click()
    expect(page.locator("#payload-error")).to_contain_text("no JSON")
    page.get_by_role("textbox", name=re.compile("payload", re.IGNORECASE)).fill('{ "by": "Ada" }')
    page.get_by_role("button", name="Send event").click()
    expect(route(page).locator("p").first).to_have_text("By Ada for nobody", timeout=9000)
    expect(page.locator("#polling")).to_have_text("polling has stopped")


def test_next_event_passes_the_sleep(opened: Opened) -> None:
    page = opened("src/routes/approvals/[id].html")
    for at in ("1.0 s", "2.5 s", "1 d 3 s", "3 d"):
        page.get_by_role("button", name="Next event").click()
        expect(clock(page)).to_contain_text(at)
    expect(route(page).locator("p").first).to_have_text("It is waiting")


def test_fail_pause_resume_terminate_restart(opened: Opened) -> None:
    page = opened("src/routes/approvals/[id].html")
    actions = page.locator("#actions")

    def act(name: str) -> None:
        actions.get_by_role("button", name=name, exact=True).click()
        page.wait_for_timeout(50)
        if page.locator("#play").inner_text() == "Pause":
            page.locator("#play").click()

    status = page.locator("#instance-status")
    act("Fail next attempt")
    tick(page)
    expect(page.locator(".row.step").first).to_contain_text("×2")
    expect(page.locator(".span.errored")).to_have_count(1)
    tick(page)
    act("Pause instance")
    expect(status).to_have_text("paused")
    tick(page)
    expect(route(page).locator("p").first).to_have_text("It is paused")
    act("Resume")
    expect(status).not_to_have_text("paused")
    act("Terminate")
    expect(status).to_have_text("terminated")
    act("Restart")
    expect(status).to_have_text("queued")


def test_restart_from_a_step_with_other_input(opened: Opened) -> None:
    page = opened("src/routes/migrations/[id].html")
    tick(page)
    page.get_by_text("Restart from a step").click()
    page.locator("#restart-step").select_option(label="fetch-data-1")
    page.locator("#restart-input").fill('{ "sourceId": "crm" }')
    page.get_by_role("button", name="Restart from here").click()
    page.locator("#speed").select_option("20")
    expect(route(page).locator("p")).to_have_text("3 rows from crm")


@pytest.mark.parametrize(
    ("box", "note"),
    [("Hidden tab", "made no request"), ("Network down", "got no answer"), ("Session expired", "HTTP 401")],
)
def test_conditions(opened: Opened, box: str, note: str) -> None:
    page = opened("src/routes/migrations/[id].html")
    page.get_by_label(box).check()
    tick(page)
    expect(page.locator("#notes")).to_contain_text(note)
    expect(route(page).locator("p")).to_have_text("Now queued")
    expect(page.locator("#polling")).to_have_text("polls every 2 s")
    page.get_by_label(box).uncheck()
    tick(page)
    expect(route(page).locator("p")).to_have_text("3 rows from legacy")


def test_scenarios_are_chosen_and_saved(opened: Opened, app: Path) -> None:
    (app / "src/routes/migrations/[id].stuck.preview.json5").write_text(
        "{ ticks: [{ migration: { '*': { status: 'paused' } } }] }", encoding="utf-8"
    )
    page = opened("src/routes/migrations/[id].html")
    page.locator("#scenario").select_option(label="[id].stuck.preview.json5")
    expect(page.locator("#object")).to_contain_text('"paused"')
    expect(page.locator(".row.instance")).to_contain_text("migration")
    page.locator("#scenario").select_option(label="the workflow itself")
    expect(page.locator("#object")).to_contain_text('"queued"')
    page.get_by_role("button", name="Pause", exact=True).click()
    tick(page)
    page.locator("#actions").get_by_role("button", name="Terminate").click()
    page.get_by_role("button", name="Save course").click()
    expect(page.locator("#save-text")).to_contain_text("do: 'terminate'")
    page.locator("#save-name").fill("stopped")
    page.get_by_role("button", name="Save file").click()
    expect(page.locator("#save-dialog")).to_be_hidden()
    saved = app / "src/routes/migrations/[id].stopped.preview.json5"
    assert "url: '/migrations/1'" in saved.read_text()
    page.locator("#scenario").select_option(label="[id].stopped.preview.json5")
    expect(page.locator("#instance-status")).to_have_text("terminated", timeout=8000)


def test_links_stay_in_the_application(opened: Opened) -> None:
    page = opened("src/routes/approvals/[id].html")
    route(page).get_by_text("elsewhere").click()
    expect(page.locator("#toast")).to_contain_text("leads out of the application")
    route(page).get_by_text("the migration").click()
    expect(page.locator("#url")).to_have_value("/migrations/7")
    expect(route(page).locator(".phase")).to_be_visible()
    page.get_by_label("Path").fill("/approvals/8")
    page.get_by_label("Path").press("Enter")
    expect(route(page).locator("p").first).to_have_text("It is queued")
    page.get_by_label("Path").fill("/nowhere")
    page.get_by_label("Path").press("Enter")
    expect(page.locator("#toast")).to_contain_text("there is no route /nowhere")


def test_a_saved_file_shows_and_time_stays(opened: Opened, app: Path) -> None:
    page = opened("src/routes/migrations/[id].html")
    tick(page)
    file = app / "src/routes/migrations/[id].html"
    file.write_text(file.read_text().replace("Now running", "It is running!"), encoding="utf-8")
    expect(route(page).locator("p")).to_have_text("It is running!")
    expect(clock(page)).to_have_text("2.0 s")
    workflow = app / "src/server/migration.workflow.ts"
    workflow.write_text(workflow.read_text().replace("'import-data'", "'write-rows'"), encoding="utf-8")
    tick(page)
    expect(page.locator(".row.step").nth(1)).to_contain_text("write-rows")
    expect(route(page).locator("p")).to_have_text("3 rows from legacy")
    workflow.write_text("export class Broken {", encoding="utf-8")
    expect(page.locator("#diagnostics")).to_contain_text("the version before it goes on")
    expect(route(page).locator("p")).to_have_text("3 rows from legacy")


def test_a_page_that_cannot_be_rendered(opened: Opened, app: Path) -> None:
    file = app / "src/routes/migrations/[id].html"
    file.write_text(ROUTE_WITH_MISTAKE, encoding="utf-8")
    page = opened("src/routes/migrations/[id].html", paused=False)
    expect(page.locator("#diagnostics")).to_contain_text("missing is not defined")
    expect(page.locator("#diagnostics")).to_contain_text("[id].html:1:")
    expect(route(page).locator("h1")).to_have_text("500")


ROUTE_WITH_MISTAKE = "<p>{missing.value}</p>\n"


def test_a_run_of_a_workflow_has_a_page_too(browser: Any, app: Path) -> None:
    from koze_lsp.preview.server import open_page, shutdown, stop
    from koze_lsp.project.workspace import Workspace

    workspace = Workspace()
    workspace.load(str(app))
    project = workspace.project(str(app))
    path = "src/server/migration.workflow.ts"
    try:
        told = open_page(project, path, run=True)
        assert told["title"] == "Preview migration.workflow.ts"
        assert open_page(project, path)["url"] == told["url"]
        page = browser.new_page()
        page.goto(told["url"])
        page.locator("#speed").select_option("20")
        expect(page.locator("#instance-status")).to_have_text("complete", timeout=8000)
        expect(page.locator("#outcome")).to_contain_text('{"migrated":3,"from":"legacy"}')
        page.close()
        stop(project, path)
    finally:
        shutdown()


def test_the_end_of_the_server_is_told(browser: Any, serve: Callable[..., Any]) -> None:
    server = serve("src/routes/migrations/[id].html")
    page = browser.new_page()
    page.goto(server.url)
    page.locator("#polling").wait_for()
    server.stop()
    expect(page.locator("#notes")).to_contain_text("The preview has ended", timeout=8000)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.close()


def test_an_expired_session_is_saved(opened: Opened, app: Path) -> None:
    page = opened("src/routes/migrations/[id].html")
    page.get_by_label("Session expired").check()
    tick(page)
    page.get_by_role("button", name="Save course").click()
    page.locator("#save-name").fill("expired")
    page.get_by_role("button", name="Save file").click()
    expect(page.locator("#save-dialog")).to_be_hidden()
    page.locator("#scenario").select_option(label="[id].expired.preview.json5")
    expect(page.locator("#notes")).to_contain_text("HTTP 401")
    expect(page.get_by_label("Session expired")).to_be_checked()
    page.get_by_label("Session expired").uncheck()
    expect(route(page).locator(".done")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_and_width(opened: Opened, theme: str) -> None:
    page = opened("src/routes/migrations/[id].html", width=400)
    page.goto(f"{page.preview.url}#theme={theme}")
    page.reload()
    page.locator(".row.polls").wait_for()
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shown = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in re.findall(r"\d+", shown)[:3]) < 200) == (theme == "dark")


def test_keyboard(opened: Opened) -> None:
    page = opened("src/routes/migrations/[id].html")
    page.locator("h2").first.click()
    page.keyboard.press("n")
    expect(clock(page)).to_have_text("2.0 s")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
