"""``--check --fix`` and ``--check --diff``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.apps import BAD, GOOD, ROUTE, app, commit_all
from tests.cli.support import koze, write_tree

NO_IMPORT = GOOD.replace("  import { workflowStatus } from 'koze:workflow';\n", "")
OTHER = "src/routes/other/[id]/index.html"


def test_fix_applies_and_reports_what_is_left(tmp_path: Path) -> None:
    write_tree(app(tmp_path, NO_IMPORT), {OTHER: BAD})
    done = koze("--check", "--fix", cwd=tmp_path)
    assert done.returncode == 1
    assert "fixed 1 problem" in done.stdout
    assert "missing-import" not in done.stdout
    assert "unknown-workflow" in done.stdout
    assert "koze:workflow" in (tmp_path / ROUTE).read_text()
    (tmp_path / OTHER).unlink()
    assert koze("--check", "--fix", cwd=tmp_path).returncode == 0


def test_diff_writes_nothing(tmp_path: Path) -> None:
    app(tmp_path, NO_IMPORT)
    done = koze("--check", "--diff", cwd=tmp_path)
    assert done.returncode == 1
    assert "+  import { workflowStatus } from 'koze:workflow';" in done.stdout
    assert (tmp_path / ROUTE).read_text() == NO_IMPORT
    assert koze("--check", "--diff", "--exit-zero", cwd=tmp_path).returncode == 0
    koze("--check", "--diff", "-o", "fix.patch", cwd=tmp_path)
    assert (tmp_path / "fix.patch").read_text() == done.stdout
    app(tmp_path)
    done = koze("--check", "--diff", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


def test_unsafe_fixes_only_when_asked(tmp_path: Path) -> None:
    page = GOOD.replace("params.id)", "params.id, { poll: '2 seconds' })")
    app(tmp_path, page)
    assert koze("--check", "--fix", cwd=tmp_path).returncode == 1
    assert koze("--check", "--fix", "--unsafe-fixes", cwd=tmp_path).returncode == 0
    assert (tmp_path / ROUTE).read_text() == page.replace("2 seconds", "2s")


def test_fix_keeps_to_the_selected_rules_and_files(tmp_path: Path) -> None:
    write_tree(app(tmp_path, NO_IMPORT), {OTHER: NO_IMPORT})
    koze("--check", "--fix", "--ignore", "missing-import", cwd=tmp_path)
    assert (tmp_path / ROUTE).read_text() == NO_IMPORT
    commit_all(tmp_path)
    write_tree(tmp_path, {OTHER: NO_IMPORT + "<p></p>\n"})
    koze("--check", "--fix", "--changed", cwd=tmp_path)
    assert (tmp_path / ROUTE).read_text() == NO_IMPORT
    assert "koze:workflow" in (tmp_path / OTHER).read_text()
