"""What pages do with a status."""

from __future__ import annotations

from tests.rules.rows import CALL, KOZE, SHOWN, Rows, W, module, options, page, shows

ALL = "const all = await Promise.all(ids.map((id) => workflowStatus('migration', id)));"
RECORD = "const all = Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await workflowStatus('migration', id)])));"
READ = f"const s = await {W.replace('params.id', 'id')});"
EACH = "for (const row of rows) {\n<p>{row}</p>\n}"
LINES = f"\n{EACH}\n"
GUARDED_ROWS = (
    "status.output?.rows ?? []",
    "(status.output ?? { rows: [] }).rows",
    "status.output ? status.output.rows : []",
    "(status.status === 'complete' ? status.output.rows : [])",
    "(status.output && status.output.rows) || []",
)
SAFE_ROWS = (
    "const rows = status.output?.rows ?? [];",
    "const rows = status.output ? status.output.rows : [];",
    "const done = status.status === 'complete';\nconst rows = done ? status.output.rows : [];",
    "const rows = (status.output as Out | null)?.rows ?? [];",
    "let rows = [];\nif (status.output) { rows = status.output.rows; }",
    "let rows;\nif (status.status === 'complete') rows = status.output.rows;",
    "if (status.status === 'complete') { var rows = status.output.rows; }",
)
SAFE_OUTPUTS = (
    "const out = (status.output as Out | null) ?? { rows: [] };",
    "const out = status.status === 'complete' ? (status.output as Out) : { rows: [] };",
    "let out = { rows: [] };\nif (status.output) out = status.output;",
    "let out = status.output;\nout ??= { rows: [] };",
    "let { output: out } = status;\nif (!out) out = { rows: [] };",
)


def script(more: str, shown: str) -> str:
    """A page that makes something of the status in its script and shows that beside it."""
    return page(f"{CALL}\n{more}", f"<p>{{{shown}}}{{status.status}}</p>")


def branch(condition: str, then: str, otherwise: str = "x") -> str:
    return shows(f"if ({condition}) {{\n<p>{then}</p>\n}} else {{\n<p>{otherwise}</p>\n}}")


