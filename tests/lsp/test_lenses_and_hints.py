"""What lenses show when they are clicked, and the tooltips of inlay hints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.app import make_app
from tests.lsp.raw import RawClient, raw_client

SHOWS_REFERENCES = {"experimental": {"commands": ["koze.showReferences"]}}
MARKDOWN = {"textDocument": {"hover": {"contentFormat": ["markdown"]}}}
STARTER = "import { env } from 'cloudflare:workers';\nexport const start = () => env.MIGRATION_WORKFLOW.create();\n"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    app = make_app(tmp_path / "app")
    (app / "src/server/start.ts").write_text(STARTER)
    (app / "src/app.d.ts").write_text("type WorkflowName = 'migration';\n")
    return app


@pytest.fixture
def client() -> Iterator[RawClient]:
    with raw_client() as made:
        yield made


def test_readers_and_starters_are_shown_and_nothing_else(client: RawClient, app: Path) -> None:
    client.initialize(app, SHOWS_REFERENCES)
    workflow = (app / "src/server/migration.workflow.ts").as_uri()
    lenses = client.ask("textDocument/codeLens", {"textDocument": {"uri": workflow}})
    commands = [lens["command"] for lens in lenses]
    shown = {
        command["title"]: [place["uri"] for place in command["arguments"][2]]
        for command in commands
        if command["command"] == "koze.showReferences"
    }
    assert shown == {
        "1 page reads this": [(app / "src/routes/[id].html").as_uri()],
        "started in 1 file": [(app / "src/server/start.ts").as_uri()],
    }


@pytest.mark.parametrize(
    ("capabilities", "kind"), [(MARKDOWN, "markdown"), ({}, "plaintext")], ids=["markdown", "plain"]
)
def test_tooltips_of_hints_say_what_they_are(
    client: RawClient, app: Path, capabilities: dict[str, Any], kind: str
) -> None:
    client.initialize(app, capabilities)
    workflow = (app / "src/server/migration.workflow.ts").as_uri()
    everywhere = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
    (hint,) = client.ask("textDocument/inlayHint", {"textDocument": {"uri": workflow}, "range": everywhere})
    assert hint["tooltip"]["kind"] == kind
    assert ("`env.MIGRATION_WORKFLOW`" in hint["tooltip"]["value"]) == (kind == "markdown")
    assert "env.MIGRATION_WORKFLOW" in hint["tooltip"]["value"]
