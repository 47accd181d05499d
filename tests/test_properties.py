"""Any text in any place: no exception, the same answer twice, incremental parsing equal to fresh parsing."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.kinds import kind_of
from koze_lsp.rules import all_rules
from koze_lsp.rules.base import Diagnostic
from koze_lsp.rules.engine import check_document
from koze_lsp.rules.examples import complete, project_of
from koze_lsp.text import Span, Text
from tests.rules.support import ROUTE, page

PATHS = (
    ROUTE, "src/routes/jobs/[id]/index.koze", "src/routes/layout.html", "src/lib/card.html", "src/server/migration.workflow.ts",
    "src/server/start.ts", "src/server/x.workflows.ts", "wrangler.jsonc", "wrangler.toml", "src/app.d.ts", "package.json",
)  # fmt: skip
SEEDS = [text for rule in all_rules().values() for example in (rule.wrong, rule.right) for text in example.files.values()]
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


@given(st.sampled_from(PATHS), st.text(st.sampled_from("ab{}<>()'\"`/\\\n;=.,é😀 ") | st.characters(codec="utf-8"), max_size=120))
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


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 8), st.sampled_from(PIECES)), max_size=6))
@settings(max_examples=300, deadline=None)
def test_incremental_parsing_equals_fresh_parsing(seed: str, edits: list[tuple[int, int, str]]) -> None:
    source = seed.encode("utf-8", "replace").decode()
    for path in (ROUTE, "src/server/migration.workflow.ts"):
        kind = kind_of(path)
        document = Document(path, kind, Text(source))
        tree_of(document)
        for start, length, new in edits:
            at = min(start, len(document.source))
            text = document.text.replace(Span(at, min(at + length, len(document.source))), new)
            document = Document(path, kind, text, previous=document)
            assert tree_of(document) == tree_of(Document(path, kind, text))


def tree_of(document: Document) -> str:
    tree = document.route.tree if document.kind is FileKind.ROUTE else document.workflow.tree
    return str(tree.root)


def _seconds(path: str, text: str) -> float:
    files = {**complete(next(iter(all_rules().values())).right), path: text}
    project = project_of(files)
    started = time.process_time()
    check_document(project, path)
    return time.process_time() - started


HUGE = {
    "nested braces": lambda n: "{" * n,
    "nested parentheses": lambda n: "<script>\nconst workflowStatus = " + "(" * n + "</script>",
    "one long line": lambda n: page(template="<p>" + "workflowStatus x " * n + "</p>"),
    "open expression over lines": lambda n: page(template="{\n" + "workflowStatus\n" * n),
    "open tag over lines": lambda n: page(template="<div\n" + "a='b'\n" * n),
    "open component over lines": lambda n: page("import Card from '$lib/card';\n" + "const s = 1;", "<Card\n" + "a='b'\n" * n),
    "many scripts": lambda n: page() + "<script>workflowStatus</script>\n" * n,
    "white space": lambda n: " " * n + "workflowStatus" + "\n" * n,
    "many calls": lambda n: page("const status = await workflowStatus('migration', params.id);\n" * n),
    "many comments": lambda n: page(template="<!-- workflowStatus " * n),
    "many ifs": lambda n: page(template="if (status.error) {\n" * n),
    "many components": lambda n: page("import Card from '$lib/card';", "<Card>\n" * n),
    "quotes": lambda n: page(template="'" * n),
}


@pytest.mark.parametrize("name", HUGE)
def test_time_is_linear_in_the_size(name: str) -> None:
    """Sixteen times the text takes at most some eighty times as long: far from quadratic (256 times)."""
    small, large = 1_000, 16_000
    base = max(min(_seconds(ROUTE, HUGE[name](small)) for _ in range(2)), 0.004)
    assert _seconds(ROUTE, HUGE[name](large)) < base * 80
