"""What the table of rules about workflow files can't say: fixes of several files, related places, metadata."""

from __future__ import annotations

import pytest

from tests.rules.workflow_project import PATH, apply, check, klass, shown, workflow


def test_a_nameless_class_without_base() -> None:
    files = {PATH: klass("export default class")}
    (finding,) = check(files)
    assert shown(files, finding) == "class"
    assert apply(files, finding.fixes[0])[PATH] == klass("export default class MigrationWorkflow")


def test_the_second_duplicate_points_at_the_first() -> None:
    files = {PATH: workflow("await step.do('a', async () => 1); await step.do('a', async () => 2);")}
    (finding,) = check(files)
    assert finding.span.start > finding.related[0].span.start
    assert files[PATH][slice(*finding.related[0].span)] == "'a'"


def test_a_rename_never_overwrites() -> None:
    text = workflow("return 1;")
    files = {"src/server/a.workflows.ts": text, "src/server/a.workflow.ts": text}
    assert [(item.code, item.fixes) for item in check(files) if item.code == "plural-suffix"] == [("plural-suffix", ())]


@pytest.mark.parametrize(
    ("first", "second", "same_class"),
    [
        ("src/server/a/sync.workflow.ts", "src/server/b/sync.workflow.ts", False),
        ("src/server/data-sync.workflow.ts", "src/server/data_sync.workflow.ts", False),
        ("src/server/dataSync.workflow.ts", "src/server/DataSync.workflow.ts", True),
        ("src/server/a.workflow.ts", "src/server/b.workflow.ts", True),
    ],
)
def test_duplicates_name_each_other(first: str, second: str, same_class: bool) -> None:
    text = workflow("return 1;")
    other = text if same_class else text.replace("MigrationWorkflow", "OtherWorkflow")
    found = check({first: text, second: other})
    assert sorted((item.code, item.path, item.related[0].path) for item in found) == sorted(
        [("duplicate-workflow", first, second), ("duplicate-workflow", second, first)]
    )


def test_no_duplicates() -> None:
    text = workflow("return 1;")
    others = {f"src/server/{name}.workflow.ts": text.replace("Migration", name.upper()) for name in ("a", "b", "ab")}
    assert check({"src/server/migration.workflow.ts": text, **others}) == []
