"""Every recorded template: the same page, or a refusal at the right place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from koze_lsp.preview.session import PreviewSession
from tests.conformance import load_cases
from tests.preview.helpers import app, normal

CASES = load_cases("koze/templates")


def open_case(case: dict[str, Any], tmp_path: Path) -> PreviewSession:
    files = app(tmp_path, case["files"])
    session = PreviewSession.open(case["route"], files=files)
    session.url = case["url"].removeprefix("http://localhost")
    session.params = dict(case["params"])
    return session


def template_line(case: dict[str, Any]) -> int:
    """The file's line on which the template begins (1-based)."""
    source = case["files"][case["route"]]
    end = source.lower().find("</script>")
    if end == -1:
        return 1
    rest = source[end + len("</script>") :]
    return source.count("\n", 0, len(source) - len(rest.lstrip())) + 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_template(case: dict[str, Any], tmp_path: Path) -> None:
    session = open_case(case, tmp_path)
    expected = case["expect"]
    try:
        response = session.render()
    finally:
        session.close()
    if "html" in expected:
        assert response.error is None, response.error
        assert normal(response.body) == normal(expected["html"])
    elif "redirect" in expected:
        found = {"location": response.redirect, "status": response.status}
        assert found == expected["redirect"]
    else:
        error = expected["error"]
        assert response.status == 500
        assert response.error is not None
        if error["stage"] == "render":
            assert response.error.message == error["message"]
        elif case["title"] != "imported file missing":
            assert response.error.place is not None
        if "line" in error and error["code"].startswith("KUR_TEMPLATE_") and "Unclosed" not in error["message"]:
            assert response.error.place is not None
            assert response.error.place.line == template_line(case) + error["line"] - 1
        if error.get("code") == "KUR_SCRIPT_SYNTAX":
            assert response.error.place is not None
            assert response.error.place.line == error["line"]
