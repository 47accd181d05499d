"""The step graph from the code alone: as text, as a picture, in hovers and on the command line."""

from __future__ import annotations

import textwrap
from pathlib import Path
from xml.etree import ElementTree

import pytest

from koze_lsp.ide import graph
from koze_lsp.ide.graph import Graph, Group, StepNode, Track
from koze_lsp.ide.graph_svg import svg
from koze_lsp.syntax import workflow
from tests.cli.support import ROOT, koze

EXAMPLES = sorted((ROOT / "examples").rglob("*.workflow.ts"))
HEAD = "import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';\n"


def facts(body: str, methods: str = "", before: str = "") -> workflow.WorkflowFacts:
    run = f"  async run(event: WorkflowEvent<any>, step: WorkflowStep) {{\n{body}\n  }}\n"
    return workflow.parse(f"{HEAD}{before}\nexport class W extends WorkflowEntrypoint {{\n{run}{methods}\n}}\n")


def lines(body: str, methods: str = "", before: str = "") -> str:
    return graph.text(graph.graph_of(facts(body, methods, before))).removeprefix("W\n")


def drawing(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


def do(name: str) -> str:
    return f"await step.do('{name}', async () => 1);"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "data-sync",
            """
            ├─ ↻ for page < pages
            │  ├─ do sync-${table}-${page} · 3 retries, exponential · timeout 2 min
            │  └─ sleep be-gentle · 30 s
            ├─ wait wait-for-review · event reviewed · at most 2 d
            └─ ■ return { rows, reviewedBy: approval.payload.by }
            """,
        ),
        (
            "email-campaign",
            """
            ├─ try
            │  ├─ do send-welcome
            │  ├─ sleep wait-for-followup · 1 d
            │  ├─ do send-followup
            │  └─ ■ return { sent: [welcome, followup] }
            └─ catch (err)
               ├─ do handle-failure
               └─ ✕ throw err
            """,
        ),
        (
            "migration",
            """
            ├─ do fetch-data
            ├─ do transform-data
            ├─ do import-data
            └─ ■ return { migrated }
            """,
        ),
    ],
)
def test_the_example_workflows(name: str, expected: str) -> None:
    done = koze("workflows", "examples/migrations", "--graph", "--name", name)
    assert done.stdout.split("\n", 1)[1] == drawing(expected) + "\n"


def test_nested_try_catch_finally() -> None:
    body = f"""
      try {{
        {do("a")}
        try {{ {do("b")} }} catch {{ {do("c")} }} finally {{ {do("d")} }}
      }} catch (error) {{
        {do("undo")}
        throw error;
      }}
    """
    assert lines(body) == drawing("""
        ├─ try
        │  ├─ do a
        │  ├─ try
        │  │  └─ do b
        │  ├─ catch
        │  │  └─ do c
        │  └─ finally
        │     └─ do d
        └─ catch (error)
           ├─ do undo
           └─ ✕ throw error
        """)


def test_loops_around_parallel_steps() -> None:
    body = """
      for (const page of pages) {
        await Promise.all([step.do('left', async () => 1), step.do('right', async () => 2)]);
        if (page.last) break;
      }
      while (more) await Promise.allSettled(items.map(async (item) => {
        await step.do(`one ${item}`, async () => 1);
        await step.sleep('gap', '5 seconds');
      }));
    """
    assert lines(body) == drawing("""
        ├─ ↻ for page of pages
        │  ├─ Promise.all
        │  │  ├─ ∥ do left
        │  │  └─ ∥ do right
        │  └─ if page.last
        │     └─ ↓ break
        └─ ↻ while more
           └─ Promise.allSettled
              └─ ∥ each of items
                 ├─ do one ${item}
                 └─ sleep gap · 5 s
        """)


