"""koze-lsp fix and types: what they change, and what they leave alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from koze_lsp.syntax.jsonc import parse, to_data
from tests.cli.support import ROOT, check_json, koze, write_tree
from tests.conformance import load_cases

APP = {"package.json": '{ "name": "app" }\n', "src/routes/.keep": ""}
DIFFERS = {
    "wr-020": "an entry with a script_name is by hand: the framework deletes it, ours is reported and kept",
    "wr-028": "two files with one binding: the framework writes a file that wrangler refuses; ours asks which class",
    "wr-033": "where both files are, wrangler reads wrangler.json, and the framework writes into the one that nothing reads",
}
"""Where fixing does not give what the framework's sync gives, and why; what it gives instead is tested below."""


def _class(name: str) -> str:
    return (
        "import { WorkflowEntrypoint } from 'cloudflare:workers';\n"
        f"export class {name} extends WorkflowEntrypoint {{\n  async run(event, step) {{\n    return 1;\n  }}\n}}\n"
    )


def _basename(binding: str) -> str:
    return binding.removesuffix("_WORKFLOW").lower().replace("_", "-")


def _workflows(text: str) -> Any:
    root = parse(text).root
    data = to_data(root) if root is not None else None
    return data.get("workflows") if isinstance(data, dict) else None


@pytest.mark.parametrize("case", load_cases("koze/wrangler_sync"), ids=lambda case: case["id"])
def test_fix_agrees_with_the_framework_sync(case: dict[str, Any], tmp_path: Path) -> None:
    after = case["expect"].get("after") or {}
    if case["id"] in DIFFERS:
        pytest.skip(DIFFERS[case["id"]])
    if "throws" in case["expect"] or any(name.endswith(".toml") for name in case["before"]):
        pytest.skip("the framework gives no answer here")
    files = {
        f"src/server/{n}/{_basename(w['binding'])}.workflow.ts": _class(w["className"])
        for n, w in enumerate(case["workflows"])
    }
    write_tree(tmp_path, {**APP, **files, **case["before"]})
    koze("fix", ".", cwd=tmp_path)
    for name, text in after.items():
        ours = (tmp_path / name).read_text(encoding="utf-8")
        if case["expect"].get("wrote") is None and any(
            "parse" in log["text"] for log in case["expect"].get("logs", [])
        ):
            continue  # refused by the framework; what it says then is no answer about the data
        assert _workflows(ours) == _workflows(text)
    assert after or set(case["before"]) == {path.name for path in tmp_path.glob("wrangler.*")}


def _case(identity: str) -> dict[str, Any]:
    found: dict[str, Any] = next(case for case in load_cases("koze/wrangler_sync") if case["id"] == identity)
    return found


def test_an_entry_by_hand_is_reported_and_kept(tmp_path: Path) -> None:
    case = _case("wr-020")
    write_tree(tmp_path, {**APP, "src/server/migration.workflow.ts": _class("MigrationWorkflow"), **case["before"]})
    koze("fix", cwd=tmp_path)
    (billing,) = _workflows(case["before"]["wrangler.jsonc"])
    after = _workflows((tmp_path / "wrangler.jsonc").read_text())
    assert after == [billing, *_workflows(case["expect"]["after"]["wrangler.jsonc"])]
    assert [d["code"] for d in check_json(cwd=tmp_path)["diagnostics"]] == ["wrangler-stale-binding"]


@pytest.mark.parametrize(
    ("more", "modules"),
    [
        ('"limits": { "steps": 5 }', {}),
        ('"schedules": ["0 * * * *"]', {}),
        ("", {"src/worker.ts": "export class OldJob {}\n"}),
    ],
)
def test_an_entry_that_may_be_by_hand_is_not_removed(tmp_path: Path, more: str, modules: dict[str, str]) -> None:
    old = '{ "name": "old-job-workflow", "binding": "OLD_JOB_WORKFLOW", "class_name": "OldJob"%s }' % (
        more and f", {more}"
    )
    kept = '{ "name": "a-workflow", "binding": "A_WORKFLOW", "class_name": "A" }'
    text = f'{{ "workflows": [{old}, {kept}] }}\n'
    write_tree(tmp_path, {**APP, "src/server/a.workflow.ts": _class("A"), "wrangler.jsonc": text, **modules})
    assert koze("fix", cwd=tmp_path).stdout == "Nothing to fix.\n"
    assert [d["code"] for d in check_json(cwd=tmp_path)["diagnostics"]] == ["wrangler-stale-binding"]
    koze("fix", "--unsafe", cwd=tmp_path)
    assert (tmp_path / "wrangler.jsonc").read_text() == f'{{ "workflows": [{kept}] }}\n'


