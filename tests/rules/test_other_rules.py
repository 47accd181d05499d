"""The rules of package.json and of scenario files: where they speak, and where they stay quiet."""

from __future__ import annotations

import pytest

from koze_lsp.project.framework import Framework
from koze_lsp.rules.engine import check_document
from tests.rules.support import codes, project

PACKAGE = '{ "name": "app", "dependencies": { "@kuratchi/koze": "1" }, "koze-lsp": %s }\n'
SCENARIO = "src/routes/jobs/[id]/index.preview.json5"


@pytest.mark.parametrize(
    ("installed", "speaks"),
    [
        (Framework("@kuratchi/koze", "0.1.0", has_workflows=False), True),
        (Framework("@kuratchi/koze", "0.0.9", has_workflows=True), False),
        (None, False),
        (Framework("@kuratchi/other", "1.0.0", has_workflows=False), False),
    ],
)
def test_koze_version(installed: Framework | None, speaks: bool) -> None:
    app = project({"package.json": PACKAGE % "{}"}, "package.json")
    app.__dict__["framework"] = installed
    assert ("koze-version" in [found.code for found in check_document(app, "package.json")]) is speaks


@pytest.mark.parametrize(
    "settings",
    ['{ "rules": { "poll-unit": "loud" } }', '{ "rules": { "poll-unitt": "off" } }', '{ "pol": {} }', '{ "ignore": "x" }',
     '{ "poll": { "minimum": -1 } }', '{ "inlayHints": { "pollMilliseconds": 1 } }', "[]"],
)  # fmt: skip
def test_a_setting_that_cannot_be_read(settings: str) -> None:
    assert codes(PACKAGE % settings, "package.json") == ["invalid-config"]


@pytest.mark.parametrize(
    "settings",
    ["{}", '{ "rules": { "poll-unit": "off" } }', '{ "ignore": ["src/**"] }', '{ "poll": { "minimum": 0 } }'],
)
def test_settings_that_can_be_read(settings: str) -> None:
    assert codes(PACKAGE % settings, "package.json") == []


@pytest.mark.parametrize(
    "text", ["{ tick: [] }", "{ ticks: [{ migratoin: {} }] }", "[1]", "{ hidden: { from: 9, to: 3 } }", "{"]
)
def test_a_scenario_that_cannot_be_used(text: str) -> None:
    assert codes(text, SCENARIO) == ["invalid-scenario"]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{ ticks: [{ migration: { '*': { status: 'queued' } } }] }",
        "// a comment\n{ params: { id: '1' }, }",
        "{ run: { migration: {} } }",
    ],
)
def test_a_scenario_that_can_be_used(text: str) -> None:
    assert codes(text, SCENARIO) == []
