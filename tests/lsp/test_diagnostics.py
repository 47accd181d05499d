"""Diagnostics as clients get them: pushed or pulled, in every encoding, and never stale."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.app import NAME_LINE, add_workflow, make_app, name_column, route, write_wrangler
from tests.lsp.raw import RawClient, eventually, raw_client

PULL: dict[str, Any] = {
    "textDocument": {"diagnostic": {"relatedDocumentSupport": False}},
    "workspace": {"diagnostics": {"refreshSupport": True}, "didChangeWatchedFiles": {"dynamicRegistration": True}},
}
PUSH: dict[str, Any] = {
    "textDocument": {"publishDiagnostics": {"versionSupport": True, "relatedInformation": True}},
    "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return make_app(tmp_path / "app")


@pytest.fixture
def client() -> Iterator[RawClient]:
    with raw_client() as made:
        yield made


@pytest.fixture
def page(app: Path) -> str:
    return (app / "src/routes/[id].html").as_uri()


def change_event(path: Path, kind: int = 2) -> dict[str, Any]:
    return {"changes": [{"uri": path.as_uri(), "type": kind}]}


# --- push


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_the_range_behind_an_emoji(client: RawClient, app: Path, page: str, encoding: str) -> None:
    answer = client.initialize(app, {"general": {"positionEncodings": [encoding, "utf-16"]}})
    assert answer["capabilities"]["positionEncoding"] == encoding
    client.open(page, route("migratoin"))
    (found,) = client.published(page, lambda codes: codes == ["unknown-workflow"])
    column = name_column("migratoin", encoding)
    assert found["range"] == {
        "start": {"line": NAME_LINE, "character": column},
        "end": {"line": NAME_LINE, "character": column + len("migratoin")},
    }
    # an edit in the same encoding: the name is mended
    start = {"line": NAME_LINE, "character": column}
    end = {"line": NAME_LINE, "character": column + len("migratoin")}
    client.change(page, 2, {"range": {"start": start, "end": end}, "text": "migration"})
    client.published(page, lambda codes: not codes)


def test_the_clients_order_of_encodings_counts(client: RawClient) -> None:
    answer = client.initialize(capabilities={"general": {"positionEncodings": ["utf-7", "utf-32", "utf-8"]}})
    assert answer["capabilities"]["positionEncoding"] == "utf-32"


def test_pushed_with_the_version_and_cleared_on_close(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PUSH)
    client.open(page, route("nosuch"), version=7)
    client.published(page, lambda codes: codes == ["unknown-workflow"])
    assert client.notifications[-1]["method"] in ("textDocument/publishDiagnostics", "koze/status")
    published = [m for m in client.notifications if m["method"] == "textDocument/publishDiagnostics"]
    assert published[-1]["params"]["version"] == 7
    client.notify("textDocument/didClose", {"textDocument": {"uri": page}})
    client.published(page, lambda codes: not codes)


def test_nothing_is_pushed_to_a_client_that_pulls(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PULL)
    client.open(page, route("nosuch"))
    report = client.ask("textDocument/diagnostic", {"textDocument": {"uri": page}})
    assert [item["code"] for item in report["items"]] == ["unknown-workflow"]
    client.change(page, 2, {"text": route()})
    assert client.ask("textDocument/diagnostic", {"textDocument": {"uri": page}})["items"] == []
    client.wait_for(lambda message: message["method"] == "koze/status")
    assert not [m for m in client.notifications if m["method"] == "textDocument/publishDiagnostics"]


def test_a_client_that_only_takes_pushes_is_not_offered_to_pull(client: RawClient, app: Path) -> None:
    assert "diagnosticProvider" not in client.initialize(app, PUSH)["capabilities"]


def test_a_burst_of_edits_is_checked_in_its_last_state(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PUSH)
    client.open(page, route("x"))
    for number in range(2, 102):
        client.change(page, number, {"text": route("x" * number)})
    client.change(page, 102, {"text": route()})
    client.published(page, lambda codes: not codes)
    published = [m["params"] for m in client.notifications if m["method"] == "textDocument/publishDiagnostics"]
    assert published[-1]["version"] == 102
    versions = [params["version"] for params in published]
    assert versions == sorted(versions)
    assert len(versions) < 60, "outdated texts were dropped"


def test_versions_out_of_order(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PUSH)
    client.open(page, route("nosuch"), version=5)
    client.change(page, 3, {"text": route("other")})
    client.change(page, 3, {"text": route()})
    client.published(page, lambda codes: not codes)


def test_opening_twice_takes_the_newer_text(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PUSH)
    client.open(page, route("nosuch"))
    client.open(page, route())
    client.published(page, lambda codes: not codes)


def test_the_clients_own_spelling_of_a_uri_is_echoed(client: RawClient, app: Path) -> None:
    odd = app.as_uri() + "/src/./routes/[id].html"
    client.initialize(app, PUSH)
    client.open(odd, route("nosuch"))
    client.published(odd, lambda codes: codes == ["unknown-workflow"])
    plain = (app / "src/routes/[id].html").as_uri()
    client.change(plain, 2, {"text": route()})
    client.published(odd, lambda codes: not codes)


def test_an_edit_of_a_workflow_or_wrangler_file_rechecks_open_pages(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PUSH)
    client.open(page, route("second"))
    client.published(page, lambda codes: codes == ["unknown-workflow"])
    # a workflow file that exists in the editor only
    second = (app / "src/server/second.workflow.ts").as_uri()
    client.open(second, "export default 1;\n")
    client.published(page, lambda codes: "unknown-workflow" not in codes)
    client.published(second, lambda codes: "no-workflow-class" in codes)
    client.notify("textDocument/didClose", {"textDocument": {"uri": second}})
    client.published(page, lambda codes: codes == ["unknown-workflow"])


def test_settings_are_asked_for_and_asked_for_again(client: RawClient, app: Path, page: str) -> None:
    client.answers["workspace/configuration"] = [{"rules": {"unknown-workflow": "off"}}]
    client.initialize(
        app, {"workspace": {"configuration": True, "didChangeWatchedFiles": {"dynamicRegistration": True}}}
    )
    client.wait_for_request("workspace/configuration")
    client.open(page, route("nosuch"))
    client.published(page, lambda codes: not codes)
    client.answers["workspace/configuration"] = [None]
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.published(page, lambda codes: codes == ["unknown-workflow"])


@pytest.mark.parametrize("shape", ["section", "bare"])
def test_settings_in_the_notification(client: RawClient, app: Path, page: str, shape: str) -> None:
    client.initialize(app, PUSH)
    client.open(page, route("nosuch"))
    client.published(page, lambda codes: codes == ["unknown-workflow"])
    settings: dict[str, Any] = {"rules": {"unknown-workflow": "off"}}
    settings = {"koze": settings} if shape == "section" else settings
    client.notify("workspace/didChangeConfiguration", {"settings": settings})
    client.published(page, lambda codes: not codes)


# --- pull


def pull(client: RawClient, uri: str, previous: str | None = None) -> dict[str, Any]:
    params = {"textDocument": {"uri": uri}, "previousResultId": previous}
    report: dict[str, Any] = client.ask("textDocument/diagnostic", params)
    return report


def test_unchanged_is_said_with_the_result_id(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PULL)
    client.open(page, route("nosuch"))
    first = pull(client, page)
    assert first["kind"] == "full"
    assert pull(client, page, first["resultId"]) == {"kind": "unchanged", "resultId": first["resultId"]}
    client.change(page, 2, {"text": route("nosuch") + "<!-- more -->\n"})
    assert pull(client, page, first["resultId"])["kind"] == "unchanged", "the findings are the same"
    client.change(page, 3, {"text": "\n" + route("nosuch")})
    assert pull(client, page, first["resultId"])["kind"] == "full", "they moved"


def test_a_reloaded_buffer_gets_its_diagnostics_again(client: RawClient, app: Path, page: str) -> None:
    """As with ``:edit`` in an editor that forgets them, but not their result id."""
    client.initialize(app, PULL)
    client.open(page, route("nosuch"))
    first = pull(client, page)
    client.notify("textDocument/didClose", {"textDocument": {"uri": page}})
    client.open(page, route("nosuch"))
    again = pull(client, page, first["resultId"])
    assert again["kind"] == "full"
    assert again["items"] == first["items"]


def test_a_pull_of_outdated_text_is_refused_and_to_be_repeated(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PULL)
    client.open(page, route("nosuch"))
    pull(client, page)
    requests = []
    for number in range(2, 30):
        client.change(page, number, {"text": route("nosuch")})
        requests.append(client.request("textDocument/diagnostic", {"textDocument": {"uri": page}}))
    answers = [client.response(number) for number in requests]
    assert answers[-1]["result"]["items"], "the last one is answered"
    for refused in [answer["error"] for answer in answers if "error" in answer]:
        assert refused["code"] == -32802
        assert refused["data"] == {"retriggerRequest": True}


def test_the_client_is_asked_to_refresh_when_a_workflow_comes(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, PULL)
    client.open(page, route("second"))
    assert [item["code"] for item in pull(client, page)["items"]] == ["unknown-workflow"]
    client.wait_for(lambda message: message["method"] == "koze/status")
    client.requests.clear()
    path = add_workflow(app, "second")
    write_wrangler(app, "migration", "second")
    client.notify("workspace/didChangeWatchedFiles", change_event(path, 1))
    client.wait_for_request("workspace/diagnostic/refresh")
    assert pull(client, page)["items"] == []


def test_a_file_outside_every_application_is_quiet(client: RawClient, tmp_path: Path) -> None:
    client.initialize(tmp_path, PULL)
    uri = (tmp_path / "lonely.html").as_uri()
    client.open(uri, route("nosuch"))
    assert pull(client, uri)["items"] == []


# --- the whole workspace


def pull_all(client: RawClient, previous: list[dict[str, str]] | None = None, **more: Any) -> dict[str, Any]:
    answer = client.ask("workspace/diagnostic", {"previousResultIds": previous or [], **more})
    return {item["uri"]: item for item in answer["items"]}


def previous_ids(reports: dict[str, Any]) -> list[dict[str, str]]:
    return [{"uri": uri, "value": item["resultId"]} for uri, item in reports.items() if "resultId" in item]


def test_the_whole_workspace_open_or_not(client: RawClient, app: Path, page: str) -> None:
    for number in range(5):
        (app / f"src/routes/p{number}.html").write_text(route("nosuch"))
    client.initialize(app, PULL)
    client.open(page, route("other"), version=4)
    reports = pull_all(client)
    assert sorted(Path(uri).name for uri in reports) == ["%5Bid%5D.html", *(f"p{number}.html" for number in range(5))]
    assert reports[page]["version"] == 4
    assert all(item["kind"] == "full" and item["items"] for item in reports.values())
    again = pull_all(client, previous_ids(reports))
    assert {item["kind"] for item in again.values()} == {"unchanged"}
    assert set(again) == set(reports)


def test_a_deleted_files_diagnostics_are_cleared(client: RawClient, app: Path) -> None:
    path = app / "src/routes/gone.html"
    path.write_text(route("nosuch"))
    client.initialize(app, PULL)
    reports = pull_all(client)
    path.unlink()
    client.notify("workspace/didChangeWatchedFiles", change_event(path, 3))
    eventually(lambda: pull_all(client, previous_ids(reports))[path.as_uri()].get("items") == [])


def test_partial_results(client: RawClient, app: Path) -> None:
    for number in range(120):
        (app / f"src/routes/p{number}.html").write_text(route("nosuch"))
    client.initialize(app, PULL)
    answer = client.ask("workspace/diagnostic", {"previousResultIds": [], "partialResultToken": "part"})
    parts = [m["params"] for m in client.notifications if m["method"] == "$/progress"]
    parts = [part["value"]["items"] for part in parts if part["token"] == "part"]
    assert len(parts) >= 2
    assert sum(map(len, parts)) + len(answer["items"]) == 120


def test_a_client_that_takes_parts_waits_until_something_changes(client: RawClient, app: Path, page: str) -> None:
    (app / "src/routes/other.html").write_text(route("nosuch"))
    client.initialize(app, PULL)
    client.open(page, route())
    reports = pull_all(client)
    client.wait_for(lambda message: message["method"] == "koze/status")
    params = {"previousResultIds": previous_ids(reports), "partialResultToken": 1}
    number = client.request("workspace/diagnostic", params)
    with pytest.raises(AssertionError):
        client.response(number, timeout=0.5)
    client.change(page, 2, {"text": route("nosuch")})
    (item,) = client.response(number)["result"]["items"]
    assert (item["uri"], [found["code"] for found in item["items"]]) == (page, ["unknown-workflow"])


def test_a_waiting_workspace_pull_is_cancelled(client: RawClient, app: Path) -> None:
    (app / "src/routes/other.html").write_text(route("nosuch"))
    client.initialize(app, PULL)
    reports = pull_all(client)
    params = {"previousResultIds": previous_ids(reports), "partialResultToken": 1}
    number = client.request("workspace/diagnostic", params)
    client.notify("$/cancelRequest", {"id": number})
    assert client.response(number)["error"]["code"] == -32800


# --- folders and disk


def test_folders_are_added_and_removed(client: RawClient, tmp_path: Path) -> None:
    first, second = make_app(tmp_path / "app"), make_app(tmp_path / "app-two", "second")
    (second / "src/routes/bad.html").write_text(route("migration"))
    client.initialize(first, PULL)
    assert pull_all(client) == {}
    event = {"added": [{"uri": second.as_uri(), "name": "two"}], "removed": []}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    bad = (second / "src/routes/bad.html").as_uri()
    reports = eventually(lambda: pull_all(client))
    assert list(reports) == [bad], "one application's workflows are not the other's"
    event = {"added": [], "removed": [{"uri": second.as_uri(), "name": "two"}]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    assert pull_all(client, previous_ids(reports))[bad]["items"] == []


def test_several_applications_in_one_folder(client: RawClient, tmp_path: Path) -> None:
    for name in ("a", "ab", "packages/c"):
        make_app(tmp_path / name, f"{name[-1]}-flow")
    client.initialize(tmp_path, PUSH)
    status = client.wait_for(lambda m: m["method"] == "koze/status" and len(m["params"]["roots"]) == 3)
    assert status["params"]["workflows"] == 3
    page = (tmp_path / "ab/src/routes/[id].html").as_uri()
    client.open(page, route("a-flow"))
    client.published(page, lambda codes: codes == ["unknown-workflow"])


def test_an_application_that_comes_and_one_that_goes(client: RawClient, tmp_path: Path) -> None:
    first = make_app(tmp_path / "one")
    client.initialize(tmp_path, PULL)
    client.wait_for(lambda m: m["method"] == "koze/status" and len(m["params"]["roots"]) == 1)
    second = make_app(tmp_path / "two", "second")
    client.notify("workspace/didChangeWatchedFiles", change_event(second / "package.json", 1))
    client.wait_for(lambda m: m["method"] == "koze/status" and len(m["params"]["roots"]) == 2)
    shutil.rmtree(first)
    client.notify("workspace/didChangeWatchedFiles", change_event(first, 3))
    client.wait_for(lambda m: m["method"] == "koze/status" and m["params"]["roots"] == [second.as_uri()])


@pytest.mark.parametrize("how", ["own watcher", "client"])
def test_a_change_outside_the_editor_shows_in_an_open_file(client: RawClient, app: Path, page: str, how: str) -> None:
    capabilities = PUSH if how == "client" else {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": False}}}
    client.initialize(app, capabilities)
    client.open(page, route("second"))
    client.published(page, lambda codes: codes == ["unknown-workflow"])
    client.wait_for(lambda message: message["method"] == "koze/status")
    if how == "own watcher":
        eventually(lambda: _watches(client), 10)
    path = add_workflow(app, "second")
    write_wrangler(app, "migration", "second")
    if how == "client":
        client.notify("workspace/didChangeWatchedFiles", change_event(path, 1))
    client.published(page, lambda codes: not codes, timeout=1.5)
    path.unlink()
    if how == "client":
        client.notify("workspace/didChangeWatchedFiles", change_event(path, 3))
    client.published(page, lambda codes: codes == ["unknown-workflow"], timeout=1.5)


def _watches(client: RawClient) -> bool:
    """Whether the watcher's inotify instance exists."""
    folder = Path(f"/proc/{client.process.pid}/fd")
    if not folder.exists():
        return True
    links = []
    for entry in folder.iterdir():
        try:
            links.append(str(entry.readlink()))
        except OSError:
            continue
    return any("inotify" in link for link in links)


