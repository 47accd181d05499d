"""The rules of routes and calls: where they speak, where they must stay quiet, and what their fixes leave."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from koze_lsp.project.config import Config
from koze_lsp.rules.base import Rule
from koze_lsp.rules.engine import check_document
from tests.rules.support import CALL, IMPORTS, ROUTE, SHOWN, apply, codes, found, page, project

W = "workflowStatus('migration', params.id"
KOZE = "src/routes/jobs/[id]/index.koze"


@dataclass(frozen=True)
class Rows:
    """For one rule: texts in which it speaks once, and near misses in which it does not."""

    speaks: tuple[str, ...]
    quiet: tuple[str, ...]
    path: str = ROUTE


def options(text: str) -> str:
    return page(f"const status = await {W}, {text});")


def call(name: str) -> str:
    return page(f"const status = await workflowStatus({name}, params.id);")


TABLE: dict[str, Rows] = {
    "unknown-workflow": Rows(
        (call("'migratoin'"), call('"MIGRATION_WORKFLOW"'), call("'Migration'"), page("const n = 'x'; const status = await workflowStatus(n, params.id);")),
        (call("'migration'"), call("name"), call("`${kind}-sync`"), call("...args"), page("const n = 'migration'; const status = await workflowStatus(n, params.id);"),
         page("function workflowStatus() {} const status = await workflowStatus('x', 1);", imports="import { params } from 'koze:request';\n")),
    ),
    "missing-instance-id": Rows(
        (page("const status = await workflowStatus('migration');"), page("const status = await workflowStatus('migration', '');"), page("const status = await workflowStatus('migration', undefined);")),
        (page(), page("const status = await workflowStatus('migration', id());"), page("const status = await workflowStatus(...args);"), page("const status = await workflowStatus('migration', `${params.id}`);")),
    ),
    "missing-await": Rows(
        (page(f"const status = {W});"), page(f"const {{ status }} = {W});", "<p>{status}</p>"), page(f"const s = {W}).status;", "<p>{s}</p>"), page(f"const status = ({W}));")),
        (page(), page("const status = await workflowStatus<Output>('migration', params.id);"), page(f"const [status] = await Promise.all([{W})]);"), page(f"const p = {W});\nconst status = await p;"), page(f"const p = {W});\nconst [status] = await Promise.all([p]);"),
         page(f"const status = await {W}).then((s) => s);"), page(f"const load = () => {W});\nconst status = await load();"), page("const list = await Promise.all(ids.map((id) => workflowStatus('migration', id)));", "<p>{list.length}</p>"),
         page(f"const status = await (ok ? {W}) : null);", "<p>{status?.status}</p>"), page(f"const p = {W});\nkeep(p);\nconst status = await p;")),
    ),
    "dropped-statement": Rows(
        (page(f"await {W}, {{ poll: '2s' }});", "<p>x</p>"),),
        (page(), page(f"if (params.id) {{ await {W}); }}", "<p>x</p>"), page(f"async function f() {{ await {W}); }}", "<p>x</p>"), page(f"await {W}).then(log);", "<p>x</p>")),
        KOZE,
    ),
    "unused-status": Rows(
        (page(CALL, "<p>Working</p>"), page(f"let s = await {W});", "<p>x</p>")),
        (page(), page(CALL, ""), page(f"{CALL}\nconst done = status.status;", "<p>{done}</p>"), page(CALL, "if (status.error) {\n<p>x</p>\n}"), page(CALL, "<!-- {status.status} -->\n<p>x</p>")),
    ),
    "template-call": Rows(
        (page("const id = params.id;", "<p>{(await workflowStatus('migration', id)).status}</p>"),),
        (page(), page(CALL, "<p>workflowStatus('migration')</p>"), page(CALL, "<p>{'await workflowStatus()'}{status.status}</p>")),
    ),
    "missing-import": Rows(
        (page(imports="import { params } from 'koze:request';\n"), page(imports="import { workflowStatus } from 'koze:workflow';\n"), page("", "<p>{url.pathname}</p>", ""), page("const q = searchParams.get('q');", "<p>{q}</p>", "")),
        (page(), page("const url = new URL('http://x');", "<p>{url.pathname}</p>", ""), page("", "<p>params and url</p>", ""), page("const f = ({ params }) => params.id;", "<p>{f}</p>", ""),
         page("const a = x.params.id;", "<p>{a}</p>", ""), page("import * as req from 'koze:request';", "<p>{req.url}</p>", ""), page("", "for (const url of urls) {\n<p>{url}</p>\n}", ""), page("", "<form method=\"post\"></form>", "")),
    ),
    "unknown-export": Rows(
        (page("import { param } from 'koze:request';"), page("import { headers } from 'koze:request';"), page("import { workflowStatuses } from 'koze:workflow';"), page("import { goto } from 'kuratchi:navigation';")),
        (page("import { url, slug, method } from 'koze:request';"), page("import type { Anything } from 'koze:workflow';"), page("import { whatever } from 'koze:assets';"), page("import { param } from './request';"), page("import { WorkflowName } from 'koze:workflow';")),
    ),
    "param-mismatch": Rows(
        (page("const status = await workflowStatus('migration', params.job);"), page("const { job } = params;\nconst status = await workflowStatus('migration', job);"), page(f"{CALL}\nconst a = params['slug'];", "<p>{a}{status.status}</p>")),
        (page(), page("const key = 'x';\nconst status = await workflowStatus('migration', params[key]);"), page("const status = await workflowStatus('migration', other.params.job);"),
         page("const f = (params) => params.job;\nconst status = await workflowStatus('migration', f(1));")),
    ),
    "dropped-guard": Rows(
        (page(f"import {{ redirect }} from 'koze:navigation';\nif (!params.id) redirect('/');\n{CALL}"), page(f"import {{ redirect }} from 'koze:navigation';\nif (!params.id) {{ redirect('/'); }}\n{CALL}"), page(f"import {{ redirect }} from 'koze:navigation';\nparams.id || redirect('/');\n{CALL}")),
        (page(), page(f"import {{ redirect }} from 'koze:navigation';\nfunction leave() {{ redirect('/'); }}\n{CALL}"), page(f"import {{ redirect }} from './mine';\nredirect('/');\n{CALL}"), page(f"import {{ redirect }} from 'koze:navigation';\nconst go = () => redirect('/');\n{CALL}")),
        KOZE,
    ),
    "invalid-poll": Rows(
        tuple(options(f"{{ poll: {v} }}") for v in ("'2 s'", "'1h'", "'fast'", "'2s '", "-500", "'-1s'", "'.5s'", "Infinity", "true")),
        tuple(options(f"{{ poll: {v} }}") for v in ("'2s'", "'1.5S'", "2000", "every", "`${n}s`", "'00500ms'", "'1m'")),
    ),
    "poll-unit": Rows(
        (options("{ poll: '500' }"), options('{ poll: "2" }'), page(f"const every = '500';\nconst status = await {W}, {{ poll: every }});")),
        (options("{ poll: 500 }"), options("{ poll: '500ms' }"), options("{ poll: n + '500' }"), options("{ poll: '' + 5 }")),
    ),
    "poll-disabled": Rows(
        tuple(options(f"{{ poll: {v} }}") for v in ("0", "''", "null", "false", "undefined", "NaN")),
        (options("{ poll: '0.5s' }"), options("{ poll: off }"), options("{ poll: '2s' }"), options("{ }")),
    ),
    "poll-too-fast": Rows(
        tuple(options(f"{{ poll: {v} }}") for v in ("1", "'0s'", "'100ms'", "249", "0.5")),
        tuple(options(f"{{ poll: {v} }}") for v in ("250", "'250ms'", "'0.25s'", "fast")),
    ),
    "until-without-poll": Rows(
        (options("{ until: (s) => over(s) }"), options("{ until: isOver }")),
        (options("{ poll: '2s', until: (s) => over(s) }"), options("{ until: (s) => over(s), ...more }"), options("opts"), options("{ [key]: 1, until: over }")),
    ),
    "until-async": Rows(
        (options("{ poll: '2s', until: async (s) => over(s) }"), options("{ poll: '2s', async until(s) { return over(s) } }")),
        (options("{ poll: '2s', until: (s) => over(s) }"), options("{ poll: '2s', until: over }"), options("{ poll: '2s', until: function (s) { return over(s) } }")),
    ),
    "until-no-value": Rows(
        (options("{ poll: '2s', until: (s) => { over(s) } }"), options("{ poll: '2s', until: function (s) { return; } }")),
        (options("{ poll: '2s', until: (s) => { return over(s) } }"), options("{ poll: '2s', until: (s) => over(s) }"), options("{ poll: '2s', until: (s) => { throw new Error(s) } }"), options("{ poll: '2s', until: (s) => { if (s.x) { return true } } }")),
    ),
    "unknown-option": Rows(
        (options("{ pol: '2s' }"), options("{ poll: '2s', timeout: 3 }"), options("{ interval: 2000 }")),
        (options("{ poll: '2s' }"), options("{ ...opts }"), options("{ 'poll': '2s' }"), options("{ [key]: 1 }")),
    ),
    "unknown-status": Rows(
        (page(CALL, "if (status.status === 'completed') {\n<p>x</p>\n} else {\n<p>y</p>\n}"), page(CALL, "<p>{status.status !== 'failed' ? 1 : 2}</p>"), page(f"const {{ status: phase }} = await {W});", "<p>{phase === 'error'}</p>"),
         page(CALL, "<p>{['done'].includes(status.status)}</p>"), page(f"const all = await Promise.all([{W})]);", "for (const s of all) {\n<p>{s.status === 'canceled'}</p>\n}"), options("{ poll: '2s', until: (s) => s.status === 'runing' || over(s) }")),
        (page(CALL, "<p>{status.status === 'complete'}</p>"), page(CALL, "<p>{status.status === 'ready-for-review'}</p>"), page(CALL, "<p>{status.output?.state === 'done'}{status.status}</p>"), page(CALL, "<p>{other.status === 'failed'}{status.status}</p>"), page(CALL, "<p>{status.status === 'waiting'}</p>")),
    ),
    "output-before-complete": Rows(
        (page(CALL, "<p>{status.output.n}{status.status}</p>"), page(CALL.replace("Status(", "Status<O>("), "<p>{status.output.n}{status.status}</p>"), page(CALL, "if (status.status === 'running') {\n<p>{status.output.n}</p>\n} else {\n<p>{status.status}</p>\n}"), page(f"{CALL}\nconst n = status.output.n;", "<p>{n}{status.status}</p>"),
         page(CALL, "if (status.error) {\n<p>x</p>\n} else {\n<p>{status.output.n}{status.status}</p>\n}")),
        (page(CALL, "<p>{status.output?.n}{status.status}</p>"), page(CALL, "if (status.status === 'complete') {\n<p>{status.output.n}</p>\n} else {\n<p>x</p>\n}"), page(CALL, "if (status.output) {\n<p>{status.output.n}</p>\n} else {\n<p>{status.status}</p>\n}"),
         page(CALL, "<p>{status.status === 'complete' ? status.output.n : ''}</p>"), page(CALL, "<p>{status.output && status.output.n}{status.status}</p>"), page(CALL, "if (status.status !== 'complete') {\n<p>{status.status}</p>\n} else {\n<p>{status.output.n}</p>\n}"),
         page(f"{CALL}\nconst done = status.status === 'complete';", "if (done) {\n<p>{status.output.n}</p>\n} else {\n<p>{status.status}</p>\n}"), page(CALL, "if (isDone(status)) {\n<p>{status.output.n}</p>\n} else {\n<p>{status.status}</p>\n}"),
         page(f"{CALL}\nfunction n() {{ return status.output.n; }}", "<p>{status.status === 'complete' ? n() : status.status}</p>"), page(CALL, "switch (status.status) {\ncase 'complete':\n<p>{status.output.n}</p>\nbreak;\ndefault:\n<p>x</p>\n}")),
    ),
    "pending-in-template": Rows(
        (page(CALL, "if (status.pending) {\n<p>x</p>\n} else {\n<p>{status.status}</p>\n}"), page(CALL, "<p>{status.pending ? 1 : status.status}</p>")),
        (page(), page(CALL, "<p>{other.pending}{status.status}</p>"), page(f"{CALL}\nconst wait = status.pending;", "<p>{wait}{status.status}</p>"), page(CALL, "<p>pending {status.status}</p>")),
    ),
    "conditional-poll": Rows(
        (page(f"let status;\nif (params.id) {{ status = await {W}, {{ poll: '2s' }}); }}", "<p>{status?.status}</p>"), page(f"const status = params.id ? await {W}, {{ poll: '2s' }}) : null;", "<p>{status?.status}</p>")),
        (page(), page(f"let status;\nif (params.id) {{ status = await {W}); }}", "<p>{status?.status}</p>"), page("const all = await Promise.all(ids.map((id) => workflowStatus('migration', id, { poll: '2s' })));", "<p>{all.length}</p>")),
    ),
    "until-never-fails": Rows(
        (options("{ poll: '2s', until: (s) => s.status === 'complete' }"), options("{ poll: '2s', until: (s) => ['complete', 'errored'].includes(s.status) }")),
        (options("{ poll: '2s', until: (s) => s.status !== 'running' }"), options("{ poll: '2s', until: (s) => over(s) }"), options("{ poll: '2s', until: (s) => s.status === 'complete' || s.error }"),
         options("{ poll: '2s', until: (s) => s.status === 'complete' || s.status === 'errored' || s.status === 'terminated' }")),
    ),
    "unhandled-failure": Rows(
        (page(CALL, "if (status.error) {\n<p>x</p>\n} else if (status.status === 'running') {\n<p>y</p>\n}"), page(CALL, "if (status.status === 'complete') {\n<p>x</p>\n}")),
        (page(), page(CALL, "if (status.status === 'running') {\n<p>x</p>\n} else {\n<p>y</p>\n}"), page(CALL, "if (status.status === 'errored') {\n<p>x</p>\n}"), page(CALL, "if (status.status === 'running') {\n<p>x</p>\n}\n<p>{status.status}</p>"),
         page(CALL, "if (status.status !== 'running') {\n<p>x</p>\n}")),
    ),
    "polled-form": Rows(
        (page(CALL, f"{SHOWN}\n<input name=\"a\">"), page(CALL, f"{SHOWN}\n<textarea></textarea>"), page(CALL, f"{SHOWN}\n<div contenteditable></div>")),
        (page(), page(CALL, f"{SHOWN}\n<input type=\"hidden\" name=\"a\">"), page(f"const status = await {W});", f"{SHOWN}\n<input name=\"a\">"), page(CALL, f"{SHOWN}\n<!-- <input> -->"), options("{ poll: 0 }").replace(SHOWN, f"{SHOWN}\n<input name='a'>")),
    ),
    "let-status": Rows(
        (page(CALL.replace("const", "let")),),
        (page(), page(f"let a = 1;\n{CALL}", "<p>{a}{status.status}</p>"), page("async function f() { let s = await workflowStatus('migration', params.id); return s; }\nconst status = await f();")),
        KOZE,
    ),
    "script-placement": Rows(
        (f"<h1>x</h1>\n{page()}", page() + "<script>\nlet a = 1;\n</script>\n", page().replace("</script>", "")),
        (page(), f"<!-- <script> -->\n{page()}", f"<!doctype html>\n{page()}", page() + "<!-- <script></script> -->\n", page(CALL, f"{SHOWN}\n<style>a::after {{ content: '<script>' }}</style>")),
    ),
    "control-flow-shape": Rows(
        (page(CALL, "if (status.error) {\n<p>x</p>\n}\nelse {\n<p>{status.status}</p>\n}"), page(CALL, "if (status.status === 'errored') {\n<p>x</p>\n} // done"), page(CALL, "for (const a of b) { <li>{a}</li> }\n<p>{status.status}</p>")),
        (page(CALL, "if (status.error) { <p>x</p> } else { <p>{status.status}</p> }"), page(CALL, "<p>or else {status.status}</p>"), page(CALL, "if (status.error) {\n<p>x</p>\n} else {\n<p>{status.status}</p>\n}"), page(CALL, f"<style>\np {{\n}}\n</style>\n{SHOWN}")),
    ),
    "template-syntax": Rows(
        (page(CALL, "if (status.error) {\n<p>{status.status}</p>"), page(CALL, "<p>{status.status</p>"), page(CALL, f"{SHOWN}\n}}")),
        (page(), page(CALL, "<p>{`}`}{status.status}</p>"), page(CALL, "<p>{status.status\n}</p>"), page(CALL, f"<!-- {{ -->\n{SHOWN}")),
    ),
    "layout-slot": Rows(
        ("<main></main>\n", "<slot>Nothing</slot>\n"),
        ("<main>\n<slot></slot>\n</main>\n", "<slot/>\n", "<slot>\n</slot>\n", "<slot />\n"),
        "src/routes/layout.html",
    ),
    "component-placement": Rows(
        (page(f"import Bar from '$lib/bar';\n{CALL}", f"{SHOWN}\n<p><Bar /></p>"), page(f"import Bar from '$lib/bar';\n{CALL}", f"{SHOWN}\n<Baz />")),
        (page(f"import Bar from '$lib/bar';\n{CALL}", f"{SHOWN}\n  <Bar />"), page(CALL, f"{SHOWN}\n<ErrorBanner />"), page(f"import Bar from '$lib/bar';\n{CALL}", f"{SHOWN}\n<!-- <p><Bar /></p> -->"), page(f"import Bar from '$lib/bar';\n{CALL}", f"{SHOWN}\n<Bar>\n<p>x</p>\n</Bar>")),
    ),
    "component-import": Rows(
        ("<script>\nimport { workflowStatus } from 'koze:workflow';\n</script>\n<p>{workflowStatus}</p>\n", "<script>\nimport { url, params } from 'kuratchi:request';\n</script>\n<p>{url}{params}</p>\n"),
        ("<script>\nimport { props } from 'koze:component';\n</script>\n<p>{props.a}</p>\n", "<script>\nimport type { WorkflowName } from 'koze:workflow';\n</script>\n<p>x</p>\n", "<p>import { url } from 'koze:request'</p>\n"),
        "src/lib/bar.html",
    ),
    "unknown-binding": Rows(
        ("import { env } from 'cloudflare:workers';\nexport const f = () => env.MIGRATON_WORKFLOW.create();\n", "export class A {\n  go() {\n    return this.env.OTHER_WORKFLOW.get('1');\n  }\n}\n", "import { env } from 'cloudflare:workers';\nconst { JOB_WORKFLOW } = env;\nexport { JOB_WORKFLOW };\n"),
        ("import { env } from 'cloudflare:workers';\nexport const f = () => env.MIGRATION_WORKFLOW.create();\n", "import { env } from './env';\nexport const f = () => env.X_WORKFLOW;\n", "import { env } from 'cloudflare:workers';\nexport const f = (k) => env[k + '_WORKFLOW'];\n", "export const f = (env) => env.X_WORKFLOW;\n"),
        "src/server/start.ts",
    ),
    "unused-ignore": Rows(
        (page(f"// koze-ignore invalid-poll\n{CALL}"), page(CALL, f"<!-- koze-ignore no-such-rule -->\n{SHOWN}")),
        (page("// koze-ignore invalid-poll -- on purpose\n" + CALL.replace("2s", "2 s")), page(f"const a = '// koze-ignore invalid-poll';\n{CALL}", "<p>{a}{status.status}</p>"), page(CALL, f"<p>koze-ignore</p>\n{SHOWN}")),
    ),
}  # fmt: skip


def _rows(speaks: bool) -> list[tuple[str, str, str]]:
    return [
        (code, text, rows.path) for code, rows in TABLE.items() for text in (rows.speaks if speaks else rows.quiet)
    ]


@pytest.mark.parametrize(("code", "text", "path"), _rows(True))
def test_speaks_once(code: str, text: str, path: str) -> None:
    assert codes(text, path).count(code) == 1


@pytest.mark.parametrize(("code", "text", "path"), _rows(False))
def test_stays_quiet(code: str, text: str, path: str) -> None:
    assert code not in codes(text, path)


@pytest.mark.parametrize("code", TABLE)
def test_has_three_near_misses(code: str) -> None:
    assert len(TABLE[code].quiet) >= 3


@pytest.mark.parametrize(("code", "text", "path"), _rows(True))
def test_every_fix_answers_its_finding(code: str, text: str, path: str) -> None:
    """After any of its fixes the finding is gone, and nothing of the kind that fails has come instead."""
    before = project({path: text}, path)
    files = {name: document.source for name in before.files if (document := before.document(name))}
    for finding in check_document(before, path):
        if finding.code != code:
            continue
        for fix in finding.fixes:
            after = project(apply(fix, files), path)
            left = check_document(after, path)
            assert code not in [diagnostic.code for diagnostic in left], fix.title
            new = {d.code for d in left if d.severity.fails} - {d.code for d in check_document(before, path)}
            assert not new, fix.title


FIXED = [
    (page(f"const status = {W});"), page(f"const status = await {W});")),
    (page(f"const s = {W}).status;", "<p>{s}</p>"), page(f"const s = (await {W})).status;", "<p>{s}</p>")),
    (page(imports="import { params } from 'koze:request';\n"), page(imports="import { params } from 'koze:request';\nimport { workflowStatus } from 'koze:workflow';\n")),
    (page(imports="import { url } from \"kuratchi:request\"\nimport { workflowStatus } from \"kuratchi:workflow\"\n"),
     page(imports="import { url, params } from \"kuratchi:request\"\nimport { workflowStatus } from \"kuratchi:workflow\"\n")),
    (options("{ poll: 0 }"), page(f"const status = await {W});")),
    (options("{ poll: 0, until: over }"), options("{ until: over }")),
    (options("{ until: over, poll: 0 }"), options("{ until: over }")),
    (options("{\n  until: over,\n  poll: null,\n}"), options("{\n  until: over,\n}")),
    (options("{ poll: '2s', until: async (s) => over(s) }"), options("{ poll: '2s', until: (s) => over(s) }")),
    (page(CALL, "<p>{status.output.n.m}{status.status}</p>"), page(CALL, "<p>{status.output?.n.m}{status.status}</p>")),
    (page(f"// koze-ignore invalid-poll\n{CALL}"), page()),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), FIXED)
def test_the_safe_fix_leaves_exactly(before: str, after: str) -> None:
    fixes = [fix for finding in found(before) for fix in finding.fixes if fix.safe]
    files = {ROUTE: before}
    assert apply(fixes[0], files)[ROUTE] == after


def test_ranges_are_the_wrong_token() -> None:
    text = options("{ poll: '2 s' }")
    (finding,) = found(text)
    assert text[slice(*finding.span)] == "2 s"


def test_a_sibling_that_names_the_level_first_wins() -> None:
    other = "src/routes/jobs/[aa]/z.html"
    finding = found(page(), **{other: "<p>x</p>\n"})[0]
    assert finding.code == "param-mismatch"
    assert finding.related[0].path == other


def test_levels_and_ignores_of_the_configuration() -> None:
    text = options("{ poll: '500' }")
    assert codes(text, config=Config(rules={"poll-unit": "off"})) == []
    assert found(text, config=Config(rules={"poll-unit": "error"}))[0].severity.value == "error"
    assert codes(text, config=Config(ignore=("src/routes/jobs/**",))) == []
    assert codes(options("{ poll: 900 }"), config=Config(poll_minimum=1000)) == ["poll-too-fast"]


def test_every_rule_of_routes_is_in_the_table() -> None:
    modules = ("status_calls", "imports", "request", "polls", "untils", "status_reads", "route_structure")
    from koze_lsp.rules import all_rules

    rules: list[Rule] = [rule for rule in all_rules().values() if type(rule).__module__.rsplit(".", 1)[1] in modules]
    assert {rule.code for rule in rules} <= set(TABLE)


def test_imports_constant_is_clean() -> None:
    assert IMPORTS in page()
    assert codes(page()) == []
