"""The four rules of intervals, exactly where the framework's recorded answers say so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance import load_cases
from tests.rules.support import codes, page

RULES = {"invalid-poll", "poll-unit", "poll-disabled", "poll-too-fast"}
NOT_LITERAL = {
    "[500]": "an array: not an interval that a person writes, and it is read as a string",
    "10n": "a bigint can't be written into the page: the framework fails before it polls",
    "new Date(2000)": "constructed, so not a literal",
}


def expected(case: dict[str, Any]) -> set[str]:
    """What the framework's answer means for a person."""
    js = case["js"]
    if js in NOT_LITERAL:
        return set()
    if not case["registers"]:
        return {"poll-disabled"}
    ms = case["ms"]
    if ms == 30_000 and js not in ("'30s'", "30000"):
        return {"invalid-poll"}
    found = {"poll-too-fast"} if ms < 250 else set()
    return found | ({"poll-unit"} if js.strip("'").isdigit() and js.startswith("'") else set())


@pytest.mark.parametrize("case", load_cases("koze/poll_intervals"), ids=lambda case: case["js"])
def test_the_rules_follow_the_framework(case: dict[str, Any]) -> None:
    text = page(f"const status = await workflowStatus('migration', params.id, {{ poll: {case['js']} }});")
    assert RULES & set(codes(text)) == expected(case)
