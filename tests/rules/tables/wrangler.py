"""Wrangler's file: what the framework's sync looks at, what wrangler refuses, and who can read it."""

from __future__ import annotations

from tests.rules.rows import At, Rows
from tests.rules.workflow_project import workflow
from tests.rules.wrangler_file import BINDING, CLASS, ENTRY, NAME, OLD, OTHER, STAGING, entry, file

JSONC, TOML = "wrangler.jsonc", "wrangler.toml"
MARKED = file(OTHER).replace('"workflows"', '«"workflows"»')
TABLE = f'[[workflows]]\nname = "{NAME}"\nbinding = "{BINDING}"\nclass_name = "{CLASS}"\n'
STAGED = '  "env": {\n    "staging": {\n      "vars": {}\n    }\n  }'
COPIED = (
    '  "env": {\n    "staging": {\n      "vars": {},\n      "workflows": [\n        {\n'
    '          "name": "migration-workflow-staging",\n          "binding": "MIGRATION_WORKFLOW",\n'
    '          "class_name": "MigrationWorkflow"\n        }\n      ]\n    }\n  }'
)
BARE = '{\n  "name": "app" // mine\n}\n'
FILLED = (
    '{\n  "name": "app", // mine\n  "workflows": [\n    {\n      "name": "migration-workflow",\n'
    '      "binding": "MIGRATION_WORKFLOW",\n      "class_name": "MigrationWorkflow"\n    }\n  ]\n}\n'
)


CREATED = (
    '{\n\t"workflows": [\n\t\t{\n\t\t\t"name": "a-workflow",\n\t\t\t"binding": "A_WORKFLOW",\n\t\t\t"class_name": "MigrationWorkflow"\n'
    '\t\t},\n\t\t{\n\t\t\t"name": "first-workflow",\n\t\t\t"binding": "FIRST_WORKFLOW",\n\t\t\t"class_name": "First"\n\t\t}\n\t]\n}\n'
)


def toml(text: str) -> At:
    return At(TOML, text)


def beside(key: str, value: str) -> str:
    """A file with another binding of the workflow's name; the finding is at the workflow."""
    return file(entry(binding=f"«{BINDING}»"), rest=f',\n  "{key}": {value}')


