"""What an editor shows equals what the check prints, whether the editor asks for diagnostics or is sent them.

Every file of the examples, of generated applications, and of the workspaces of the marker tests.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.cli.support import ROOT, check_json, write_tree
from tests.lsp.raw import RawClient, raw_client
from tests.markers.case import parse
from tests.markers.client import Client

_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}
_READ = (".html", ".koze", ".kuratchi", ".ts", ".json", ".jsonc", ".toml", ".json5")
_MARKER_CASES = sorted((ROOT / "tests/markers/cases").glob("*.txt"))
Found = set[tuple[str, int, int, int, int, str, str, str]]
Texts = dict[Path, str]


def shown_by_check(root: Path) -> Found:
    keys = ("file", "line", "column", "end_line", "end_column", "code", "severity", "message")
    return {tuple(finding[key] for key in keys) for finding in check_json(cwd=root)["diagnostics"]}


def readable(root: Path) -> Texts:
    """What an editor can open. It gives its own text, so only the check can say of a file that it is not UTF-8."""
    texts: Texts = {}
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in _READ:
            with suppress(UnicodeDecodeError):
                texts[path] = path.read_bytes().decode("utf-8")
    return texts


def found(root: Path, path: Path, items: list[dict[str, Any]]) -> Found:
    """Diagnostics of the protocol as the check prints them; the columns are code points."""
    return {
        (
            path.relative_to(root).as_posix(), item["range"]["start"]["line"] + 1,
            item["range"]["start"]["character"] + 1, item["range"]["end"]["line"] + 1,
            item["range"]["end"]["character"] + 1, item["code"], _SEVERITIES[item["severity"]], item["message"],
        )
        for item in items
    }  # fmt: skip


class Shows(Protocol):
    """An editor: shows a workspace's diagnostics."""

    def shown(self, root: Path, expected: Found) -> Found: ...


def folder_changes(root: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    folder = {"uri": root.as_uri(), "name": root.name}
    return {"event": {"added": [folder], "removed": []}}, {"event": {"added": [], "removed": [folder]}}


class Pull:
    """Asks for each file that it opens."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def shown(self, root: Path, expected: Found) -> Found:
        del expected
        added, removed = folder_changes(root)
        self.client.notify("workspace/didChangeWorkspaceFolders", added)
        shown: Found = set()
        for path, text in readable(root).items():
            document = {"uri": path.as_uri(), "languageId": "html", "version": 1, "text": text}
            self.client.notify("textDocument/didOpen", {"textDocument": document})
            report = self.client.request("textDocument/diagnostic", {"textDocument": {"uri": path.as_uri()}})
            shown |= found(root, path, report["items"])
            self.client.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})
        self.client.notify("workspace/didChangeWorkspaceFolders", removed)
        return shown


class Push:
    """Opens all files, and is sent what they have."""

    def __init__(self, client: RawClient) -> None:
        self.client = client

    def shown(self, root: Path, expected: Found) -> Found:
        """What is shown once it is what was expected, or after ten seconds."""
        added, removed = folder_changes(root)
        texts = readable(root)
        self.client.notifications.clear()
        self.client.notify("workspace/didChangeWorkspaceFolders", added)
        for path, text in texts.items():
            self.client.open(path.as_uri(), text)
        with suppress(AssertionError):
            self.client.wait_for(lambda _message: self.now(root, texts) == expected)
        self.client.ask("workspace/symbol", {"query": ""})  # nothing that is already sent overtakes an answer
        shown = self.now(root, texts)
        for path in texts:
            self.client.notify("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})
        self.client.notify("workspace/didChangeWorkspaceFolders", removed)
        return shown

    def now(self, root: Path, texts: Texts) -> Found:
        published = [item for item in self.client.notifications if item["method"] == "textDocument/publishDiagnostics"]
        newest = {item["params"]["uri"]: item["params"]["diagnostics"] for item in published}
        return {one for path in texts for one in found(root, path, newest.get(path.as_uri(), []))}


@pytest.fixture(scope="module", params=["pull", "push"])
def editor(request: pytest.FixtureRequest) -> Iterator[Shows]:
    """An editor with its server, which it keeps for all workspaces."""
    if request.param == "pull":
        client = Client("utf-32")
        yield Pull(client)
        assert client.stop() == 0
        return
    with raw_client() as raw:
        encoding = {"general": {"positionEncodings": ["utf-32"]}}
        answer = raw.initialize(None, {**encoding, "workspace": {"workspaceFolders": True}}, workspaceFolders=[])
        assert "diagnosticProvider" not in answer["capabilities"]
        yield Push(raw)


@pytest.mark.parametrize("example", ["migrations", "broken/shop", "broken/bad-wrangler", "broken/no-wrangler"])
def test_the_examples(editor: Shows, example: str) -> None:
    root = ROOT / "examples" / example
    expected = {finding for finding in shown_by_check(root) if finding[5] != "unreadable-file"}
    assert editor.shown(root, expected) == expected


@pytest.mark.parametrize(("seed", "ext"), [(1, "html"), (2, "koze")])
def test_a_generated_application(editor: Shows, tmp_path: Path, seed: int, ext: str) -> None:
    generator = ROOT / "tests/data/make_project.py"
    sizes = ["--routes", "60", "--workflows", "20", "--seed", str(seed), "--faults", "1.0", "--ext", ext]
    subprocess.run([sys.executable, generator, tmp_path, *sizes], check=True, capture_output=True)
    expected = shown_by_check(tmp_path)
    assert expected
    assert editor.shown(tmp_path, expected) == expected


@pytest.mark.parametrize("case", _MARKER_CASES, ids=lambda path: path.stem)
def test_a_marker_workspace(editor: Shows, tmp_path: Path, case: Path) -> None:
    root = write_tree(tmp_path / "app", parse(case).files)
    expected = shown_by_check(root)
    assert editor.shown(root, expected) == expected


def test_the_marker_workspaces_have_findings_to_compare(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "app", parse(ROOT / "tests/markers/cases/actions.txt").files)
    assert shown_by_check(root)
