"""The facts of a wrangler file, JSONC and TOML alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koze_lsp.syntax import toml_tree, wrangler
from koze_lsp.syntax.jsonc import JsonObject, ProblemKind, to_data
from koze_lsp.syntax.wrangler import BindingFact, WranglerFacts, inner_span
from koze_lsp.syntax.wrangler_validation import EntryProblem, is_workflow_name, validate

JSONC = """{
  // the app
  "name": "app",
  "main": "src/worker.ts",
  "vars": { "STAGE": "x", "LIMITS": { "a": 1 } },
  "kv_namespaces": [{ "binding": "CACHE", "id": "1" }, { "id": "2" }],
  "durable_objects": { "bindings": [{ "name": "ROOM", "class_name": "Room" }] },
  "queues": { "producers": [{ "binding": "JOBS", "queue": "jobs" }], "consumers": [{ "queue": "jobs" }] },
  "ai": { "binding": "AI" },
  "assets": { "directory": "./public" },
  "secrets": { "required": ["TOKEN"] },
  "workflows": [{ "name": "a-workflow", "binding": "A_WORKFLOW", "class_name": "A", "script_name": "other" }],
  "env": { "staging": { "workflows": [{ "binding": "B" }] }, "test": {}, "odd": 1 }
}
"""
TOML = """# the app
name = "app"
main = 'src/worker.ts'

[vars]
STAGE = "x"
LIMITS = { a = 1 }

[[kv_namespaces]]
binding = "CACHE"
id = "1"

[[kv_namespaces]]
id = "2"

[[durable_objects.bindings]]
name = "ROOM"
class_name = "Room"

[[queues.producers]]
binding = "JOBS"
queue = "jobs"

[[queues.consumers]]
queue = "jobs"

[ai]
binding = "AI"

[assets]
directory = "./public"

[secrets]
required = ["TOKEN"]

[[workflows]]
name = "a-workflow"   # a comment
binding = "A_WORKFLOW"
class_name = "A"
script_name = "other"

[env.staging]
[[env.staging.workflows]]
binding = "B"

