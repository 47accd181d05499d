"""Fixing comes to an end, says what it leaves, and leaves nothing that it could fix: over generated applications.

The applications are those of ``make_project.py`` with any seed and share of faults, and mixtures of the rules' own
wrong examples, whose mistakes then stand beside each other.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koze_lsp.project.workspace import Workspace
from koze_lsp.rules import all_rules
from koze_lsp.rules.base import Diagnostic, Fixable, Rule
from koze_lsp.rules.engine import check_project
from koze_lsp.rules.examples import complete
from koze_lsp.rules.fixing import Fixed, fix_project, pick
from tests.cli.support import ROOT, check_json, koze, write_tree

GENERATOR = ROOT / "tests/data/make_project.py"
SAFE = [rule for rule in all_rules().values() if rule.fixable is Fixable.SAFE and rule.code != "wrangler-no-file"]


def _fix(root: Path) -> tuple[Fixed, list[Diagnostic]]:
    """Fix an application on the disk; what was done, and what the same workspace then still finds."""
    workspace = Workspace()
    workspace.load(str(root))
    outcome = fix_project(workspace, str(root))
    for path, text in {**outcome.texts, **outcome.created}.items():
        (root / path).write_text(text, encoding="utf-8", newline="")
    return outcome, _found(workspace, root)


def _found(workspace: Workspace, root: Path) -> list[Diagnostic]:
    return [one for _, found in check_project(workspace.project(str(root))) for one in found]


def _fresh(root: Path) -> list[Diagnostic]:
    workspace = Workspace()
    workspace.load(str(root))
    return _found(workspace, root)


def _comes_to_an_end(root: Path) -> None:
    before = _fresh(root)
    outcome, left = _fix(root)
    assert left == _fresh(root)  # what the fixing run believes is what the disk says
    assert not [one for one in left if pick(one) is not None]
    assert bool(outcome.count) == any(pick(one) is not None for one in before)
    again, still = _fix(root)
    assert (again.count, again.texts, again.created) == (0, {}, {})
    assert still == left


_PROJECTS = st.fixed_dictionaries(
    {
        "--seed": st.integers(0, 10_000),
        "--routes": st.integers(5, 60),
        "--workflows": st.integers(2, 12),
        "--faults": st.sampled_from(["0", "0.1", "0.5", "0.9", "1.0"]),
        "--ext": st.sampled_from(["html", "koze"]),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(_PROJECTS)
def test_any_generated_application(tmp_path_factory: pytest.TempPathFactory, arguments: dict[str, object]) -> None:
    root = tmp_path_factory.mktemp("app")
    listed = [str(part) for pair in arguments.items() for part in pair]
    subprocess.run([sys.executable, GENERATOR, root, *listed], check=True, capture_output=True)
    (root / "expected.json").unlink()
    _comes_to_an_end(root)


def _page(script: str, template: str) -> str:
    return f"<script>\n{script}\n</script>\n\n{template}\n"


_SCRIPTS = (
    "import {{ params }} from 'koze:request';", "import {{ workflowStatus }} from 'koze:workflow';",
    "// koze-ignore poll-unit", "const s{0} = await workflowStatus('migration', params.id);",
    "const s{0} = workflowStatus('migration', params.id, {{ poll: 0 }});", "let s{0} = await workflowStatus('migratoin', params.id);",
    "const every{0} = '500';\nlet s{0} = await workflowStatus('migration', params.id, {{ poll: every{0}, until: async (s) => s.status === 'done' }});",
    "const {{ output: out{0} }} = workflowStatus('migration', params.jobs);", "await workflowStatus('migration', slug, {{ poll: '', until: over }});",
    "const list{0} = await Promise.all(ids.map((id) => workflowStatus('data-sync', id, {{\n  poll: null,\n  until: (s) => {{ over(s) }},\n}})));",
)  # fmt: skip
_TEMPLATES = (
    "<p>{{s{0}.status}}{{s{0}.output.n}}</p>", "if (s{0}.status === 'completed') {{\n  <b>{{s{0}.output.a.b}}</b>\n}}",
    "<p>{{out{0}.n}}</p>", "<!-- koze-ignore polled-form -->", "<!-- {{s{0}.output.n}} -->", "<input name=\"a\">", "<p>{{url.pathname}}</p>",
    "for (const s of list{0}) {{\n  <i>{{s.output.n}}</i>\n}}", "}}", "<p>{{",
)  # fmt: skip


@st.composite
def _pages(draw: st.DrawFn) -> str:
    """A page of lines that make mistakes, with names that are declared or not."""
    numbered = st.integers(0, 2)
    script = [draw(st.sampled_from(_SCRIPTS)).format(draw(numbered)) for _ in range(draw(st.integers(0, 6)))]
    template = [draw(st.sampled_from(_TEMPLATES)).format(draw(numbered)) for _ in range(draw(st.integers(0, 5)))]
    text = _page("\n".join(f"  {line}" for line in script), "\n".join(template))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(SAFE), unique=True, max_size=6),
    st.lists(_pages(), max_size=3),
    st.sampled_from(["html", "koze", "kuratchi"]),
)
def test_mistakes_beside_each_other(
    tmp_path_factory: pytest.TempPathFactory, rules: list[Rule], pages: list[str], ext: str
) -> None:
    """The rules' wrong examples in one application, each in a file of its own, and pages of mixed mistakes."""
    root = tmp_path_factory.mktemp("app")
    files: dict[str, str] = {}
    for rule in rules:
        for path, text in complete(rule.wrong).items():
            head, _, name = path.rpartition("/")
            fixed = path in ("package.json", "src/app.d.ts") or name.startswith("wrangler.")
            files.setdefault(path if fixed else f"{head}/{rule.code}-{name}", text)
    files.update({f"src/routes/p{number}/[id]/index.{ext}": page for number, page in enumerate(pages)})
    files.setdefault("package.json", '{ "name": "app" }\n')
    files.setdefault("src/server/data-sync.workflow.ts", "export class A {}\n")
    write_tree(root, files)
    _comes_to_an_end(root)


@pytest.mark.parametrize(("seed", "faults", "ext"), [(4, "0.5", "html"), (12, "1.0", "koze")])
def test_the_command_says_what_is_left(tmp_path: Path, seed: int, faults: str, ext: str) -> None:
    """``fix`` then ``--check`` as a user types them: the check finds what the fixing run left, and a second changes nothing."""
    sizes = ["--routes", "60", "--workflows", "12", "--seed", str(seed), "--faults", faults, "--ext", ext]
    subprocess.run([sys.executable, GENERATOR, tmp_path, *sizes], check=True, capture_output=True)
    koze("fix", cwd=tmp_path)
    left = {(one.path, one.code) for one in _fresh(tmp_path)}
    assert {(one["file"], one["code"]) for one in check_json(cwd=tmp_path)["diagnostics"]} == left
    assert koze("fix", cwd=tmp_path).stdout == "Nothing to fix.\n"
