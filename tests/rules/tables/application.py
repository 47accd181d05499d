"""Bindings in modules, settings, scenarios, suppression and the generated types."""

from __future__ import annotations

from koze_lsp.project.framework import Framework
from tests.rules.rows import CALL, SHOWN, At, Rows, options, page, shows

ENV = "import { env } from 'cloudflare:workers';\n"
ENTRY = '{ "name": "migration-workflow", "binding": "MIGRATION_WORKFLOW", "class_name": "MigrationWorkflow" }'
WRANGLER = f'{{ "name": "app", "workflows": [{ENTRY}], "vars": {{ "VAR_WORKFLOW": "x" }} }}\n'
SCENARIO = "src/routes/jobs/[id]/index.preview.json5"


def uses(expression: str, head: str = ENV) -> str:
    return f"{head}export const start = () => {expression};\n"


def settings(text: str) -> str:
    return f'{{ "name": "app", "koze-lsp": {text} }}\n'


def types(union: str, module: str = "koze:workflow") -> str:
    return f"declare module '{module}' {{\n  export type WorkflowName = {union};\n}}\n"


ROWS = {
    "unknown-binding": Rows(
        path="src/server/start.ts",
        more={"wrangler.jsonc": WRANGLER},
        speaks=(
            uses("env.«MIGRATON_WORKFLOW».create()"),
            uses("e['«MIGRATON_WORKFLOW»'].create()", "import { env as e } from 'cloudflare:workers';\n"),
            uses("cf.env.«MY_WORKFLOW».create()", "import * as cf from 'cloudflare:workers';\n"),
            uses("(env as Env).«X_WORKFLOW».create()"),
            f"{ENV}const {{ «JOB_WORKFLOW» }} = env;\nexport {{ JOB_WORKFLOW }};\n",
            f"{ENV}const {{ «JOB_WORKFLOW»: job }} = env;\nexport {{ job }};\n",
            "export class A {\n  go() {\n    return this.env.«OTHER_WORKFLOW».get('1');\n  }\n}\n",
            "export default {\n  fetch(request, env) {\n    return env.«OTHER_WORKFLOW».get('1');\n  },\n};\n",
        ),
        quiet=(
            uses("env.MIGRATION_WORKFLOW.create()"),
            "export default {\n  fetch(request, env) {\n    return env.MIGRATION_WORKFLOW.get('1');\n  },\n};\n",
            uses("env.VAR_WORKFLOW"),
            uses("env.DB.prepare('x')"),
            uses("env[k + '_WORKFLOW']"),
            uses("env.X_WORKFLOW", "import { env } from './env';\n"),
            uses("process.env.X_WORKFLOW"),
            "export const start = (env) => env.X_WORKFLOW;\n",
        ),
        fixed=((uses("env.MIGRATON_WORKFLOW.create()"), uses("env.MIGRATION_WORKFLOW.create()")),),
    ),
    "unused-ignore": Rows(
        speaks=(
            page(f"// koze-ignore «invalid-poll»\n{CALL}"),
            page("// koze-ignore invalid-poll, «poll-unit» -- why\n" + CALL.replace("2s", "2 s")),
            shows(f"<!-- koze-ignore «no-such-rule» -->\n{SHOWN}"),
            At("wrangler.jsonc", f"// koze-ignore «wrangler-syntax»\n{WRANGLER}"),
        ),
        quiet=(
            page("// koze-ignore invalid-poll -- on purpose\n" + CALL.replace("2s", "2 s")),
            page("// koze-ignore invalid-poll, unknown-workflow\n" + CALL.replace("2s", "2 s").replace("'migration'", "'x'")),
            shows(f"{SHOWN}\n<!-- koze-ignore polled-form -->\n<input name='a'>"),
            page(f"const a = '// koze-ignore invalid-poll';\n{CALL}", "<p>{a}{status.status}</p>"),
            shows(f"<p>koze-ignore</p>\n{SHOWN}"),
        ),
        fixed=(
            (page("// koze-ignore poll-unit, invalid-poll -- why\n" + CALL.replace("2s", "2 s")), page("// koze-ignore invalid-poll -- why\n" + CALL.replace("2s", "2 s"))),
            (page("// koze-ignore invalid-poll , poll-unit\n" + CALL.replace("2s", "2 s")), page("// koze-ignore invalid-poll\n" + CALL.replace("2s", "2 s"))),
            (page(f"// koze-ignore invalid-poll\n{CALL}"), page()), (shows(f"<!-- koze-ignore poll-unit -->\n{SHOWN}"), shows(SHOWN))),
    ),
    "types-stale": Rows(
        path="src/app.d.ts",
        speaks=(types("«'old'»"), types("«never»"), types("«'old' | 'migration'»", "kuratchi:workflow"), types("«'migration' | 'old'»").replace("\n", "\r\n")),
        quiet=(types("'migration'"), types('"migration"'), types("string"), types("'x'", "mine"), "// export type WorkflowName = 'x';\n"),
        fixed=((types("'old'"), types("'migration'")), (f"// mine\n{types('never')}", f"// mine\n{types(chr(39) + 'migration' + chr(39))}")),
    ),
    "invalid-config": Rows(
        path="package.json",
        speaks=(
            settings('{ "rules": { «"poll-unitt"»: "off" } }'),
            settings('{ "rules": { "poll-unit": «"loud"» } }'),
            settings('{ «"pol"»: {} }'),
            settings('{ "ignore": «"x"» }'),
            settings('{ "poll": { "minimum": «-1» } }'),
            settings("«[]»"),
        ),
        quiet=(settings("{}"), settings('{ "rules": { "poll-unit": "off" } }'), settings('{ "ignore": ["src/**"] }'), settings('{ "poll": { "minimum": 0 } }'), '{ "name": "koze-lsp" }\n'),
        fixed=((settings('{ "rules": { "poll-unitt": "off" } }'), settings('{ "rules": { "poll-unit": "off" } }')), (settings('{ "rules": { "poll-unit": "of" } }'), settings('{ "rules": { "poll-unit": "off" } }'))),
    ),
    "invalid-scenario": Rows(
        path=SCENARIO,
        speaks=("{ «tick»: [] }", "{ ticks: [{ «migratoin»: {} }] }", "{ «ticks»: 5 }"),
        quiet=("{}", "{ ticks: [{ migration: { '*': { status: 'queued' } } }] }", "// a comment\n{ params: { id: '1' }, }", "{ run: { migration: {} } }"),
    ),
    "koze-version": Rows(
        path="package.json",
        installed=Framework("@kuratchi/koze", "0.1.0", has_workflows=False),
        speaks=('{ "dependencies": { «"@kuratchi/koze"»: "^0.1.0" } }\n',),
        quiet=("{}", '{ "dependencies": { "koze": "1" } }', '{ "dependencies": { "@kuratchi/koze-tools": "1" } }'),
    ),
    "unreadable-file": Rows(speaks=("«»\udcff",), quiet=("", page(), options("{ poll: '2s' }"), "\ufeff" + page(), page().replace("\n", "\r\n"))),
}  # fmt: skip
