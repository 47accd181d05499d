"""Known findings, and what is new beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.apps import BAD, ROUTE, app
from tests.cli.support import koze, write_tree

FILE = "koze-lsp-baseline.json"


def test_known_findings_are_left_out_and_new_ones_are_not(tmp_path: Path) -> None:
    app(tmp_path, BAD)
    done = koze("--check", "--write-baseline", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{FILE}: 1 finding written.\n")
    done = koze("--check", "--baseline", FILE, cwd=tmp_path)
    assert done.returncode == 0
    assert "1 in the baseline" in done.stdout
    page = tmp_path / ROUTE
    page.write_text("<!-- one line more -->\n" + page.read_text())
    assert koze("--check", "--baseline", FILE, cwd=tmp_path).returncode == 0
    write_tree(tmp_path, {"src/routes/new/[id]/index.html": BAD})
    done = koze("--check", "--baseline", FILE, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("src/routes/new/")


def test_a_second_finding_on_the_same_text_is_new(tmp_path: Path) -> None:
    app(tmp_path, BAD)
    koze("--check", "--write-baseline", cwd=tmp_path)
    call = "  const status = await workflowStatus('jobb', params.id);\n"
    app(tmp_path, BAD.replace("</script>", "  if (status) {\n  " + call + "  }\n</script>"))
    done = koze("--check", "--baseline", FILE, "--min-severity", "error", cwd=tmp_path)
    assert done.stdout.count("unknown-workflow") == 1


def test_paths_lead_from_the_baseline(tmp_path: Path) -> None:
    app(tmp_path / "apps/shop", BAD)
    koze("--check", "--baseline", "apps/known.json", "--write-baseline", cwd=tmp_path)
    rows = json.loads((tmp_path / "apps/known.json").read_text())["findings"]
    assert [row["file"] for row in rows] == [f"shop/{ROUTE}"]
    assert koze("--check", "--baseline", "../known.json", cwd=tmp_path / "apps/shop").returncode == 0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "known.json:1:2: not a baseline"),
        ("[]", "not a baseline of version 1"),
        ('{ "version": 2, "findings": [] }', "not a baseline of version 1"),
        ('{ "version": 1, "findings": [3] }', "not a baseline of version 1"),
    ],
)
def test_a_file_that_is_no_baseline(tmp_path: Path, text: str, word: str) -> None:
    write_tree(app(tmp_path), {"known.json": text})
    done = koze("--check", "--baseline", "known.json", cwd=tmp_path)
    assert done.returncode == 2
    assert word in done.stderr
    assert "--write-baseline" in done.stderr


def test_no_findings_make_an_empty_baseline(tmp_path: Path) -> None:
    koze("--check", "--write-baseline", cwd=app(tmp_path))
    assert json.loads((tmp_path / FILE).read_text()) == {"version": 1, "findings": []}
