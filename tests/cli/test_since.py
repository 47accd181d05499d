"""``--since`` and ``--changed``: everything is indexed, and what a change can have broken is reported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from koze_lsp.cli.selection import select
from koze_lsp.cli.since import affected_since
from tests.cli.apps import BAD, GOOD, PLAIN, ROUTE, WORKFLOW, app, commit_all, git, workflows
from tests.cli.support import ROOT, check_json, koze, write_tree

ENV = "import { env } from 'cloudflare:workers';\nexport const start = () => env.JOB_WORKFLOW.create();\n"
LIST = {"wrangler.jsonc"}
"""What names every workflow."""


def affected(root: Path, ref: str = "HEAD") -> set[str]:
    (selection,) = select([str(root)])
    return set(affected_since(selection.project, ref))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two workflows, a page of each, a module, and a plain page; committed."""
    pages = {f"src/routes/{name}/[id]/index.html": GOOD.replace("'job'", f"'{name}'") for name in ("job", "other")}
    write_tree(
        tmp_path, {**workflows("job", "other"), **pages, "src/server/start.ts": ENV, "src/routes/plain.html": PLAIN}
    )
    commit_all(tmp_path)
    return tmp_path


def test_nothing_changed(shop: Path) -> None:
    assert affected(shop) == set()
    done = koze("--check", "--changed", cwd=shop)
    assert done.returncode == 0
    assert "in 0 files" in done.stdout


def test_a_page_alone(shop: Path) -> None:
    write_tree(shop, {"src/routes/plain.html": BAD})
    assert affected(shop) == {"src/routes/plain.html"}


def test_a_deleted_workflow(shop: Path) -> None:
    (shop / "src/server/job.workflow.ts").unlink()
    assert affected(shop) == LIST | {"src/routes/job/[id]/index.html", "src/server/start.ts"}
    codes = {(d["file"], d["code"]) for d in check_json(".", "--changed", cwd=shop)["diagnostics"]}
    assert ("src/routes/job/[id]/index.html", "unknown-workflow") in codes
    assert ("wrangler.jsonc", "wrangler-stale-binding") in codes


def test_a_renamed_workflow_is_one_that_went_and_one_that_came(shop: Path) -> None:
    write_tree(shop, {"src/routes/late/[id]/index.html": GOOD.replace("'job'", "'task'")})
    commit_all(shop)
    git(shop, "mv", "src/server/job.workflow.ts", "src/server/task.workflow.ts")
    pages = {"src/routes/job/[id]/index.html", "src/routes/late/[id]/index.html"}
    assert affected(shop) == LIST | pages | {"src/server/start.ts", "src/server/task.workflow.ts"}


def test_a_workflow_that_takes_anothers_class(shop: Path) -> None:
    write_tree(shop, {"src/server/job.workflow.ts": WORKFLOW.replace("CLASS", "Other")})
    assert {"src/server/other.workflow.ts", "src/server/job.workflow.ts"} <= affected(shop)


def test_an_untracked_workflow(shop: Path) -> None:
    write_tree(shop, {"src/server/new.workflow.ts": WORKFLOW.replace("CLASS", "New")})
    assert affected(shop) == LIST | {"src/server/new.workflow.ts"}


def test_the_wrangler_file_gives_bindings_of_its_own(shop: Path) -> None:
    write_tree(shop, {"src/server/by-hand.ts": ENV.replace("JOB_WORKFLOW", "LEGACY_WORKFLOW")})
    commit_all(shop)
    (shop / "wrangler.jsonc").write_text('{ "name": "app" }\n')
    assert affected(shop) == LIST | {"src/server/by-hand.ts"}
    (shop / "wrangler.jsonc").unlink()
    assert affected(shop) == {"src/server/by-hand.ts", "src/server/job.workflow.ts"}


def test_the_configuration_decides_about_every_file(shop: Path) -> None:
    (shop / "package.json").write_text('{ "name": "renamed" }\n')
    assert affected(shop) == {"package.json"}
    (shop / "package.json").write_text('{ "name": "app", "koze-lsp": { "rules": { "poll-unit": "off" } } }\n')
    assert len(affected(shop)) == 8


def test_gitignore_decides_about_every_file(shop: Path) -> None:
    (shop / ".gitignore").write_text("*.log\n")
    assert len(affected(shop)) == 8


def test_a_route_that_names_a_level_first(shop: Path) -> None:
    reads = GOOD.replace("params.id", "params.job")
    write_tree(shop, {"src/routes/x/[job]/index.html": reads, "src/routes/y/[job]/index.html": reads})
    commit_all(shop)
    write_tree(shop, {"src/routes/x/[a]/index.html": PLAIN})
    assert affected(shop) == {"src/routes/x/[a]/index.html", "src/routes/x/[job]/index.html"}
    codes = {(d["file"], d["code"]) for d in check_json(".", "--changed", cwd=shop)["diagnostics"]}
    assert ("src/routes/x/[job]/index.html", "param-mismatch") in codes


