"""References and highlights."""

from __future__ import annotations

import pytest

from koze_lsp.ide.references import highlights, references
from koze_lsp.ide.types import HighlightKind
from tests.ide.support import APP, WORKFLOW, At, at, cursor, shown
from tests.ide.test_definition import ENDS

EVERYWHERE = [
    "src/app.d.ts:2: migration",
    "src/app.d.ts:5: migration",
    "src/routes/migrations/[id].html:5: migration",
    "src/routes/migrations/two/[id].html:5: migration",
    "src/server/actions.ts:4: migration",
    "src/server/actions.ts:7: MIGRATION_WORKFLOW",
    "src/server/actions.ts:12: MIGRATION_WORKFLOW",
    "src/server/migration.workflow.ts:3: MigrationWorkflow",
    "src/worker.ts:1: MigrationWorkflow",
    "wrangler.jsonc:7: migration-workflow",
    "wrangler.jsonc:8: MIGRATION_WORKFLOW",
    "wrangler.jsonc:9: MigrationWorkflow",
]


def found(where: At, include_declaration: bool = True) -> list[str]:
    return shown(where.project, references(where.project, where.document, where.offset, include_declaration))


@pytest.mark.parametrize("end", [*ENDS, "class"])
def test_all_ends_give_the_same_references(end: str) -> None:
    ends = {**ENDS, "class": ("src/server/migration.workflow.ts", "MigrationWorkflow")}
    assert found(cursor(APP, *ends[end])) == EVERYWHERE


def test_without_the_declaration() -> None:
    where = cursor(APP, "wrangler.jsonc", "MIGRATION_WORKFLOW")
    assert found(where, include_declaration=False) == [item for item in EVERYWHERE if "workflow.ts" not in item]


def test_an_unknown_name_has_its_calls() -> None:
    page = APP["src/routes/migrations/[id].html"].replace("'migration'", "'gone'")
    files = {**APP, "src/routes/a.html": page, "src/routes/b.html": page}
    assert found(cursor(files, "src/routes/a.html", "gone")) == [
        "src/routes/a.html:5: gone",
        "src/routes/b.html:5: gone",
    ]


def test_uses_of_the_class_as_value_and_type() -> None:
    extra = "\nexport const made: MigrationWorkflow | null = null;\nexport const it = MigrationWorkflow;\n"
    files = {**APP, "src/server/migration.workflow.ts": WORKFLOW + extra}
    files["src/tests.ts"] = (
        "import { MigrationWorkflow } from './server/migration.workflow';\n"
        "import { MigrationWorkflow as Other } from '$server/migration.workflow.ts';\n"
        "const a: MigrationWorkflow = new MigrationWorkflow();\nnew Other();\n"
    )
    where = cursor(files, "src/server/migration.workflow.ts", "MigrationWorkflow")
    items = [item for item in found(where) if "tests.ts" in item or "workflow.ts" in item]
    assert items == [
        "src/server/migration.workflow.ts:3: MigrationWorkflow",
        "src/server/migration.workflow.ts:13: MigrationWorkflow",
        "src/server/migration.workflow.ts:14: MigrationWorkflow",
        "src/tests.ts:1: MigrationWorkflow",
        "src/tests.ts:2: MigrationWorkflow",
        "src/tests.ts:3: MigrationWorkflow",
        "src/tests.ts:3: MigrationWorkflow",
    ]


def test_steps() -> None:
    text = WORKFLOW.replace(
        "await step.sleep('cool-down'", "await step.do('fetch-data', async () => 1);\n    await step.sleep('fetch-data'"
    )
    files = {**APP, "src/server/migration.workflow.ts": text}
    where = cursor(files, "src/server/migration.workflow.ts", "fetch-data")
    assert found(where) == [
        "src/server/migration.workflow.ts:5: fetch-data",
        "src/server/migration.workflow.ts:8: fetch-data",
    ]
    assert len(found(where, include_declaration=False)) == 1


def test_parameters_of_all_pages_below_their_segment() -> None:
    read = "<script>\n  import { params } from 'koze:request';\n  const id = params.id;\n</script>\n"
    files = {
        "src/routes/jobs/[id]/index.html": read.replace("params.id", "params.i|d"),
        "src/routes/jobs/[id]/edit.html": read.replace("params.id", "params['id']"),
        "src/routes/jobs/[id]/layout.html": read,
        "src/routes/jobs/[id]/log.html": read.replace("params.id", "params.page"),
        "src/routes/users/[id].html": read,
    }
    assert [item.split(":")[0] for item in found(at(files))] == [
        "src/routes/jobs/[id]/edit.html",
        "src/routes/jobs/[id]/index.html",
        "src/routes/jobs/[id]/layout.html",
    ]


def test_a_component_is_found_in_every_page() -> None:
    page = "<script>\n  import Card from '$lib/Card.koze';\n</script>\n<Card>\n</Card>\n"
    files = {
        "src/lib/Card.koze": "<p></p>\n",
        "src/routes/index.koze": page.replace("<Card>", "<Ca|rd>"),
        "src/routes/two.koze": page.replace("import Card", "import Box").replace("Card>", "Box>"),
    }
    assert found(at(files)) == [
        "src/routes/index.koze:2: $lib/Card.koze",
        "src/routes/index.koze:4: Card",
        "src/routes/index.koze:5: Card",
        "src/routes/two.koze:2: $lib/Card.koze",
        "src/routes/two.koze:4: Box",
        "src/routes/two.koze:5: Box",
    ]


def lit(where: At) -> list[tuple[str, HighlightKind]]:
    source = where.document.source
    spans = highlights(where.project, where.document, where.offset)
    return [(source[item.span.start : item.span.end], item.kind) for item in spans]


def test_highlights_stay_in_the_document() -> None:
    assert lit(cursor(APP, "src/server/actions.ts", "MIGRATION_WORKFLOW.create")) == [
        ("migration", HighlightKind.READ),
        ("MIGRATION_WORKFLOW", HighlightKind.READ),
        ("MIGRATION_WORKFLOW", HighlightKind.READ),
    ]
    assert lit(cursor(APP, "src/server/migration.workflow.ts", "MigrationWorkflow")) == [
        ("MigrationWorkflow", HighlightKind.WRITE)
    ]
    assert lit(cursor(APP, "src/app.d.ts", "migration'")) == [("migration", HighlightKind.TEXT)] * 2
    assert [text for text, _ in lit(cursor(APP, "wrangler.jsonc", "MIGRATION_WORKFLOW"))] == [
        "migration-workflow",
        "MIGRATION_WORKFLOW",
        "MigrationWorkflow",
    ]


def test_highlights_of_a_status_name() -> None:
    kinds = [kind for _, kind in lit(cursor(APP, "src/routes/migrations/[id].html", "status.error", 2))]
    assert kinds == [HighlightKind.WRITE, *[HighlightKind.READ] * 7]


def test_nothing_to_highlight() -> None:
    assert lit(cursor(APP, "src/routes/index.html", "Home")) == []
    assert lit(cursor(APP, "package.json", "name")) == []
