"""Route discovery and matching, against the framework's own router."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from koze_lsp.preview.appfiles import AppFiles
from koze_lsp.preview.routes import Router, discover_routes, layouts_for, pattern_of
from koze_lsp.project.routing import segments
from tests.conformance import load_cases


@pytest.mark.parametrize("case", load_cases("koze/routes"), ids=lambda case: case["id"])
def test_routes(case: dict[str, Any]) -> None:
    routes = discover_routes(case["files"])
    expected = [(route["pattern"], route["file"]) for route in case["expect"]["routes"] if route["type"] == "page"]
    assert [(route.pattern, route.file) for route in routes] == expected
    router = Router(routes)
    for path, wanted in case["expect"]["matches"].items():
        match = router.match(path)
        found = None if match is None else {"file": match.route.file, "params": match.params}
        assert found == wanted, path


def test_layouts_are_innermost_first() -> None:
    files = ["src/routes/layout.koze", "src/routes/a/layout.koze", "src/routes/b/layout.koze"]
    assert layouts_for("src/routes/a/b/index.koze", files) == ["src/routes/a/layout.koze", "src/routes/layout.koze"]


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("src/routes/[my-id].koze", ["my-id"]),
        ("src/routes/[1]/[...a b].koze", ["1", "a b"]),
        ("src/routes/[...].koze", ["..."]),
        ("src/routes/[[opt]]/file-[id].koze", []),
    ],
)
def test_the_index_names_parameters_as_the_router_does(file: str, names: list[str]) -> None:
    found = [segment.parameter for segment in segments(file) if segment.parameter is not None]
    assert found == names
    assert [part[1:] for part in pattern_of(file).split("/") if part[:1] in (":", "*")] == names


def test_workflows_come_folder_by_folder(tmp_path: Path) -> None:
    files = AppFiles(str(tmp_path), {"src/server/a-.workflow.ts": "", "src/server/a/b.workflow.ts": ""})
    assert files.workflows == ("src/server/a/b.workflow.ts", "src/server/a-.workflow.ts")
