"""The first look never disagrees with the rules: what it calls clean is clean."""

from __future__ import annotations

import importlib.util
import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koze_lsp.project.config import Config
from koze_lsp.project.document import FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules import MODULES, all_rules
from koze_lsp.rules.base import Rule
from koze_lsp.rules.engine import _NOT_NEEDED, apply_rules
from koze_lsp.rules.examples import complete, project_of
from koze_lsp.rules.quick import surely_clean
from tests.conformance import ROOT, load_cases

NAMES = ("migrate-account", "archive-order", "sync")
ROUTE = "src/routes/jobs/p1/[id]/index.html"
WORKFLOW = "src/server/sync.workflow.ts"
ROUTE_PATHS = [ROUTE, ROUTE.replace("html", "koze"), "src/routes/jobs/[name]/[id].html"]
WORKFLOW_PATHS = [WORKFLOW, "src/server/Sync_2.workflow.ts"]


@lru_cache(maxsize=1)
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_project", ROOT / "tests/data/make_project.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=1)
def base_files() -> dict[str, str]:
    make = generator()
    files = {f"src/server/{name}.workflow.ts": make.workflow_source(random.Random(name), name) for name in NAMES}
    entry = '    {{ "name": "{}-workflow", "binding": "{}", "class_name": "{}" }}'
    entries = ",\n".join(entry.format(name, make.binding(name), make.class_name(name)) for name in NAMES)
    files["wrangler.jsonc"] = f'{{\n  "name": "app",\n  "workflows": [\n{entries}\n  ]\n}}\n'
    files["package.json"] = '{ "name": "app" }\n'
    return files


def project_with(path: str, text: str, config: Config | None = None) -> Project:
    return project_of({**base_files(), path: text}, config)


def agree(project: Project, path: str) -> bool:
    """Whether the first look accepted a file; fails where it should not have."""
    document = project.document(path)
    assert document is not None
    if not surely_clean(document, project):
        return False
    found = apply_rules(document, project)
    assert found == [], f"{path} was taken for clean:\n{document.source}"
    return True


def texts(kind: str, seed: int) -> str:
    make, rng = generator(), random.Random(seed)
    if kind == "plain":
        return str(make.plain_route(rng))
    if kind == "status":
        return str(make.status_route(rng, NAMES, None)[0])
    return str(make.workflow_source(rng, "sync"))


@pytest.mark.parametrize("kind", ["plain", "status", "workflow"])
def test_ordinary_files_need_no_rule(kind: str) -> None:
    """Or else the check would be as slow as its rules."""
    path = WORKFLOW if kind == "workflow" else ROUTE
    for seed in range(40):
        text = texts(kind, seed)
        for changed in (text, text.replace("\n", "\r\n")):
            assert agree(project_with(path, changed), path), changed


VOCABULARY = (
    "await ", "const ", "let ", "async ", "workflowStatus", "params", "params.id", "params.name", "url", "status",
    "status.status", "status.error", "status.output", "status.output.x", "status?.output?.x", "pending",
    "{status.status}", "{status}", "{params.id}", "'complete'", "'completed'", "'errored'", "'running'", "'2 s'",
    "'500'", "'0s'", "0", "1", "250", "undefined", "null", "NaN", "{ poll: '2s' }",
    "{ until: (s) => s.status === 'complete' }", "'sync'", "'archive-order'", "'archive'", "redirect('/')", " as ",
    "type ", "import ", "import Card from '$lib/card';", "import { url } from 'koze:request';",
    "from 'koze:workflow'", "if (status.error) {", "} else {", "} else if (status.status === 'complete') {", "}", "{",
    "{{", "else {", "else", "&& ", "|| ", "!", "for (const row of rows) {", "<input>", "<Card />", "<script>",
    "</script>", "<style>", "</style>", "<!--", "-->", "//", "/*", "*/", "\n", "\r\n", "\r", " ", "\t", ";", "'", '"',
    "`", "\\", "(", ")", "<", ">", "=", "===", "!==", ".", "?.", ",", ":", "\u00e9", "\u2028", "\ufeff", "\U0001f600",
    "// koze-ignore unknown-workflow", "event", "step", "step.do('a', async () => 1);", "step.sleep('a', '5 min');",
    "await step.sleep('a', '5s');", "Math.random()", "fetch('/')", "new Date()", "event.payload.params", "return ",
    "return 1;", "class ", "export ", "default ", "extends ", "WorkflowEntrypoint", "run", "do", "'pause-1'",
    "timeout: ", "'9 minutes'", "'5s'", "throw 1;", "function f() {", "=> ", "static ",
)  # fmt: skip


def mutate(text: str, draw: Callable[[st.SearchStrategy[Any]], Any]) -> str:
    """One change as people and editors make them: a word, a line, a piece of the text."""
    at = draw(st.integers(0, len(text)))
    kind = draw(st.sampled_from(["insert", "replace", "delete", "line", "duplicate", "swap", "word"]))
    word = draw(st.sampled_from(VOCABULARY))
    lines = text.split("\n")
    row = draw(st.integers(0, len(lines) - 1))
    if kind == "insert":
        return text[:at] + word + text[at:]
    if kind in ("replace", "delete"):
        end = min(len(text), at + draw(st.integers(1, 12)))
        return text[:at] + (word if kind == "replace" else "") + text[end:]
    if kind == "word":
        end = at
        while end < len(text) and (text[end].isalnum() or text[end] in "_."):
            end += 1
        return text[:at] + word + text[end:]
    if kind == "line":
        return "\n".join([*lines[:row], word, *lines[row:]])
    if kind == "duplicate":
        return "\n".join([*lines[:row], lines[row], *lines[row:]])
    other = draw(st.integers(0, len(lines) - 1))
    lines[row], lines[other] = lines[other], lines[row]
    return "\n".join(lines)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_changed_files_are_not_taken_for_clean(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["plain", "status", "status", "status", "workflow", "workflow"]))
    text = texts(kind, data.draw(st.integers(0, 30)))
    for _ in range(data.draw(st.integers(1, 3))):
        text = mutate(text, data.draw)
    path = data.draw(st.sampled_from(WORKFLOW_PATHS if kind == "workflow" else ROUTE_PATHS))
    config = Config(poll_minimum=data.draw(st.sampled_from([250.0, 5000.0, 0.0])))
    agree(project_with(path, text, config), path)


RULES = list(all_rules().values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_no_rule_is_passed_over(rule: Rule) -> None:
    """A new rule whose example is taken for clean belongs into `koze_lsp.rules.quick`."""
    for example in (rule.wrong, rule.right):
        project = project_of(complete(example))
        for path in project.files:
            agree(project, path)


def _values(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item)


def test_the_recorded_cases_are_not_taken_for_clean() -> None:
    for name in ("koze/templates", "koze/poll_pages", "koze/workflow_status", "cloudflare/class-forms"):
        path = WORKFLOW if name.startswith("cloudflare") else ROUTE
        for case in load_cases(name):
            for text in _values(case):
                agree(project_with(path, text), path)


@pytest.mark.parametrize("kind", list(FileKind))
def test_rules_that_are_not_imported_are_not_missed(kind: FileKind) -> None:
    left_out = {f"koze_lsp.rules.{module}" for module in _NOT_NEEDED.get(kind, ())}
    assert left_out <= {f"koze_lsp.rules.{module}" for module in MODULES}
    assert not [rule.code for rule in RULES if kind in rule.kinds and type(rule).__module__ in left_out]
