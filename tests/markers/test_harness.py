"""The harness itself: a marker that does not hold must fail, and ``--update`` must write what holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import kinds
from .case import Case, CaseError, Name, parse
from .direct import Direct
from .harness import Mismatch, Run, rewrite

WORKFLOW = """-- package.json --
{}
-- src/server/mail.workflow.ts --
import { WorkflowEntrypoint } from 'cloudflare:workers';
export class MailWorkflow extends WorkflowEntrypoint {
  async run() {}
}
-- src/routes/index.html --
<script>
  import { workflowStatus } from 'koze:workflow';
  const a = await workflowStatus('mail', 'x', { poll: '2s' });
"""

WRONG = {
    "complete": """  //@ complete("'ma^il'", "post")""",
    "complete nothing": """  //@ complete("'ma^il'")""",
    "offers": """  //@ offers("'ma^il'", "mail", "post")""",
    "lacks": """  //@ lacks("'ma^il'", "mail")""",
    "accept": """  //@ accept("'ma^il'", "mail", "something else")""",
    "item": """  //@ item("'ma^il'", "mail", "MAIL_WORKFLOW · Other")""",
    "hover": """  //@ hover("'ma^il'", "the class `Other`")""",
    "no hover": """  //@ hover("'ma^il'")""",
    "hover where there is none": """  //@ hover("con^st", "something")""",
    "signature": """  //@ signature("'ma^il'", "workflowStatus", "instanceId: string")""",
    "hint": """  //@ hint("'2s'", "3,000 ms")""",
    "nohints": """  //@ nohints()""",
    "lens": """  //@ lens("polls every 3 s")""",
    "nodiag": """  await workflowStatus('nope', 'x'); //@ nodiag()""",
    "diag": """  //@ diag("'mail'", "unknown-workflow")""",
    "definition": """  //@ loc(here, "const"); definition("'ma^il'", here)""",
    "references": """  //@ references("'ma^il'")""",
    "highlight": """  //@ highlight("'ma^il'")""",
    "link": """  //@ link("mail", "src/routes/index.html")""",
    "symbols": """  //@ symbols("class Other")""",
    "rename error": """  //@ rename("'ma^il'", "post", error="no")""",
    "rename": """  //@ rename("'ma^il'", "post", golden="none")""",
    "prepare": """  //@ prepare("'ma^il'", "post")""",
    "incoming": """  //@ incoming("'ma^il'", "nobody")""",
    "outgoing": """  //@ outgoing("'ma^il'", "nobody")""",
}


def run(tmp_path: Path, text: str, newline: str = "\n") -> tuple[Case, list[Mismatch]]:
    path = tmp_path / "case.txt"
    path.write_text(text, encoding="utf-8")
    case = parse(path)
    return case, Run(case, Direct(), newline).run()


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_wrong_expectation_fails(tmp_path: Path, name: str, newline: str) -> None:
    _, mismatches = run(tmp_path, f"{WORKFLOW}{WRONG[name]}\n</script>\n", newline)
    assert mismatches


@pytest.mark.parametrize("name", sorted(set(WRONG) - {"rename error", "diag", "nodiag", "hover where there is none"}))
def test_update_writes_what_holds(tmp_path: Path, name: str) -> None:
    case, mismatches = run(tmp_path, f"{WORKFLOW}{WRONG[name]}\n</script>\n")
    if name == "nohints":
        pytest.skip("says that there are none")
    updated = rewrite(case, mismatches)
    again, left = run(tmp_path, updated)
    assert not left
    assert [marker.name for marker in again.markers] == [marker.name for marker in case.markers]
    assert again.files == case.files


def test_a_right_case_holds_and_is_not_rewritten(tmp_path: Path) -> None:
    text = (
        f"""{WORKFLOW}  //@ complete("'ma^il'", "mail"); hint("'2s'", "2,000 ms")\n</script>\n<p>{{a.status}}</p>\n"""
    )
    case, mismatches = run(tmp_path, text)
    assert not mismatches
    assert rewrite(case, mismatches) == text


def test_markers_are_taken_out_of_the_text(tmp_path: Path) -> None:
    text = (
        "-- a.ts --\n"
        'const a = 1; //@ hover("a^")\n'
        '  //@ hover("con^st")\n'
        "const b = 2;\n"
        "-- b.html --\n"
        '<p>x</p> <!--@ hover("<p^>") -->\n'
        "-- wrangler.toml --\n"
        'name = "x" #@ hover("na^me")\n'
    )
    case, mismatches = run(tmp_path, text)
    assert case.files == {
        "a.ts": "const a = 1;\nconst b = 2;\n",
        "b.html": "<p>x</p>\n",
        "wrangler.toml": 'name = "x"\n',
    }
    assert [(marker.path, marker.line) for marker in case.markers] == [
        ("a.ts", 0),
        ("a.ts", 0),
        ("b.html", 0),
        ("wrangler.toml", 0),
    ]
    assert not mismatches


def test_several_markers_and_named_places(tmp_path: Path) -> None:
    text = '-- a.ts --\nconst a = "👋"; //@ loc(one, "a"); hover("a^"); hover("con^st", [1, 2], flag=True)\n'
    path = tmp_path / "case.txt"
    path.write_text(text, encoding="utf-8")
    markers = parse(path).markers
    assert [marker.name for marker in markers] == ["loc", "hover", "hover"]
    assert markers[0].args == (Name("one"), "a")
    for marker in markers:
        start, end = marker.where
        assert text[start:end] == marker.text(marker.args)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-- a.ts --\nx //@ hover(\n", "case.txt:2"),
        ("-- a.ts --\nx //@ hover\n", "a marker is a call"),
        ("-- a.ts --\nx //@ hover(f())\n", "literals or names"),
        ("-- a.ts --\nx\n", "holds no marker"),
    ],
)
def test_a_case_that_cannot_be_read_says_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        run(tmp_path, text)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ('hover("y^")', "stands 0 times"),
        ('hover("x^")', "stands 2 times"),
        ('nothing("x")', "no kind of marker is called nothing"),
        ('definition("x x", where)', "no loc is called where"),
    ],
)
def test_a_marker_that_means_nothing_says_so(tmp_path: Path, marker: str, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        run(tmp_path, f"-- a.ts --\nx x //@ {marker}\n")


def test_snippets_take_their_defaults() -> None:
    assert kinds.expand("f(${1:a}, $2)${3|x,y|}$0 { \\} ${4:{ ok: true \\}} \\$") == "f(a, )x { } { ok: true } $"
