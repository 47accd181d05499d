"""Each feature over the wire: that its answer arrives, in the shape that the client can take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.app import NAME_LINE, make_app, name_column, route
from tests.lsp.raw import RawClient, raw_client

FULL: dict[str, Any] = {
    "textDocument": {
        "definition": {"linkSupport": True},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "rename": {"prepareSupport": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "isPreferredSupport": True,
        },
        "publishDiagnostics": {"versionSupport": True},
    },
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "changeAnnotationSupport": {"groupsOnLabel": True},
        },
        "fileOperations": {"willCreate": True, "willRename": True, "willDelete": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
    },
    "window": {"showDocument": {"support": True}},
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return make_app(tmp_path / "app")


@pytest.fixture
def page(app: Path) -> str:
    return (app / "src/routes/[id].html").as_uri()


@pytest.fixture
def client() -> Iterator[RawClient]:
    with raw_client() as made:
        yield made


def at(uri: str, line: int = NAME_LINE, character: int | None = None) -> dict[str, Any]:
    character = name_column("migration") + 2 if character is None else character
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}


def test_hover_and_its_plain_text(app: Path, page: str) -> None:
    for capabilities, kind in ((FULL, "markdown"), ({}, "plaintext")):
        with raw_client() as client:
            client.initialize(app, capabilities)
            client.open(page, route())
            found = client.ask("textDocument/hover", at(page))
            assert found["contents"]["kind"] == kind
            assert "MIGRATION_WORKFLOW" in found["contents"]["value"]
            assert ("`" in found["contents"]["value"]) == (kind == "markdown")
            assert found["range"]["start"]["line"] == NAME_LINE


def test_completion_replaces_the_whole_name_and_is_resolved(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, FULL)
    client.open(page, route("migratoin"))
    answer = client.ask("textDocument/completion", at(page))
    item = next(item for item in answer["items"] if item["label"] == "migration")
    column = name_column("migratoin")
    assert item["textEdit"]["range"] == {
        "start": {"line": NAME_LINE, "character": column},
        "end": {"line": NAME_LINE, "character": column + len("migratoin")},
    }
    resolved = client.ask("completionItem/resolve", item)
    assert resolved["label"] == "migration"
    assert resolved["documentation"]["value"]


def test_a_list_says_once_what_its_items_share_where_the_client_takes_that(app: Path, page: str) -> None:
    """With the list's defaults laid under its items, the client has the same as one that takes none."""
    full: list[dict[str, Any]] | None = None
    for names in ([], ["editRange"], ["data"], ["insertTextFormat"], ["editRange", "insertTextFormat", "data"]):
        completion = {**FULL["textDocument"]["completion"], "completionList": {"itemDefaults": names}}
        with raw_client() as client:
            client.initialize(app, {"textDocument": {**FULL["textDocument"], "completion": completion}})
            client.open(page, route("migratoin"))
            for position in (at(page), at(page, NAME_LINE + 1, 0)):
                answer = client.ask("textDocument/completion", position)
                defaults = answer.get("itemDefaults", {})
                assert set(defaults) <= set(names)
                items = [_under(item, defaults) for item in answer["items"]]
                if position == at(page):
                    full = full or items
                    assert items == full
                    assert items[0]["data"]["key"]
                    assert ("textEdit" in answer["items"][0]) == ("editRange" not in names)
                    resolved = client.ask("completionItem/resolve", answer["items"][0] | {"data": _data(answer)})
                    assert resolved["documentation"]["value"]


def _data(answer: dict[str, Any]) -> object:
    """What the client sends back with the first item."""
    return answer["items"][0].get("data") or answer["itemDefaults"]["data"]


