"""Renaming, creating and deleting files in the explorer."""

from __future__ import annotations

import pytest

from koze_lsp.ide.rename import rename, will_create, will_delete, will_rename
from koze_lsp.ide.types import Rename
from tests.ide.support import APP, WORKFLOW, after, cursor, findings, project_of

OLD = "src/server/migration.workflow.ts"
NEW = "src/server/import-job.workflow.ts"


def moved(files: dict[str, str], *pairs: tuple[str, str]) -> dict[str, str]:
    """The tree after the edits, and then the moves, as an editor does it."""
    tree = after(files, will_rename(project_of(files), pairs))
    result = {}
    for path, text in tree.items():
        target = path
        for old, new in pairs:
            if path == old or path.startswith(f"{old}/"):
                target = new + path[len(old) :]
        result[target] = text
    return result


def test_renaming_a_file_is_renaming_the_workflow() -> None:
    where = cursor(APP, "wrangler.jsonc", "MIGRATION_WORKFLOW")
    renamed = after(APP, rename(where.project, where.document, where.offset, "import-job"))
    found = moved(APP, (OLD, NEW))
    assert found == renamed
    assert findings(found) == []


def test_renaming_twice_at_once_and_swapping() -> None:
    other = "src/server/data-sync.workflow.ts"
    tree = moved(APP, (OLD, NEW), (other, "src/server/copy.workflow.ts"))
    assert findings(tree) == []
    assert "WorkflowName = 'copy' | 'import-job';" in tree["src/app.d.ts"]
    swapped = moved(APP, (OLD, other), (other, OLD))
    assert "workflowStatus('data-sync'" in swapped["src/routes/migrations/[id].html"]
    assert "env.DATA_SYNC_WORKFLOW.create" in swapped["src/server/actions.ts"]
    assert swapped["src/app.d.ts"] == APP["src/app.d.ts"]
    assert findings(swapped) == []


def test_a_folder() -> None:
    files = {path.replace("src/server/mig", "src/server/jobs/mig"): text for path, text in APP.items()}
    files["src/server/jobs/helper.ts"] = "export const x = 1;\n"
    tree = moved(files, ("src/server/jobs", "src/server/tasks"))
    assert set(tree) - set(files) == {"src/server/tasks/migration.workflow.ts", "src/server/tasks/helper.ts"}
    assert {path: text for path, text in tree.items() if "tasks" not in path} == {
        path: text for path, text in files.items() if "jobs" not in path
    }


@pytest.mark.parametrize(
    "new",
    [
        "src/server/data-sync.workflow.ts",
        "src/server/sub/data_sync.workflow.ts",
        "src/server/a b.workflow.ts",
        "src/server/1.workflow.ts",
        "src/archive/migration.workflow.ts",
        "src/server/migration.ts",
    ],
)
def test_nothing_is_changed_where_that_is_not_certain(new: str) -> None:
    assert will_rename(project_of(APP), [(OLD, new)]) == Rename()


def test_a_file_that_becomes_a_workflow() -> None:
    files = {**APP, "src/server/backup.workflows.ts": WORKFLOW.replace("MigrationWorkflow", "Backups")}
    tree = moved(files, ("src/server/backup.workflows.ts", "src/server/backup.workflow.ts"))
    assert '"class_name": "Backups"' in tree["wrangler.jsonc"]
    assert findings(tree) == []


def test_a_module_with_a_workflow_class_that_becomes_one() -> None:
    files = {**APP, "src/server/backup.ts": WORKFLOW.replace("MigrationWorkflow", "Backups")}
    tree = moved(files, ("src/server/backup.ts", "src/server/backup.workflow.ts"))
    assert '"class_name": "Backups"' in tree["wrangler.jsonc"]
    assert findings(tree) == []
    plain = {**APP, "src/server/plain.ts": "export class Plain {}\n"}
    assert will_rename(project_of(plain), [("src/server/plain.ts", "src/server/plain.workflow.ts")]) == Rename()


PAGE = "<script>\n  import Card from '{}';\n</script>\n<Card />\n"


def test_imports_of_components_follow_their_files() -> None:
    files = {
        "src/lib/Card.koze": "<p></p>\n",
        "src/lib/ui/Box.html": "<script>\n  import Card from '../Card.koze';\n</script>\n<Card />\n",
        "src/routes/a.koze": PAGE.format("$lib/Card.koze"),
        "src/routes/b/c.koze": PAGE.format("../../lib/Card"),
        "src/routes/d.koze": PAGE.format("./Card.koze"),
    }
    tree = moved(files, ("src/lib/Card.koze", "src/lib/ui/Panel.koze"))
    assert tree["src/lib/ui/Box.html"] == files["src/lib/ui/Box.html"].replace("../Card.koze", "./Panel.koze")
    assert tree["src/routes/a.koze"] == PAGE.format("$lib/ui/Panel.koze")
    assert tree["src/routes/b/c.koze"] == PAGE.format("../../lib/ui/Panel")
    assert tree["src/routes/d.koze"] == PAGE.format("./Card.koze")