ROWS = {
    "unknown-status": Rows(
        speaks=(
            branch("status.status === '«completed»'", "x"),
            branch('"«completed»" == status.status', "x"),
            shows("<p>{status.status !== '«failed»' ? 1 : 2}</p>"),
            shows("<p class=\"a {status?.status === '«Complete»' ? 'on' : ''}\">x</p>"),
            shows("switch (status['status']) {\ncase '«done»':\n<p>x</p>\nbreak;\ndefault:\n<p>y</p>\n}"),
            shows("<p>{['«canceled»', 'errored'].includes(status.status)}</p>"),
            script("const DONE = '«success»';\nconst over = status.status === DONE;", "over"),
            page(f"const {{ status: phase }} = await {W});", "<p>{phase === '«error»'}</p>"),
            page(f"const [a, b] = await Promise.all([{W}), {W})]);", "<p>{a.status === '«succeeded»'}{b.status}</p>"),
            page(ALL, "for (const s of all) {\n<p>{s.status === '«canceled»'}</p>\n}"),
            page(RECORD, "for (const [id, s] of Object.entries(all)) {\n<p>{id}{s.status === '«stopped»'}</p>\n}"),
            page(f"{ALL}\nconst n = all.filter(({{ status }}) => status === '«finished»').length;", "<p>{n}</p>"),
            options("{ poll: '2s', until: (s) => s.status === '«runing»' || over(s) }"),
            module(f"{READ}\n  return s.status === '«failed»';"),
        ),
        quiet=(
            shows("<p>{status.status === 'complete' || status.status === 'waitingForPause'}</p>"),
            shows("<p>{status.status === 'ready-for-review'}</p>"),
            shows("<p>{status.status === 'completed-with-errors'}</p>"),
            shows("<p>{status.output?.state === 'done'}{status.status}</p>"),
            shows("<p>{status.error === 'failed'}{status.status}</p>"),
            shows("<p>{other.status === 'failed'}{status.status}</p>"),
            shows("<p>{status.status === other}</p>"),
            script("const phase = toPhase(status.status);", "phase === 'failed'"),
            script("function f(status) { return status.status === 'done'; }", "f(1)"),
            shows("for (const status of rows) {\n<p>{status.status === 'done'}</p>\n}\n<p>{status.status}</p>"),
            shows(f"<!-- {{status.status === 'done'}} -->\n{SHOWN}"),
        ),
        fixed=(
            (branch("status.status === 'completed'", "x"), branch("status.status === 'complete'", "x")),
            (shows('<p>{status.status === "canceled"}</p>'), shows('<p>{status.status === "terminated"}</p>')),
            (script("const BAD = `failed`;\nconst bad = status.status === BAD;", "bad"), script("const BAD = `errored`;\nconst bad = status.status === BAD;", "bad")),
        ),
    ),
    "output-before-complete": Rows(
        speaks=(
            shows("<p>{status.output.«n»}</p>"),
            shows("<p>{status?.output.«n»}{status.status}</p>"),
            shows("<p>{status['output'].«n».m}{status.status}</p>"),
            shows("<p>{status.output!.«n»}{status.status}</p>"),
            page(CALL.replace("Status(", "Status<O>("), "<p>{status.output.«n»}{status.status}</p>"),
            page(f"const {{ output }} = await {W});", "<p>{output.«n»}</p>"),
            script("const n = status.output.«n»;", "n"),
            script("const out = status.output;", "out.«n»"),
            branch("status.status === 'running'", "{status.output.«n»}"),
            branch("status.status === 'complete'", "x", "{status.output.«n»}"),
            branch("status.status === 'complete' || status.status === 'running'", "{status.output.«n»}"),
            branch("!status.error", "{status.output.«n»}{status.status}"),
            branch("status.success", "{status.output.«n»}{status.status}"),
            page(ALL, "for (const s of all) {\n<p>{s.output.«n»}</p>\n}"),
            module(f"{READ}\n  return s.output.«n»;"),
            shows(f"{SHOWN}\n{EACH.replace('rows', 'status.output.«rows»')}"),
            shows(f"{SHOWN}\n{EACH.replace('rows', 'status.output!.«rows» ?? []')}"),
            branch("status.status === 'running'", LINES.replace("rows", "status.output.«rows»")),
            script("const rows = !status.error ? status.output.«rows» : [];", "rows"),
            script("let rows = [];\nrows = status.output.«rows»;", "rows"),
            script("const { rows } = status.«output»;", "rows"),
            script("const { rows: [first], n = 1 } = status.«output»;", "n"),
        ),
        quiet=(
            shows("<p>{status.output?.n}{status.status}</p>"),
            shows("<p>{status.output}{status.status}</p>"),
            shows("<p>{status.output && status.output.n}{status.status}</p>"),
            shows("<p>{(status.output ?? {}).n}{status.status}</p>"),
            shows("<p>{(status.output || { n: 0 }).n}{status.status}</p>"),
            shows("<p>{(ready ? status.output : empty).n}{status.status}</p>"),
            shows("<p>{(waits ? empty : status.output).n}{status.status}</p>"),
            script("const out = status.output ?? {};", "out.n"),
            shows("<p>{status.status === 'complete' ? status.output.n : ''}</p>"),
            *(shows(f"{SHOWN}\n{EACH.replace('rows', rows)}") for rows in GUARDED_ROWS),
            *(branch(guard, LINES.replace("rows", "status.output.rows"), "{status.status}") for guard in ("status.output", "status.status === 'complete'", "status.output && !status.error", "status.output?.rows.length")),
            branch("status.status !== 'complete'", "{status.status}", LINES.replace("rows", "status.output.rows")),
            shows("<p>{status.status}</p>\nfor (const key in status.output) {\n<p>{key}</p>\n}"),
            page(ALL, f"for (const s of all) {{\nif (s.status !== 'complete') {{ continue; }}\n{EACH.replace('rows', 's.output.rows')}\n}}"),
            *(page(f"{CALL}\n{rows}", f"{SHOWN}\n{text}") for rows in SAFE_ROWS for text in (EACH, "{rows}", "{rows.length}")),
            *(page(f"{CALL}\n{out}", f"{SHOWN}\n{text}") for out in SAFE_OUTPUTS for text in (EACH.replace("rows", "out.rows"), "{out.rows}")),
            script("const { rows } = status.output ?? { rows: [] };", "rows"),
            script("const { rows } = status.status === 'complete' ? status.output : { rows: [] };", "rows"),
            module(f"{READ}\n  if (!s.output) return null;\n  const {{ rows }} = s.output;\n  return rows;"),
            branch("status.status === 'complete'", "{status.output.n}"),
            branch("status?.status == \"complete\" && status.output.n > 3", "{status.output.n}"),
            branch("status.status !== 'complete'", "{status.status}", "{status.output.n}"),
            branch("status.output != null", "{status.output.n}", "{status.status}"),
            branch("status.output?.n", "{status.output.n}", "{status.status}"),
            branch("['complete'].includes(status.status)", "{status.output.n}", "{status.status}"),
            branch("isDone(status)", "{status.output.n}", "{status.status}"),
            page(f"{CALL}\nconst done = status.status === 'complete';", "if (done) {\n<p>{status.output.n}</p>\n} else {\n<p>{status.status}</p>\n}"),
            script("function n() { return status.output.n; }", "status.status === 'complete' ? n() : ''"),
            shows("switch (status.status) {\ncase 'complete':\n<p>{status.output.n}</p>\nbreak;\ndefault:\n<p>x</p>\n}"),
            shows(f"<!-- {{status.output.n}} -->\n{SHOWN}"),
            options("{ poll: '2s', until: (s) => s.output.n > 3 }"),
            page(f"{ALL}\nconst n = all.filter((s) => s.status === 'complete').map((s) => s.output.n);", "<p>{n}</p>"),
            module(f"{READ}\n  if (s.status !== 'complete') return null;\n  return s.output.n;"),
            module(f"{READ}\n  if (!s.output) throw new Error('not yet');\n  return s.output.n;"),
            module(f"{READ}\n  assertComplete(s);\n  return s.output.n;"),
            module(f"let {READ[6:]}\n  while (s.status !== 'complete') {{ await wait(); s = await workflowStatus('migration', id); }}\n  return s.output.n;"),
            module(f"try {{ {READ} return s.output.n; }} catch {{ return 0; }}"),
        ),
        fixed=(
            (shows("<p>{status.output.n.m}{status.status}</p>"), shows("<p>{status.output?.n.m}{status.status}</p>")),
            (script("const n = status.output.n;", "n"), script("const n = status.output?.n;", "n")),
            (script("const out = status.output;", "out.n"), script("const out = status.output;", "out?.n")),
            (script("const n = status.output!.n;", "n"), script("const n = status.output?.n;", "n")),
            (script("const n = (status.output as Out).n;", "n"), script("const n = (status.output as Out)?.n;", "n")),
            (page(f"const {{ output }} = await {W});", "<p>{output.n}</p>"), page(f"const {{ output }} = await {W});", "<p>{output?.n}</p>")),
        ),
    ),
    "unhandled-failure": Rows(
        speaks=(
            shows("if («status.error») {\n<p>x</p>\n} else if (status.status === 'running') {\n<p>y</p>\n}"),
            shows("if («status.status» === 'complete') {\n<p>x</p>\n}"),
            shows("if («status.error») {\n<p>{status.error}</p>\n}"),
            shows("if («status.error») {\n<p>x</p>\n}\nif (status.status === 'running') {\n<p>x</p>\n}"),
        ),
        quiet=(
            page(),
            branch("status.status === 'running'", "x"),
            shows("if (status.status === 'errored') {\n<p>x</p>\n}"),
            shows("if (status.status !== 'running') {\n<p>x</p>\n}"),
            shows("if (status.status === 'running') {\n<p>x</p>\n}\n<p>{status.status}</p>"),
            shows("if (['errored', 'terminated'].includes(status.status)) {\n<p>x</p>\n} else if (status.status === 'running') {\n<p>x</p>\n}"),
            shows("switch (status.status) {\ncase 'running':\n<p>x</p>\nbreak;\ndefault:\n<p>y</p>\n}"),
            page(f"{CALL}\nconst failed = ['errored', 'terminated'].includes(status.status);", "if (failed) {\n<p>x</p>\n} else if (status.status === 'running') {\n<p>x</p>\n}"),
            shows("<Badge status={status} />\nif (status.status === 'complete') {\n<p>x</p>\n}"),
            shows("<p class={status.status}>x</p>\nif (status.status === 'complete') {\n<p>x</p>\n}"),
        ),
        fixed=(
            (
                shows("if (status.status === 'complete') {\n  <p>x</p>\n}"),
                shows("if (status.status === 'complete') {\n  <p>x</p>\n} else if (status.status === 'errored' || status.status === 'terminated') {\n  <p>It did not finish.</p>\n}"),
            ),
        ),
    ),
    "pending-in-template": Rows(
        speaks=(
            shows("if (status.«pending») {\n<p>x</p>\n} else {\n<p>{status.status}</p>\n}"),
            shows("<p>{status?.«pending» ? 1 : status.status}</p>"),
            shows("<p class={status.«pending» ? 'a' : ''}>{status.status}</p>"),
            page(ALL, "for (const s of all) {\n<p>{s.«pending»}</p>\n}"),
        ),
        quiet=(
            page(),
            shows("<p>{other.pending}{status.status}</p>"),
            shows("<p>{status.output?.pending}{status.status}</p>"),
            script("const wait = status.pending;", "wait"),
            shows("<p>pending {status.status}</p>"),
            shows(f"<!-- {{status.pending}} -->\n{SHOWN}"),
        ),
    ),
    "let-status": Rows(
        path=KOZE,
        speaks=(
            page("let «status» = await workflowStatus('migration', params.id, { poll: '2s' });"),
            page(f"let a = 1, «status» = await {W});", "<p>{a}{status.status}</p>"),
            page(f"let «status» = await {W});\nif (x) status = await {W});"),
        ),
        quiet=(
            page(),
            page(f"let a = 1;\n{CALL}", "<p>{a}{status.status}</p>"),
            page(f"async function f() {{ let s = await {W}); return s; }}\nconst status = await f();"),
            page(f"// koze-ignore let-status\n{CALL.replace('const', 'let')}"),
        ),
        fixed=((page(CALL.replace("const", "let")), page()),),
    ),
    "polled-form": Rows(
        speaks=(
            shows(f"{SHOWN}\n<«input» name=\"a\">"),
            shows(f"{SHOWN}\n<form>\n<«select» name='a'></select>\n</form>"),
            shows(f"{SHOWN}\n<«textarea»></textarea>"),
            shows(f"{SHOWN}\n<«input» type=\"checkbox\">"),
            shows(f"{SHOWN}\n<«div» contenteditable></div>"),
            shows(f"{SHOWN}\n<«div» contenteditable=\"true\"></div>"),
        ),
        quiet=(
            page(),
            *(shows(f"{SHOWN}\n<{tag}>") for tag in ("input type=\"hidden\" name='a'", "input type=hidden", "input type={'hidden'}", "input type='submit'", "input type=\"reset\"", "input disabled value={status.status}", "input readonly value={status.status}", "div contenteditable=\"false\"", "button")),
            shows(f"{SHOWN}\n<!-- <input> -->"),
            page(f"const status = await {W});", f"{SHOWN}\n<input name=\"a\">"),
            options("{ poll: 0 }").replace(SHOWN, f"{SHOWN}\n<input name='a'>"),
            options("{ poll: '2s', ...more }").replace(SHOWN, f"{SHOWN}\n<input name='a'>"),
        ),
    ),
}  # fmt: skip
