"""Definition, declaration and links: every form of a workflow's name leads to every other."""

from __future__ import annotations

import pytest

from koze_lsp.ide.definition import declaration, definition
from koze_lsp.ide.links import links
from tests.ide.support import APP, At, at, cursor, project_of, shown

CLASS = ["src/server/migration.workflow.ts:3: MigrationWorkflow"]
ENTRY = ["wrangler.jsonc:8: MIGRATION_WORKFLOW"]

ENDS = {
    "status name": ("src/routes/migrations/[id].html", "migration', params"),
    "status name in double quotes": ("src/routes/migrations/two/[id].html", 'migration", params'),
    "constant": ("src/server/actions.ts", "migration'"),
    "use of the constant": ("src/server/actions.ts", "NAME, id"),
    "env": ("src/server/actions.ts", "MIGRATION_WORKFLOW.create"),
    "destructured env": ("src/server/actions.ts", "MIGRATION_WORKFLOW }"),
    "wrangler name": ("wrangler.jsonc", "migration-workflow"),
    "wrangler binding": ("wrangler.jsonc", "MIGRATION_WORKFLOW"),
    "wrangler class": ("wrangler.jsonc", "MigrationWorkflow"),
    "entry": ("wrangler.jsonc", " // kept"),
    "WorkflowName": ("src/app.d.ts", "migration'"),
    "re-export": ("src/worker.ts", "MigrationWorkflow"),
}


def defined(where: At) -> list[str]:
    return shown(where.project, definition(where.project, where.document, where.offset))


def declared(where: At) -> list[str]:
    return shown(where.project, declaration(where.project, where.document, where.offset))


@pytest.mark.parametrize("end", ENDS)
def test_every_end_leads_to_class_and_entry(end: str) -> None:
    where = cursor(APP, *ENDS[end])
    assert defined(where) == CLASS
    assert declared(where) == ENTRY


def test_the_class_leads_to_its_entry() -> None:
    where = cursor(APP, "src/server/migration.workflow.ts", "MigrationWorkflow")
    assert defined(where) == ENTRY
    assert declared(where) == ENTRY


def test_a_class_without_an_entry_is_its_own_definition() -> None:
    files = {path: text for path, text in APP.items() if path != "wrangler.jsonc"}
    where = cursor(files, "src/server/migration.workflow.ts", "MigrationWorkflow")
    assert defined(where) == declared(where) == CLASS


def test_a_file_without_a_class_is_opened_at_its_top() -> None:
    files = {**APP, "src/server/migration.workflow.ts": "// to do\n"}
    where = cursor(files, "src/routes/migrations/[id].html", "migration', params")
    assert defined(where) == ["src/server/migration.workflow.ts:1: "]


def test_an_unknown_name_leads_nowhere() -> None:
    files = {**APP, "src/routes/x.html": APP["src/routes/migrations/[id].html"].replace("'migration'", "'gone'")}
    assert defined(cursor(files, "src/routes/x.html", "gone")) == []


def test_a_binding_of_another_kind_is_not_ours() -> None:
    files = {**APP, "src/server/kv.ts": "import { env } from 'cloudflare:workers';\nenv.CACHE.get('x');\n"}
    assert defined(cursor(files, "src/server/kv.ts", "CACHE")) == []


def test_a_binding_made_by_hand_leads_to_the_class_that_its_entry_names() -> None:
    files = {
        **APP,
        "src/server/kv.ts": "import { env } from 'cloudflare:workers';\nawait env.MOVER.create();\n",
        "wrangler.jsonc": '{ "workflows": [{ "name": "m", "binding": "MOVER", "class_name": "MigrationWorkflow" }] }',
    }
    where = cursor(files, "src/server/kv.ts", "MOVER")
    assert defined(where) == CLASS
    assert declared(where) == ["wrangler.jsonc:1: MOVER"]


def test_environments_are_declarations_too() -> None:
    entry = '{ "name": "migration-workflow", "binding": "MIGRATION_WORKFLOW", "class_name": "MigrationWorkflow" }'
    files = {
        **APP,
        "wrangler.jsonc": f'{{ "workflows": [{entry}],\n"env": {{ "staging": {{ "workflows": [{entry}] }} }} }}',
    }
    where = cursor(files, "src/server/actions.ts", "MIGRATION_WORKFLOW.create")
    assert declared(where) == ["wrangler.jsonc:1: MIGRATION_WORKFLOW", "wrangler.jsonc:2: MIGRATION_WORKFLOW"]


def test_two_files_with_one_name_are_both_definitions() -> None:
    files = {**APP, "src/server/old/migration.workflow.ts": APP["src/server/migration.workflow.ts"]}
    where = cursor(files, "src/routes/migrations/[id].html", "migration', params")
    assert defined(where) == [*CLASS, "src/server/old/migration.workflow.ts:3: MigrationWorkflow"]


