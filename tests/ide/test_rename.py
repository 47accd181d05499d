"""Rename: one result from every end, a clean check after it, and clear refusals."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from koze_lsp.ide.changes import difference
from koze_lsp.ide.places import Identity, places
from koze_lsp.ide.rename import prepare, rename, will_rename
from koze_lsp.ide.targets import Role
from koze_lsp.ide.types import NotRenamableError, Rename
from koze_lsp.rules.base import FileEdit, RenameFile
from koze_lsp.text import Span, TextEdit, apply_edits
from tests.ide.support import APP, WORKFLOW, At, after, cursor, findings, project_of
from tests.ide.test_definition import ENDS

NEW = {
    "migration": "import-job",
    "MigrationWorkflow": "ImportJobWorkflow",
    "MIGRATION_WORKFLOW": "IMPORT_JOB_WORKFLOW",
    "migration-workflow": "import-job-workflow",
}
RENAMABLE = {end: where for end, where in ENDS.items() if end not in ("use of the constant", "entry")}
RENAMABLE["class"] = ("src/server/migration.workflow.ts", "MigrationWorkflow")


def renamed(where: At, new_name: str) -> Rename:
    return rename(where.project, where.document, where.offset, new_name)


def expected() -> dict[str, str]:
    """The application as a person would rename it: with search and replace."""
    tree = {}
    for path, original in APP.items():
        text = original
        for old, new in [*list(NEW.items())[1:], ("'migration'", "'import-job'"), ('"migration"', '"import-job"')]:
            text = text.replace(old, new)
        tree[path.replace("migration.workflow", "import-job.workflow")] = text.replace(
            "server/migration.", "server/import-job."
        )
    actions = tree["src/server/actions.ts"].replace(
        "const { IMPORT_JOB_WORKFLOW } = env;\n  await IMPORT_JOB_WORKFLOW.get",
        "const { IMPORT_JOB_WORKFLOW: MIGRATION_WORKFLOW } = env;\n  await MIGRATION_WORKFLOW.get",
    )
    return {**tree, "src/server/actions.ts": actions}


@pytest.mark.parametrize("end", RENAMABLE)
def test_one_result_from_every_end(end: str) -> None:
    where = cursor(APP, *RENAMABLE[end])
    span, text = prepare(where.project, where.document, where.offset)
    assert where.document.source[span.start : span.end] == text
    assert after(APP, renamed(where, NEW[text])) == expected()
    assert after(APP, renamed(where, "import-job")) == expected(), "the status name is understood at every end"


def test_the_check_is_clean_before_and_after() -> None:
    assert findings(APP) == []
    assert findings(expected()) == []


def test_and_back_again() -> None:
    where = cursor(expected(), "src/routes/migrations/[id].html", "import-job")
    back = after(expected(), renamed(where, "migration"))
    back["src/server/actions.ts"] = back["src/server/actions.ts"].replace(
        "{ MIGRATION_WORKFLOW: MIGRATION_WORKFLOW }", "{ MIGRATION_WORKFLOW }"
    )
    assert back == APP


def test_undoing_gives_the_tree_back() -> None:
    """Each edit's inverse, as an editor's undo makes it."""
    where = cursor(APP, "src/app.d.ts", "migration'")
    tree, inverse = dict(APP), []
    for group in renamed(where, "import-job").groups:
        for change in group.changes:
            if isinstance(change, FileEdit):
                old = tree[change.path]
                tree[change.path] = apply_edits(old, change.edits)
                inverse.append((change.path, difference(tree[change.path], old)))
            elif isinstance(change, RenameFile):
                tree[change.new_path] = tree.pop(change.path)
    tree["src/server/migration.workflow.ts"] = tree.pop("src/server/import-job.workflow.ts")
    for path, edits in inverse:
        tree[path] = apply_edits(tree[path], edits)
    assert tree == APP


def test_groups_and_the_order_of_changes() -> None:
    found = renamed(cursor(APP, "wrangler.jsonc", "MIGRATION_WORKFLOW"), "IMPORT_JOB_WORKFLOW")
    assert [group.label for group in found.groups] == [
        "Pages and components",
        "Server code",
        "Wrangler configuration",
        "WorkflowName",
        "Workflow file",
    ]
    last = found.groups[-1].changes
    assert [type(change) for change in last] == [FileEdit, RenameFile]
    assert last[1] == RenameFile("src/server/migration.workflow.ts", "src/server/import-job.workflow.ts")


def test_the_same_name_changes_nothing() -> None:
    for end in RENAMABLE.values():
        where = cursor(APP, *end)
        assert renamed(where, prepare(where.project, where.document, where.offset)[1]).groups == ()


def test_a_class_with_a_name_of_its_own_stays() -> None:
    files = {path: text.replace("MigrationWorkflow", "Mover") for path, text in APP.items()}
    tree = after(files, renamed(cursor(files, "src/app.d.ts", "migration'"), "import-job"))
    assert "class Mover extends" in tree["src/server/import-job.workflow.ts"]
    assert '"class_name": "Mover"' in tree["wrangler.jsonc"]
    assert findings(tree) == []


def test_a_class_with_a_name_of_its_own_is_renamed_alone() -> None:
    files = {path: text.replace("MigrationWorkflow", "Mover") for path, text in APP.items()}
    for path in ("src/server/migration.workflow.ts", "wrangler.jsonc", "src/worker.ts"):
        tree = after(files, renamed(cursor(files, path, "Mover"), "Carrier"))
        assert tree == {path: text.replace("Mover", "Carrier") for path, text in files.items()}


def test_a_class_may_leave_the_convention() -> None:
    tree = after(APP, renamed(cursor(APP, "src/server/migration.workflow.ts", "MigrationWorkflow"), "Carrier"))
    assert tree == {path: text.replace("MigrationWorkflow", "Carrier") for path, text in APP.items()}


def test_a_class_without_the_suffix_follows_too() -> None:
    files = {path: text.replace("MigrationWorkflow", "Migration") for path, text in APP.items()}
    tree = after(files, renamed(cursor(files, "src/app.d.ts", "migration'"), "data-import"))
    assert "class DataImport extends" in tree["src/server/data-import.workflow.ts"]


def test_custom_wrangler_names_and_environments() -> None:
    def wrangler(binding: str, class_name: str, derived: str) -> str:
        rest = f'"binding": "{binding}", "class_name": "{class_name}"'
        lists = [f'"workflows": [{{ "name": "{name}", {rest} }}]' for name in ("prod", derived)]
        return f'{{ {lists[0]}, "env": {{ "staging": {{ {lists[1]} }} }} }}'

    files = {**APP, "wrangler.jsonc": wrangler(*list(NEW)[2:0:-1], "migration-workflow")}
    tree = after(files, renamed(cursor(files, "src/app.d.ts", "migration'"), "import-job"))
    assert tree["wrangler.jsonc"] == wrangler("IMPORT_JOB_WORKFLOW", "ImportJobWorkflow", "import-job-workflow")


def test_toml() -> None:
    files = {path: text for path, text in APP.items() if path != "wrangler.jsonc"}
    files["wrangler.toml"] = (
        "name = 'app' # kept\n\n[[workflows]]\nname = \"migration-workflow\"\nbinding = 'MIGRATION_WORKFLOW'\n"
        'class_name = "MigrationWorkflow"\n\n[[workflows]]\nname = "data-sync-workflow"\n'
        'binding = "DATA_SYNC_WORKFLOW"\nclass_name = "DataSyncWorkflow"\n'
    )
    tree = after(files, renamed(cursor(files, "wrangler.toml", "MIGRATION_WORKFLOW"), "IMPORT_JOB_WORKFLOW"))
    old = files["wrangler.toml"]
    for before, new in list(NEW.items())[1:]:
        old = old.replace(before, new)
    assert tree["wrangler.toml"] == old
    rest = 'binding = "MIGRATION_WORKFLOW", class_name = "MigrationWorkflow"'
    inline = f'workflows = [{{ name = "migration-workflow", {rest} }}]\n'
    files["wrangler.toml"] = inline
    tree = after(files, renamed(cursor(files, "src/app.d.ts", "migration'"), "import-job"))
    for before, new in list(NEW.items())[1:]:
        inline = inline.replace(before, new)
    assert tree["wrangler.toml"] == inline


def test_the_order_of_workflow_name_is_the_frameworks() -> None:
    tree = after(APP, renamed(cursor(APP, "src/app.d.ts", "migration'"), "backup"))
    assert "WorkflowName = 'backup' | 'data-sync';" in tree["src/app.d.ts"]


def test_quotes_and_lines_of_workflow_name_are_kept() -> None:
    union = 'declare module "koze:workflow" {\n  export type WorkflowName =\n    | "data-sync"\n    | "migration";\n}\n'
    union = union.replace("\n", "\r\n")
    files = {**APP, "src/app.d.ts": union}
    where = cursor(files, "src/app.d.ts", 'migration"')
    assert after(files, renamed(where, "zip"))["src/app.d.ts"] == union.replace("migration", "zip")
    assert after(files, renamed(where, "a"))["src/app.d.ts"] == union.replace("migration", "x").replace(
        "data-sync", "a"
    ).replace('"x"', '"data-sync"')


def test_crlf_and_text_beyond_the_bmp() -> None:
    files = {path: text.replace("\n", "\r\n").replace("Done", "Done 🎉 é") for path, text in APP.items()}
    tree = after(files, renamed(cursor(files, "wrangler.jsonc", "MIGRATION_WORKFLOW"), "IMPORT_JOB_WORKFLOW"))
    assert tree == {path: text.replace("\n", "\r\n").replace("Done", "Done 🎉 é") for path, text in expected().items()}


REFUSED = {
    "data-sync": "src/server/data-sync.workflow.ts exists already",
    "data_sync": "has the binding DATA_SYNC_WORKFLOW already",
    "1st": "can't be a workflow's name",
    "a.b": "can't be a workflow's name",
    "a b": "can't be a workflow's name",
    "größe": "can't be a workflow's name",
    "$x": "can't be a workflow's name",
    "_x": "wrangler would refuse '-x-workflow'",
    "": "needs a name",
    "x" * 60: "wrangler would refuse",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_names(name: str) -> None:
    with pytest.raises(NotRenamableError, match=REFUSED[name].replace("$", r"\$")):
        renamed(cursor(APP, "src/app.d.ts", "migration'"), name)


def test_refused_bindings_and_classes() -> None:
    with pytest.raises(NotRenamableError, match="as IMPORTER_WORKFLOW"):
        renamed(cursor(APP, "wrangler.jsonc", "MIGRATION_WORKFLOW"), "IMPORTER")
    with pytest.raises(NotRenamableError, match="can't be a class"):
        renamed(cursor(APP, "wrangler.jsonc", "MigrationWorkflow"), "Größe")
    files = {path: text.replace("DataSyncWorkflow", "ImportJobWorkflow") for path, text in APP.items()}
    with pytest.raises(NotRenamableError, match="exports a class ImportJobWorkflow already"):
        renamed(cursor(files, "src/app.d.ts", "migration'"), "import-job")
    kv = APP["wrangler.jsonc"].replace('"name": "app",', '"vars": { "BACKUP_WORKFLOW": 1 },')
    with pytest.raises(NotRenamableError, match=r"has a binding BACKUP_WORKFLOW already \(Environment Variable\)"):
        renamed(cursor({**APP, "wrangler.jsonc": kv}, "src/app.d.ts", "migration'"), "backup")
    helper = WORKFLOW.replace("export class", "class BackupWorkflow {}\n\nexport class")
    files = {**APP, "src/server/migration.workflow.ts": helper}
    with pytest.raises(NotRenamableError, match="has another BackupWorkflow already"):
        renamed(cursor(files, "src/app.d.ts", "migration'"), "backup")


@pytest.mark.parametrize(
    ("files", "needle", "reason"),
    [
        (
            {"src/server/a.ts": "import { env } from 'cloudflare:workers';\nenv.GONE_WORKFLOW.get('x');\n"},
            "GONE",
            "no work",
        ),
        (
            {"src/server/a.ts": "import { workflowStatus } from 'koze:workflow';\nworkflowStatus('gone', 'x');\n"},
            "gone",
            "No file",
        ),
        ({"src/server/a.ts": "const x = 1;\n"}, "x =", "Only workflows and steps"),
        ({"src/server/old/migration.workflow.ts": WORKFLOW}, "MigrationW", "share the binding"),
    ],
)
def test_what_cannot_be_renamed(files: dict[str, str], needle: str, reason: str) -> None:
    where = cursor({**APP, **files}, next(iter(files)), needle)
    with pytest.raises(NotRenamableError, match=reason):
        prepare(where.project, where.document, where.offset)


def test_an_unreadable_wrangler_file_is_not_left_behind() -> None:
    files = {**APP, "wrangler.jsonc": APP["wrangler.jsonc"].replace('"name": "app",', '"name": app,')}
    with pytest.raises(NotRenamableError, match=r"wrangler.jsonc can't be read \(line 3: .*\): correct it first"):
        renamed(cursor(files, "src/app.d.ts", "migration'"), "import-job")


def test_a_constant_is_renamed_where_its_text_is() -> None:
    where = cursor(APP, "src/server/actions.ts", "NAME, id")
    with pytest.raises(NotRenamableError, match="stands in a constant"):
        prepare(where.project, where.document, where.offset)


def test_parameters_and_components_say_what_to_do() -> None:
    where = cursor(APP, "src/routes/migrations/[id].html", "params.id", 8)
    with pytest.raises(NotRenamableError, match="named by its folder or file"):
        prepare(where.project, where.document, where.offset)


# The example ------------------------------------------------------------------------------------------------

EXAMPLE = Path(__file__).parents[2] / "examples" / "migrations"
NOT_OURS = {"node_modules", ".koze", ".git", "dist"}


def example() -> dict[str, str]:
    """The example application's files."""
    texts: dict[str, str] = {}
    for path in sorted(EXAMPLE.rglob("*")):
        relative = path.relative_to(EXAMPLE)
        if path.is_file() and not NOT_OURS & set(relative.parts):
            with contextlib.suppress(UnicodeDecodeError):
                texts[relative.as_posix()] = path.read_bytes().decode()
    return texts


