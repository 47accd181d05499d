"""A workflow renamed from each of its ends, over stdio: one result, nothing left to complain of, and undo restores it.

The edits are carried out on the disk by an editor of the tests' own (`workspace_edit`), not by code of the server.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.support import ROOT, check_json
from tests.lsp.raw import eventually
from tests.lsp.workspace_edit import Edit, Editor, Tree, position_of, read_tree
from tests.markers.client import Client

EXAMPLE = ROOT / "examples" / "migrations"
FILE = "src/server/migration.workflow.ts"
PAGE = "src/routes/migrations/[id]/index.html"


@dataclass(frozen=True)
class End:
    """A place that names the workflow: ``around`` occurs in ``path``, ``word`` in it is what is renamed."""

    path: str
    around: str
    word: str
    new: str

    def back(self, path: str) -> End:
        """The same place after the rename, with the old name as the new one."""
        return End(path, self.around.replace(self.word, self.new), self.new, self.word)


ENDS = {
    "file name": None,
    "name in a page": End(PAGE, "workflowStatus('migration'", "migration", "import-job"),
    "class": End(FILE, "class MigrationWorkflow", "MigrationWorkflow", "ImportJobWorkflow"),
    "binding in wrangler": End(
        "wrangler.jsonc", '"binding": "MIGRATION_WORKFLOW"', "MIGRATION_WORKFLOW", "IMPORT_JOB_WORKFLOW"
    ),
    "binding in code": End(
        "src/server/migrations.ts", "env.MIGRATION_WORKFLOW", "MIGRATION_WORKFLOW", "IMPORT_JOB_WORKFLOW"
    ),
    "WorkflowName": End("src/app.d.ts", "| 'migration'", "migration", "import-job"),
    "name in wrangler": End("wrangler.jsonc", '"migration-workflow"', "migration-workflow", "import-job-workflow"),
    "class in wrangler": End("wrangler.jsonc", '"MigrationWorkflow"', "MigrationWorkflow", "ImportJobWorkflow"),
}
"""The six ends of a workflow, and the two others that its wrangler entry has. None: the file itself is renamed."""

NAMES = {
    b"'migration'": b"'import-job'",
    b"migration-workflow": b"import-job-workflow",
    b"MIGRATION_WORKFLOW": b"IMPORT_JOB_WORKFLOW",
    b"MigrationWorkflow": b"ImportJobWorkflow",
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    started = Client("utf-16")
    yield started
    assert started.stop() == 0


@pytest.fixture(params=["\n", "\r\n"], ids=["lf", "crlf"])
def app(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The example, with either line end."""
    root = tmp_path / "app"
    shutil.copytree(EXAMPLE, root)
    for path in (path for path in root.rglob("*") if path.is_file()):
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", request.param.encode()))
    return root


def renamed(tree: Tree) -> Tree:
    """What the example must be after the rename, made without the server: no other text there holds these names."""
    after: Tree = {}
    for path, content in tree.items():
        text = content
        for old, new in NAMES.items():
            text = text.replace(old, new)
        after[path.replace("server/migration.workflow", "server/import-job.workflow")] = text
    return after


@contextmanager
def workspace(client: Client, root: Path) -> Iterator[None]:
    folder = {"uri": root.as_uri(), "name": root.name}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
    try:
        yield
    finally:
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})


def asked(client: Client, root: Path, end: End | None) -> Edit:
    """The server's edit for a rename at one end; the explorer's own rename of the file is its last step."""
    if end is None:
        pair = {"oldUri": (root / FILE).as_uri(), "newUri": (root / FILE.replace("migration", "import-job")).as_uri()}
        edit: Edit = client.request("workspace/willRenameFiles", {"files": [pair]})
        return {**edit, "documentChanges": [*edit["documentChanges"], {"kind": "rename", **pair}]}
    text = (root / end.path).read_bytes().decode()
    at = text.index(end.around) + end.around.index(end.word) + len(end.word) // 2
    document = {"uri": (root / end.path).as_uri()}
    opened = {**document, "languageId": "html", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": opened})
    params = {"textDocument": document, "position": position_of(text, at)}
    prepared = client.request("textDocument/prepareRename", params)
    assert prepared["placeholder"] == end.word
    answer: Edit = client.request("textDocument/rename", {**params, "newName": end.new})
    client.notify("textDocument/didClose", {"textDocument": document})
    return answer


def knows(client: Client, name: str) -> bool:
    return name in [symbol["name"] for symbol in client.request("workspace/symbol", {"query": name})]


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_from_every_end_one_result_and_undo_takes_it_back(client: Client, app: Path, end: End | None) -> None:
    before = read_tree(app)
    editor = Editor(app)
    with workspace(client, app):
        undo = editor.apply(asked(client, app, end))
    assert read_tree(app) == renamed(before)
    report = check_json(cwd=app)
    assert report["diagnostics"] == []
    editor.apply(undo)
    assert read_tree(app) == before


@pytest.mark.parametrize(
    "end", [end for end in ENDS.values() if end is not None], ids=[key for key in ENDS if ENDS[key]]
)
def test_renaming_back_takes_it_back_too(client: Client, app: Path, end: End) -> None:
    before = read_tree(app)
    editor = Editor(app)
    with workspace(client, app):
        editor.apply(asked(client, app, end))
        changed = [{"uri": (app / path).as_uri(), "type": 2} for path in {*before, *read_tree(app)}]
        client.notify("workspace/didChangeWatchedFiles", {"changes": changed})
        eventually(lambda: knows(client, "import-job"))  # the server looks at the disk between two requests
        path = end.path.replace("server/migration.workflow", "server/import-job.workflow")
        editor.apply(asked(client, app, end.back(path)))
    assert read_tree(app) == before


def test_the_example_is_clean_to_begin_with() -> None:
    assert check_json(cwd=EXAMPLE)["diagnostics"] == []