def test_a_component_that_tags_may_mean(shop: Path) -> None:
    write_tree(shop, {"src/routes/tag.html": "<NavBar />\n", "src/routes/tag2.html": "<Other />\n"})
    commit_all(shop)
    write_tree(shop, {"src/lib/nav-bar.html": PLAIN})
    assert affected(shop) == {"src/lib/nav-bar.html", "src/routes/tag.html"}


def test_paths_narrow_it_down(shop: Path) -> None:
    (shop / "src/server/job.workflow.ts").unlink()
    found = check_json("src/routes", "--changed", cwd=shop)
    assert {d["file"] for d in found["diagnostics"]} == {"src/routes/job/[id]/index.html"}


def test_since_a_branch_counts_from_where_it_was_left(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "feature")
    write_tree(shop, {"src/routes/feature.html": PLAIN})
    commit_all(shop)
    git(shop, "checkout", "-q", "main")
    write_tree(shop, {"src/routes/main.html": PLAIN})
    commit_all(shop)
    git(shop, "checkout", "-q", "feature")
    write_tree(shop, {"src/routes/dirty.html": PLAIN})
    assert affected(shop, "main") == {"src/routes/feature.html", "src/routes/dirty.html"}


def test_an_application_below_the_repositorys_top(tmp_path: Path) -> None:
    root = app(tmp_path / "apps/shop [1]")
    write_tree(tmp_path, {"apps/other/src/server/x.workflow.ts": "", "README.md": ""})
    commit_all(tmp_path)
    write_tree(root, {"src/routes/ü.html": PLAIN})
    (tmp_path / "apps/other/src/server/x.workflow.ts").unlink()
    assert affected(root) == {"src/routes/ü.html"}


def test_before_the_first_commit_everything_is_new(tmp_path: Path) -> None:
    app(tmp_path)
    git(tmp_path, "init", "-q")
    assert ROUTE in affected(tmp_path)


@pytest.mark.parametrize(
    ("ref", "word"), [("nowhere", "no commit 'nowhere'"), ("--output=x", "no commit '--output=x'")]
)
def test_a_commit_that_is_not_there(shop: Path, ref: str, word: str) -> None:
    done = koze("--check", f"--since={ref}", cwd=shop)
    assert done.returncode == 2
    assert word in done.stderr
    assert not (shop / "x").exists()


def test_no_repository(tmp_path: Path) -> None:
    done = koze("--check", "--changed", cwd=app(tmp_path), GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert done.returncode == 2
    assert "need a git repository" in done.stderr


def test_no_git(tmp_path: Path) -> None:
    done = koze("--check", "--changed", cwd=app(tmp_path), PATH="/nonexistent")
    assert done.returncode == 2
    assert "git is not installed" in done.stderr


def test_a_repository_of_a_thousand_routes(tmp_path: Path) -> None:
    """After deleting one workflow every page that read it is reported, after editing a plain page only that page."""
    generator = ROOT / "tests/data/make_project.py"
    arguments = ["--routes", "1000", "--workflows", "20", "--faults", "0"]
    subprocess.run([sys.executable, generator, tmp_path, *arguments], check=True, capture_output=True)
    commit_all(tmp_path)
    pages = {path: path.read_text() for path in (tmp_path / "src/routes").rglob("*.html")}
    workflow = next(p for p in sorted((tmp_path / "src/server").rglob("*.workflow.ts")) if _readers(pages, _name(p)))
    workflow.unlink()
    found = json.loads(koze("--check", "--changed", "--output-format", "json", cwd=tmp_path).stdout)["diagnostics"]
    readers = {path.relative_to(tmp_path).as_posix() for path in _readers(pages, _name(workflow))}
    assert {d["file"] for d in found if d["code"] == "unknown-workflow"} == readers
    assert {d["file"] for d in found if d["severity"] in ("error", "warning")} == readers | LIST
    git(tmp_path, "checkout", "-q", ".")
    plain = next(path for path in sorted(pages) if "workflowStatus" not in pages[path])
    plain.write_text(BAD)
    assert affected(tmp_path) == {plain.relative_to(tmp_path).as_posix()}


def _name(workflow: Path) -> str:
    return workflow.name.removesuffix(".workflow.ts")


def _readers(pages: dict[Path, str], name: str) -> list[Path]:
    return [path for path, text in pages.items() if f"workflowStatus('{name}'" in text]