@pytest.mark.parametrize("name", ["migration", "data-sync", "email-campaign"])
def test_the_example_from_each_of_its_ends(name: str) -> None:
    files = example()
    project = project_of(files)
    workflow = project.workflows.by_name[name]
    ends = places(project, Identity(name, workflow.binding, (workflow,)))
    assert {end.role for end in ends} >= {Role.CLASS, Role.ENTRY_NAME, Role.ENTRY_BINDING, Role.ENTRY_CLASS, Role.UNION}
    results = []
    for end in ends:
        document = project.document(end.path)
        assert document is not None
        new = {
            Role.CLASS: "NightlyRunWorkflow",
            Role.ENTRY_CLASS: "NightlyRunWorkflow",
            Role.ENV: "NIGHTLY_RUN_WORKFLOW",
            Role.ENTRY_BINDING: "NIGHTLY_RUN_WORKFLOW",
            Role.ENTRY_NAME: "nightly-run-workflow",
        }.get(end.role, "nightly-run")
        results.append(after(files, rename(project, document, end.span.start, new)))
    results.append(
        {
            path.replace(f"/{name}.workflow", "/nightly-run.workflow"): text
            for path, text in after(
                files, will_rename(project, [(workflow.path, workflow.path.replace(name, "nightly-run"))])
            ).items()
        }
    )
    assert all(result == results[0] for result in results)
    assert "src/server/nightly-run.workflow.ts" in results[0]
    assert findings(results[0]) == findings(files) == []


