"""No text and no place makes a navigation feature raise; and what it answers lies inside the files."""

from __future__ import annotations

import contextlib
import random

import pytest

from koze_lsp.ide import actions, calls, definition, links, references, rename, symbols
from koze_lsp.ide.types import NotRenamableError, Rename
from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.text import Span
from tests.ide.support import APP, after, project_of

SCENARIO = {"src/routes/migrations/x.preview.json5": "{ ticks: [{ migration: { '*': { status: 'running' } } }] }\n"}
FILES = {**APP, **SCENARIO}


def ask_everything(project: Project, document: Document, offset: int) -> None:
    size = len(document.source)
    for location in (
        *definition.definition(project, document, offset),
        *definition.declaration(project, document, offset),
        *references.references(project, document, offset, True),
    ):
        target = project.document(location.path)
        assert target is not None
        assert 0 <= location.span.start <= location.span.end <= len(target.source)
    for highlight in references.highlights(project, document, offset):
        assert 0 <= highlight.span.start <= highlight.span.end <= size
    for item in calls.prepare(project, document, offset):
        calls.incoming(project, item.key)
        calls.outgoing(project, item.key)
    for action in actions.actions(project, document, Span(offset, min(offset + 9, size)), []):
        after({path: _text(project, path) for path in project.files}, action.changes)
    with contextlib.suppress(NotRenamableError):
        span, text = rename.prepare(project, document, offset)
        assert span.contains(offset) or document.source[span.start - 1 : span.end + 1].strip("\"'`") == text
        found = rename.rename(project, document, offset, "other-name")
        assert isinstance(found, Rename)
        after({path: _text(project, path) for path in project.files}, found)


def _text(project: Project, path: str) -> str:
    document = project.document(path)
    assert document is not None
    return document.source


@pytest.mark.parametrize("path", FILES)
def test_cut_and_torn_texts(path: str) -> None:
    dice = random.Random(path)
    text = FILES[path]
    for round_ in range(40):
        cut, gap = dice.randrange(len(text) + 1), dice.randrange(30)
        broken = text[:cut] if round_ % 2 else text[:cut] + dice.choice(["", "👋", "'", "{", "`"]) + text[cut + gap :]
        project = project_of({**FILES, path: broken})
        document = project.document(path)
        if document is None:  # package.json may not be ours
            continue
        links.links(project, document)
        symbols.document_symbols(project, document)
        symbols.workspace_symbols(project, "m")
        for offset in {0, len(broken), cut, *(dice.randrange(len(broken) + 1) for _ in range(3))}:
            if offset <= len(broken):
                ask_everything(project, document, offset)


@pytest.mark.parametrize("path", FILES)
def test_every_offset_of_a_whole_file(path: str) -> None:
    project = project_of(FILES)
    document = project.document(path)
    assert document is not None
    for offset in range(0, len(document.source) + 1, 3):
        ask_everything(project, document, offset)


def test_an_empty_project() -> None:
    project = project_of({"src/server/a.ts": ""})
    document = project.document("src/server/a.ts")
    assert document is not None
    ask_everything(project, document, 0)
    assert symbols.workspace_symbols(project, "") == []
    assert rename.will_rename(project, [("a", "b")]) == Rename()
