"""Edits of JSON with comments: the data is as wanted, and everything else is kept byte for byte."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koze_lsp.syntax import json_edits, jsonc
from koze_lsp.syntax.jsonc import JsonArray, JsonNode, JsonObject
from koze_lsp.text import OverlappingEditsError, apply_edits

ENTRY = {"name": "b-workflow", "binding": "B_WORKFLOW", "class_name": "B"}


def _root(source: str) -> tuple[jsonc.JsonTree, JsonObject]:
    tree = jsonc.parse(source)
    assert isinstance(tree.root, JsonObject)
    return tree, tree.root


def _array(source: str, key: str = "workflows") -> tuple[jsonc.JsonTree, JsonArray]:
    tree, root = _root(source)
    array = root.get(key)
    assert isinstance(array, JsonArray)
    return tree, array


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '{\n  "workflows": [\n    { "name": "a", "binding": "A" }\n  ]\n}\n',
            '{\n  "workflows": [\n    { "name": "a", "binding": "A" },\n'
            '    { "name": "b-workflow", "binding": "B_WORKFLOW", "class_name": "B" }\n  ]\n}\n',
            id="one line an item",
        ),
        pytest.param(
            '{\r\n\t"workflows": [\r\n\t\t{\r\n\t\t\t"name": "a",\r\n\t\t}, // the first\r\n\t],\r\n}\r\n',
            '{\r\n\t"workflows": [\r\n\t\t{\r\n\t\t\t"name": "a",\r\n\t\t}, // the first\r\n'
            '\t\t{\r\n\t\t\t"name": "b-workflow",\r\n\t\t\t"binding": "B_WORKFLOW",\r\n'
            '\t\t\t"class_name": "B",\r\n\t\t},\r\n\t],\r\n}\r\n',
            id="tabs, CRLF, trailing commas, a comment behind",
        ),
        pytest.param(
            '{\n  "workflows": [\n    {"name": "a"} // the first\n    // the end\n  ]\n}\n',
            '{\n  "workflows": [\n    {"name": "a"}, // the first\n'
            '    {"name": "b-workflow", "binding": "B_WORKFLOW", "class_name": "B"}\n    // the end\n  ]\n}\n',
            id="a comment behind, without a comma",
        ),
        pytest.param(
            '{"workflows":[{"name":"a"}]}',
            '{"workflows":[{"name":"a"},{"name":"b-workflow","binding":"B_WORKFLOW","class_name":"B"}]}',
            id="minified",
        ),
        pytest.param(
            '{\n    "workflows": []\n}\n',
            '{\n    "workflows": [\n        {\n            "name": "b-workflow",\n'
            '            "binding": "B_WORKFLOW",\n            "class_name": "B"\n        }\n    ]\n}\n',
            id="empty",
        ),
        pytest.param(
            '{\n  "workflows": [\n    // none yet\n  ]\n}\n',
            '{\n  "workflows": [\n    // none yet\n    {\n      "name": "b-workflow",\n'
            '      "binding": "B_WORKFLOW",\n      "class_name": "B"\n    }\n  ]\n}\n',
            id="empty with a comment",
        ),
        pytest.param(
            '{"workflows":[]}',
            '{"workflows":[{"name":"b-workflow","binding":"B_WORKFLOW","class_name":"B"}]}',
            id="empty, minified",
        ),
    ],
)
def test_append_item(before: str, after: str) -> None:
    tree, array = _array(before)
    assert apply_edits(before, json_edits.append_item(tree, array, ENTRY)) == after


def test_two_appended_items_compose() -> None:
    for source in (
        '{\n  "workflows": [\n    { "name": "a" }\n  ]\n}\n',
        '{\n  "workflows": [\n    { "name": "a" }, // first\n  ]\n}\n',
        '{"workflows":[1]}',
    ):
        tree, array = _array(source)
        edits = (*json_edits.append_item(tree, array, 2), *json_edits.append_item(tree, array, 3))
        data = jsonc.to_data(_root(apply_edits(source, edits))[1])
        assert data["workflows"][1:] == [2, 3]


@pytest.mark.parametrize(
    "source",
    ['{\n  "workflows": []\n}', '{\n  "workflows": [\n    1 // one\n  ]\n}', '{"workflows": [ /* none */ ]}'],
)
def test_appended_items_that_cannot_compose_overlap(source: str) -> None:
    tree, array = _array(source)
    with pytest.raises(OverlappingEditsError):
        apply_edits(source, json_edits.append_item(tree, array, 2) + json_edits.append_item(tree, array, 3))


@pytest.mark.parametrize("source", ['{"a": 1}', "{}", '{\n  "a": 1,\n}', '{\n  "a": 1 // one\n}'])
def test_one_key_added_twice_overlaps(source: str) -> None:
    tree, root = _root(source)
    with pytest.raises(OverlappingEditsError):
        apply_edits(source, json_edits.add_member(tree, root, "b", 1) + json_edits.add_member(tree, root, "b", 1))


@pytest.mark.parametrize(
    "source", ['{"workflows": [1, 2]}', '{"workflows": [1]}', '{\n "workflows": [\n  1,\n  2\n ]\n}']
)
def test_removing_the_last_item_overlaps_appending(source: str) -> None:
    tree, array = _array(source)
    with pytest.raises(OverlappingEditsError):
        apply_edits(
            source,
            json_edits.remove_item(tree, array, len(array.items) - 1) + json_edits.append_item(tree, array, 3),
        )


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ('{"workflows": [1, 2, 3]}', 0, '{"workflows": [2, 3]}'),
        ('{"workflows": [1, 2, 3]}', 1, '{"workflows": [1, 3]}'),
        ('{"workflows": [1, 2, 3]}', 2, '{"workflows": [1, 2]}'),
        ('{"workflows": [1, 2, 3,]}', 2, '{"workflows": [1, 2, ]}'),
        ('{"workflows": [1]}', 0, '{"workflows": []}'),
        ('{"workflows": [\n  1, // one\n  2, // two\n]}', 1, '{"workflows": [\n  1, // one\n]}'),
        ('{"workflows": [\n  1, // one\n  2 // two\n]}', 1, '{"workflows": [\n  1 // one\n]}'),
        ('{"workflows": [\n  // group\n  1, // one\n  2\n]}', 0, '{"workflows": [\n  // group\n  2\n]}'),
        ('{"workflows": [\n  // group\n  1\n]}', 0, '{"workflows": [\n  // group\n]}'),
        ('{"workflows": [\n  1\n]}', 0, '{"workflows": []}'),
        ('{"workflows": [\n  {\n    "a": 1\n  },\n  2\n]}', 0, '{"workflows": [\n  2\n]}'),
        ('{"workflows": [\n  1\n  , 2\n]}', 1, '{"workflows": [\n  1\n]}'),
        ('{"workflows": [1 /* one */, /* two */ 2]}', 0, '{"workflows": [/* one */ /* two */ 2]}'),
    ],
)
def test_remove_item(before: str, index: int, after: str) -> None:
    tree, array = _array(before)
    result = apply_edits(before, json_edits.remove_item(tree, array, index))
    assert result == after


def test_set_and_remove_members() -> None:
    source = '{\n  // the app\n  "name": "x", // its name\n  "main": null\n}\n'
    tree, root = _root(source)
    assert json_edits.set_value(tree, root, "name", "x") == ()
    set_ = apply_edits(source, json_edits.set_value(tree, root, "main", 'a"b'))
    assert set_ == source.replace("null", '"a\\"b"')
    member = root.member("name")
    assert member is not None
    removed = apply_edits(source, json_edits.remove_member(tree, root, member))
    assert removed == '{\n  // the app\n  "main": null\n}\n'
    added = apply_edits(source, json_edits.set_value(tree, root, "workflows", [ENTRY]))
    assert added == (
        '{\n  // the app\n  "name": "x", // its name\n  "main": null,\n  "workflows": [\n    {\n'
        '      "name": "b-workflow",\n      "binding": "B_WORKFLOW",\n      "class_name": "B"\n    }\n  ]\n}\n'
    )


def test_true_is_not_one() -> None:
    tree, root = _root('{"a": 1}')
    assert json_edits.set_value(tree, root, "a", True)


# Any layout: data written with random white space, comments and trailing commas.

_SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.text('ab"\\/*,:[]{}é\U0001f600 ', max_size=4)
_KEYS = st.text("abc/,*", min_size=1, max_size=3)
_DATA = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _written(draw: st.DrawFn, data: Any) -> str:
    """A text of the data with random trivia."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    count = 0

    def trivia() -> str:
        nonlocal count
        parts = []
        for _ in range(draw(st.integers(0, 2))):
            count += 1
            parts.append(
                draw(
                    st.sampled_from(
                        [" ", "  ", "\t", newline, newline + "  ", f"/*{count}*/", f" // {count},{newline}"]
                    )
                )
            )
        return "".join(parts)

    def write(value: Any) -> str:
        if isinstance(value, dict):
            parts = [f"{trivia()}{json.dumps(k)}{trivia()}:{trivia()}{write(v)}{trivia()}" for k, v in value.items()]
            return "{" + ",".join(parts) + ("," + trivia() if parts and draw(st.booleans()) else trivia()) + "}"
        if isinstance(value, list):
            parts = [f"{trivia()}{write(v)}{trivia()}" for v in value]
            return "[" + ",".join(parts) + ("," + trivia() if parts and draw(st.booleans()) else trivia()) + "]"
        return json.dumps(value)

    return trivia() + write(data) + trivia()


