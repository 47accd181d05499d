"""Time and memory grow with the size of a text, not with its square, whatever its shape."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from koze_lsp.project.document import FileKind
from koze_lsp.project.reading import SIZE_LIMIT, read_document
from koze_lsp.rules import all_rules
from koze_lsp.rules.engine import check_document
from koze_lsp.rules.examples import complete, project_of
from tests.rules.support import ROUTE, page

WORKFLOW, WRANGLER, TYPES = "src/server/migration.workflow.ts", "wrangler.jsonc", "src/app.d.ts"
PACKAGE, SCENARIO, TOML = "package.json", "src/routes/jobs/[id]/index.preview.json5", "wrangler.toml"
AROUND = complete(next(iter(all_rules().values())).right)

RATIO = 24
"""Eight times the text may take three times as long as linear growth would; the square of it is 64 times."""
FLOOR = 0.004
"""Seconds below which a measurement says nothing."""


def run(body: str, before: str = "") -> str:
    """A workflow file with such a run()."""
    return (
        f"import {{ WorkflowEntrypoint }} from 'cloudflare:workers';\n{before}"
        f"export class Migration extends WorkflowEntrypoint {{\n  async run(event, step) {{\n{body}\n  }}\n}}\n"
    )


def numbered(count: int, form: str, between: str = "") -> str:
    return between.join(form.replace("#", str(number)).replace("@", str(number + 1)) for number in range(count))


Shape = tuple[str, Callable[[int], str]]
SHAPES: dict[str, Shape] = {
    # flat
    "many calls": (ROUTE, lambda n: page(numbered(n, "const a# = await workflowStatus('migration', 1);\n"))),
    "wrong calls": (ROUTE, lambda n: page("workflowStatus('nosuch', 1);\n" * n)),
    "aliases": (ROUTE, lambda n: page("const a0 = await workflowStatus('m', 1);\n" + numbered(n, "const a@ = a#;\n"))),
    "imports": (ROUTE, lambda n: page(imports="import { workflowStatus } from 'koze:workflow';\n" * n)),
    "accepted findings": (ROUTE, lambda n: page(template="<!-- koze-ignore unknown-workflow -->\n" * n)),
    "elements": (ROUTE, lambda n: page(template="<div>\n" * n + "{status.status}" + "</div>\n" * n)),
    "attributes": (ROUTE, lambda n: page(template="<div " + "a={status.status} " * n + ">")),
    "nested ifs, never closed": (ROUTE, lambda n: page(template="if (status.error) {\n" * n)),
    "components": (ROUTE, lambda n: page("import Card from '$lib/card';", "<Card>\n" * n)),
    "open component": (ROUTE, lambda n: page("import Card from '$lib/card';", "<Card\n" + "a='b'\n" * n)),
    "open tag": (ROUTE, lambda n: page(template="<div\n" + "a='b'\n" * n)),
    "open expression": (ROUTE, lambda n: page(template="{\n" + "workflowStatus\n" * n)),
    "comments": (ROUTE, lambda n: page(template="<!-- workflowStatus " * n)),
    "scripts": (ROUTE, lambda n: page() + "<script>workflowStatus</script>\n" * n),
    "white space": (ROUTE, lambda n: " " * n + "workflowStatus" + "\n" * n),
    "quotes": (ROUTE, lambda n: page(template="'" * n)),
    "backslashes": (ROUTE, lambda n: page("const a = '" + "\\'" * n + "'; workflowStatus()")),
    "steps": (WORKFLOW, lambda n: run(numbered(n, "await step.do('a#', async () => 1);\n"))),
    "steps of one name": (WORKFLOW, lambda n: run("await step.do('a', async () => 1);\n" * n)),
    "helpers": (
        WORKFLOW,
        lambda n: run("this.a0(step); }\n" + numbered(n, "a#(step) { this.a@(step); this.a@(step); }\n")),
    ),
    "a chain of classes": (WORKFLOW, lambda n: run("", numbered(n, "class A# extends A@ {}\n"))),
    "impure calls": (WORKFLOW, lambda n: run("Date.now();\n" * n)),
    "returns": (WORKFLOW, lambda n: run("return { a: 1 };\n" * n)),
    "wide objects": (WORKFLOW, lambda n: run("return {" + numbered(n, "a#: 1,") + "};")),
    "entries": (WRANGLER, lambda n: '{"workflows":[' + '{"name":"a","binding":"A","class_name":"B"},' * n + "]}"),
    "entries of other names": (
        WRANGLER,
        lambda n: '{"workflows":[' + numbered(n, '{"name":"a#","binding":"A#"}', ",") + "]}",
    ),
    "keys": (WRANGLER, lambda n: "{" + numbered(n, '"a#":1', ",") + "}"),
    "errors of JSON": (WRANGLER, lambda n: "{" + "a " * n + "}"),
    "tables": (TOML, lambda n: numbered(n, '[[workflows]]\nname = "a#"\nbinding = "A#"\n')),
    "a union": (
        TYPES,
        lambda n: "declare module 'koze:workflow' { type WorkflowName = " + numbered(n, "'a#'", "|") + "; }",
    ),
    "settings": (PACKAGE, lambda n: '{"koze-lsp":{"rules":{' + numbered(n, '"a#":"off"', ",") + "}}}"),
    "ticks": (SCENARIO, lambda n: "{ticks:[" + "{migration:{}}," * n + "]}"),
    # nested
    "parentheses": (ROUTE, lambda n: page("workflowStatus" + "(" * n)),
    "open braces": (ROUTE, lambda n: page("workflowStatus" + "{" * n)),
    "arrows": (ROUTE, lambda n: page("workflowStatus(" + "() => " * n + "1)")),
    "arrays": (ROUTE, lambda n: page("workflowStatus('a', " + "[" * n + "]" * n + ")")),
    "patterns": (ROUTE, lambda n: page("const " + "{a:" * n + "b" + "}" * n + " = await workflowStatus('m', 1)")),
    "objects": (WORKFLOW, lambda n: run("return " + "{a:" * n + "1" + "}" * n)),
    "spreads": (WORKFLOW, lambda n: run("return " + "{..." * n + "{}" + "}" * n)),
    "JSON": (WRANGLER, lambda n: '{"a":' * n + "1" + "}" * n),
    "JSON of settings": (PACKAGE, lambda n: '{"koze-lsp":' * n + "1" + "}" * n),
    "JSON5": (SCENARIO, lambda n: "{a:" * n + "1" + "}" * n),
    "balanced braces": (ROUTE, lambda n: page("{" * n + "workflowStatus()" + "}" * n)),
    "functions": (ROUTE, lambda n: page("function f(){" * n + "workflowStatus()" + "}" * n)),
    "ifs": (ROUTE, lambda n: page(template="if (status.error) {\n" * n + "}\n" * n)),
    "loops of a template": (ROUTE, lambda n: page(template="for (const a of status.output) {\n" * n + "}\n" * n)),
    "reads": (ROUTE, lambda n: page(template="{status.output.a}\n" * n)),
    "members": (ROUTE, lambda n: page(template="{status" + ".a" * n + "}")),
    "calls in calls": (ROUTE, lambda n: page("workflowStatus(" * n + ")" * n)),
    "ternaries": (ROUTE, lambda n: page(template="{" + "status.error ? 1 : " * n + "2}")),
    "ands": (ROUTE, lambda n: page(template="{" + "status.error && " * n + "2}")),
    "else ifs": (ROUTE, lambda n: page(template="if (status.error) {\n" + "} else if (status.output) {\n" * n + "}\n")),
    "blocks": (WORKFLOW, lambda n: run("{" * n + "}" * n)),
    "steps in steps": (WORKFLOW, lambda n: run("await step.do('a', async () => {\n" * n + "})" * n)),
    "conditions": (WORKFLOW, lambda n: run("if (a) {\n" * n + "}" * n)),
    "loops": (WORKFLOW, lambda n: run("for (;;) {\n" * n + "await step.do('a', async () => 1);" + "}" * n)),
    "switches": (ROUTE, lambda n: page(template="switch (status.status) {\ncase 'x':\n" * n + "}\n" * n)),
    "reads in ifs": (ROUTE, lambda n: page(template="if (status.error) {\n{status.output.a}\n" * n + "}\n" * n)),
    "returned calls": (
        ROUTE,
        lambda n: page("xs.map(() => {" + "if (a) { return workflowStatus('m', 1);" * n + "}" * n + "})"),
    ),
    "calls in ternaries": (ROUTE, lambda n: page("const s = " + "x ? workflowStatus('m', 1) : " * n + "1;")),
    "names of functions": (ROUTE, lambda n: page(numbered(n, "function f#() { workflowStatus; f#();") + "}" * n)),
    "steps in arguments": (WORKFLOW, lambda n: run("step.do('a', " * n + ")" * n)),
    "steps in ternaries": (WORKFLOW, lambda n: run("await (" + "a ? step.do('a', async () => 1) : " * n + "1)")),
    "steps in else ifs": (
        WORKFLOW,
        lambda n: run("if (a) {}" + " else if (b) { await step.do('a', async () => 1); }" * n),
    ),
    "tries": (WORKFLOW, lambda n: run("try {\n" * n + "await step.do('a', async () => 1);" + "} catch (e) {}" * n)),
}


def seconds(path: str, text: str) -> float:
    """What checking one file takes, parsing included."""
    around = {name: old for name, old in AROUND.items() if path != TOML or name != WRANGLER}
    project = project_of({**around, path: text})
    started = time.process_time()
    check_document(project, path)
    return time.process_time() - started


def growth(shape: Shape, small: int) -> float:
    """How many times longer eight times the text takes; the best of two tries, for the machine has other work."""
    path, make = shape
    base = max(min(seconds(path, make(small)) for _ in range(2)), FLOOR)
    return min(seconds(path, make(8 * small)) / base for _ in range(2))


@pytest.mark.parametrize("name", SHAPES)
def test_time_is_linear_in_the_size(name: str) -> None:
    assert growth(SHAPES[name], 500) < RATIO


HUGE: dict[str, Shape] = {
    "nested braces": (ROUTE, lambda n: page("workflowStatus(" + "{" * n)),
    "nested braces, balanced": (ROUTE, lambda n: page("{" * n + "workflowStatus()" + "}" * n)),
    "nested functions": (ROUTE, lambda n: page("function f(){" * n + "workflowStatus()" + "}" * n)),
    "nested calls": (ROUTE, lambda n: page("workflowStatus(" * n + ")" * n)),
    "nested steps": (WORKFLOW, lambda n: run("await step.do('a', async () => {" * n + "})" * n)),
    "nested braces of a workflow": (WORKFLOW, lambda n: run("{" * n)),
    "nested braces of JSON": (WRANGLER, lambda n: '{"a":' * n),
    "nested braces of TOML": (TOML, lambda n: "a = " + "{ a = " * n),
    "nested braces of types": (TYPES, lambda n: "{" * n),
    "nested braces of settings": (PACKAGE, lambda n: '{"koze-lsp":' * n),
    "nested braces of a scenario": (SCENARIO, lambda n: "{a:" * n),
    "ten thousand scripts": (ROUTE, lambda n: page() + "<script>workflowStatus</script>\n" * (n // 10)),
    "a line of 10 MB": (ROUTE, lambda n: "<p>workflowStatus " + "x" * 100 * n),
    "a line of 10 MB in a script": (ROUTE, lambda n: page("const workflowStatus_ = '" + "x" * 100 * n + "';")),
    "a line of 10 MB in a workflow": (WORKFLOW, lambda n: run("// " + "x" * 100 * n)),
    "a line of 10 MB of JSON": (WRANGLER, lambda n: '{"a":"' + "x" * 100 * n + '"}'),
    "nothing but white space": (ROUTE, lambda n: "workflowStatus" + " \n" * 50 * n),
    "nothing but white space in a workflow": (WORKFLOW, lambda n: " " * 100 * n),
    "nothing but white space in JSON": (WRANGLER, lambda n: " \n" * 50 * n),
}


@pytest.mark.parametrize("name", HUGE)
def test_huge_texts_are_checked_in_seconds(name: str) -> None:
    """Three seconds at most on an idle machine; the limit leaves room for a busy one."""
    path, make = HUGE[name]
    assert seconds(path, make(100_000)) < 15


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"x" * (SIZE_LIMIT + 1))
    document = read_document(str(tmp_path), "page.html", FileKind.ROUTE)
    assert document.source == ""
    assert document.unreadable is not None
    assert "10 MB" in document.unreadable.reason
