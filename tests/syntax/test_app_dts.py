"""The WorkflowName lines of src/app.d.ts."""

from __future__ import annotations

from typing import Any

import pytest

from koze_lsp.project.naming import in_union, status_name
from koze_lsp.syntax.app_dts import parse, union_text
from tests.conformance import load_cases

LINE = "  export type WorkflowName = "


@pytest.mark.parametrize("case", load_cases("koze/app_dts"), ids=lambda case: str(case["id"]))
def test_the_line_is_the_framework_s(case: dict[str, Any]) -> None:
    if "line" not in case["expect"]:
        pytest.skip("the framework refuses the project")
    # Folder by folder: a folder comes before a file whose name goes on with a dot.
    paths = sorted(case["serverFiles"], key=lambda path: path.encode().split(b"/"))
    names = [status_name(path) for path in paths]
    line = f"{LINE}{union_text(name for name in names if in_union(name))};"
    assert line == case["expect"]["line"]
    (found,) = parse(f"declare module 'koze:workflow' {{\n{line}\n}}\n").types
    assert union_text(found.names or ()) == line.removeprefix(LINE).removesuffix(";")


@pytest.mark.parametrize("case", load_cases("koze/binding_names"), ids=lambda case: str(case["id"]))
def test_the_union_of_binding_names(case: dict[str, Any]) -> None:
    if "workflowNameUnion" not in case["expect"]:
        pytest.skip("the framework refuses the project")
    names = [one["statusName"] for one in case["expect"]["workflows"]]
    assert union_text(name for name in names if in_union(name)) == case["expect"]["workflowNameUnion"]


def test_both_modules() -> None:
    source = "".join(f"declare module \"{m}\" {{\n{LINE}'a';\n}}\n" for m in ("koze:workflow", "kuratchi:workflow"))
    found = parse(source).types
    assert [one.module for one in found] == ["koze:workflow", "kuratchi:workflow"]
    assert [source[one.span.start : one.span.end] for one in found] == ["'a'", "'a'"]


@pytest.mark.parametrize(
    ("right", "names"),
    [
        ("never", ()),
        ("'a'", ("a",)),
        ("'a' | \"b-c\"", ("a", "b-c")),
        ("\n    | 'a'\n    | 'b' // the second\n  ", ("a", "b")),
        ("string", None),
        ("'a' | string", None),
        ("Names['x']", None),
        ("", None),
    ],
)
def test_right_hand_sides(right: str, names: tuple[str, ...] | None) -> None:
    (found,) = parse(f"declare module 'koze:workflow' {{\n  export type WorkflowName = {right};\n}}\n").types
    assert found.names == names


@pytest.mark.parametrize(
    "source",
    [
        "",
        "export type WorkflowName = 'a';",
        "declare module 'koze:request' { export type WorkflowName = 'a'; }",
        "// declare module 'koze:workflow' { export type WorkflowName = 'a'; }",
        "declare module 'koze:workflow' { /* export type WorkflowName = 'a'; */ }",
        "declare module 'koze:workflow' { type WorkflowName = 'a'; }",
        "declare module 'koze:workflow' {} declare module 'x' { export type WorkflowName = 'a'; }",
    ],
)
def test_other_types_are_not_it(source: str) -> None:
    assert parse(source).types == ()


@pytest.mark.parametrize(
    "source", ["declare module 'koze:workflow' {export type WorkflowName=", "/*" * 9999, "\n" * 99999]
)
def test_any_text_gives_a_result(source: str) -> None:
    assert all(one.names is None for one in parse(source).types)