def _comments(source: str) -> list[str]:
    return [source[c.span.start : c.span.end] for c in jsonc.parse(source).comments]


def _is_subsequence(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(item in rest for item in part)


def _lines_of(source: str, start: int, end: int) -> str:
    first = max(source.rfind("\n", 0, start), source.rfind("\r", 0, start)) + 1
    ends = [at for at in (source.find("\n", end), source.find("\r", end)) if at >= 0]
    return source[first : min(ends, default=len(source))]


def _data(source: str) -> Any:
    tree = jsonc.parse(source)
    assert tree.error is None, (source, tree.error)
    assert tree.root is not None
    return jsonc.to_data(tree.root)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_append(data: st.DataObject) -> None:
    items = data.draw(st.lists(_DATA, max_size=3))
    source = data.draw(_written({"k": items, "z": 1}))
    value = data.draw(_DATA)
    tree, array = _array(source, "k")
    result = apply_edits(source, json_edits.append_item(tree, array, value))
    assert _data(result) == {"k": [*items, value], "z": 1}
    assert _comments(result)[: len(_comments(source))] == _comments(source) or sorted(
        c for c in _comments(result)
    ) == sorted(_comments(source))
    assert result.startswith(source[: array.span.start])
    assert result.endswith(source[array.span.end :])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_set_value(data: st.DataObject) -> None:
    before = data.draw(st.dictionaries(_KEYS, _DATA, max_size=3))
    source = data.draw(_written(before))
    key, value = data.draw(_KEYS), data.draw(_DATA)
    tree, root = _root(source)
    result = apply_edits(source, json_edits.set_value(tree, root, key, value))
    assert _data(result) == {**before, key: value}
    if key not in before:
        assert sorted(_comments(result)) == sorted(_comments(source))
    assert result.startswith(source[: root.span.start])
    assert result.endswith(source[root.span.end :])


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_any_removal(data: st.DataObject) -> None:
    items = data.draw(st.lists(_DATA, min_size=1, max_size=4))
    source = data.draw(_written({"k": items}))
    index = data.draw(st.integers(0, len(items) - 1))
    tree, array = _array(source, "k")
    result = apply_edits(source, json_edits.remove_item(tree, array, index))
    assert _data(result) == {"k": items[:index] + items[index + 1 :]}
    kept = _comments(result)
    assert _is_subsequence(kept, _comments(source))
    span = array.items[index].span
    comma = re.compile(r"\s*,").match(source, span.end)
    nearby = _lines_of(source, span.start, comma.end() if comma else span.end)
    for comment in tree.comments:
        text = source[comment.span.start : comment.span.end]
        inside = span.start <= comment.span.start < span.end
        assert text in kept or inside or text in nearby, text


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_member_removal(data: st.DataObject) -> None:
    before = data.draw(st.dictionaries(_KEYS, _DATA, min_size=1, max_size=4))
    source = data.draw(_written(before))
    tree, root = _root(source)
    member = data.draw(st.sampled_from(root.members))
    result = apply_edits(source, json_edits.remove_member(tree, root, member))
    assert _data(result) == {key: value for key, value in before.items() if key != member.key.value}


def test_replace_any_node() -> None:
    source = '{"a": [1, {"b": null}]}'
    tree, root = _root(source)

    def nodes(node: JsonNode) -> list[JsonNode]:
        children = (
            [member.value for member in node.members if member.value]
            if isinstance(node, JsonObject)
            else list(node.items)
            if isinstance(node, JsonArray)
            else []
        )
        return [node, *(found for child in children for found in nodes(child))]

    for node in nodes(root):
        assert '"x"' in apply_edits(source, json_edits.replace(tree, node, "x"))
