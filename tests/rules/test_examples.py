"""Every rule's own examples: the wrong one gives exactly its code, the right one nothing."""

from __future__ import annotations

import re

import pytest

from koze_lsp.project.framework import Framework
from koze_lsp.project.project import Project
from koze_lsp.rules import all_rules
from koze_lsp.rules.base import Example, Rule
from koze_lsp.rules.engine import check_project
from koze_lsp.rules.examples import complete, project_of
from koze_lsp.syntax.scenario_keys import PAGE

RULES = list(all_rules().values())


def findings(example: Example) -> list[tuple[str, str]]:
    files = complete(example)
    project = project_of(files)
    installed = next((path for path in files if path.startswith("node_modules/")), None)
    if installed is not None:
        _install(project, files[installed])
    return [(path, found.code) for path, diagnostics in check_project(project) for found in diagnostics]


def _install(project: Project, package: str) -> None:
    project.__dict__["framework"] = Framework("@kuratchi/koze", "0", "workflow" in package)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_wrong_example_gives_exactly_that_code(rule: Rule) -> None:
    assert {code for _, code in findings(rule.wrong)} == {rule.code}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_right_example_gives_nothing(rule: Rule) -> None:
    assert findings(rule.right) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_messages_are_sentences_that_end_once(rule: Rule) -> None:
    messages = [
        found.message
        for _, diagnostics in check_project(project_of(complete(rule.wrong)))
        for found in diagnostics
        if found.code == rule.code
    ]
    assert not [message for message in messages if re.search(r"[?!;:,.]\.$", message)]


def test_the_page_of_scenarios_names_every_key() -> None:
    page = next(rule for rule in RULES if rule.code == "invalid-scenario").__doc__ or ""
    assert not [key for key in PAGE if f"`{key}`" not in page]
