"""What a version of a text takes over from the one before: the same as what a fresh look gives, and as much as can be."""

from __future__ import annotations

import gc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koze_lsp.project.document import Document, FileKind
from koze_lsp.syntax import fragments, status_follow, status_fragments
from koze_lsp.text import Span, Text
from tests.rules.support import ROUTE
from tests.test_properties import EDITS, facts_of

HEAD = (
    "<script>\n  import { params } from 'koze:request';\n  import { workflowStatus as ask } from 'koze:workflow';\n"
    "  const status = await ask('migration', params.id, { poll: '2s', until: (s) => s.status === 'complete' });\n"
)
PAGES = {
    "names": HEAD + "  const same = status;\n  let late = status;\n  function late2() { return status.error; }\n</script>\n\n"
    "<p>{same ?? status} {params.id ? same : late}</p>\n<p>{(status ? same : late).error}</p>\n<b>{same.status === 'running' || status.status}</b>\n"
    "{status.output ?? same.output}\n",
    "shadows": HEAD + "  var rows = [1];\n</script>\n\nfor (const status of rows) {\n  <p>{status.status}</p>\n}\n"
    "if (rows) {\n  var later = status.output;\n  <p>{later.a} {later?.b}</p>\n  let status = 1;\n  <i>{status.error}</i>\n}\n"
    "<p>{later.c} {status.output.rows.length}</p>\n",
    "flows": HEAD + "  const { output, error: why } = status;\n  const list = await Promise.all([status, ask('b', 2)]);\n"
    "  const DONE = 'complete';\n</script>\n\n<p>{status.status === DONE} {output.a ?? 1} {why}</p>\n"
    "for (const one of list) {\n  <li>{one.status === 'erorred' ? one.output.x : [status][0].error}</li>\n}\n"
    "{['running', 'queued'].includes(status.status)} {[DONE].includes(status.status)}\n"
    "{list.map((each) => each.status)}\nfor (const row of status.output.rows) {\n  <li>{row}</li>\n}\n",
    "writes": HEAD + "  let shown = null;\n  if (status.output) {\n    shown = status.output;\n  }\n  status.x = 1;\n</script>\n\n"
    "if (shown) {\n  <p>{shown.rows} {shown['rows']}</p>\n}\nlet count = 0;\nfor (const row of status.output.rows) {\n"
    "  count++;\n  try {\n  <p>{count}</p>\n} catch (error) {\n  <p>{error.status}</p>\n}\n}\n<p>{count} {shown}</p>\n",
    "straddles": HEAD + "  switch (status.status) {\n</script>\n\n  case 'errored':\n  <p>{status.error}</p>\n  break;\n}\n",
}  # fmt: skip


def versions(source: str, edits: list[tuple[int, int, str]]) -> None:
    """Edit a document step by step; each version's facts must be those of its text."""
    document = Document(ROUTE, FileKind.ROUTE, Text(source))
    facts_of(document)
    for start, length, new in [(0, 0, ""), *edits, (0, 0, "")]:
        at = min(start, len(document.source))
        text = document.text.replace(Span(at, min(at + length, len(document.source))), new)
        document = Document(ROUTE, FileKind.ROUTE, text, previous=document)
        assert facts_of(document) == facts_of(Document(ROUTE, FileKind.ROUTE, text))


@pytest.mark.parametrize("longest", [2_000, 80, 25])
@pytest.mark.parametrize("page", PAGES)
@given(edits=EDITS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_edited_page_equals_a_fresh_one(
    monkeypatch: pytest.MonkeyPatch, longest: int, page: str, edits: list[tuple[int, int, str]]
) -> None:
    monkeypatch.setattr(fragments, "_LONGEST", longest)
    versions(PAGES[page], edits)


@given(
    edits=st.lists(st.tuples(st.integers(0, 900), st.just(0), st.sampled_from(["status", "same", "row", "late", " "])))
)
@settings(max_examples=150, deadline=None)
def test_names_typed_anywhere(edits: list[tuple[int, int, str]]) -> None:
    for page in PAGES.values():
        versions(page, edits[:6])


BLOCK = "if (status.status === 'running') {{\n  <p>{{status.status}} of {number}</p>\n}} else {{\n  <p>{{status.error ?? 'none'}}</p>\n}}\n"


def edited(document: Document, old: str, new: str) -> Document:
    at = document.source.index(old)
    text = document.text.replace(Span(at, at + len(old)), new)
    return Document(ROUTE, FileKind.ROUTE, text, previous=document)


def test_a_keystroke_reads_one_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    """All others are taken over with their names and with what they read of the status."""
    page = HEAD + "</script>\n\n" + "".join(BLOCK.format(number=number) for number in range(100))
    first = Document(ROUTE, FileKind.ROUTE, Text(page))
    assert len(first.script.status_flow.reads) == 401  # and the one in `until`
    document = edited(first, "of 1<", "of one<")
    assert len(document.script.status_flow.reads) == 401
    frozen: list[str] = []
    followed: list[int] = []
    freeze, find = fragments._frozen, status_fragments._Keeping.find
    monkeypatch.setattr(fragments, "_frozen", lambda *given: (frozen.append(""), freeze(*given))[1])
    monkeypatch.setattr(
        status_fragments._Keeping,
        "find",
        lambda self, placed, *rest: (followed.append(placed.start), find(self, placed, *rest))[1],
    )
    document = edited(document, "of 50<", "of {status.status}<")
    assert len(document.script.status_flow.reads) == 402
    assert (len(frozen), len(followed)) == (1, 1)
    document = edited(document, "of 60<", "of sixty<")  # the code behind it has moved
    assert len(document.script.status_flow.reads) == 402
    assert (len(frozen), len(followed)) == (2, 2)


def test_a_long_page_is_cut_off_at_the_same_place() -> None:
    """Of a page with too many reads some are left out: which, must not depend on what was kept."""
    page = HEAD + "</script>\n\n" + "{status.status}\n" * status_follow.LIMIT
    versions(page, [(len(page) - 3, 0, "x")])


def test_nested_deeper_than_anybody_writes() -> None:
    page = HEAD + "</script>\n\n" + "if (status) {\n" * 100 + "{status.status}\n" + "}\n" * 100
    versions(page, [(len(page) // 2, 0, "x"), (10, 0, "y")])


def test_a_version_leaves_nothing_for_the_garbage_collector() -> None:
    """Bindings, uses and scopes refer to each other; they are taken apart with the version they belong to."""
    document = Document(ROUTE, FileKind.ROUTE, Text("".join(PAGES.values())))
    facts_of(document)
    gc.collect()
    gc.disable()
    try:
        for number in range(6):
            old = document.source.index("status.status" if number % 2 else "late")
            text = document.text.replace(Span(old, old), "x")
            document = Document(ROUTE, FileKind.ROUTE, text, previous=document)
            assert document.script.names.uses
            assert document.script.status_flow is not None
        assert gc.collect() == 0
    finally:
        gc.enable()