# Steps ------------------------------------------------------------------------------------------------------


def test_other_steps_keep_their_names() -> None:
    files = {
        **APP,
        "src/server/migration.workflow.ts": WORKFLOW.replace("step.sleep('cool-down'", "step.do('cool-down'"),
    }
    tree = after(files, renamed(cursor(files, "src/server/migration.workflow.ts", "fetch-data"), "read"))
    assert "do('read'" in tree["src/server/migration.workflow.ts"]
    assert "do('cool-down'" in tree["src/server/migration.workflow.ts"]


def test_a_step() -> None:
    where = cursor(APP, "src/server/migration.workflow.ts", "fetch-data")
    assert prepare(where.project, where.document, where.offset)[1] == "fetch-data"
    tree = after(APP, renamed(where, "it's read"))
    path = "src/server/migration.workflow.ts"
    assert tree == {**APP, path: APP[path].replace("'fetch-data'", "'it\\'s read'")}


def test_a_step_called_twice_and_a_sleep_of_the_same_name() -> None:
    text = "await step.do(`a`, f);\n    await step.do('a', f);\n    await step.sleep('a', 1);\n    const data = "
    files = {**APP, "src/server/migration.workflow.ts": WORKFLOW.replace("const data = ", text)}
    where = cursor(files, "src/server/migration.workflow.ts", "`a`")
    tree = after(files, renamed(where, "b`${"))
    assert (
        "do(`b\\`\\${`, f);\n    await step.do('b`${', f);\n    await step.sleep('a', 1)"
        in (tree["src/server/migration.workflow.ts"])
    )


@pytest.mark.parametrize("name", ["", "x" * 257, "a\nb", "cool-down"])
def test_refused_step_names(name: str) -> None:
    with pytest.raises(NotRenamableError):
        renamed(cursor(APP, "src/server/migration.workflow.ts", "fetch-data"), name)


def test_difference_is_small() -> None:
    assert difference("a\nbxc\nd\n", "a\nbyc\nd\n") == (TextEdit(Span(3, 4), "y"),)
    assert difference("a\n", "a\n") == ()


def test_the_cursor_may_touch_either_end() -> None:
    for into in (0, 1, 10, 11):
        where = cursor(APP, "src/routes/migrations/[id].html", "'migration'", into)
        assert prepare(where.project, where.document, where.offset)[1] == "migration"