def _under(item: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """An item as a client completes it from the list's defaults."""
    whole = dict(item)
    if "editRange" in defaults and "textEdit" not in item:
        whole["textEdit"] = {"range": defaults["editRange"], "newText": whole.pop("textEditText", item["label"])}
    if "data" in defaults and "data" not in item:
        root, key = defaults["data"]["root"], defaults["data"]["key"]
        whole["data"] = {"root": root, "key": [*key, item["label"]]}
    whole.setdefault("insertTextFormat", defaults.get("insertTextFormat", 1))
    return whole


def test_definition_as_link_or_location(app: Path, page: str) -> None:
    workflow = (app / "src/server/migration.workflow.ts").as_uri()
    for capabilities, name in ((FULL, "targetUri"), ({}, "uri")):
        with raw_client() as client:
            client.initialize(app, capabilities)
            client.open(page, route())
            assert [found[name] for found in client.ask("textDocument/definition", at(page))] == [workflow]


def test_references_wait_for_the_index(client: RawClient, app: Path, page: str) -> None:
    (app / "src/routes/jobs").mkdir()
    other = app / "src/routes/jobs/[id].html"
    other.write_text(route())
    client.initialize(app, FULL)
    params = {**at(page), "context": {"includeDeclaration": False}}
    found = client.ask("textDocument/references", params)
    assert {page, other.as_uri()} <= {place["uri"] for place in found}


@pytest.mark.parametrize(
    "method",
    [
        "textDocument/documentSymbol",
        "textDocument/codeLens",
        "textDocument/documentLink",
        "textDocument/documentHighlight",
        "textDocument/inlayHint",
        "textDocument/signatureHelp",
        "textDocument/declaration",
        "textDocument/prepareCallHierarchy",
    ],
)
@pytest.mark.parametrize("capabilities", [{}, FULL], ids=["bare", "full"])
def test_the_other_features_answer(
    client: RawClient, app: Path, page: str, method: str, capabilities: dict[str, Any]
) -> None:
    client.initialize(app, capabilities)
    client.open(page, route())
    range_ = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    answer = client.ask(method, {**at(page), "range": range_})
    assert answer, method


def test_workspace_symbols_and_the_call_hierarchy(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, FULL)
    assert any("migration" in found["name"] for found in client.ask("workspace/symbol", {"query": "migration"}))
    (item, *_) = client.ask("textDocument/prepareCallHierarchy", at(page))
    (incoming, *_) = client.ask("callHierarchy/incomingCalls", {"item": item})
    assert incoming["from"]["uri"] == page
    assert client.ask("callHierarchy/outgoingCalls", {"item": incoming["from"]})


def test_rename_with_file_operation_and_annotations(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, FULL)
    client.open(page, route(), version=9)
    placeholder = client.ask("textDocument/prepareRename", at(page))
    assert placeholder["placeholder"] == "migration"
    edit = client.ask("textDocument/rename", {**at(page), "newName": "moving"})
    changes = edit["documentChanges"]
    renames = [change for change in changes if change.get("kind") == "rename"]
    assert [change["newUri"] for change in renames] == [(app / "src/server/moving.workflow.ts").as_uri()]
    edited = {change["textDocument"]["uri"]: change for change in changes if "textDocument" in change}
    assert len(edited) == len([change for change in changes if "textDocument" in change]), "one step a file"
    assert edited[page]["textDocument"]["version"] == 9
    assert edited[(app / "wrangler.jsonc").as_uri()]["textDocument"]["version"] is None
    names = {edit["annotationId"] for change in edited.values() for edit in change["edits"]}
    assert names <= set(edit["changeAnnotations"])
    assert changes.index(renames[0]) == len(changes) - len(renames), "texts first, then files"


def test_rename_where_files_cannot_be_renamed(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, {})
    client.open(page, route())
    error = client.error("textDocument/rename", {**at(page), "newName": "moving"})
    assert error["code"] == -32803
    assert "editor" in error["message"]


def test_what_cannot_be_renamed_says_why(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, FULL)
    client.open(page, route())
    error = client.error("textDocument/prepareRename", at(page, line=NAME_LINE + 2, character=1))
    assert error["code"] == -32803
    assert error["message"]
    error = client.error("textDocument/rename", {**at(page), "newName": "a/b"})
    assert error["code"] == -32803


def test_will_rename_files(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, FULL)
    old, new = (app / "src/server" / name for name in ("migration.workflow.ts", "moving.workflow.ts"))
    edit = client.ask("workspace/willRenameFiles", {"files": [{"oldUri": old.as_uri(), "newUri": new.as_uri()}]})
    edited = {change["textDocument"]["uri"] for change in edit["documentChanges"] if "textDocument" in change}
    assert {page, (app / "wrangler.jsonc").as_uri()} <= edited
    strange = {"files": [{"oldUri": "untitled:1", "newUri": "file:///nowhere/x.ts"}]}
    assert client.ask("workspace/willRenameFiles", strange) is None


def test_will_create_and_delete_files(client: RawClient, app: Path) -> None:
    client.initialize(app, FULL)
    created = {"files": [{"uri": (app / "src/server/second.workflow.ts").as_uri()}]}
    assert "SECOND_WORKFLOW" in str(client.ask("workspace/willCreateFiles", created))
    deleted = {"files": [{"uri": (app / "src/server/migration.workflow.ts").as_uri()}]}
    assert (app / "wrangler.jsonc").as_uri() in str(client.ask("workspace/willDeleteFiles", deleted))


def actions(client: RawClient, page: str, only: list[str] | None = None) -> list[dict[str, Any]]:
    (found, *_) = client.published(page, lambda codes: "unknown-workflow" in codes)
    context: dict[str, Any] = {"diagnostics": [found]}
    if only is not None:
        context["only"] = only
    params = {"textDocument": {"uri": page}, "range": found["range"], "context": context}
    answer: list[dict[str, Any]] = client.ask("textDocument/codeAction", params)
    return answer


def test_code_actions(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, FULL)
    client.open(page, route("migratoin"))
    found = actions(client, page)
    fix = next(action for action in found if action.get("kind") == "quickfix")
    assert fix["diagnostics"][0]["code"] == "unknown-workflow"
    assert any(change.get("kind") == "create" for action in found for change in action["edit"]["documentChanges"])
    assert {action["kind"].split(".")[0] for action in actions(client, page, ["quickfix"])} == {"quickfix"}
    assert actions(client, page, ["source.organizeImports"]) == []


def test_no_action_asks_for_more_than_the_client_can_do(client: RawClient, app: Path, page: str) -> None:
    capabilities = {"textDocument": {"codeAction": FULL["textDocument"]["codeAction"]}}
    client.initialize(app, capabilities)
    client.open(page, route("migratoin"))
    found = actions(client, page)
    assert found
    assert all(set(action["edit"]) == {"changes"} for action in found)


MISSING_AWAIT = route().replace("await ", "")


def test_fix_all_as_action_and_as_command(client: RawClient, app: Path, page: str) -> None:
    client.answers["workspace/applyEdit"] = {"applied": True}
    client.initialize(app, FULL)
    client.open(page, MISSING_AWAIT)
    range_ = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    context = {"diagnostics": [], "only": ["source.fixAll"]}
    params = {"textDocument": {"uri": page}, "range": range_, "context": context}
    (action,) = client.ask("textDocument/codeAction", params)
    assert action["kind"] == "source.fixAll.koze"
    client.ask("workspace/executeCommand", {"command": "koze.fixAll", "arguments": [page]})
    applied = client.wait_for_request("workspace/applyEdit")["params"]["edit"]
    assert applied == action["edit"]


def test_commands_that_cannot_be_run(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, FULL, initializationOptions={"trusted": False})
    assert client.error("workspace/executeCommand", {"command": "no.such"})["code"] == -32602
    assert client.error("workspace/executeCommand", {"command": "koze.fixAll"})["code"] == -32602
    command = {"command": "koze.preview.open", "arguments": [{"uri": page}]}
    assert "trusted" in client.error("workspace/executeCommand", command)["message"]
    client.open(page, route())
    lenses = client.ask("textDocument/codeLens", {"textDocument": {"uri": page}})
    assert not [lens for lens in lenses if lens["command"]["command"].startswith("koze.preview")]


def test_lenses_run_the_preview_with_a_uri(client: RawClient, app: Path, page: str) -> None:
    client.initialize(app, FULL)
    client.open(page, route())
    lenses = client.ask("textDocument/codeLens", {"textDocument": {"uri": page}})
    arguments = [lens["command"]["arguments"] for lens in lenses if lens["command"]["command"] == "koze.preview.open"]
    assert arguments == [[{"uri": page}]]
    workflow = (app / "src/server/migration.workflow.ts").as_uri()
    lenses = client.ask("textDocument/codeLens", {"textDocument": {"uri": workflow}})
    arguments = [lens["command"]["arguments"] for lens in lenses if lens["command"]["command"] == "koze.preview.run"]
    assert arguments == [[{"uri": workflow}]]
    assert all(lens["command"]["command"] != "koze.showReferences" for lens in lenses)


def test_lenses_show_references_where_the_client_can(client: RawClient, app: Path) -> None:
    client.initialize(app, {**FULL, "experimental": {"commands": ["koze.showReferences"]}})
    workflow = (app / "src/server/migration.workflow.ts").as_uri()
    lenses = client.ask("textDocument/codeLens", {"textDocument": {"uri": workflow}})
    (shown,) = (lens["command"] for lens in lenses if lens["command"]["command"] == "koze.showReferences")
    uri, position, places = shown["arguments"]
    assert (uri, set(position)) == (workflow, {"line", "character"})
    assert (app / "src/routes/[id].html").as_uri() in [place["uri"] for place in places]


def test_the_preview_opens_and_is_shown(client: RawClient, app: Path, page: str) -> None:
    client.answers["window/showDocument"] = {"success": True}
    client.initialize(app, FULL)
    client.open(page, route())
    command = {"command": "koze.preview.open", "arguments": [{"uri": page}]}
    answer = client.ask("workspace/executeCommand", command)
    assert answer["url"].startswith("http://127.0.0.1:")
    shown = client.wait_for_request("window/showDocument")["params"]
    assert (shown["uri"], shown["external"]) == (answer["url"], True)
    client.change(page, 2, {"text": route("migration") + "<p>more</p>\n"})
    embedded = {"command": "koze.preview.open", "arguments": [{"uri": page, "embed": True}]}
    assert client.ask("workspace/executeCommand", embedded)["url"] == answer["url"]
    assert client.ask("workspace/executeCommand", {**command, "command": "koze.preview.stop"}) is None
    client.close()
    assert client.process.returncode == 0
