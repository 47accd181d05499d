"""The bindings rules against the recorded answers of the framework and of wrangler."""

from __future__ import annotations

import json
from typing import Any

import pytest

from koze_lsp.project.naming import binding_name, wrangler_name
from koze_lsp.rules.base import Severity
from koze_lsp.syntax import jsonc
from tests.conformance import load_cases
from tests.rules.wrangler_project import codes, findings, fix_all, project_of, under, workflow_source


@pytest.mark.parametrize("case", load_cases("cloudflare/wrangler-config"), ids=lambda case: str(case["case"]))
def test_wrangler_config(case: dict[str, Any]) -> None:
    """What wrangler refuses is an error, what it warns of a warning, and the rest is quiet.

    A class that the Worker's entry does not export is another rule's matter: the entries here are by hand.
    """
    answer = case["wrangler_4_164_0"]
    refused = [line for line in answer["errors"] if line.startswith("- ") and not line.endswith("configuration")]
    by_hand = case["input"].get("workflows") and case["case"] in ("class_missing", "check_noclass")
    found = findings(project_of({"wrangler.jsonc": json.dumps(case["input"], indent=2)}))
    errors = [one for one in found if one.severity is Severity.ERROR]
    warnings = [one for one in found if one.severity is Severity.WARNING]
    if not by_hand:
        assert bool(errors) == (not answer["ok"])
    assert bool(warnings) == bool(answer["warnings"])
    for line in refused:
        condition = line[2:].split(" but got ")[0].split(" Bindings must have")[0].rstrip(".")
        if "duplicate(s)" in line:
            condition = condition.split(";")[0]
        quoted = condition in " ".join(one.message for one in errors)
        assert quoted or "assigned to" in line or case["case"] == "arr_item" or "Bindings" in line


@pytest.mark.parametrize("case", load_cases("cloudflare/jsonc"), ids=lambda case: str(case["case"]))
def test_jsonc_is_refused_where_wrangler_refuses_it(case: dict[str, Any]) -> None:
    if case["case"] == "jsonc_utf16":
        pytest.skip("not UTF-8: there is no text to look at")
    source = case["input"].encode("latin-1").decode("utf-8")
    found = findings(project_of({case["file"]: source}))
    errors = [one.code for one in found if one.severity is Severity.ERROR]
    assert errors == ([] if case["wrangler_4_164_0"]["ok"] else ["wrangler-syntax"])


def _workflows_of(case: dict[str, Any]) -> dict[str, str]:
    """Workflow files that give the discovered bindings of a sync case: path of the file → its text."""
    files = {}
    for index, one in enumerate(case["workflows"]):
        name = one["binding"].removesuffix("_WORKFLOW").lower().replace("_", "-")
        assert binding_name(name) == one["binding"]
        files[f"src/server/{index}/{name}.workflow.ts"] = workflow_source(one["className"])
    return files


def _entries(text: str | None) -> list[Any]:
    root = jsonc.parse(text or "{}").root
    data = jsonc.to_data(root) if root is not None else {}
    return list(data.get("workflows") or []) if isinstance(data, dict) else []


# Where our fix does not do what the framework does, and why.
_TWO_FILES = ("wr-028",)  # two classes for one binding: the user picks, the framework writes what wrangler refuses


@pytest.mark.parametrize("case", load_cases("koze/wrangler_sync"), ids=lambda case: str(case["id"]))
def test_wrangler_sync(case: dict[str, Any]) -> None:
    answer = case["expect"]["runs"][-1] if "runs" in case["expect"] else case["expect"]
    path = next((name for name in ("wrangler.jsonc", "wrangler.json", "wrangler.toml") if name in case["before"]), "")
    if case["id"] in _TWO_FILES or not path or "throws" in answer or path.endswith(".toml"):
        pytest.skip("no answer to compare with")
    before = case["before"][path]
    files = {path: before, **_workflows_of(case)}
    after = fix_all(files, {}, unsafe=False)[path]
    stale = [one for one in findings(project_of({**files, path: after})) if one.code == "wrangler-stale-binding"]
    stale_bindings = [under(project_of({**files, path: after}), one) for one in stale]
    kept = [one for one in _entries(after) if one.get("binding") not in stale_bindings]
    if any(log["text"].startswith("[koze] Skipping") for log in answer["logs"]):
        assert codes(project_of({**files, path: before}))[0] in ("wrangler-syntax", "wrangler-missing-binding")
        return
    if case["workflows"]:
        assert kept == _entries(answer["after"][path])
    assert _without_entries(after) == _without_entries(before)


def _without_entries(text: str) -> Any:
    root = jsonc.parse(text).root
    data = jsonc.to_data(root) if root is not None else {}
    data.pop("workflows", None)
    return data


@pytest.mark.parametrize("case", load_cases("koze/binding_names"), ids=lambda case: str(case["id"]))
def test_binding_names(case: dict[str, Any]) -> None:
    """With the framework's own wrangler file there is nothing to say, and without it the fix writes it."""
    if "error" in case["expect"] or case["expect"].get("wranglerWorkflows") is None:
        pytest.skip("the framework refuses the project, or writes no file")
    entries = case["expect"]["wranglerWorkflows"]
    if len({one["binding"] for one in entries}) < len(entries):
        pytest.skip("two files, one binding: duplicate-workflow")
    files = {path: text for path, text in case["files"].items() if path.endswith(".workflow.ts")}
    synced = project_of({**files, "wrangler.jsonc": json.dumps({"workflows": entries}, indent=2)})
    refused = [one for one in entries if one["name"] != wrangler_name(one["binding"])]
    assert not refused
    assert set(codes(synced)) <= {"wrangler-invalid-entry"}
    if codes(synced):
        return  # a file name that gives no name that wrangler accepts
    fixed = fix_all({**files, "wrangler.jsonc": "{}"}, {})["wrangler.jsonc"]
    assert _entries(fixed) == entries