def test_two_classes_for_one_binding_are_the_user_s_choice(tmp_path: Path) -> None:
    files = {"src/server/a/sync.workflow.ts": _class("ASync"), "src/server/b/sync.workflow.ts": _class("BSync")}
    write_tree(tmp_path, {**APP, **files, **_case("wr-028")["before"]})
    assert koze("fix", "--unsafe", cwd=tmp_path).stdout == "Nothing to fix.\n"
    assert (tmp_path / "wrangler.jsonc").read_text() == "{}"


def test_of_two_wrangler_files_the_one_that_wrangler_reads_is_fixed(tmp_path: Path) -> None:
    case = _case("wr-033")
    write_tree(tmp_path, {**APP, "src/server/migration.workflow.ts": _class("MigrationWorkflow"), **case["before"]})
    koze("fix", cwd=tmp_path)
    assert (tmp_path / "wrangler.jsonc").read_text() == case["before"]["wrangler.jsonc"]
    assert _workflows((tmp_path / "wrangler.json").read_text()) == _workflows(case["expect"]["after"]["wrangler.jsonc"])


def test_only_chosen_files_are_created(tmp_path: Path) -> None:
    write_tree(tmp_path, {**APP, "src/server/migration.workflow.ts": _class("MigrationWorkflow")})
    koze("fix", "src/server/migration.workflow.ts", cwd=tmp_path)
    assert not (tmp_path / "wrangler.jsonc").exists()
    assert "+++ wrangler.jsonc" in koze("fix", "--diff", cwd=tmp_path).stdout
    assert not (tmp_path / "wrangler.jsonc").exists()
    koze("fix", cwd=tmp_path)
    assert (tmp_path / "wrangler.jsonc").read_text() == _case("wr-001")["expect"]["after"]["wrangler.jsonc"]


SCENE = {
    **APP,
    "wrangler.jsonc": '{\r\n\t// first\r\n\t"name": "app", /* kept */\r\n\t"workflows": [\r\n\t\t// one a file\r\n'
    '\t\t{ "name": "a-workflow", "binding": "A_WORKFLOW", "class_name": "Wrong" }, // a\r\n\t],\r\n}',
    "src/server/a.workflow.ts": _class("Alpha"),
    "src/server/b.workflow.ts": _class("Beta"),
    "src/app.d.ts": "// mine\r\ndeclare module 'koze:workflow' {\r\n  export type WorkflowName = 'a';\r\n}\r\n",
    "src/routes/[id]/index.html": "<script>\r\n  import { params } from 'koze:request';\r\n"
    "  const status = workflowStatus('a', params.id, { poll: 0 });\r\n</script>\r\n<p>é {status.output.n}</p>",
}


def test_a_whole_application_is_fixed_and_keeps_its_layout(tmp_path: Path) -> None:
    write_tree(tmp_path, SCENE)
    done = koze("fix", cwd=tmp_path)
    assert done.returncode == 0
    assert re.fullmatch(r"Fixed \d+ problems in 3 files\.\n", done.stdout)
    wrangler = (tmp_path / "wrangler.jsonc").read_bytes().decode()
    assert wrangler == SCENE["wrangler.jsonc"].replace('"Wrong" }, // a\r\n', '"Alpha" }, // a\r\n'
        '\t\t{ "name": "b-workflow", "binding": "B_WORKFLOW", "class_name": "Beta" },\r\n')  # fmt: skip
    page = (tmp_path / "src/routes/[id]/index.html").read_bytes().decode()
    assert page == (
        "<script>\r\n  import { params } from 'koze:request';\r\n  import { workflowStatus } from 'koze:workflow';\r\n"
        "  const status = await workflowStatus('a', params.id);\r\n</script>\r\n<p>é {status.output?.n}</p>"
    )
    assert (tmp_path / "src/app.d.ts").read_bytes() == SCENE["src/app.d.ts"].replace("'a';", "'a' | 'b';").encode()
    assert check_json(cwd=tmp_path)["errors"] == 0