def test_switch_with_shared_bodies_and_falling_through() -> None:
    body = f"""
      switch (event.payload.kind) {{
        case 'a':
        case 'b': {{ {do("ab")} break; }}
        case 'c': {do("c")}
        case 'none': break;
        default: {do("other")}
      }}
    """
    assert lines(body) == drawing("""
        └─ switch (event.payload.kind)
           ├─ case 'a', 'b'
           │  └─ do ab
           ├─ case 'c'
           │  ├─ do c
           │  └─ (goes on with the next case)
           └─ default
              └─ do other
        """)


def test_early_ends_and_branches_without_steps() -> None:
    body = f"""
      if (!event.payload.id) throw new Error('no id');
      if (debug) console.log('not of interest');
      if (cached) {{ return cached; }} else if (slow) {{ {do("slow")} }} else {{ {do("fast")} }}
      flag && (await step.do('maybe', async () => {{ if (x) return 1; throw new Error(); }}));
      return await step.do('last', async () => 1);
    """
    assert lines(body) == drawing("""
        ├─ if !event.payload.id
        │  └─ ✕ throw new Error('no id')
        ├─ if cached
        │  └─ ■ return cached
        ├─ else if slow
        │  └─ do slow
        ├─ else
        │  └─ do fast
        ├─ if flag
        │  └─ do maybe
        ├─ do last
        └─ ■ return
        """)


def test_helpers_are_shown_where_they_are_called() -> None:
    methods = """
      private async pay(step: WorkflowStep) {
        if (free) return null;
        return await step.do('charge', async () => 1);
      }
      async again(step: WorkflowStep) { await step.do('try', async () => 1); await this.again(step); }
      async lost(step: WorkflowStep) { await step.do('lost', async () => 1); }
    """
    before = "async function audit(step: WorkflowStep) { await step.do('audit', async () => 1); }\n"
    body = "await this.pay(step); await audit(step); await this.again(step);"
    assert lines(body, methods, before) == drawing("""
        ├─ this.pay()
        │  ├─ if free
        │  │  └─ ↑ return null
        │  └─ do charge
        ├─ audit()
        │  └─ do audit
        ├─ this.again()
        │  ├─ do try
        │  └─ this.again() (as above)
        └─ lost, not called visibly
           └─ do lost
        """)


def test_promises_that_are_kept_are_shown_where_they_are_awaited() -> None:
    body = """
      const first = step.do('first', async () => 1);
      const others = items.map((item) => step.do(`other ${item}`, async () => 1));
      await Promise.all([first, ...others]);
      const late = step.waitForEvent('approval', { type: 'approved', timeout: '2 days' });
      await step.sleepUntil('midnight', when);
      await late;
      const list = [];
      for (const item of items) list.push(step.do(item, async () => 1));
      await Promise.all(list);
      step.do('forgotten', async () => 1);
    """
    assert lines(body) == drawing("""
        ├─ Promise.all
        │  ├─ ∥ do first
        │  └─ ∥ each of items
        │     └─ do other ${item}
        ├─ wait approval · event approved · at most 2 d · awaited later
        ├─ sleep midnight · until when
        ├─ ↻ for item of items
        │  └─ do item · awaited later
        ├─ Promise.all
        │  └─ ∥ list, started above
        └─ do forgotten · not awaited
        """)


def test_steps_within_steps_and_in_unknown_calls() -> None:
    body = """
      await step.do('outer', async () => { await step.do('inner', async () => 1); });
      await retry(async () => step.do('again', async () => 1));
      const work = async () => step.do('later', async () => 1);
      await withLock(work);
    """
    assert lines(body) == drawing("""
        ├─ do outer
        │  └─ do inner
        ├─ do again
        └─ work()
           └─ do later
        """)


def steps_of(nodes: tuple[graph.Node, ...]) -> list[str]:
    found = []
    for node in nodes:
        if isinstance(node, StepNode):
            found += [node.name, *steps_of(node.inside)]
        elif isinstance(node, Group):
            found += [name for track in node.tracks for name in steps_of(track.nodes)]
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_no_step_of_an_example_is_missing_and_every_picture_is_xml(path: Path) -> None:
    found = workflow.parse(path.read_text(encoding="utf-8"))
    made = graph.graph_of(found)
    assert len(steps_of(made.nodes)) >= len(found.steps)
    ElementTree.fromstring(svg(made))


