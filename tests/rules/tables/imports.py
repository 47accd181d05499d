"""The framework's modules, the request and its guards."""

from __future__ import annotations

from tests.rules.rows import CALL, IMPORTS, KOZE, REQUEST, SHOWN, At, Rows, W, module, page, shows

REDIRECT = "import { redirect } from 'koze:navigation';\n"
STATUS = "import { workflowStatus } from 'koze:workflow';\n"
CHOICE = "if (!params.id) {\n  redirect('/');\n} else {\n  user = await getUser();\n}"
"""A guard that also assigns to a name: the framework keeps it where that name is needed."""


def importing(statement: str) -> str:
    return page(f"{statement}\n{CALL}")


def component(statement: str) -> str:
    return f"<script>\n{statement}\n</script>\n<p>x</p>\n"


def guarded(guard: str) -> str:
    return page(f"{guard}\n{CALL}", imports=IMPORTS + REDIRECT)


ROWS = {
    "missing-import": Rows(
        speaks=(
            page(CALL.replace("workflowStatus", "«workflowStatus»"), imports=REQUEST),
            page(CALL.replace("params", "«params»"), imports=STATUS),
            page(CALL.replace("params", "«params»"), imports=STATUS + "import { params as p } from 'koze:request';\n"),
            page(CALL.replace("workflowStatus", "«workflowStatus»"), imports=REQUEST + "import { workflowStatus as ws } from 'koze:workflow';\n"),
            page("", "<p>{«url».pathname}</p>", ""),
            page("", "<a class={«pathname» === '/' ? 'on' : ''}>x</a>", ""),
            page("", "if («url».searchParams.get('a')) {\n<p>x</p>\n}", ""),
            page("const q = «searchParams».get('q');", "<p>{q}</p>", ""),
            page("const post = «method» === 'POST';", "<p>{post}</p>", ""),
            At("src/server/load.ts", "export const load = (id) => «workflowStatus»('migration', id);\n"),
        ),
        quiet=(
            page(),
            page(imports="import { params, } from \"koze:request\"\nimport {\n  workflowStatus,\n} from 'koze:workflow'\n"),
            page("const url = new URL('http://x');", "<p>{url.pathname}</p>", ""),
            page("", "<p>params and url</p>", ""),
            page("", "<style>\n.url { color: red }\n</style>", ""),
            page("", "<!-- {params.id} -->\n<p>x</p>", ""),
            page("const f = ({ params }) => params.id;", "<p>{f}</p>", ""),
            page("const { params } = load();", "<p>{params.x}</p>", ""),
            page("const a = x.params.id;", "<p>{a}</p>", ""),
            page("const o = { url: 1, params: 2 };", "<p>{o.url}</p>", ""),
            page("", "for (const url of urls) {\n<p>{url}</p>\n}", ""),
            page("", "if (typeof url !== 'undefined') {\n<p>x</p>\n}", ""),
            page("", "<form method=\"post\"></form>", ""),
            At("src/server/load.ts", "export const load = (params) => params.url;\n"),
            At("src/server/load.ts", "const workflowStatus = async () => 1;\nexport const load = () => workflowStatus('x');\n"),
            At("src/server/load.ts", "export const load = (deps) => deps.workflowStatus('x');\n"),
        ),
        fixed=(
            (page(imports=REQUEST), page(imports=REQUEST + STATUS)),
            (page(imports='import { url } from "kuratchi:request"\nimport { workflowStatus } from "kuratchi:workflow"\n'),
             page(imports='import { url, params } from "kuratchi:request"\nimport { workflowStatus } from "kuratchi:workflow"\n')),
            (At("src/server/load.ts", "export const load = (id) => workflowStatus('migration', id);\n"),
             At("src/server/load.ts", f"{STATUS}export const load = (id) => workflowStatus('migration', id);\n")),
        ),
    ),
    "unknown-export": Rows(
        speaks=(
            importing("import { «param» } from 'koze:request';"),
            importing("import { «param» as p } from 'koze:request';"),
            importing('import {\n  url,\n  «param», // x\n} from "koze:request"'),
            importing("import { «headers» } from 'koze:request';"),
            importing("import { «locals», url } from 'kuratchi:request';"),
            importing("import { «workflowStatuses» } from 'koze:workflow';"),
            importing("import { «goto» } from 'kuratchi:navigation';"),
            importing("import { «cookies» } from 'koze:cookies';"),
            importing("import { «prod» } from 'koze:environment';"),
            importing("import * as «req» from 'koze:request';"),
            importing("import «status» from 'koze:workflow';").replace("const status", "const job").replace("{status.", "{job."),
            At("src/server/load.ts", "import { «header» } from 'koze:request';\nexport const load = () => header;\n"),
        ),
        quiet=(
            importing("import { url, slug, method } from 'koze:request';"),
            importing("import { slug as s } from \"kuratchi:request\""),
            importing("import type { Anything } from 'koze:workflow';"),
            importing("import { WorkflowName } from 'koze:workflow';"),
            importing("import { whatever } from 'koze:assets';"),
            importing("import { whatever } from 'koze:unknown';"),
            importing("import { param } from './request';"),
            importing("// import { param } from 'koze:request';"),
            importing("import * as req from 'kuratchi:request';"),
            At("src/server/load.ts", "import { headers, request, locals } from 'koze:request';\nexport const load = () => headers;\n"),
            At("src/server/load.ts", "import { cookies } from 'koze:cookies';\nexport const load = () => cookies;\n"),
        ),
        fixed=((importing("import { patname } from 'koze:request';"), importing("import { pathname } from 'koze:request';")),),
        also=("unknown-workflow",),
    ),
    "component-import": Rows(
        path="src/lib/bar.html",
        speaks=(
            component("import { workflowStatus } from '«koze:workflow»';"),
            component("import { url, params } from \"«kuratchi:request»\""),
            At("src/lib/deep/bar.koze", component("import { workflowStatus as ws } from '«koze:workflow»';")),
        ),
        quiet=(
            component("import { props } from 'koze:component';"),
            component("import { dev } from 'koze:environment';"),
            component("import type { WorkflowName } from 'koze:workflow';"),
            "<p>import { url } from 'koze:request'</p>\n",
            At(KOZE, page()),
            module(f"return await {W.replace('params.id', 'id')});"),
        ),
    ),
    "param-mismatch": Rows(
        speaks=(
            page("const status = await workflowStatus('migration', params.«job»);"),
            page("const status = await workflowStatus('migration', params?.«job»);"),
            page("const { «job» } = params;\nconst status = await workflowStatus('migration', job);"),
            page("const { «job»: id = 'x' } = params;\nconst status = await workflowStatus('migration', id);"),
            page("const status = await workflowStatus('migration', p.«job»);", imports="import { params as p } from 'koze:request';\n" + STATUS),
            page(f"{CALL}\nconst a = params['«slug»'];", "<p>{a}{status.status}</p>"),
            shows("<a href={`/x/${params.«job»}`}>{status.status}</a>"),
            shows("<a href=\"/x/{params.«job»}\">{status.status}</a>"),
            At("src/routes/jobs/index.html", page(CALL.replace("params.id", "params.«id»"))),
            At("src/routes/file-[id]/index.koze", page(CALL.replace("params.id", "params.«id»"))),
            At("src/routes/[[id]]/index.html", page(CALL.replace("params.id", "params.«id»"))),
        ),
        quiet=(
            page(),
            At("src/routes/[id].html", page()),
            At("src/routes/[...id]/index.html", page()),
            At("src/routes/[id]/deep/[other].koze", page()),
            At("src/routes/layout.html", page("const status = await workflowStatus('migration', params.any);", f"{SHOWN}<slot></slot>")),
            page("const key = 'x';\nconst status = await workflowStatus('migration', params[key]);"),
            page("const status = await workflowStatus('migration', other.params.job);"),
            page("const f = (params) => params.job;\nconst status = await workflowStatus('migration', f(1));"),
            page(f"{CALL}\nconst {{ ...rest }} = params;", "<p>{rest.x}{status.status}</p>"),
            page(f"{CALL}\nconst text = params.toString();", "<p>{text}{status.status}</p>"),
            shows(f"for (const params of list) {{\n<p>{{params.x}}</p>\n}}\n{SHOWN}"),
            shows(f"<!-- {{params.x}} -->\n{SHOWN}"),
        ),
        fixed=(
            (page("const status = await workflowStatus('migration', params.job);"), page("const status = await workflowStatus('migration', params.id);")),
            (page(f"{CALL}\nconst a = params['slug'];", "<p>{a}{status.status}</p>"), page(f"{CALL}\nconst a = params['id'];", "<p>{a}{status.status}</p>")),
        ),
    ),
    "dropped-guard": Rows(
        path=KOZE,
        speaks=(
            guarded("«redirect»('/');"),
            guarded("if (!params.id) «redirect»('/');"),
            guarded("if (!params.id) {\n  log();\n  «redirect»('/');\n}"),
            guarded("params.id || «redirect»('/');"),
            guarded("switch (params.id) {\ncase '0':\n  «redirect»('/');\n}"),
            guarded("try {\n  check();\n} catch {\n  «redirect»('/');\n}"),
            guarded("for (const id of [params.id]) {\n  if (!id) «redirect»('/');\n}"),
            guarded(f"let tries;\n{CHOICE.replace('redirect', '«redirect»').replace('user', 'tries')}"),
            guarded("let user;\nif (!params.id) {\n  «redirect»('/');\n} else {\n  const f = () => { user = 1; };\n}").replace(SHOWN, "<p>{user}{status.status}</p>"),
            page(f"if (!params.id) «go»('/');\n{CALL}", imports=IMPORTS + "import { redirect as go } from 'kuratchi:navigation';\n"),
        ),
        quiet=(
            page(),
            guarded("function leave() { redirect('/'); }"),
            guarded("const go = () => redirect('/');"),
            guarded("export async function load() { redirect('/'); }"),
            guarded(f"let user;\n{CHOICE}").replace(SHOWN, "<p>{user}{status.status}</p>"),
            guarded(f"let user;\n{CHOICE}\nconst name = user.name;").replace(SHOWN, "<p>{name}{status.status}</p>"),
            guarded("let n = 0;\nif (params.id) n++; else redirect('/');").replace(SHOWN, "<p>{n}{status.status}</p>"),
            guarded("const user = (await getUser()) ?? redirect('/login');").replace(SHOWN, "<p>{user}{status.status}</p>"),
            page(f"import {{ redirect }} from './mine';\nredirect('/');\n{CALL}"),
            At("src/routes/jobs/[id]/index.html", guarded("if (!params.id) redirect('/');")),
        ),
    ),
}  # fmt: skip