[env.test]
"""


def under(facts: WranglerFacts, binding: BindingFact) -> str:
    return facts.tree.source[binding.span.start : binding.span.end]


@pytest.mark.parametrize("toml", [False, True])
def test_facts(toml: bool) -> None:
    facts = wrangler.parse(TOML if toml else JSONC, toml)
    assert facts.readable
    assert facts.name is not None
    assert facts.name.value == "app"
    assert facts.main is not None
    assert facts.main.value == "src/worker.ts"
    assert facts.vars == {"STAGE": "x", "LIMITS": {"a": 1}}
    (entry,) = facts.entries
    assert (entry.name, entry.binding, entry.class_name, entry.script_name) == (
        "a-workflow",
        "A_WORKFLOW",
        "A",
        "other",
    )
    assert entry.path == "workflows[0]"
    assert facts.workflows is not None
    assert facts.tree.source[slice(*facts.workflows.key_span)] in ('"workflows"', "workflows")
    for field in ("name", "binding", "class_name", "script_name"):
        node = entry.string(field)
        assert node is not None
        assert facts.tree.source[slice(*inner_span(facts.tree, node))] == entry.text(field)
    staging = facts.environments["staging"]
    assert staging.workflows is not None
    assert staging.workflows.entries[0].path == "env.staging.workflows[0]"
    assert staging.workflows.entries[0].binding == "B"
    assert facts.environments["test"].workflows is None
    assert [(one.name, one.kind, one.env) for one in facts.bindings if one.name != "TOKEN"] == [
        ("STAGE", "Environment Variable", None),
        ("LIMITS", "Environment Variable", None),
        ("CACHE", "KV Namespace", None),
        ("ROOM", "Durable Object", None),
        ("JOBS", "Queue", None),
        ("AI", "AI", None),
        ("A_WORKFLOW", "Workflow", None),
        ("B", "Workflow", "staging"),
    ]
    assert "TOKEN" in facts.binding_names
    assert all(under(facts, one).strip("\"'") == one.name for one in facts.bindings if one.name != "TOKEN")


@pytest.mark.parametrize("source", ["", "[]", "{", '"x"', "{ 'a': 1 }"])
def test_unreadable(source: str) -> None:
    facts = wrangler.parse(source)
    assert not facts.readable
    assert (facts.entries, facts.bindings, facts.environments, facts.lists) == ((), (), {}, ())


@pytest.mark.parametrize(
    ("source", "under_"),
    [("name = \n", "\n"), ("a = 1\na = 2\n", ""), ("[x", ""), ("a = [" * 5000, None)],
)
def test_broken_toml(source: str, under_: str | None) -> None:
    facts = wrangler.parse(source, toml=True)
    assert not facts.readable
    (problem,) = facts.tree.problems
    assert problem.kind is ProblemKind.INVALID_TOML
    assert 0 <= problem.span.start <= problem.span.end <= len(source)


def test_toml_places_that_do_not_show() -> None:
    source = (
        'workflows = [\n  { name = "a", binding = "A", class_name = "C" }, # one\n  { name = "b" },\n]\n'
        'x = """\ny = 1\n"""\n'
    )
    facts = wrangler.parse(source, toml=True)
    assert [entry.name for entry in facts.entries] == ["a", "b"]
    assert facts.workflows is not None
    assert source[slice(*facts.workflows.key_span)] == "workflows"
    node = facts.entries[0].string("name")
    assert node is not None
    assert node.span.start == source.index("[")


_TOML_KEYS = st.sampled_from(["name", "binding", "a-b", "x y", "env"])
_TOML_DATA = st.dictionaries(
    _TOML_KEYS, st.integers() | st.booleans() | st.text("ab#=[]'\"\\n.", max_size=5), max_size=4
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_TOML_DATA, max_size=3), _TOML_DATA)
def test_toml_data_is_kept(tables: list[dict[str, Any]], top: dict[str, Any]) -> None:
    def pairs(data: dict[str, Any]) -> str:
        return "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in data.items())

    source = pairs(top) + "".join(f"[[workflows]]\n{pairs(table)}" for table in tables)
    tree = toml_tree.parse(source)
    assert tree.root is not None
    assert to_data(tree.root) == {**top, **({"workflows": tables} if tables else {})}


def problems(entry: Any) -> list[EntryProblem]:
    base = {"name": "a", "binding": "A", "class_name": "A"}
    source = json.dumps({"workflows": [{**base, **entry} if isinstance(entry, dict) else entry]})
    return list(validate(wrangler.parse(source)))


@pytest.mark.parametrize(
    ("entry", "condition"),
    [
        ({"limits": {"steps": 0}}, '"limits.steps" field must be a positive integer but got 0.'),
        ({"limits": {"steps": 1.5}}, '"limits.steps" field must be a positive integer but got 1.5.'),
        ({"limits": {"steps": "9"}}, '"limits.steps" field must be a positive integer but got "9".'),
        ({"limits": {"steps": True}}, '"limits.steps" field must be a positive integer but got true.'),
        ({"limits": {"steps": None}}, '"limits.steps" field must be a positive integer but got null.'),
        ({"limits": None}, 'have an object "limits" field but got null.'),
        ({"concurrency": 1}, 'have an object "concurrency" field but got 1.'),
        ({"concurrency": {"limit": 0}}, '"concurrency.limit" field must be a positive integer but got 0.'),
        ({"default_retention": []}, 'have an object "default_retention" field but got [].'),
        ({"default_retention": {"error_retention": ""}}, '"default_retention.error_retention" field must be'),
        ({"default_retention": {"success_retention": -1}}, '"default_retention.success_retention" field must be'),
        ({"schedules": [""]}, '"schedules" field must not contain empty strings.'),
        ({"schedules": [1]}, 'have a string or array of strings "schedules" field but got [1].'),
        ({"schedules": 1}, 'have a string or array of strings "schedules" field but got 1.'),
        ({"script_name": 1}, 'have a string "script_name" field but got 1.'),
        ({"jurisdiction": None}, 'must be one of "eu", "fedramp", or "us", but got null.'),
        ({"name": "x" * 65}, "Workflow names must be 1-64 characters long"),
        ({"name": None}, 'should have a string "name" field but got null.'),
        ({"class_name": ""}, "not exported in your entrypoint file: ."),
    ],
)
def test_what_wrangler_refuses(entry: Any, condition: str) -> None:
    (problem,) = problems(entry)
    assert problem.kind == "error"
    assert condition in problem.condition


@pytest.mark.parametrize(
    "entry",
    [
        {"limits": {}},
        {"limits": {"steps": 1.0}},
        {"concurrency": {"limit": 3}},
        {"default_retention": {"success_retention": 1, "error_retention": "3 days"}},
        {"schedules": ["a", "b"]},
        {"script_name": ""},
        {"jurisdiction": "fedramp"},
        {"name": "_" + "x" * 63},
    ],
)
def test_what_wrangler_accepts(entry: Any) -> None:
    assert problems(entry) == []


def test_what_wrangler_warns_of() -> None:
    found = problems({"remote": True, "limits": {"steps": 25_001, "x": 1}, "concurrency": {"y": 1}})
    assert [(one.kind, one.field) for one in found] == [
        ("limit", "limits.steps"),
        ("unknown-field", "x"),
        ("unknown-field", "y"),
        ("unknown-field", "remote"),
    ]


def test_names() -> None:
    assert [
        name for name in ("a", "_a", "1", "a-b_c", "", "-a", "a b", "a.b", "é", "x" * 65) if is_workflow_name(name)
    ] == [
        "a",
        "_a",
        "1",
        "a-b_c",
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "workflows",
                        "env",
                        "name",
                        "binding",
                        "class_name",
                        "limits",
                        "vars",
                        "queues",
                        "bindings",
                        "schedules",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=25,
    )
)
def test_any_data_gives_facts(data: Any) -> None:
    facts = wrangler.parse(json.dumps({"workflows": data, "env": data} if not isinstance(data, dict) else data))
    list(validate(facts))
    assert facts.readable
    assert isinstance(facts.root, JsonObject)