def test_the_client_watches_where_it_can(client: RawClient, app: Path) -> None:
    client.initialize(app, PUSH)
    request = client.wait_for_request("client/registerCapability")
    (registration,) = request["params"]["registrations"]
    assert registration["method"] == "workspace/didChangeWatchedFiles"
    client.wait_for(lambda message: message["method"] == "koze/status")
    assert not Path("/proc").exists() or not _watches(client)


def test_a_thousand_files_in_one_burst(client: RawClient, app: Path, page: str) -> None:
    paths = [app / f"src/routes/p{number}/[id].html" for number in range(1000)]
    for path in paths:
        path.parent.mkdir()
        path.write_text(route())
    client.initialize(app, PULL)
    client.open(page, route())
    assert pull_all(client) == {}
    for path in paths:
        path.write_text(route("nosuch"))
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": p.as_uri(), "type": 2} for p in paths]})
    assert len(pull_all(client)) == 1000


def test_files_of_no_interest_change_nothing(client: RawClient, app: Path) -> None:
    client.initialize(app, PULL)
    pull_all(client)
    client.wait_for(lambda message: message["method"] == "koze/status")
    client.requests.clear()
    (app / "node_modules/x").mkdir(parents=True)
    (app / "node_modules/x/a.workflow.ts").write_text("x")
    (app / "src/style.css").write_text("a {}")
    for path in (app / "node_modules/x/a.workflow.ts", app / "src/style.css"):
        client.notify("workspace/didChangeWatchedFiles", change_event(path, 1))
    pull_all(client)
    assert not [request for request in client.requests if request["method"] == "workspace/diagnostic/refresh"]


def test_progress_while_indexing(client: RawClient, app: Path) -> None:
    for number in range(400):
        (app / f"src/routes/p{number}.html").write_text(route())
    client.initialize(app, {"window": {"workDoneProgress": True}})
    token = client.wait_for_request("window/workDoneProgress/create")["params"]["token"]
    client.wait_for(lambda m: m["method"] == "$/progress" and m["params"]["value"]["kind"] == "end", 20)
    kinds = [m["params"]["value"]["kind"] for m in client.notifications if m["method"] == "$/progress"]
    tokens = {m["params"]["token"] for m in client.notifications if m["method"] == "$/progress"}
    assert (kinds[0], kinds[-1], tokens) == ("begin", "end", {token})
