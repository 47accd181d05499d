"""The bindings rules over whole projects: what needs no finding at all, and fixes that must go together."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from koze_lsp.rules.base import CreateFile
from koze_lsp.text import OverlappingEditsError, apply_edits
from tests.conformance import load_cases
from tests.rules.wrangler_file import BINDING, CLASS, ENTRY, OLD, OTHER, STAGING, entry, file
from tests.rules.wrangler_project import ONE, applied, codes, findings, fix_all, project_of, under, workflow_source

TWO_CLASSES = ENTRY.replace('"class_name"', '"class_name": "X", "class_name"')

# Near misses: nothing to say at all.
QUIET: dict[str, tuple[dict[str, str], Mapping[str, str]]] = {
    "in sync": ({"wrangler.jsonc": file(ENTRY)}, ONE),
    "no workflow, no wrangler file": ({"package.json": "{}"}, {}),
    "no workflow, no entry": ({"wrangler.jsonc": "{}"}, {}),
    "no workflow, an empty list": ({"wrangler.jsonc": file()}, {}),
    "no workflow, a trailing comma": ({"wrangler.jsonc": '{ "name": "app", }'}, {}),
    "no workflow, TOML": ({"wrangler.toml": 'name = "app"\n'}, {}),
    "the last of two keys counts": (
        {"wrangler.jsonc": f'{{ "workflows": [], "workflows": [{ENTRY}] }}'},
        ONE,
    ),
    "the last of two class names counts": (
        {"wrangler.jsonc": file(TWO_CLASSES)},
        ONE,
    ),
    "an escape in the name": ({"wrangler.jsonc": file(ENTRY.replace("MIGRATION_", "\\u004dIGRATION_"))}, ONE),
    "script_name of this Worker": ({"wrangler.jsonc": file(entry(rest=', "script_name": "app"'))}, ONE),
    "script_name of another Worker": ({"wrangler.jsonc": file(entry(rest=', "script_name": "jobs"'))}, ONE),
    "another Worker's workflow": (
        {"wrangler.jsonc": file(ENTRY, entry("crawl", "CRAWL_JOB", "Crawl", ', "script_name": "crawler"'))},
        ONE,
    ),
    "a hand-made entry": ({"wrangler.jsonc": file(ENTRY, OTHER)}, ONE),
    "a hand-made entry with the suffix": (
        {"wrangler.jsonc": file(ENTRY, entry("nightly", "REPORTS_WORKFLOW", "Reports"))},
        ONE,
    ),
    "hand-made, without any workflow file": (
        {"wrangler.jsonc": file(entry("billing", "BILLING", "Billing"))},
        {},
    ),
    "native bindings: the class is in a module": (
        {"wrangler.jsonc": file(OLD), "src/worker.ts": workflow_source("OldJob")},
        {},
    ),
    "every field that wrangler knows": (
        {
            "wrangler.jsonc": file(
                entry(
                    rest=', "limits": { "steps": 25000 }, "concurrency": { "limit": 2.0 }, "schedules": ["0 * * * *"],'
                    ' "default_retention": { "success_retention": "3 days", "error_retention": 5 },'
                    ' "jurisdiction": "us"'
                )
            )
        },
        ONE,
    ),
    "schedules as a string": ({"wrangler.jsonc": file(entry(rest=', "schedules": "0 0 * * *"'))}, ONE),
    "one class for two names": ({"wrangler.jsonc": file(ENTRY, entry("again", "SECOND", CLASS))}, ONE),
    "a KV namespace twice": (
        {"wrangler.jsonc": file(ENTRY, rest=', "kv_namespaces": [{ "binding": "A" }, { "binding": "A" }]')},
        ONE,
    ),
    "one binding in two environments": (
        {"wrangler.jsonc": file(ENTRY, rest=f', "env": {{ "staging": {{ "workflows": [{ENTRY}] }} }}')},
        ONE,
    ),
    "a variable of another environment": (
        {
            "wrangler.jsonc": file(
                ENTRY, rest=f', "env": {{ "x": {{ "workflows": [{STAGING}], "vars": {{ "A": "{BINDING}" }} }} }}'
            )
        },
        ONE,
    ),
    "an environment that is no object": ({"wrangler.jsonc": file(ENTRY, rest=', "env": { "x": null }')}, ONE),
    "environments without workflows at the top": (
        {"wrangler.jsonc": '{ "name": "app", "env": { "staging": {} } }'},
        {},
    ),
    "env is no object": ({"wrangler.jsonc": file(ENTRY, rest=', "env": []')}, ONE),
    "no class in the file": (
        {"wrangler.jsonc": "{}", "src/server/a.workflow.ts": "const A = class {};\nexport { A };\n"},
        {},
    ),
    "no class in the file, an entry": (
        {
            "wrangler.jsonc": file(entry("a-workflow", "A_WORKFLOW", "A")),
            "src/server/a.workflow.ts": "const A = class {};\nexport { A };\n",
        },
        {},
    ),
    "two files share a binding": (
        {
            "wrangler.jsonc": file(entry("sync-workflow", "SYNC_WORKFLOW", "BSync")),
            "src/server/a/sync.workflow.ts": workflow_source("ASync"),
            "src/server/b/sync.workflow.ts": workflow_source("BSync"),
        },
        {},
    ),
    "types in sync, in another order": (
        {
            "wrangler.jsonc": file(ENTRY, entry("a-workflow", "A_WORKFLOW", "A")),
            "src/app.d.ts": "declare module 'koze:workflow' {\n  export type WorkflowName = 'migration' | 'a';\n}\n",
        },
        {**ONE, "a": "A"},
    ),
    "types of no workflow": (
        {"src/app.d.ts": "declare module 'koze:workflow' {\n  export type WorkflowName = never;\n}\n"},
        {},
    ),
    "types by hand": (
        {
            "wrangler.jsonc": file(ENTRY),
            "src/app.d.ts": "declare module 'koze:workflow' {\n  export type WorkflowName = string;\n}\n",
        },
        ONE,
    ),
    "types in another module": (
        {
            "wrangler.jsonc": file(ENTRY),
            "src/app.d.ts": "declare module 'mine' {\n  export type WorkflowName = 'x';\n}\n",
        },
        ONE,
    ),
    "types in a comment": (
        {
            "wrangler.jsonc": file(ENTRY),
            "src/app.d.ts": "declare module 'koze:workflow' {\n  // export type WorkflowName = 'x';\n}\n",
        },
        ONE,
    ),
    "a name that the union leaves out": (
        {
            "wrangler.jsonc": file(entry("2fa-workflow", "2FA_WORKFLOW", "A")),
            "src/app.d.ts": "declare module 'koze:workflow' {\n  export type WorkflowName = never;\n}\n",
        },
        {"2fa": "A"},
    ),
}


@pytest.mark.parametrize("case", QUIET, ids=list(QUIET))
def test_near_misses_stay_quiet(case: str) -> None:
    files, workflows = QUIET[case]
    assert codes(project_of(files, workflows)) == []


def test_the_last_entry_is_left_to_the_user() -> None:
    """The framework removes nothing where no workflow file is left."""
    (found,) = findings(project_of({"wrangler.jsonc": file(OLD)}))
    assert found.code == "wrangler-stale-binding"
    assert [fix.safe for fix in found.fixes] == [False]
    assert applied(file(OLD), found.fixes[0]) == file()


def test_no_file_is_said_once_and_nothing_else() -> None:
    workflows = {"b": "B", "a": "A", "c": "C"}
    project = project_of({}, workflows)
    (found,) = findings(project)
    assert (found.code, found.path, under(project, found)) == (
        "wrangler-no-file",
        "src/server/a.workflow.ts",
        "A",
    )
    (change,) = found.fixes[0].changes
    assert isinstance(change, CreateFile)
    assert codes(project_of({change.path: change.content}, workflows)) == []
    assert found.fixes[0].safe


def test_the_created_file_is_the_framework_s() -> None:
    case = next(case for case in load_cases("koze/wrangler_sync") if case["id"] == "wr-001")
    (found,) = findings(project_of({}, ONE))
    (change,) = found.fixes[0].changes
    assert isinstance(change, CreateFile)
    assert change.content == case["expect"]["after"]["wrangler.jsonc"]


@pytest.mark.parametrize("source", ["{", '{ "workflows": [', "[]", "", '{ "workflows": {} }'])
def test_an_unreadable_file_is_said_once(source: str) -> None:
    assert len(codes(project_of({"wrangler.jsonc": source}, {**ONE, "a": "A"}))) == 1


def test_two_files_with_one_binding_leave_the_choice_to_the_user() -> None:
    files = {
        "wrangler.jsonc": "{}",
        "src/server/a/sync.workflow.ts": workflow_source("ASync"),
        "src/server/b/sync.workflow.ts": workflow_source("BSync"),
    }
    (found,) = findings(project_of(files))
    assert found.code == "wrangler-missing-binding"
    assert [fix.safe for fix in found.fixes] == [False, False]
    for fix in found.fixes:
        assert codes(project_of({**files, "wrangler.jsonc": applied("{}", fix)})) == []


def test_one_finding_a_missing_workflow_and_fixes_that_work_together() -> None:
    workflows = {f"job-{index}": f"Job{index}" for index in range(6)}
    source = file(OTHER)
    found = findings(project_of({"wrangler.jsonc": source}, workflows))
    assert [one.code for one in found] == ["wrangler-missing-binding"] * 6
    assert all(any(name in one.message for one in found) for name in workflows)
    edits = [edit for one in found for edit in one.fixes[0].changes[0].edits]  # type: ignore[union-attr]
    together = apply_edits(source, edits)
    assert codes(project_of({"wrangler.jsonc": together}, workflows)) == []


def test_fixes_that_cannot_work_together_overlap() -> None:
    found = findings(project_of({"wrangler.jsonc": '{\n  "name": "x"\n}\n'}, {"a": "A", "b": "B"}))
    edits = [edit for one in found for edit in one.fixes[0].changes[0].edits]  # type: ignore[union-attr]
    with pytest.raises(OverlappingEditsError):
        apply_edits('{\n  "name": "x"\n}\n', edits)
    fixed = fix_all({"wrangler.jsonc": '{\n  "name": "x"\n}\n'}, {"a": "A", "b": "B"})
    assert codes(project_of(fixed, {"a": "A", "b": "B"})) == []


def test_no_fix_that_wrangler_would_refuse() -> None:
    for source in (file(entry(binding="MINE")), file(rest=f', "vars": {{ "{BINDING}": 1 }}')):
        found = findings(project_of({"wrangler.jsonc": source}, ONE))
        missing = next(one for one in found if one.code == "wrangler-missing-binding")
        assert not missing.fixes
    (missing,) = findings(project_of({"wrangler.jsonc": "{}"}, {"-lead": "Lead"}))
    assert not missing.fixes
    assert "rename the file" in missing.message


def test_types_are_corrected_in_both_modules() -> None:
    line = "  export type WorkflowName = {};\n"
    source = "".join(
        f"declare module '{module}' {{\n{line.format('never')}}}\n" for module in ("koze:workflow", "kuratchi:workflow")
    )
    files = {"wrangler.jsonc": file(ENTRY), "src/app.d.ts": source}
    assert codes(project_of(files, ONE)) == ["types-stale", "types-stale"]
    assert fix_all(files, ONE)["src/app.d.ts"] == source.replace("never", "'migration'")
