"""Completion, hover, signature help, hints and lenses on every cut of the marker cases' files: nothing raises,
and what is answered fits the text that it was asked about.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from koze_lsp.ide import completion, hover, inlay, lens, signature
from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.text import Span, apply_edits
from tests.ide.support import project_of
from tests.markers.case import parse

CASES = sorted((Path(__file__).parent.parent / "markers" / "cases").glob("*.txt"))


def ask(project: Project, document: Document, offset: int) -> None:
    source = document.source
    for item in completion.complete(project, document, offset):
        assert 0 <= item.span.start <= offset <= item.span.end <= len(source)
        assert "\n" not in source[item.span.start : item.span.end]
        assert item.insert
        assert not item.is_snippet or item.plain is not None
        for edit in item.extra:
            assert edit.span.end <= item.span.start or edit.span.start >= item.span.end
        apply_edits(source, [*item.extra])
        if item.resolve is not None:
            assert completion.resolve(project, item.resolve)
    found = hover.hover(project, document, offset)
    if found is not None:
        assert found.span.contains(offset)
        assert found.markdown.strip()
    help_ = signature.signature(project, document, offset)
    if help_ is not None:
        for parameter in help_.parameters:
            assert help_.label[parameter.label.start : parameter.label.end]
        assert help_.active is None or 0 <= help_.active < len(help_.parameters)


def ask_whole(project: Project, document: Document) -> None:
    size = len(document.source)
    for hint in inlay.hints(project, document, Span(0, size)):
        assert 0 <= hint.offset <= size
    for item in lens.lenses(project, document):
        assert 0 <= item.span.start <= item.span.end <= size


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_at_every_place_of_every_file(path: Path) -> None:
    files = parse(path).files
    project = project_of(files)
    for name in files:
        document = project.document(name)
        assert document is not None
        ask_whole(project, document)
        for offset in range(0, len(document.source) + 1, 3):
            ask(project, document, offset)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_while_the_text_is_torn(path: Path) -> None:
    dice = random.Random(path.stem)
    files = parse(path).files
    for name, text in files.items():
        for _ in range(12):
            cut, gap = dice.randrange(len(text) + 1), dice.choice([0, 1, 5, len(text)])
            torn = text[:cut] + dice.choice(["", "'", "{", "`", ".", "👋", "\r"]) + text[cut + gap :]
            project = project_of({**files, name: torn})
            document = project.document(name)
            assert document is not None
            ask(project, document, min(cut + 1, len(torn)))
            ask_whole(project, document)