ROWS = {
    "wrangler-missing-binding": Rows(
        path=JSONC,
        speaks=(
            MARKED,
            file().replace('"workflows"', '«"workflows"»'),
            BARE.replace("{", "«{»"),
            '{ «"workflows"»: null }',
            toml('«»name = "app"\n'),
        ),
        quiet=(
            file(ENTRY),
            file(OTHER, ENTRY),
            f'{{ "workflows": [], "workflows": [{ENTRY}] }}',
            file(ENTRY.replace("MIGRATION_", "\\u004dIGRATION_")),
            '{ "workflows": {} }',
            '{ "name": ',
            toml(TABLE),
            toml(f'workflows = [ {{ name = "{NAME}", binding = "{BINDING}", class_name = "{CLASS}" }} ]\n'),
        ),
        fixed=(
            (file(OTHER), file(OTHER, ENTRY)),
            (BARE, FILLED),
            (file(OTHER).replace("\n", "\r\n"), file(OTHER, ENTRY).replace("\n", "\r\n")),
            (
                file('{ "binding": "A_JOB", "name": "a", "class_name": "A" }'),
                file('{ "binding": "A_JOB", "name": "a", "class_name": "A" }', f'{{ "binding": "{BINDING}", "name": "{NAME}", "class_name": "{CLASS}" }}'),
            ),
            (toml('name = "app"\n'), toml(f'name = "app"\n\n{TABLE}')),
        ),
        also=("wrangler-invalid-entry",),
    ),
    "wrangler-class-mismatch": Rows(
        path=JSONC,
        speaks=(
            file(entry(class_name="«Migration»")),
            file(entry(class_name="«migrationworkflow»")),
            file(f'{{ "name": "{NAME}", "binding": "{BINDING}", "class_name": «null» }}'),
            file(f'«{{» "name": "{NAME}", "binding": "{BINDING}" }}'),
            file(ENTRY, rest=f',\n  "env": {{ "x": {{ "workflows": [{entry(class_name="«Old»")}] }} }}'),
            toml(TABLE.replace(CLASS, "«Migration»")),
        ),
        quiet=(
            file(ENTRY),
            file(ENTRY.replace('"class_name"', '"class_name": "X", "class_name"')),
            file(ENTRY, entry("crawl", "CRAWL_JOB", "Crawl")),
            file(f"// koze-ignore wrangler-class-mismatch -- on purpose\n    {entry(class_name='Old')}"),
            toml(TABLE),
        ),
        fixed=(
            (file(entry(class_name="Migration")), file(ENTRY)),
            (file(f'{{ "name": "{NAME}", "binding": "{BINDING}", "class_name": null }}'), file(ENTRY)),
            (file(f'{{ "name": "{NAME}", "binding": "{BINDING}" }}'), file(ENTRY)),
            (toml(TABLE.replace(f'"{CLASS}"', "'Migration' # mine")), toml(TABLE.replace(f'"{CLASS}"', f"'{CLASS}' # mine"))),
        ),
    ),
    "wrangler-name-mismatch": Rows(
        path=JSONC,
        speaks=(file(entry("«prod-migrator»")), file(entry("«migration»")), toml(TABLE.replace(NAME, "«prod-migrator»"))),
        quiet=(file(ENTRY), file(OTHER, ENTRY), file(entry("not a name")), file(ENTRY, entry("b", BINDING))),
        fixed=((file(entry("prod-migrator")), file(ENTRY)),),
    ),
    "wrangler-stale-binding": Rows(
        path=JSONC,
        speaks=(
            file(OLD.replace("OLD_JOB", "«OLD_JOB").replace("WORKFLOW", "WORKFLOW»"), ENTRY),
            file(ENTRY, entry("billing", "«BILLING»", "Billing")),
            file(ENTRY, entry("old-workflow", "«OLD_WORKFLOW»", "Old", ', "script_name": "other"')),
            toml(TABLE + '\n[[workflows]]\nname = "old-workflow"\nbinding = "«OLD_WORKFLOW»"\nclass_name = "Old"\n'),
        ),
        quiet=(
            file(ENTRY),
            file(ENTRY, OTHER),
            file(ENTRY, entry("nightly", "REPORTS_WORKFLOW", "Reports")),
            file(ENTRY, entry("crawl", "CRAWL_JOB", "Crawl", ', "script_name": "crawler"')),
        ),
        fixed=((file(OLD, ENTRY), file(ENTRY)), (file(ENTRY, OLD), file(ENTRY)), (file(ENTRY, OLD, OTHER), file(ENTRY, OTHER))),
    ),
    "wrangler-duplicate": Rows(
        path=JSONC,
        speaks=(
            file(ENTRY, entry(f"«{NAME}»", "TWICE", "Twice")),
            file(ENTRY, entry("other", f"«{BINDING}»")),
            beside("vars", f'{{ "{BINDING}": 1 }}'),
            beside("kv_namespaces", f'[{{ "binding": "{BINDING}", "id": "x" }}]'),
            beside("services", f'[{{ "binding": "{BINDING}", "service": "x" }}]'),
            beside("durable_objects", f'{{ "bindings": [{{ "name": "{BINDING}", "class_name": "X" }}] }}'),
            beside("queues", f'{{ "producers": [{{ "binding": "{BINDING}", "queue": "x" }}] }}'),
            beside("ai", f'{{ "binding": "{BINDING}" }}'),
        ),
        quiet=(
            file(ENTRY),
            file(ENTRY, entry("again", "SECOND", CLASS)),
            file(ENTRY, rest=', "kv_namespaces": [{ "binding": "A" }, { "binding": "A" }]'),
            file(ENTRY, rest=f', "env": {{ "staging": {{ "workflows": [{ENTRY}] }} }}'),
            file(ENTRY, rest=f', "vars": {{ "A": "{BINDING}" }}'),
        ),
    ),
    "wrangler-invalid-entry": Rows(
        path=JSONC,
        speaks=(
            file(ENTRY, '«{» "name": "a", "class_name": "A" }'),
            file(ENTRY, '«{» "name": "a", "binding": "WF" }'),
            file(ENTRY, entry("«my wf»", "WF", "A")),
            file(ENTRY, entry(f"«{'a' * 65}»", "WF", "A")),
            file(ENTRY, entry("«-a»", "WF", "A")),
            file(ENTRY, '{ "name": «5», "binding": "WF", "class_name": "A" }'),
            file(ENTRY, '«"x"»'),
            file(ENTRY, "«null»"),
            '{ "workflows": «{» } }',
            '{ "workflows": «"x"» }',
            file(entry(rest=', "limits": { "steps": «0» }')),
            file(entry(rest=', "limits": { "steps": «30000» }')),
            file(entry(rest=', "limits": «5»')),
        ),
        quiet=(
            file(ENTRY),
            file(entry(rest=', "limits": { "steps": 25000 }, "schedules": ["0 * * * *"], "jurisdiction": "us"')),
            file(entry("a" * 64, "WF", "A"), ENTRY),
            file(entry("_1-a", "WF", "A"), ENTRY),
            '{ "workflows": [] }',
        ),
    ),
    "wrangler-unknown-field": Rows(
        path=JSONC,
        speaks=(file(entry(rest=', «"clas_name"»: "X"')), file(entry(rest=', «"foo"»: 1')), file(entry(rest=', "limits": { «"step"»: 1 }'))),
        quiet=(
            file(ENTRY),
            file(entry(rest=', "limits": { "steps": 5 }')),
            file(entry(rest=', "concurrency": { "limit": 2.0 }, "default_retention": { "success_retention": "3 days" }')),
            file(ENTRY, head='\n  "foo": 1,'),
        ),
    ),
    "wrangler-script-name": Rows(
        path=JSONC,
        speaks=tuple(file(entry(rest=f', "script_name": "«{name}»"')) for name in ("src/worker.ts", "./index.js", "worker.ts")),
        quiet=(file(ENTRY), *(file(entry(rest=f', "script_name": "{name}"')) for name in ("app", "jobs", "my-worker_2"))),
        fixed=((file(entry(rest=', "script_name": "src/worker.ts"')), file(ENTRY)),),
    ),
    "wrangler-env": Rows(
        path=JSONC,
        speaks=(
            file(ENTRY, rest=f",\n{STAGED}").replace('"staging"', '«"staging"»'),
            file(ENTRY, rest=f',\n  "env": {{ "staging": {{ «"workflows"»: [{OTHER}] }} }}'),
            toml(f"{TABLE}\n[«env.staging»]\nname = \"x\"\n"),
        ),
        quiet=(
            file(ENTRY),
            file(ENTRY, rest=f', "env": {{ "staging": {{ "workflows": [{ENTRY}] }} }}'),
            file(ENTRY, rest=', "env": { "x": null }'),
            file(ENTRY, rest=', "env": []'),
            '{ "name": "app", "env": { "staging": {} } }',
            toml(f"{TABLE}\n[[env.staging.workflows]]\n{TABLE.partition(chr(10))[2]}"),
        ),
        fixed=(
            (file(ENTRY, rest=f",\n{STAGED}"), file(ENTRY, rest=f",\n{COPIED}")),
            (
                file(ENTRY, rest=f',\n  "env": {{ "staging": {{ "workflows": [{OTHER}] }} }}'),
                file(ENTRY, rest=f',\n  "env": {{ "staging": {{ "workflows": [{OTHER}, {STAGING}] }} }}'),
            ),
        ),
        also=("wrangler-missing-binding",),
    ),
    "wrangler-syntax": Rows(
        path=JSONC,
        speaks=(
            '{ "name": "app" «"x"»: 1 }',
            "«»",
            "«[»]",
            "«null»",
            "{ «'name'»: 1 }",
            f'{{ "workflows": [{ENTRY}«,»] }}',
            "«\ufeff»" + file(ENTRY),
            toml("name = «\n»"),
        ),
        quiet=(
            file(ENTRY),
            "/* c */ " + file(ENTRY, head=" // x"),
            file(ENTRY).replace("\n", "\r\n"),
            f'{{ "workflows": [{ENTRY}], "workflows": [{ENTRY}] }}',
            toml(TABLE),
        ),
        fixed=(
            (f'{{ "workflows": [{ENTRY},],}}', f'{{ "workflows": [{ENTRY}]}}'),
            ("\ufeff" + file(ENTRY), file(ENTRY)),
        ),
    ),
    "wrangler-toml": Rows(
        path=TOML,
        speaks=(f"«# mine»\n{TABLE}", f"\n\n«[[workflows]]»\n{TABLE.partition(chr(10))[2]}"),
        quiet=(At(JSONC, file(ENTRY)), "name = \n", At("wrangler.json", file(ENTRY))),
    ),
    "wrangler-no-file": Rows(
        path="src/server/a.workflow.ts",
        bare=True,
        more={"src/server/first.workflow.ts": workflow("return 1;").replace("MigrationWorkflow", "First")},
        speaks=(workflow("return 1;").replace("export class MigrationWorkflow", "export class «MigrationWorkflow»"),),
        quiet=(
            At("src/server/queue.ts", "export const a = 1;\n"),
            At("src/server/later.workflow.ts", workflow("return 1;")),
            At("src/lib/a.workflow.ts", workflow("return 1;")),
        ),
        fixed=((workflow("return 1;"), At(JSONC, CREATED)),),
    ),
}  # fmt: skip
