"""The check as a user meets it: what it finds, prints and exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from koze_lsp.rules import all_rules
from tests.cli.support import ROOT, check_json, koze, write_tree

APP = {
    "package.json": '{ "name": "app" }\n',
    "wrangler.jsonc": '{ "name": "app", "workflows": [{ "name": "job-workflow", "binding": "JOB_WORKFLOW", "class_name": "Job" }] }\n',
    "src/server/job.workflow.ts": "import { WorkflowEntrypoint } from 'cloudflare:workers';\n"
    "export class Job extends WorkflowEntrypoint {\n  async run(event, step) {\n"
    "    return await step.do('a', async () => 1);\n  }\n}\n",
}
PAGE = (
    "<script>\n  import { params } from 'koze:request';\n  import { workflowStatus } from 'koze:workflow';\n"
    "  const status = await workflowStatus('NAME', params.id);\n</script>\n<p>{status.status}</p>\n"
)
GOOD = PAGE.replace("NAME", "job")
BAD = PAGE.replace("NAME", "jobb")
ROUTE = "src/routes/[id]/index.html"


@pytest.mark.parametrize("ext", ["html", "koze"])
@pytest.mark.parametrize(("seed", "faults"), [(1, 0.5), (2, 0.5), (3, 0.5), (11, 1.0)])
def test_planted_faults_are_found_exactly(tmp_path: Path, seed: int, faults: float, ext: str) -> None:
    """All planted faults and nothing else.

    The generator mistypes a name by replacing its last letter with x, which changes nothing in a name that ends
    in x (`sync-index`): those are no faults, and are left out of what is expected.
    """
    generator = ROOT / "tests/data/make_project.py"
    arguments = ["--routes", "300", "--workflows", "50", "--seed", str(seed), "--faults", str(faults), "--ext", ext]
    subprocess.run([sys.executable, generator, tmp_path, *arguments], check=True, capture_output=True)
    known = {path.name.removesuffix(".workflow.ts") for path in tmp_path.rglob("*.workflow.ts")}
    expected = {
        (fault["file"], fault["line"], fault["code"])
        for fault in json.loads((tmp_path / "expected.json").read_text())
        if not (fault["code"] == "unknown-workflow" and _names_known(tmp_path / fault["file"], fault["line"], known))
    }
    found = check_json(cwd=tmp_path)["diagnostics"]
    assert {(d["file"], d["line"], d["code"]) for d in found if d["severity"] in ("error", "warning")} == expected


def _names_known(path: Path, line: int, known: set[str]) -> bool:
    return path.read_text().splitlines()[line - 1].split("'")[1] in known


def test_the_clean_example_is_clean() -> None:
    data = check_json(cwd=ROOT / "examples/migrations")
    assert [d for d in data["diagnostics"] if d["severity"] in ("error", "warning")] == []


def test_the_broken_example_has_every_rule_that_fails() -> None:
    found = Counter(d["code"] for d in check_json(cwd=ROOT / "examples/broken")["diagnostics"])
    failing = {code for code, rule in all_rules().items() if rule.severity.fails}
    assert failing <= set(found)
    assert {code: n for code, n in found.items() if code in failing and n > 1} == {"duplicate-workflow": 2}


def test_json_has_the_promised_shape(tmp_path: Path) -> None:
    write_tree(tmp_path, {**APP, ROUTE: BAD})
    data = check_json(cwd=tmp_path)
    assert {key: data[key] for key in ("version", "files", "errors", "warnings")} == {
        "version": 1, "files": 4, "errors": 1, "warnings": 0,
    }  # fmt: skip
    (found,) = data["diagnostics"]
    assert list(found) == [
        "file", "line", "column", "end_line", "end_column", "code", "severity", "message", "url",
    ]  # fmt: skip
    assert (found["file"], found["line"], found["column"], found["end_column"]) == (ROUTE, 4, 40, 44)


@pytest.mark.parametrize(("page", "status"), [(GOOD, 0), (BAD, 1)])
def test_exit_status(tmp_path: Path, page: str, status: int) -> None:
    write_tree(tmp_path, {**APP, ROUTE: page})
    assert koze("--check", cwd=tmp_path).returncode == status
    assert koze("check", ".", cwd=tmp_path).returncode == status


def test_paths_choose_what_is_reported(tmp_path: Path) -> None:
    write_tree(tmp_path, {**APP, ROUTE: BAD, "src/routes/other/[id]/index.html": BAD})
    data = check_json("src/routes/other", cwd=tmp_path)
    assert [d["file"] for d in data["diagnostics"]] == ["src/routes/other/[id]/index.html"]
    below = check_json("../" + tmp_path.name, cwd=tmp_path)
    assert len(below["diagnostics"]) == 2


def test_several_applications_and_paths_from_here(tmp_path: Path) -> None:
    for name in ("shop", "shop-admin"):
        write_tree(tmp_path / name, {**APP, ROUTE: BAD})
    data = check_json(cwd=tmp_path)
    assert [d["file"] for d in data["diagnostics"]] == [f"shop-admin/{ROUTE}", f"shop/{ROUTE}"]


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_nothing_to_check_is_an_error(tmp_path: Path, path: str) -> None:
    done = koze("--check", path, cwd=tmp_path)
    assert done.returncode == 2
    assert path in done.stderr


def test_unknown_option_is_a_usage_error(tmp_path: Path) -> None:
    assert koze("--check", "--frobnicate", cwd=tmp_path).returncode == 2


def test_the_check_imports_no_protocol_library() -> None:
    arguments = [sys.executable, "-X", "importtime", "-m", "koze_lsp", "--check", "examples/migrations"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "koze_lsp.rules.engine" in done.stderr
    assert not any(name in done.stderr for name in ("pygls", "lsprotocol", "cattrs"))


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    write_tree(tmp_path, {**APP, **{f"src/routes/r{n}/[id]/index.html": BAD for n in range(300)}})
    command = f"{sys.executable} -m koze_lsp --check . --output-format concise | head -1"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def _bad_input(root: Path) -> dict[str, str]:
    """Plant every kind of bad file; gives path → a word that its message must have."""
    write_tree(root, {**APP, ROUTE: BAD})
    (root / "src/routes/latin.html").write_bytes("<p>Über</p>".encode("latin-1"))
    with (root / "src/routes/huge.html").open("wb") as file:
        file.truncate(50_000_000)
    (root / "src/routes/unclosed.html").write_text("<script>\n  import { workflowStatus } from 'koze:workflow';\n")
    os.symlink("loop", root / "src/routes/loop")
    os.symlink(root / "src", root / "src/routes/around")
    os.mkfifo(root / "src/routes/pipe.html")
    return {"latin.html": "UTF-8", "huge.html": "50 MB", "unclosed.html": "never ends", "pipe.html": "regular file"}


def test_bad_input_is_named_and_the_rest_is_checked(tmp_path: Path) -> None:
    expected = _bad_input(tmp_path)
    found: list[dict[str, Any]] = check_json(cwd=tmp_path)["diagnostics"]
    messages = {Path(d["file"]).name: d["message"] for d in found}
    for name, word in expected.items():
        assert word in messages[name]
    assert any(d["code"] == "unknown-workflow" for d in found)


def test_a_wrangler_file_that_is_not_json(tmp_path: Path) -> None:
    write_tree(tmp_path, {**APP, ROUTE: BAD, "wrangler.jsonc": "name = 'app'\n"})
    codes = Counter(d["code"] for d in check_json(cwd=tmp_path)["diagnostics"])
    assert codes["wrangler-syntax"] == 1
    assert codes["unknown-workflow"] == 1
