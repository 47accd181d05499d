"""Document and workspace symbols, and the call hierarchy."""

from __future__ import annotations

from koze_lsp.ide.calls import incoming, outgoing, prepare
from koze_lsp.ide.symbols import document_symbols, workspace_symbols
from koze_lsp.ide.types import CallEdge, Symbol
from koze_lsp.project.project import Project
from koze_lsp.text import Span
from tests.ide.support import APP, WORKFLOW, cursor, project_of

PAGE = "src/routes/migrations/[id].html"
FLOW = "src/server/migration.workflow.ts"


def outline(files: dict[str, str], path: str) -> list[str]:
    project = project_of(files)
    document = project.document(path)
    assert document is not None
    lines: list[str] = []

    def walk(symbols: tuple[Symbol, ...], depth: int, around: Span) -> None:
        for symbol in symbols:
            location = symbol.location
            assert around.covers(location.span), symbol.name
            assert location.selection is None or location.span.covers(location.selection), symbol.name
            lines.append("  " * depth + f"{symbol.kind.value} {symbol.name} [{symbol.detail}]")
            walk(symbol.children, depth + 1, location.span)

    walk(tuple(document_symbols(project, document)), 0, Span(0, len(document.source)))
    return lines


def test_a_workflow_file() -> None:
    assert outline(APP, FLOW) == [
        "class MigrationWorkflow [workflow]",
        "  method run []",
        "    function fetch-data [step.do]",
        "    event cool-down [step.sleep · sleeps 10 s]",
    ]


def test_steps_in_other_methods_and_computed_names() -> None:
    text = WORKFLOW.replace(
        "  async run(",
        "  async helper(step: WorkflowStep) {\n    await step.do(`n-${1}`, async () => 1);\n  }\n  async run(",
    ).replace("    const data", "    await this.helper(step);\n    const data")
    assert outline({FLOW: text}, FLOW) == [
        "class MigrationWorkflow [workflow]",
        "  method run []",
        "    function fetch-data [step.do]",
        "    event cool-down [step.sleep · sleeps 10 s]",
        "  function `n-${1}` [step.do]",
    ]


def test_pages_entries_and_types() -> None:
    assert outline(APP, PAGE) == ["constant status [workflowStatus('migration') · polls every 2 s]"]
    assert outline(APP, "wrangler.jsonc") == [
        "key workflows [2]",
        "  object DATA_SYNC_WORKFLOW [DataSyncWorkflow]",
        "  object MIGRATION_WORKFLOW [MigrationWorkflow]",
    ]
    assert outline(APP, "src/app.d.ts")[:3] == [
        "key WorkflowName [koze:workflow]",
        "  constant data-sync []",
        "  constant migration []",
    ]
    assert outline(APP, "src/routes/index.html") == outline(APP, "package.json") == []


def test_toml_entries() -> None:
    first = 'name = "m"\nbinding = "M_WORKFLOW"\nclass_name = "M"\n'
    text = f'name = "a"\n[[workflows]]\n{first}\n[[workflows]]\nbinding = "N"\n'
    assert outline({"wrangler.toml": text}, "wrangler.toml") == [
        "key workflows [2]",
        "  object M_WORKFLOW [M]",
        "  object N []",
    ]


def found(query: str) -> list[tuple[str, str | None]]:
    return [(symbol.name, symbol.container) for symbol in workspace_symbols(project_of(APP), query)]


def test_workspace_symbols() -> None:
    assert len(found("")) == 8
    assert found("migration") == [
        ("migration", FLOW),
        ("/migrations/[id]", PAGE),
        ("/migrations/two/[id]", "src/routes/migrations/two/[id].html"),
    ]
    assert found("COOL") == found("cdwn") == [("cool-down", "data-sync"), ("cool-down", "migration")]
    assert found("DataSyncW") == [("data-sync", "src/server/data-sync.workflow.ts")]
    assert found("xyz") == []


def names(project: Project, edges: list[CallEdge]) -> list[tuple[str, list[str]]]:
    result = []
    for edge in edges:
        texts = []
        for span in edge.spans:
            document = project.document(edge.item.location.path)
            texts.append(document.source[span.start : span.end] if document is not None else "?")
        result.append((edge.item.name, texts))
    return result


def test_who_reads_and_starts_a_workflow() -> None:
    for end in (
        (FLOW, "MigrationW"),
        ("wrangler.jsonc", "MIGRATION_W"),
        (PAGE, "migration',"),
        ("src/app.d.ts", "migration'"),
    ):
        where = cursor(APP, *end)
        (item,) = prepare(where.project, where.document, where.offset)
        assert item.key == ("workflow", "migration")
    edges = incoming(where.project, ("workflow", "migration"))
    assert names(where.project, edges) == [
        ("/migrations/[id]", ["migration"]),
        ("/migrations/two/[id]", ["migration"]),
        ("startMigration", ["MIGRATION_WORKFLOW"]),
        ("again", ["MIGRATION_WORKFLOW", "NAME"]),
    ]


def test_what_a_page_or_function_reads() -> None:
    where = cursor(APP, PAGE, "<p>")
    (item,) = prepare(where.project, where.document, where.offset)
    assert item.key == ("page", PAGE)
    assert [edge.item.name for edge in outgoing(where.project, item.key)] == ["migration"]
    where = cursor(APP, "src/server/actions.ts", "startMigration")
    (item,) = prepare(where.project, where.document, where.offset)
    assert item.name == "startMigration"
    assert [edge.item.name for edge in outgoing(where.project, item.key)] == ["migration"]
    assert outgoing(where.project, ("function", "src/server/actions.ts#gone")) == []


def test_who_calls_a_function_that_starts_one() -> None:
    files = {
        **APP,
        "src/routes/new.koze": "<script>\n  import { startMigration } from '$server/actions';\n</script>\n"
        "<form action={startMigration}></form>\n",
    }
    project = project_of(files)
    edges = incoming(project, ("function", "src/server/actions.ts#startMigration"))
    assert names(project, edges) == [("/new", ["startMigration"])]


def test_a_workflow_that_starts_another() -> None:
    text = WORKFLOW.replace("DataSync", "X").replace(
        "    const data", "    await this.env.DATA_SYNC_WORKFLOW.create();\n    const data"
    )
    project = project_of({**APP, FLOW: text})
    assert [edge.item.name for edge in outgoing(project, ("workflow", "migration"))] == ["data-sync"]
    assert [edge.item.name for edge in incoming(project, ("workflow", "data-sync"))] == ["migration"]


def test_unknown_keys_and_places() -> None:
    where = cursor(APP, "src/routes/index.html", "Home")
    assert prepare(where.project, where.document, where.offset) == []
    for key in (("workflow", "gone"), ("page", "gone"), ("function", "gone#x"), ("function", "gone"), ("", "")):
        assert incoming(where.project, key) == []
        assert outgoing(where.project, key) == []
