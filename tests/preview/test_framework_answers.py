"""Pages on which the preview once differed from the framework: the framework's answers, as it gave them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.preview.helpers import normal, session

_DATA = Path(__file__).resolve().parent.parent / "data" / "framework_templates.json"
CASES: list[dict[str, Any]] = json.loads(_DATA.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['title']}")
def test_framework_answer(case: dict[str, Any], tmp_path: Path) -> None:
    preview = session(tmp_path, case["files"], case["route"])
    try:
        response = preview.render()
    finally:
        preview.close()
    expected = case["expect"]
    if "html" in expected:
        assert response.error is None, response.error
        assert normal(response.body) == normal(expected["html"])
        return
    error = expected["error"]
    assert response.error is not None
    assert response.error.place is not None
    if "line" in error:
        assert response.error.place.line == error["line"]
    if error["stage"] == "render":
        assert response.error.message == error["message"]