@pytest.mark.parametrize("depth", [30, 400, 3000])
def test_no_nesting_is_too_deep_and_no_step_gets_lost(depth: int) -> None:
    found = facts("if (a) {" * depth + do("deep") + "}" * depth + do("after"))
    made = graph.graph_of(found)
    assert steps_of(made.nodes) == ["deep", "after"]
    assert "deep" in svg(made)
    assert "do deep" in graph.text(made)


def test_helpers_that_call_helpers_end() -> None:
    methods = "".join(
        f"async m{n}(step: WorkflowStep) {{ await this.m{n + 1}(step); await this.m{n + 1}(step); }}\n"
        for n in range(30)
    )
    found = facts("await this.m0(step);", f"{methods} async m30(step: WorkflowStep) {{ {do('end')} }}")
    assert len(steps_of(graph.graph_of(found).nodes)) < 5000


@pytest.mark.parametrize("source", ["", "export class", HEAD, "export class W { run( { step.do('a' } }", "\x00<&>"])
def test_broken_files_have_a_graph_too(source: str) -> None:
    made = graph.graph_of(workflow.parse(source))
    assert graph.text(made)
    ElementTree.fromstring(svg(made))


def test_names_are_escaped_in_pictures() -> None:
    nodes = (StepNode("do", "<b>&\x00\ud800 \"'", ("a < b",), graph_span()),)
    made = Graph("</svg><script>", (Group("parallel", "x & y", (Track("<t>", nodes),)),))
    root = ElementTree.fromstring(svg(made))
    assert not [element for element in root.iter() if element.tag.endswith(("script", "b"))]
    assert "<b>&" in "".join(root.itertext())


def graph_span() -> object:
    from koze_lsp.text import Span

    return Span(0, 1)


def test_the_picture_names_every_step_and_follows_dark_and_light() -> None:
    found = workflow.parse((ROOT / "examples/migrations/src/server/data-sync.workflow.ts").read_text(encoding="utf-8"))
    text = svg(graph.graph_of(found))
    for part in ("sync-${table}-${page}", "be-gentle", "wait-for-review", "prefers-color-scheme:dark", "currentColor"):
        assert part in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_the_command_line_wants_one_place_for_each_picture(tmp_path: Path) -> None:
    several = koze("workflows", "examples/migrations", "--graph", "svg")
    assert several.returncode == 2
    assert "--name" in several.stderr
    assert "--output" in several.stderr
    folder = tmp_path / "graphs"
    koze("workflows", "examples/migrations", "--graph", "svg", "--output", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["data-sync.svg", "email-campaign.svg", "migration.svg"]
    one = tmp_path / "one.svg"
    koze("workflows", "examples/migrations", "--graph", "svg", "--name", "MIGRATION_WORKFLOW", "-o", str(one))
    assert "fetch-data" in one.read_text(encoding="utf-8")
    printed = koze("workflows", "examples/migrations/src/server/migration.workflow.ts", "--graph", "svg")
    assert printed.stdout == one.read_text(encoding="utf-8")


def test_the_command_line_says_what_is_wrong() -> None:
    assert "--graph is text or svg" in koze("workflows", "--graph", "png", "examples/migrations").stderr
    unknown = koze("workflows", "examples/migrations", "--graph", "--name", "nope")
    assert unknown.returncode == 2
    assert "data-sync, email-campaign, migration" in unknown.stderr
    assert "--graph" in koze("workflows", "examples/migrations", "--output", "x").stderr


def test_graph_before_a_path_means_the_text() -> None:
    assert "└─ ■ return { migrated }" in koze("workflows", "--graph", "examples/migrations").stdout
