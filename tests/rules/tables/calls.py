"""Calls of workflowStatus: name, id, await, and what becomes of the result."""

from __future__ import annotations

from tests.rules.rows import CALL, KOZE, MARKED, RENAMED, REQUEST, SHOWN, At, Rows, W, module, named, page, shows

STREAMED = "if (status.pending) {\n<p>Loading</p>\n} else {\n<p>{status.status}</p>\n}"
NAMESPACE = "import { params } from 'kuratchi:request';\nimport * as wf from 'kuratchi:workflow';\n"

ROWS = {
    "unknown-workflow": Rows(
        speaks=(
            named("'«migratoin»'"),
            named('"«MIGRATION_WORKFLOW»"'),
            named("'«Migration»'"),
            named("`«migration »`"),
            named("/* the name */ '«migratoin»' as const"),
            named("'«constructor»'"),
            page("const n = '«x»';\nconst status = await workflowStatus(n, params.id);"),
            page("const status = await ws<Out>('«x»', params.id);", imports=RENAMED),
            page("const status = await wf.workflowStatus('«x»', params.id);", imports=NAMESPACE),
            page(f"const [a, b] = await Promise.all([{W}), workflowStatus('«x»', params.id)]);", "<p>{a.status}{b.status}</p>"),
            page("const all = await Promise.all(ids.map((id) => workflowStatus('«x»', id)));", "<p>{all.length}</p>"),
        ),
        quiet=(
            named("'migration'"),
            named("'migr\\u0061tion'"),
            named("name"),
            named("`${kind}-sync`"),
            named("params.kind ?? 'x'"),
            named("...args"),
            page("const n = 'migration';\nconst status = await workflowStatus(n, params.id);"),
            page("let n = 'x';\nn = params.id;\nconst status = await workflowStatus(n, params.id);"),
            page("const { n = 'x' } = opts;\nconst status = await workflowStatus(n, params.id);"),
            page("function workflowStatus() {}\nconst status = await workflowStatus('x', 1);", imports=REQUEST),
            page(f"function f(workflowStatus) {{ return workflowStatus('x'); }}\n{CALL}"),
            shows(f"<!-- {{await workflowStatus('x', '1')}} -->\n{SHOWN}"),
        ),
        fixed=(
            (named("'migratoin'"), named("'migration'")),
            (named('"MIGRATION_WORKFLOW"'), named('"migration"')),
            (page("const n = `migraton`;\nconst status = await workflowStatus(n, params.id);"), page("const n = `migration`;\nconst status = await workflowStatus(n, params.id);")),
        ),
    ),
    "missing-instance-id": Rows(
        speaks=(
            page("const status = await «workflowStatus»('migration');"),
            page("const status = await «workflowStatus»('migration',);"),
            page("const status = await «ws»('migration');", imports=RENAMED),
            page("const status = await «workflowStatus»();"),
            page("const status = await workflowStatus('migration', «''»);"),
            page("const status = await workflowStatus('migration', «undefined», { poll: '2s' });"),
            page("const status = await workflowStatus('migration', «0»);"),
            page("const id = '';\nconst status = await workflowStatus('migration', «id»);"),
            page("const status = await workflowStatus('migration', «{ poll: '2s' }»);"),
            module("return await «workflowStatus»('migration');"),
        ),
        quiet=(
            page(),
            page("const status = await workflowStatus('migration', id());"),
            page("const status = await workflowStatus('migration', params.id || '');"),
            page("const status = await workflowStatus('migration', ...rest);"),
            page("const status = await workflowStatus(...args);"),
            page("const status = await workflowStatus('migration', `${params.id}`);"),
            page("let id = '';\nid = params.id;\nconst status = await workflowStatus('migration', id);"),
        ),
    ),
    "missing-await": Rows(
        speaks=(
            page(f"const status = {MARKED});"),
            page(f"let status = {MARKED}, {{ poll: '2s' }});"),
            page(f"const {{ status }} = {MARKED});", "<p>{status}</p>"),
            page(f"const s = {MARKED}).status;", "<p>{s}</p>"),
            page(f"const status = ({MARKED}));"),
            page(f"const status = {MARKED});", "<p class=\"a {status.status}\">x</p>"),
            page(f"const status = {MARKED});", "<p>{status?.status}</p>"),
            page(f"const status = {MARKED});\nconst {{ output }} = status;", "<p>{output}</p>"),
            At(KOZE, page(f"let status = {MARKED});")),
            module("const s = «workflowStatus»('migration', id);\n  return s.status;"),
            module("«workflowStatus»('migration', id);"),
        ),
        quiet=(
            page(),
            page("const status = await workflowStatus<Output>('migration', params.id);"),
            page(f"const status = /* now */ await /* really */ {W});"),
            page(f"const [status] = await Promise.all([{W})]);"),
            page(f"const [status] = await Promise.allSettled([{W})]);"),
            page(f"const p = {W});\nconst status = await p;"),
            page(f"const p = {W});\nconst [status] = await Promise.all([p]);"),
            page(f"const p = {W});\nkeep(p);\nconst status = await p;"),
            page(f"const status = await {W}).then((s) => s);"),
            page(f"const load = () => {W});\nconst status = await load();"),
            page("const list = await Promise.all(ids.map((id) => workflowStatus('migration', id)));", "<p>{list.length}</p>"),
            page("const jobs = [];\nfor (const id of ids) jobs.push(workflowStatus('migration', id));\nconst list = await Promise.all(jobs);", "<p>{list.length}</p>"),
            page(f"const status = await (ok ? {W}) : null);", "<p>{status?.status}</p>"),
            At(KOZE, page(f"let status = {W});", STREAMED)),
            At("src/routes/jobs/[id]/index.kuratchi", page(f"let status: Status = {W});", STREAMED)),
            module("void workflowStatus('migration', id);"),
            module("return { s: workflowStatus('migration', id) };"),
        ),
        fixed=(
            (page(f"const status = {W});"), page(f"const status = await {W});")),
            (page(f"const s = {W}).status;", "<p>{s}</p>"), page(f"const s = (await {W})).status;", "<p>{s}</p>")),
            (page(f"const status = ({W}));"), page(f"const status = (await {W}));")),
        ),
    ),
    "dropped-statement": Rows(
        path=KOZE,
        speaks=(
            page(f"await {MARKED}, {{ poll: '2s' }});", "<p>x</p>"),
            page(f"await ({MARKED}));", "<p>x</p>"),
            page("await «ws»('migration', params.id);", "<p>x</p>", RENAMED),
        ),
        quiet=(
            page(),
            page(f"if (params.id) {{ await {W}); }}", "<p>x</p>"),
            page(f"async function f() {{ await {W}); }}", "<p>x</p>"),
            page(f"await {W}).then(log);", "<p>x</p>"),
            page(f"let status;\nstatus = await {W});"),
        ),
    ),
    "unused-status": Rows(
        speaks=(
            page("const «status» = await workflowStatus('migration', params.id, { poll: '2s' });", "<p>Working</p>"),
            page("const «status» = await workflowStatus('migration', params.id);", "<p>status</p>"),
            page(f"let «s» = await {W});", "<p>x</p>"),
        ),
        quiet=(
            page(),
            page(CALL, ""),
            page(f"{CALL}\nconst done = status.status;", "<p>{done}</p>"),
            page(f"{CALL}\nlog(status);", "<p>x</p>"),
            shows("if (status.error) {\n<p>x</p>\n}"),
            shows("<!-- {status.status} -->\n<p>x</p>"),
            shows("<p class={status.status}>x</p>"),
            shows("<Bar {status} />"),
            shows("<Bar {...status} />"),
            page(f"const {{ error }} = await {W});", "<p>{error}</p>"),
        ),
    ),
    "template-call": Rows(
        speaks=(
            page("const id = params.id;", "<p>{(await «workflowStatus»('migration', id)).status}</p>"),
            page("const id = params.id;", "<p title=\"{(await «workflowStatus»('migration', id)).status}\">x</p>"),
            page("const id = params.id;", "if ((await «workflowStatus»('migration', id)).status === 'complete') {\n<p>x</p>\n}"),
        ),
        quiet=(
            page(),
            shows("<p>workflowStatus('migration')</p>{status.status}"),
            shows("<p>{'await workflowStatus()'}{status.status}</p>"),
            shows(f"<!-- {{await {W})}} -->\n{SHOWN}"),
        ),
    ),
    "conditional-poll": Rows(
        speaks=(
            page(f"let status;\nif (params.id) {{ status = await {MARKED}, {{ poll: '2s' }}); }}", "<p>{status?.status}</p>"),
            page(f"const status = params.id ? await {MARKED}, {{ poll: '2s' }}) : null;", "<p>{status?.status}</p>"),
            page(f"const status = params.id && await {MARKED}, {{ poll: every }});", "<p>{status?.status}</p>"),
            page(f"let status;\nswitch (params.id) {{ case 'a': status = await {MARKED}, {{ poll: '2s' }}); }}", "<p>{status?.status}</p>"),
        ),
        quiet=(
            page(),
            page(f"let status;\nif (params.id) {{ status = await {W}); }}", "<p>{status?.status}</p>"),
            page(f"let status;\nif (params.id) {{ status = await {W}, {{ poll: 0 }}); }}", "<p>{status?.status}</p>"),
            page(f"const status = params.id ? await {W}, {{ poll: '2s' }}) : await {W}, {{ poll: '9s' }});"),
            page(f"const a = await {W}, {{ poll: '2s' }});\nlet b;\nif (params.id) b = await {W}, {{ poll: '2s' }});", "<p>{a.status}{b?.status}</p>"),
            page("const all = await Promise.all(ids.map((id) => workflowStatus('migration', id, { poll: '2s' })));", "<p>{all.length}</p>"),
        ),
    ),
}  # fmt: skip
