"""What is shown, what fails the check, and options that are wrong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from koze_lsp.cli.check_options import SEVERITIES
from tests.cli.apps import BAD, GOOD, ROUTE, WARNED, app
from tests.cli.support import check_json, koze, write_tree

NOTED = GOOD.replace("params.id)", "params.id, { poll: '100ms' })")
OTHER = "src/routes/other/[id]/index.html"


def severities(root: Path, *arguments: str) -> set[str]:
    return {d["severity"] for d in check_json(".", *arguments, cwd=root)["diagnostics"]}


@pytest.mark.parametrize(
    ("page", "options", "status"),
    [
        (BAD, "", 1),
        (BAD, "--exit-zero", 0),
        (BAD, "--fail-on error", 1),
        (BAD, "--max-warnings 9", 1),
        (WARNED, "", 1),
        (WARNED, "--fail-on error", 0),
        (WARNED, "--fail-on warning", 1),
        (WARNED, "--fail-on hint", 1),
        (WARNED, "--max-warnings 1", 0),
        (WARNED, "--max-warnings 0", 1),
        (WARNED, "--max-warnings 0 --fail-on error", 1),
        (WARNED, "--max-warnings 1 --fail-on error", 0),
        (WARNED, "--max-warnings 0 --exit-zero", 0),
        (WARNED, "--min-severity error", 0),
        (WARNED, "--min-severity error --fail-on warning", 1),
        (WARNED, "--ignore poll-unit", 0),
        (WARNED, "--select poll-unit", 1),
        (WARNED, "--select unknown-workflow,invalid-poll", 0),
        (GOOD, "--fail-on error", 0),
    ],
)
def test_exit_status(tmp_path: Path, page: str, options: str, status: int) -> None:
    done = koze("--check", *options.split(), cwd=app(tmp_path, page))
    assert done.returncode == status, done.stdout + done.stderr


def test_why_a_check_fails_that_shows_nothing(tmp_path: Path) -> None:
    app(tmp_path, WARNED)
    done = koze("--check", "--min-severity", "error", "--fail-on", "warning", cwd=tmp_path)
    assert "1 finding of --fail-on warning, not shown because of --min-severity error" in done.stderr
    done = koze("--check", "--max-warnings", "0", cwd=tmp_path)
    assert "1 warning, and --max-warnings is 0" in done.stderr


@pytest.mark.parametrize("least", SEVERITIES)
def test_min_severity(tmp_path: Path, least: str) -> None:
    write_tree(app(tmp_path, BAD), {OTHER: WARNED})
    shown = severities(tmp_path, "--min-severity", least)
    assert shown <= set(SEVERITIES[: SEVERITIES.index(least) + 1])
    assert "error" in shown
    assert ("warning" in shown) == (least != "error")


def test_select_and_ignore_name_rules(tmp_path: Path) -> None:
    write_tree(app(tmp_path, BAD), {OTHER: WARNED})
    selected = check_json(".", "--select", "poll-unit", "--select", "invalid-poll", cwd=tmp_path)
    assert {d["code"] for d in selected["diagnostics"]} == {"poll-unit"}
    ignored = check_json(".", "--ignore", "poll-unit", cwd=tmp_path)
    assert "poll-unit" not in {d["code"] for d in ignored["diagnostics"]}
    done = koze("--check", "--select", "poll-unitt", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean poll-unit" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        "--fix --diff", "--fix --write-baseline", "--watch --fix", "--unsafe-fixes", "--max-warnings few",
        "--max-warnings -1", "--output-format yaml", "--min-severity loud", "--fail-on never", "-", "--out x",
        "- other --stdin-filename x.html", "src --stdin-filename x.html", "- --stdin-filename x.html --watch",
        "--write-baseline --changed", "--baseline missing.json", "--since",
    ],
)  # fmt: skip
def test_options_that_are_wrong(tmp_path: Path, options: str) -> None:
    done = koze("--check", *options.split(), cwd=app(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "koze-lsp" in done.stderr


@pytest.mark.parametrize("path", [".", "nowhere", "nowhere/at/all.html"])
def test_no_error_on_unmatched(tmp_path: Path, path: str) -> None:
    assert koze("--check", path, cwd=tmp_path).returncode == 2
    done = koze("--check", path, "--no-error-on-unmatched", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No problems in 0 files" in done.stdout


def test_unmatched_paths_beside_one_that_matches(tmp_path: Path) -> None:
    app(tmp_path / "app", BAD)
    done = koze("--check", "gone", f"app/{ROUTE}", "--no-error-on-unmatched", cwd=tmp_path)
    assert done.returncode == 1
    assert "app/src/routes" in done.stdout


def test_help_reads_well() -> None:
    done = koze("--check", "--help", COLUMNS="100")
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 100
    for part in ("usage: koze-lsp --check", "what to check:", "exit status:", "Examples:", "--since REF"):
        assert part in done.stdout
