"""What a workflow file says."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koze_lsp.syntax import workflow
from koze_lsp.syntax.workflow import WorkflowFacts
from tests.conformance import load_cases

IMPORT = "import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';\n"


def in_run(
    body: str, *, params: str = "event: WorkflowEvent, step: WorkflowStep", top: str = "", methods: str = ""
) -> WorkflowFacts:
    return workflow.parse(
        f"{IMPORT}{top}\nexport class A extends WorkflowEntrypoint {{ async run({params}) {{ {body} }} {methods} }}\n"
    )


def everything(facts: WorkflowFacts) -> None:
    """Ask for every fact."""
    for name in dir(type(facts)):
        if not name.startswith("__"):
            getattr(facts, name)


# The class ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", load_cases("koze/binding_names"), ids=lambda case: case["id"])
def test_class_as_the_framework_finds_it(case: dict[str, Any]) -> None:
    for entry in case["expect"].get("workflows", []):
        source = case["files"][entry["file"]]
        facts = workflow.parse(source)
        assert (facts.class_name, facts.export) == (entry["className"], entry["exportKind"])
        assert facts.class_span is not None
        assert source[slice(*facts.class_span)] == entry["className"]
    if "must export a class" in case["expect"].get("error", ""):
        for source in case["files"].values():
            assert workflow.parse(source).class_name is None
            assert workflow.parse(source).export_problem is not None


def test_class_needs_no_parsing() -> None:
    facts = workflow.parse("export class A {}")
    assert facts.class_name == "A"
    assert "tree" not in facts.__dict__


@pytest.mark.parametrize(
    ("source", "base"),
    [
        (f"{IMPORT}export class A extends WorkflowEntrypoint {{}}", "entrypoint"),
        ("export class A {}", "none"),
        ("import { B } from './b';\nexport class A extends B {}", "unknown"),
        (
            f"{IMPORT}class B extends WorkflowEntrypoint {{}}\nclass C extends B {{}}\nexport class A extends C {{}}",
            "entrypoint",
        ),
        ("import { WorkflowEntrypoint as W } from 'cloudflare:workers';\nexport class A extends W {}", "entrypoint"),
        ("import * as w from 'cloudflare:workers';\nexport class A extends w.WorkflowEntrypoint {}", "entrypoint"),
        ("import { RpcTarget } from 'cloudflare:workers';\nexport class A extends RpcTarget {}", "foreign"),
        ("export class A extends WorkflowEntrypoint {}", "undeclared"),
        ("export class A extends A {}", "unknown"),
        ("class B extends C {}\nclass C extends B {}\nexport class A extends B {}", "unknown"),
        (f"{IMPORT}const B = class extends WorkflowEntrypoint {{}};\nexport class A extends B {{}}", "entrypoint"),
    ],
)
def test_heritage(source: str, base: str) -> None:
    heritage = workflow.parse(source).heritage
    assert heritage is not None
    assert heritage.base == base


@pytest.mark.parametrize(
    ("member", "kind", "event", "step"),
    [
        ("async run(event, step) {}", "method", "event", "step"),
        ("async run(e: WorkflowEvent<{ a: 1 }>, s: WorkflowStep) {}", "method", "e", "s"),
        ("async run({ payload }, { do: go }) {}", "method", None, None),
        ("run = async (event, step) => {}", "property", "event", "step"),
        ("run = this.go;", "property", None, None),
        ("static run() {}", "missing", None, None),
        ("#run() {}", "missing", None, None),
        ("get run() { return 1; }", "missing", None, None),
    ],
)
def test_run(member: str, kind: str, event: str | None, step: str | None) -> None:
    run = workflow.parse(f"{IMPORT}export class A extends WorkflowEntrypoint {{ {member} }}").run
    assert (run.kind, run.event, run.step) == (kind, event, step)


# Steps ----------------------------------------------------------------------------------------------------


def names(facts: WorkflowFacts) -> list[tuple[str, str | None]]:
    return [(step.kind, step.name) for step in facts.steps]


@pytest.mark.parametrize(
    "facts",
    [
        in_run("await step.do('a', async () => 1); await step.sleep('b', 5);"),
        in_run("await s.do('a', f); await s.sleep('b', 5);", params="e, s"),
        in_run("await go('a', f); await sleep('b', 5);", params="e, { do: go, sleep }"),
        in_run("const s = step; await s.do('a', f); const { sleep } = s; await sleep('b', 5);"),
        in_run("const name = 'a'; await step.do(name, f); await step.sleep(`b`, 5);"),
        in_run("await (step as any).do('a', f); await step!.sleep('b', 5);"),
        in_run("await step.do<number>('a', f); return await step.sleep<void>('b', 5);"),
        workflow.parse(
            "import { WorkflowStep as Step } from 'cloudflare:workers';\n"
            "export async function help(s: Step) { await s.do('a', f); await s.sleep('b', 5); }"
        ),
        in_run("await help(step);", top="async function help(s) { await s.do('a', f); await s.sleep('b', 5); }"),
        in_run(
            "await help(1, step);", top="const help = async (n, s) => { await s.do('a', f); await s.sleep('b', 5); };"
        ),
        in_run("await this.help(step);", methods="async help(s) { await s.do('a', f); await s.sleep('b', 5); }"),
        in_run("", top="export async function help(s: WorkflowStep) { await s.do('a', f); await s.sleep('b', 5); }"),
        in_run("await one(step);", top="const one = (s) => two(s); function two(t) { t.do('a', f); t.sleep('b', 5); }"),
    ],
    ids=lambda facts: facts.source[90:],
)
def test_what_counts_as_a_step(facts: WorkflowFacts) -> None:
    assert names(facts) == [("do", "a"), ("sleep", "b")]


@pytest.mark.parametrize(
    "facts",
    [
        in_run("db.do('a', f); other.sleep('b', 5); sleep('b', 5);"),
        in_run("items.forEach((step) => step.do('a', f));"),
        workflow.parse(
            "import { WorkflowStep } from './mine';\nexport function help(s: WorkflowStep) { s.do('a', f); }"
        ),
        in_run("await help(step);", top="import { help } from './help';"),
        in_run("step.undo('a', f); step.do; step['do']('a', f);"),
        in_run("{ const step = db; step.do('a', f); }"),
        workflow.parse(
            f"{IMPORT}export class A extends WorkflowEntrypoint {{}}\n"
            "class B { async run(e, step: WorkflowStep) { step.do('a', f); } }"
        ),
    ],
    ids=lambda facts: facts.source[90:],
)
def test_what_does_not_count(facts: WorkflowFacts) -> None:
    assert names(facts) == []


def test_computed_names_are_not_guessed() -> None:
    facts = in_run(
        "await step.do(`a ${n}`, f); await step.do(x, f); await step.do('a' + n, f); await step.do(...args);"
    )
    assert names(facts) == [("do", None)] * 4


def test_spans_and_arguments() -> None:
    facts = in_run("const 🎉 = 1; await step.do('é', { timeout: '1 minute' }, async () => { return 🎉; });")
    (step,) = facts.steps
    source = facts.source
    assert step.name_span is not None
    assert source[slice(*step.name_span)] == "'é'"
    assert source[slice(*step.callee_span)] == "step.do"
    assert source[slice(*step.span)].startswith("step.do(")
    assert step.config is not None
    assert source[slice(*step.config.span)] == "{ timeout: '1 minute' }"
    assert step.callback_span is not None
    assert source[slice(*step.callback_span)] == "async () => { return 🎉; }"
    assert [source[slice(*item.span)] for item in step.returns] == ["🎉"]


@pytest.mark.parametrize(
    ("body", "settled"),
    [
        ("await step.do('a', f);", "awaited"),
        ("return step.do('a', f);", "returned"),
        ("step.do('a', f);", "dropped"),
        ("const p = step.do('a', f); await p;", "held"),
        ("step.do('a', f).then(g);", "chained"),
        ("list.push(step.do('a', f));", "passed"),
        ("void step.do('a', f);", "other"),
        ("x && step.do('a', f);", "dropped"),
        ("const g = () => step.do('a', f);", "returned"),
        ("await (x ? step.do('a', f) : 1);", "awaited"),
        ("(g(), step.do('a', f));", "dropped"),
    ],
)
def test_what_becomes_of_the_promise(body: str, settled: str) -> None:
    assert [step.settled for step in in_run(body).steps] == [settled]


@pytest.mark.parametrize(
    ("body", "context", "loop"),
    [
        ("await step.do('a', f);", [], False),
        ("for (const x of y) { if (x) await step.do('a', f); else g(); }", ["for", "if"], True),
        ("try { f(); } catch { await step.do('a', f); }", ["catch"], False),
        ("await Promise.all(xs.map((x) => step.do('a', f)));", ["Promise.all", "map"], True),
        ("while (await step.do('a', f)) {}", ["while"], True),
        ("for (const x of await step.do('a', f)) {}", [], False),
        ("switch (x) { case 1: await step.do('a', f); }", ["switch"], False),
        ("const g = async () => { await step.do('a', f); };", [], False),
    ],
)
def test_context(body: str, context: list[str], loop: bool) -> None:
    (step,) = in_run(body).steps
    assert [place.label for place in step.context] == context
    assert step.in_loop == loop


def test_functions_that_hold_steps() -> None:
    facts = in_run(
        "await step.do('a', f); const g = async () => step.do('b', f); await this.h(step);",
        methods="async h(step: WorkflowStep) { await step.do('c', f); }",
    )
    assert [step.function for step in facts.steps] == ["run", "g", "h"]


def test_enclosing_step() -> None:
    facts = in_run(
        "await step.do('a', async () => { await db.do('x', async () => step.do('b', f)); },"
        " { rollback: () => step.do('c', f) });"
    )
    assert [step.enclosing for step in facts.steps] == [None, 0, 0]


def test_source_order_with_helpers() -> None:
    facts = in_run("await step.do('b', f); await help(step);", top="async function help(s) { await s.do('a', f); }")
    assert [step.name for step in facts.steps] == ["a", "b"]


@pytest.mark.parametrize("case", load_cases("cloudflare/workflow_runs"), ids=lambda case: case["id"])
def test_recorded_runs(case: dict[str, Any]) -> None:
    facts = workflow.parse(case["source"])
    everything(facts)
    assert facts.class_name == case["class_name"]
    ran = {(step["kind"], step["name"]) for step in case["expect"]["steps"]}
    found = {("sleep" if step.kind == "sleepUntil" else step.kind, step.name) for step in facts.steps}
    computed = {kind for kind, name in found if name is None}
    assert {(kind, name) for kind, name in ran if kind not in computed} <= found
    output = case["expect"].get("output_json", case["expect"]["output"])
    if (
        facts.output is not None
        and facts.output.complete
        and isinstance(output, dict)
        and "$" not in json.dumps(output)
    ):
        assert set(output) <= {field.name for field in facts.output.fields}


# Shapes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "top", "fields"),
    [
        ("event: WorkflowEvent<{ a: string; b?: number[] }>, s", "", [("a", "string", False), ("b", "number[]", True)]),
        ("event: WorkflowEvent<P>, s", "interface P { a: string }", [("a", "string", False)]),
        ("event: WorkflowEvent<P>, s", "export type P = { a: 'x' | 'y' };", [("a", "'x' | 'y'", False)]),
        ("event: Readonly<WorkflowEvent<P>>, s", "type P = { a: string };", [("a", "string", False)]),
        ("event: WorkflowEvent<P & { b: 1 }>, s", "type P = { a: 1 };", [("a", "1", False), ("b", "1", False)]),
        (
            "event: WorkflowEvent<P>, s",
            "interface Q { a: 1 }\ninterface P extends Q { b: 2 }",
            [("a", "1", False), ("b", "2", False)],
        ),
        ("event: WorkflowEvent<P>, s", "import type { P } from './p';", None),
        ("event: WorkflowEvent<P>, s", "interface P extends R { b: 2 }", None),
        ("event: WorkflowEvent, s", "", None),
        ("event: WorkflowEvent<P>, s", "type P = P;", None),
        ("event: WorkflowEvent<any>, s", "", None),
    ],
)
def test_payload(params: str, top: str, fields: list[tuple[str, str, bool]] | None) -> None:
    payload = in_run("", params=params, top=top).payload
    found = None if payload is None else [(field.name, field.type, field.optional) for field in payload.fields]
    assert found == fields


def test_payload_of_the_class_and_nested_fields() -> None:
    facts = workflow.parse(
        f"{IMPORT}type P = {{ user: {{ id: number }} }};\n"
        "export class A extends WorkflowEntrypoint<Env, P> { async run(event, step) { return event.payload.user; } }\n"
    )
    assert facts.payload is not None
    user = facts.payload.field("user")
    assert user is not None
    assert user.shape is not None
    assert [field.name for field in user.shape.fields] == ["id"]
    assert facts.payload_type == "P"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("return { a: 1, b: 'x', c };", [("a", "number", False), ("b", "string", False), ("c", "unknown", False)]),
        (
            "if (x) { return { a: 1 }; } return { a: 'x', b: true };",
            [("a", "number | string", False), ("b", "boolean", True)],
        ),
        ("const r = { a: { b: 1 } }; return r;", [("a", "object", False)]),
        ("return await step.do('s', async () => ({ n: 1 }));", [("n", "number", False)]),
        ("const r = await step.do('s', async () => { return { n: 1 }; }); return r;", [("n", "number", False)]),
        ("return { ...rest, a: list.length };", [("a", "number", False)]),
        ("if (x) return; return { a: 1 };", [("a", "number", False)]),
        ("if (x) return other(); return { a: 1 };", [("a", "number", True)]),
        ("const f = () => { return { no: 1 }; }; return f();", None),
        ("return 5;", None),
        ("", None),
    ],
)
def test_output(body: str, fields: list[tuple[str, str, bool]] | None) -> None:
    output = in_run(body).output
    found = None if output is None else [(field.name, field.type, field.optional) for field in output.fields]
    assert found == fields


@pytest.mark.parametrize(
    ("body", "complete"),
    [("return { a: 1 };", True), ("return { ...x, a: 1 };", False), ("if (x) return f(); return { a: 1 };", False)],
)
def test_output_says_whether_it_is_all(body: str, complete: bool) -> None:
    output = in_run(body).output
    assert output is not None
    assert output.complete == complete


@pytest.mark.parametrize(
    ("body", "params", "paths"),
    [
        ("use(event.payload.a.b, event.payload);", "event, step", [("a", "b")]),
        ("const { a, b: { c } } = event.payload;", "event, step", [("a",), ("b", "c")]),
        ("const p = event.payload; use(p.a); p.list.map(f);", "event, step", [("a",), ("list",)]),
        ("use(payload.a);", "{ payload }, step", [("a",)]),
        ("use(other.payload.a, event.instanceId);", "event, step", []),
        ("{ const event = other; use(event.payload.a); }", "event, step", []),
        ("await step.do('x', async () => event.payload.a);", "event, step", [("a",)]),
    ],
)
def test_payload_reads(body: str, params: str, paths: list[tuple[str, ...]]) -> None:
    facts = in_run(body, params=params)
    assert [read.path for read in facts.payload_reads] == paths
    for read in facts.payload_reads:
        assert facts.source[slice(*read.spans[-1])] == read.path[-1]


# Robustness -----------------------------------------------------------------------------------------------

SOURCES = [case["source"] for case in load_cases("cloudflare/workflow_runs")[::9]]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SOURCES), st.data())
def test_broken_text_never_fails(source: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 40)))
    put = data.draw(
        st.sampled_from(["", "{", "}", "(", ")", "'", "`", "<", "step.do(", "...", "=>", "\ud800", "🎉", "/*"])
    )
    broken = source[:start] + put + source[end:]
    before = workflow.parse(source)
    everything(before)
    after = workflow.parse(broken, before)
    everything(after)
    fresh = workflow.parse(broken)
    assert [(step.kind, step.name, step.span, step.settled) for step in after.steps] == [
        (step.kind, step.name, step.span, step.settled) for step in fresh.steps
    ]


@pytest.mark.parametrize(
    "body",
    [
        "await step.do('a', async () => {" * 3_000,
        "if (x) {" * 5_000 + "await step.do('a', f);",
        "return " + "{ a: " * 5_000,
        "return " + "[" * 5_000,
        "const { a: " * 2_000,
        "x" + ".payload" * 5_000 + ";",
        "step.do('a', f)" + ".then(g)" * 3_000 + ";",
        "return " + "(" * 5_000,
        "const a0 = 1;" + "".join(f"const a{n + 1} = a{n};" for n in range(3_000)) + "await step.do(a3000, f);",
    ],
    ids=lambda body: body[:20],
)
def test_depth(body: str) -> None:
    everything(in_run(body))
    everything(in_run("", params=f"event: WorkflowEvent<{'{ a: ' * 3_000}>, step"))


def test_time_is_linear() -> None:
    line = "    await step.do('step', { timeout: '1 minute' }, async () => ({ n: event.payload.items.length }));\n"

    def seconds(lines: int) -> float:
        source = in_run("\n" + line * lines).source
        start = time.perf_counter()
        everything(workflow.parse(source))
        return time.perf_counter() - start

    seconds(50)
    small, large = seconds(500), seconds(4_000)
    assert large < small * 8 * 3


def test_an_unchanged_text_is_not_parsed_again() -> None:
    facts = in_run("await step.do('a', f);")
    assert workflow.parse(facts.source, facts) is facts


def test_documentation_examples() -> None:
    facts = workflow.parse(
        re.sub(
            "^ {4}",
            "",
            """\
    import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';

    export class MigrationWorkflow extends WorkflowEntrypoint {
      async run(event: WorkflowEvent, step: WorkflowStep) {
        const data = await step.do('fetch-data', async () => {
          return await fetchLegacyData();
        });
        await step.do('import-data', async () => {
          return await importToNewSystem(data);
        });
        return { migrated: data.length };
      }
    }
    """,
            flags=re.MULTILINE,
        )
    )
    assert names(facts) == [("do", "fetch-data"), ("do", "import-data")]
    assert facts.output is not None
    assert [(field.name, field.type, field.text) for field in facts.output.fields] == [
        ("migrated", "number", "data.length")
    ]
