"""What an editor shows equals what the check prints: every file of the examples and of generated applications."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.support import ROOT, check_json
from tests.markers.client import Client

_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}
Found = set[tuple[str, int, int, int, int, str, str, str]]


def shown_by_check(root: Path) -> Found:
    keys = ("file", "line", "column", "end_line", "end_column", "code", "severity", "message")
    return {tuple(finding[key] for key in keys) for finding in check_json(cwd=root)["diagnostics"]}  # type: ignore[misc]


def shown_by_the_server(root: Path) -> Found:
    """All files through `textDocument/diagnostic`, with columns in code points as the check has them."""
    client = Client("utf-32")
    found: Found = set()
    try:
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [{"uri": root.as_uri(), "name": "x"}], "removed": []}})
        for path in sorted(root.rglob("*")):
            if not path.is_file() or path.suffix not in (".html", ".koze", ".ts", ".json", ".jsonc", ".toml", ".json5"):
                continue
            uri = path.as_uri()
            try:
                text = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue  # an editor gives its own text, so only the check can say that it is not UTF-8
            document = {"uri": uri, "languageId": "html", "version": 1, "text": text}
            client.notify("textDocument/didOpen", {"textDocument": document})
            report = client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            for item in report["items"]:
                start, end = item["range"]["start"], item["range"]["end"]
                found.add(
                    (
                        path.relative_to(root).as_posix(), start["line"] + 1, start["character"] + 1, end["line"] + 1,
                        end["character"] + 1, item["code"], _SEVERITIES[item["severity"]], item["message"],
                    )
                )  # fmt: skip
            client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    finally:
        client.stop()
    return found


@pytest.mark.parametrize("example", ["migrations", "broken/shop", "broken/bad-wrangler", "broken/no-wrangler"])
def test_the_examples(example: str) -> None:
    root = ROOT / "examples" / example
    expected = {finding for finding in shown_by_check(root) if finding[5] != "unreadable-file"}
    assert shown_by_the_server(root) == expected


@pytest.mark.parametrize(("seed", "ext"), [(1, "html"), (2, "koze")])
def test_a_generated_application(tmp_path: Path, seed: int, ext: str) -> None:
    generator = ROOT / "tests/data/make_project.py"
    sizes = ["--routes", "60", "--workflows", "20", "--seed", str(seed), "--faults", "1.0", "--ext", ext]
    subprocess.run([sys.executable, generator, tmp_path, *sizes], check=True, capture_output=True)
    assert shown_by_check(tmp_path)
    assert shown_by_the_server(tmp_path) == shown_by_check(tmp_path)
