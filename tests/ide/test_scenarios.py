"""Workflow names in scenario files of the preview."""

from __future__ import annotations

from koze_lsp.ide.references import references
from koze_lsp.ide.rename import rename
from koze_lsp.ide.scenarios import scenario_names
from tests.ide.support import APP, after, cursor, project_of, shown

PATH = "src/routes/migrations/[id].preview.json5"
SCENARIO = """\
{
  // the first load
  params: { migration: 'm1' },
  ticks: [
    { migration: { '*': { status: 'running' } }, 'data-sync': {} },
    { "MIGRATION_WORKFLOW": { m1: { status: 'complete' } } },
  ],
  run: { migration: {} },
}
"""


def test_the_names_in_a_scenario() -> None:
    document = project_of({PATH: SCENARIO}).document(PATH)
    assert document is not None
    assert [name.text for name in scenario_names(document)] == [
        "migration",
        "data-sync",
        "MIGRATION_WORKFLOW",
        "migration",
    ]


def test_broken_scenarios_give_what_they_have() -> None:
    for text in ("", "{", "[1]", "{ run: ", "{ ticks: [ { a: ", "😀"):
        document = project_of({PATH: text}).document(PATH)
        assert document is not None
        list(scenario_names(document))


def test_references_and_rename() -> None:
    files = {**APP, PATH: SCENARIO}
    where = cursor(files, PATH, "migration: { '*'")
    found = shown(where.project, references(where.project, where.document, where.offset, True))
    assert [item for item in found if "json5" in item] == [
        f"{PATH}:5: migration",
        f"{PATH}:6: MIGRATION_WORKFLOW",
        f"{PATH}:8: migration",
    ]
    tree = after(files, rename(where.project, where.document, where.offset, "import-job"))
    assert tree[PATH] == (
        SCENARIO.replace("{ migration: {", '{ "import-job": {').replace("MIGRATION_WORKFLOW", "IMPORT_JOB_WORKFLOW")
    )
    other = cursor(files, PATH, "MIGRATION_WORKFLOW")
    assert after(files, rename(other.project, other.document, other.offset, "IMPORT_JOB_WORKFLOW")) == tree
