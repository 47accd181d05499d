"""Requests that need every file, right after files have changed on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lsp.app import make_app, route
from tests.lsp.raw import RawClient, raw_client


@pytest.fixture
def client() -> Iterator[RawClient]:
    with raw_client() as made:
        yield made


def test_a_request_right_after_a_change_on_disk_knows_it(client: RawClient, tmp_path: Path) -> None:
    app = make_app(tmp_path / "app")
    workflow = (app / "src/server/migration.workflow.ts").as_uri()
    client.initialize(app, {"workspace": {"workspaceEdit": {"documentChanges": True}}})
    client.ask("textDocument/codeLens", {"textDocument": {"uri": workflow}})  # everything has been looked at
    pages = [app / "src/routes" / f"page{number}.html" for number in range(120)]
    for page in pages:
        page.write_text(route())
    (app / "src/routes/[id].html").write_text("<p>no longer</p>\n")
    changes = [{"uri": page.as_uri(), "type": 1} for page in pages]
    changes.append({"uri": (app / "src/routes/[id].html").as_uri(), "type": 2})
    client.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    found = client.ask(
        "textDocument/references",
        {
            "textDocument": {"uri": workflow},
            "position": {"line": 1, "character": 15},
            "context": {"includeDeclaration": False},
        },
    )
    told = {place["uri"] for place in found if "/routes/" in place["uri"]}
    assert told == {page.as_uri() for page in pages}