def test_toml() -> None:
    files = {path: text for path, text in APP.items() if path != "wrangler.jsonc"}
    files["wrangler.toml"] = (
        'name = "app"\n\n[[workflows]]\nname = "migration-workflow"\nbinding = "MIGRATION_WORKFLOW"\n'
        'class_name = "MigrationWorkflow"\n'
    )
    where = cursor(files, "wrangler.toml", "MIGRATION_WORKFLOW")
    assert defined(where) == CLASS
    assert declared(where) == ["wrangler.toml:5: MIGRATION_WORKFLOW"]


# Parameters, components and names -------------------------------------------------------------------------

READ = "<script>\n  import { params } from 'koze:request';\n  const id = params.i|d;\n</script>\n<p>{id}</p>\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"src/routes/a/[id].html": READ}, "src/routes/a/[id].html"),
        ({"src/routes/a/[...id].koze": READ}, "src/routes/a/[...id].koze"),
        ({"src/routes/[id]/edit.html": READ}, "src/routes/[id]/edit.html"),
        ({"src/routes/[id]/edit.html": READ, "src/routes/[id]/index.html": ""}, "src/routes/[id]/index.html"),
        ({"src/routes/[id]/edit.html": READ, "src/routes/[id]/layout.html": ""}, "src/routes/[id]/layout.html"),
        ({"src/routes/[id]/layout.html": READ}, "src/routes/[id]/layout.html"),
    ],
)
def test_a_parameter_leads_to_its_segment(files: dict[str, str], expected: str) -> None:
    where = at({**files, "package.json": "{}"})
    assert [location.path for location in definition(where.project, where.document, where.offset)] == [expected]


def test_a_parameter_without_a_segment_leads_nowhere() -> None:
    where = at({"src/routes/a/[slug].html": READ})
    assert definition(where.project, where.document, where.offset) == []


@pytest.mark.parametrize(
    ("specifier", "path"),
    [
        ("$lib/Card.koze", "src/lib/Card.koze"),
        ("$lib/Card", "src/lib/Card.koze"),
        ("./Card.html", "src/routes/Card.html"),
        ("../lib/ui/Card.kuratchi", "src/lib/ui/Card.kuratchi"),
        ("./card", "src/routes/card/index.html"),
    ],
)
def test_a_component_tag_leads_to_its_file(specifier: str, path: str) -> None:
    page = f"<script>\n  import Card from '{specifier}';\n</script>\n<div>\n  <Ca|rd />\n</div>\n"
    where = at({"src/routes/index.html": page, path: "<p>card</p>\n"})
    assert [location.path for location in definition(where.project, where.document, where.offset)] == [path]


def test_a_component_of_a_package_leads_nowhere() -> None:
    where = at({"src/routes/index.html": "<script>\n  import Card from 'ui/Card.koze';\n</script>\n<Ca|rd />\n"})
    assert definition(where.project, where.document, where.offset) == []


def test_an_imported_function_leads_to_its_export() -> None:
    page = "<script>\n  import { start } from '$server/jobs';\n</script>\n<form action={sta|rt}></form>\n"
    where = at({"src/routes/index.koze": page, "src/server/jobs.ts": "\nexport async function start() {}\n"})
    assert defined(where) == ["src/server/jobs.ts:2: start"]


def test_a_name_of_the_script_is_found_from_the_template() -> None:
    where = cursor(APP, "src/routes/migrations/[id].html", "status.output", 3)
    assert defined(where) == ["src/routes/migrations/[id].html:5: status"]


def test_a_specifier_leads_to_its_file() -> None:
    where = at(
        {"src/routes/index.koze": "<script>\n  import { a } from '$ser|ver/a';\n</script>\n", "src/server/a.ts": ""}
    )
    assert [location.path for location in definition(where.project, where.document, where.offset)] == [
        "src/server/a.ts"
    ]


# Links ----------------------------------------------------------------------------------------------------


def linked(files: dict[str, str], path: str) -> list[tuple[str, str]]:
    project = project_of(files)
    document = project.document(path)
    assert document is not None
    return [(document.source[link.span.start : link.span.end], link.path) for link in links(project, document)]


def test_links() -> None:
    workflow = "src/server/migration.workflow.ts"
    assert linked(APP, "src/routes/migrations/[id].html") == [("migration", workflow)]
    assert linked(APP, "src/worker.ts") == [("./server/migration.workflow", workflow)]
    assert linked(APP, "wrangler.jsonc")[1] == ("MigrationWorkflow", workflow)
    assert linked(APP, "src/app.d.ts")[1] == ("migration", workflow)
    assert linked(APP, "src/routes/index.html") == []
    assert linked(APP, "package.json") == []


def test_links_of_the_entry_point() -> None:
    files = {**APP, "wrangler.jsonc": '{ "main": "./src/worker.ts" }'}
    assert linked(files, "wrangler.jsonc") == [("./src/worker.ts", "src/worker.ts")]