def test_a_page_that_moves_keeps_its_relative_imports() -> None:
    files = {
        "src/lib/Card.koze": "<p></p>\n",
        "src/routes/Part.koze": "<p></p>\n",
        "src/routes/a.koze": PAGE.format("../lib/Card.koze"),
        "src/routes/b.koze": PAGE.format("$lib/Card.koze"),
    }
    tree = moved(files, ("src/routes/a.koze", "src/routes/x/y.koze"), ("src/routes/b.koze", "src/routes/x/b.koze"))
    assert tree["src/routes/x/y.koze"] == PAGE.format("../../lib/Card.koze")
    assert tree["src/routes/x/b.koze"] == PAGE.format("$lib/Card.koze")
    together = moved(
        {"src/lib/ui/A.koze": PAGE.format("./B.koze"), "src/lib/ui/B.koze": ""}, ("src/lib/ui", "src/lib/kit")
    )
    assert together["src/lib/kit/A.koze"] == PAGE.format("./B.koze")


# Creating and deleting ------------------------------------------------------------------------------------


def test_a_new_workflow() -> None:
    path = "src/server/jobs/nightly-run.workflow.ts"
    tree = after(APP, will_create(project_of(APP), [path]))
    assert '"name": "nightly-run-workflow",\n      "binding": "NIGHTLY_RUN_WORKFLOW",' in tree["wrangler.jsonc"]
    assert "// The Worker" in tree["wrangler.jsonc"]
    assert "'data-sync' | 'nightly-run' | 'migration';" in tree["src/app.d.ts"], "in the order of the paths"
    assert findings({**tree, path: WORKFLOW.replace("Migration", "NightlyRun")}) == []


def test_new_workflows_without_a_list_and_in_toml() -> None:
    files = {"wrangler.jsonc": '{ "name": "app" }\n', "package.json": "{}"}
    paths = ["src/server/a.workflow.ts", "src/server/b.workflow.ts"]
    tree = after(files, will_create(project_of(files), paths))
    assert findings({**tree, **{path: WORKFLOW.replace("Migration", path[11].upper()) for path in paths}}) == []
    toml = {"wrangler.toml": 'name = "app"\n', "package.json": "{}"}
    text = after(toml, will_create(project_of(toml), paths))["wrangler.toml"]
    assert text.count("[[workflows]]") == 2
    assert 'binding = "B_WORKFLOW"' in text


@pytest.mark.parametrize(
    "path",
    [
        "src/server/a.b.workflow.ts",
        "src/server/_a.workflow.ts",
        "src/lib/new.workflow.ts",
        "src/server/data_sync.workflow.ts",
        "src/server/new.ts",
        f"src/server/{'x' * 60}.workflow.ts",
    ],
)
def test_no_new_workflow(path: str) -> None:
    assert will_create(project_of(APP), [path]) == Rename()


@pytest.mark.parametrize("text", ["", "{ broken", '{ "workflows": 1 }', "[]"])
def test_an_unreadable_wrangler_file_is_left_alone(text: str) -> None:
    files = {**APP, "wrangler.jsonc": text}
    assert after(files, will_create(project_of(files), ["src/server/a.workflow.ts"]))["wrangler.jsonc"] == text


def test_a_taken_binding_is_left_alone() -> None:
    text = '{ "kv_namespaces": [{ "binding": "A_WORKFLOW", "id": "1" }] }'
    files = {**APP, "wrangler.jsonc": text}
    assert after(files, will_create(project_of(files), ["src/server/a.workflow.ts"]))["wrangler.jsonc"] == text


def test_deleting() -> None:
    tree = after(APP, will_delete(project_of(APP), [OLD]))
    assert "MIGRATION" not in tree["wrangler.jsonc"]
    assert "DATA_SYNC" in tree["wrangler.jsonc"]
    assert tree["src/app.d.ts"].count("WorkflowName = 'data-sync';") == 2
    del tree[OLD]
    assert [item.split(":")[1] for item in findings(tree) if "wrangler" in item or "types" in item] == []


def test_deleting_all_of_a_folder() -> None:
    tree = after(APP, will_delete(project_of(APP), ["src/server"]))
    assert '"workflows": []' in tree["wrangler.jsonc"]
    assert tree["src/app.d.ts"].count("WorkflowName = never;") == 2


def test_deleting_keeps_other_workers_and_twins() -> None:
    text = (
        '{ "name": "app", "workflows": [{ "name": "migration-workflow", "binding": "MIGRATION_WORKFLOW", '
        '"class_name": "MigrationWorkflow", "script_name": "other" }] }'
    )
    files = {**APP, "wrangler.jsonc": text}
    assert after(files, will_delete(project_of(files), [OLD]))["wrangler.jsonc"] == text
    twins = {**APP, "src/server/old/migration.workflow.ts": WORKFLOW}
    tree = after(twins, will_delete(project_of(twins), [OLD]))
    assert tree["wrangler.jsonc"] == APP["wrangler.jsonc"]
    assert tree["src/app.d.ts"] == APP["src/app.d.ts"]


def test_deleting_anything_else() -> None:
    assert will_delete(project_of(APP), ["src/routes", "src/nothing", "README.md"]) == Rename()