def test_a_second_fix_changes_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, SCENE)
    koze("fix", cwd=tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert koze("fix", cwd=tmp_path).stdout == "Nothing to fix.\n"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_diff_shows_and_writes_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, SCENE)
    before = (tmp_path / "wrangler.jsonc").read_bytes()
    done = koze("fix", "--diff", "--select", "wrangler-class-mismatch", cwd=tmp_path)
    assert done.returncode == 1
    assert '+\t\t{ "name": "a-workflow", "binding": "A_WORKFLOW", "class_name": "Alpha" }' in done.stdout
    assert "b-workflow" not in done.stdout
    assert (tmp_path / "wrangler.jsonc").read_bytes() == before


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_git_applies_a_diff_of_lines_with_other_breaks(tmp_path: Path, newline: str) -> None:
    """Characters that break lines for Python alone: a line of a patch ends at a line feed."""
    odd = "".join(f"<p>{code}: {chr(code)}x</p>\n" for code in (0x0B, 0x0C, 0x1C, 0x85, 0x2028, 0x2029))
    page = (
        "<script>\nimport { params } from 'koze:request';\nimport { workflowStatus } from 'koze:workflow';\n"
        f"const a = workflowStatus('a', params.id);\n</script>\n{odd}<p>{{a.status}}</p>"
    )
    tree = {**SCENE, "src/routes/[id].html": page.replace("\n", newline)}
    fixed, patched = tmp_path / "fixed", tmp_path / "patched"
    for root in (fixed, patched):
        for path, text in tree.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
    command = [sys.executable, "-m", "koze_lsp", "fix", "--diff"]
    done = subprocess.run(
        command, cwd=patched, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert done.returncode == 1, done.stderr
    patch = ["git", "apply", "-p0", "--whitespace=nowarn", "-"]
    applied = subprocess.run(patch, cwd=patched, input=done.stdout, capture_output=True, check=False)
    assert applied.returncode == 0, applied.stderr
    koze("fix", cwd=fixed)
    assert "await workflowStatus" in (fixed / "src/routes/[id].html").read_text("utf-8")
    for path in tree:
        assert (patched / path).read_bytes() == (fixed / path).read_bytes(), path


def test_select_and_ignore(tmp_path: Path) -> None:
    write_tree(tmp_path, SCENE)
    koze("fix", "--ignore", "poll-disabled,types-stale", cwd=tmp_path)
    codes = {d["code"] for d in check_json(cwd=tmp_path)["diagnostics"]}
    assert {"poll-disabled", "types-stale"} <= codes
    assert "missing-await" not in codes
    assert koze("fix", "--select", "nonsense", cwd=tmp_path).returncode == 2


def test_unsafe_takes_single_answers_only(tmp_path: Path) -> None:
    page = (
        SCENE["src/routes/[id]/index.html"]
        .replace("{ poll: 0 }", "{ poll: '2 s' }")
        .replace("workflowStatus('a'", "workflowStatus('aa'")
    )
    write_tree(tmp_path, {**SCENE, "src/routes/[id]/index.html": page})
    koze("fix", "--unsafe", cwd=tmp_path)
    text = (tmp_path / "src/routes/[id]/index.html").read_text()
    assert "poll: '2s'" in text
    assert "'aa'" in text


def test_a_file_that_cannot_be_written_is_named_and_unchanged(tmp_path: Path) -> None:
    write_tree(tmp_path, SCENE)
    folder = tmp_path / "src/routes/[id]"
    target = folder / "index.html"
    before = target.read_bytes()
    probe = subprocess.run(["chattr", "+i", str(folder)], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this file system has no immutable flag, and root may write anywhere")
    try:
        done = koze("fix", "--select", "missing-import", cwd=tmp_path)
    finally:
        subprocess.run(["chattr", "-i", str(folder)], check=False)
    assert done.returncode == 2
    assert "index.html" in done.stderr
    assert target.read_bytes() == before


@pytest.mark.parametrize(("seed", "faults", "ext"), [(4, 0.5, "html"), (12, 1.0, "koze")])
def test_fix_twice_is_fix_once_and_leaves_no_safe_fix(tmp_path: Path, seed: int, faults: float, ext: str) -> None:
    generator = ROOT / "tests/data/make_project.py"
    sizes = ["--routes", "100", "--workflows", "20", "--seed", str(seed), "--faults", str(faults), "--ext", ext]
    subprocess.run([sys.executable, generator, tmp_path, *sizes], check=True, capture_output=True)
    koze("fix", cwd=tmp_path)
    once = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert koze("fix", "--diff", cwd=tmp_path).stdout == ""
    koze("fix", cwd=tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == once
    left = {d["code"] for d in check_json(cwd=tmp_path)["diagnostics"]}
    assert not left & {
        "missing-await",
        "missing-import",
        "poll-disabled",
        "wrangler-missing-binding",
        "wrangler-class-mismatch",
    }


def test_types(tmp_path: Path) -> None:
    write_tree(tmp_path, SCENE)
    assert koze("types", "--check", cwd=tmp_path).returncode == 1
    assert koze("types", cwd=tmp_path).returncode == 0
    assert koze("types", "--check", cwd=tmp_path).returncode == 0
    assert (tmp_path / "src/app.d.ts").read_bytes() == SCENE["src/app.d.ts"].replace("'a';", "'a' | 'b';").encode()
    (tmp_path / "src/app.d.ts").unlink()
    done = koze("types", cwd=tmp_path)
    assert done.returncode == 2
    assert "app.d.ts" in done.stderr


def test_invalid_settings_are_reported_where_they_stand(tmp_path: Path) -> None:
    package = {"name": "app", "koze-lsp": {"rules": {"poll-unit": "loud"}, "pol": {"minimum": 1}}}
    write_tree(tmp_path, {**SCENE, "package.json": json.dumps(package, indent=2) + "\n"})
    found = [d for d in check_json(cwd=tmp_path)["diagnostics"] if d["code"] == "invalid-config"]
    assert [d["line"] for d in found] == [5, 7]
