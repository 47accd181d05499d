"""Route discovery and matching, against the framework's own router."""

from __future__ import annotations

from typing import Any

import pytest

from koze_lsp.preview.routes import Router, discover_routes, layouts_for
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
