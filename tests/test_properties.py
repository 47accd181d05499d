"""Any text in any place: no exception, the same answer twice, incremental parsing equal to fresh parsing."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koze_lsp.preview.scenario import ScenarioError, parse_scenario
from koze_lsp.project.config import Config, Settings, resolve
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.kinds import kind_of
from koze_lsp.project.workspace import Workspace
from koze_lsp.rules import all_rules
from koze_lsp.rules.base import Diagnostic
from koze_lsp.rules.engine import check_document, check_project
from koze_lsp.rules.examples import complete, project_of
from koze_lsp.text import Span, Text
from tests.rules.support import ROUTE

PATHS = (
    ROUTE, "src/routes/jobs/[id]/index.koze", "src/routes/layout.html", "src/lib/card.html", "src/server/migration.workflow.ts",
    "src/server/start.ts", "src/server/x.workflows.ts", "wrangler.jsonc", "wrangler.toml", "src/app.d.ts", "package.json",
    "src/routes/jobs/[id]/index.preview.json5",
)  # fmt: skip
SEEDS = [
    text for rule in all_rules().values() for example in (rule.wrong, rule.right) for text in example.files.values()
]
PIECES = [
    "workflowStatus", "'", '"', "`", "{", "}", "(", ")", "<script>", "</script>", "if (", ") {", "} else {", "await ", "${",
    "<!--", "-->", "//", "/*", "*/", "\\", "\n", "\r\n", "é", "😀", "\u2028", "\x00", "=>", "const ", "...", "?.", ",", ";",
    "step.do(", "env.", "class X ", "export default ", "[", "]", ":", "koze-ignore ",
]  # fmt: skip


def check(files: Mapping[str, str], path: str) -> list[Diagnostic]:
    return check_document(project_of(files), path)


def assert_sound(path: str, text: str) -> None:
    files = {**complete(next(iter(all_rules().values())).right), path: text}
    first = check(files, path)
    assert check(files, path) == first
    for finding in first:
        assert 0 <= finding.span.start <= finding.span.end <= len(text)


@given(
    st.sampled_from(PATHS),
    st.text(st.sampled_from("ab{}<>()'\"`/\\\n;=.,é😀 ") | st.characters(codec="utf-8"), max_size=120),
)
@settings(max_examples=300, deadline=None)
def test_any_text_in_any_file(path: str, text: str) -> None:
    assert_sound(path, text)


@given(st.sampled_from(PATHS), st.sampled_from(SEEDS), st.randoms(use_true_random=False))
@settings(max_examples=500, deadline=None)
def test_broken_versions_of_real_files(path: str, seed: str, random_: random.Random) -> None:
    text = seed.encode("utf-8", "replace").decode()
    for _ in range(random_.randint(1, 5)):
        at = random_.randint(0, len(text))
        end = min(len(text), at + random_.choice([0, 0, 1, 3, 12]))
        text = text[:at] + random_.choice(PIECES) * random_.choice([1, 1, 2]) + text[end:]
    assert_sound(path, text)


BLOCKS = (
    "<script>\n  import Card from '$lib/card';\n  import { workflowStatus } from 'koze:workflow';\n"
    "  const status = await workflowStatus('migration', 1);\n  const { output } = status;\n</script>\n\n"
    "<Card title={status.status}>\n  if (status.output) {\n    <p>{status.output.rows} {output.a}</p>\n  } else {\n"
    "    <Card />\n    if (a) { <b>{status.error}</b> } else { none }\n  }\n</Card>\n<style>\n  p { color: red }\n</style>\n"
    "for (const row of status.output.rows) {\n  <a href='{row}' {...row}>{@raw row.name}</a>\n}\n"
)
EDITS = st.lists(
    st.tuples(
        st.integers(0, 700),
        st.sampled_from([0, 0, 0, 1, 2, 8, 40, 400]),
        st.sampled_from(
            [*PIECES, "", "", "<Card>\n", "</Card>\n", "<style>\n", "</style>\n", "\n}\n", "\n\n", "x", "  "]
        ),
    ),
    max_size=8,
)


@given(st.just(BLOCKS) | st.sampled_from(SEEDS), EDITS)
@settings(max_examples=400, deadline=None)
def test_an_edited_document_equals_a_fresh_one(seed: str, edits: list[tuple[int, int, str]]) -> None:
    """Whatever a version takes over from the one before it: its facts, and so its findings, are those of its text."""
    source = seed.encode("utf-8", "replace").decode()
    for path in (ROUTE, "src/server/migration.workflow.ts"):
        kind = kind_of(path)
        document = Document(path, kind, Text(source))
        facts_of(document)
        for start, length, new in edits:
            at = min(start, len(document.source))
            text = document.text.replace(Span(at, min(at + length, len(document.source))), new)
            document = Document(path, kind, text, previous=document)
            assert facts_of(document) == facts_of(Document(path, kind, text))


def facts_of(document: Document) -> list[object]:
    """All that is found in a document, without the syntax trees."""
    found: list[object] = []
    if document.kind is FileKind.ROUTE:
        route = document.route
        found += [route.script, route.template, route.components, route.problems]
        found += [route.expressions, route.tags, route.code, route.overlay, str(route.tree.root)]
    else:
        found += [str(document.workflow.tree.root), repr(document.workflow.steps), document.workflow.flow]
    script = document.script
    found += [(use.name, use.span, use.write, use.binding and use.binding.span) for use in script.names.uses]
    found += [(name.name, name.kind, name.span, name.path, len(name.uses)) for name in script.names.bindings]
    found += script.status_calls
    found += [
        (
            read.call,
            *read[1:7],
            read.replaced,
            read.name and read.name.span,
            read.node.type,
            script.tree.span(read.node),
        )
        for read in script.status_flow.reads
    ]
    found += [(name.call, name.binding.span) for name in script.status_flow.names]
    found += [script.status_flow.comparisons, script.params_reads, script.env_reads, script.undeclared]
    return found


BYTES = st.binary(max_size=200) | st.sampled_from(SEEDS).map(lambda text: text.encode("utf-8", "replace")).flatmap(
    lambda data: st.tuples(st.integers(0, len(data)), st.binary(max_size=4)).map(lambda at: data[: at[0]] + at[1] + data[at[0] :])
)  # fmt: skip


@given(st.sampled_from([*PATHS, ".gitignore"]), BYTES)
@settings(max_examples=300, deadline=None)
def test_any_bytes_on_disk(path: str, data: bytes) -> None:
    """From the disk to the findings, through reading, listing and configuration; twice the same."""
    with tempfile.TemporaryDirectory(prefix="koze-lsp-bytes-") as folder:
        for name, text in complete(next(iter(all_rules().values())).right).items():
            target = Path(folder, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data if name == path else text.encode("utf-8", "surrogatepass"))
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        first, second = _check_folder(folder), _check_folder(folder)
    assert first == second


def _check_folder(folder: str) -> list[tuple[str, list[Diagnostic]]]:
    workspace = Workspace()
    workspace.load(folder)
    return list(check_project(workspace.project(folder)))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["off", "error", "!", "**", "["]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["rules", "ignore", "poll", "minimum", "inlayHints", "pollMilliseconds", "invalid-poll", "preview"]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
@settings(max_examples=300, deadline=None)
def test_any_configuration(written: object, sent: object) -> None:
    """In package.json and from an editor: what can't be read counts as not written, and is told."""
    package = json.dumps({"name": "x", "koze-lsp": written})
    files = {**complete(next(iter(all_rules().values())).right), "package.json": package}
    data = sent if isinstance(sent, dict) else {}
    document = Document("package.json", FileKind.PACKAGE, Text(package))
    config = resolve(document, Settings(data))
    assert resolve(document, Settings(data)) == config
    project = project_of(files, config)
    for path in project.files:
        assert check_document(project, path) == check_document(project, path)


@pytest.mark.parametrize("minimum", [10**400, -(10**400), float("inf"), float("nan"), True, "1"])
def test_numbers_that_are_none(minimum: object) -> None:
    config = resolve(None, Settings({"poll": {"minimum": minimum}}))
    assert config == Config()


@given(
    st.text(st.sampled_from("{}[]:,'\"ticksurlparamshidden01$*/\n\\ ") | st.characters(codec="utf-8"), max_size=80)
    | JSON.map(json.dumps)
)
@settings(max_examples=300, deadline=None)
def test_any_scenario(text: str) -> None:
    """A scenario is read, or refused with a place in it; nothing else is raised."""
    error = None
    try:
        parse_scenario(text, "x.preview.json5")
    except ScenarioError as refused:
        error = refused
    assert error is None or (error.line >= 1 and error.column >= 1 and error.message)
