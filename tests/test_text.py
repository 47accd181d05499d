"""The line index and all position arithmetic, against a slow reference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koze_lsp.text import (
    Encoding,
    OverlappingEditsError,
    Position,
    Range,
    Span,
    Text,
    TextEdit,
    apply_edits,
    units,
)

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
CHARACTERS = "ab\n\r\u2028\x85\x0c\x1c\té€😀\u0301"
texts = st.text(st.sampled_from(CHARACTERS) | st.characters(), max_size=40)


def slow_lines(source: str) -> list[tuple[int, int]]:
    """Start and end of each line, one character at a time."""
    lines, start, at = [], 0, 0
    while at < len(source):
        if source[at] in "\r\n":
            end = at
            at += 2 if source[at : at + 2] == "\r\n" else 1
            lines.append((start, end))
            start = at
        else:
            at += 1
    return [*lines, (start, len(source))]


def slow_units(text: str, encoding: Encoding) -> int:
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    return len(text.encode(codec, "surrogatepass")) // size


@given(texts)
def test_lines_are_those_of_the_protocol(source: str) -> None:
    text = Text(source)
    assert [tuple(text.line_span(line)) for line in range(text.line_count)] == slow_lines(source)


@given(texts, st.sampled_from(ENCODINGS))
def test_every_offset_has_a_position_and_comes_back(source: str, encoding: Encoding) -> None:
    text = Text(source)
    for line, (start, end) in enumerate(slow_lines(source)):
        for offset in range(start, end + 1):
            position = Position(line, slow_units(source[start:offset], encoding))
            assert text.position(offset, encoding) == position
            assert text.offset(position, encoding) == offset


@given(texts, st.integers(-3, 60), st.integers(-3, 60), st.sampled_from(ENCODINGS))
def test_any_position_is_moved_into_the_text(source: str, line: int, character: int, encoding: Encoding) -> None:
    text = Text(source)
    offset = text.offset(Position(line, character), encoding)
    assert 0 <= offset <= len(source)
    lines = slow_lines(source)
    if 0 <= line < len(lines):
        start, end = lines[line]
        assert start <= offset <= end
        assert slow_units(source[start:offset], encoding) <= max(character, 0)


@given(texts, st.sampled_from(ENCODINGS))
def test_units_are_those_of_the_codec(source: str, encoding: Encoding) -> None:
    assert units(source, encoding) == slow_units(source, encoding)


def test_the_inside_of_a_crlf_belongs_to_its_line() -> None:
    text = Text("a\r\nb")
    assert text.position(2) == Position(0, 1)
    assert text.position(3) == Position(1, 0)
    assert text.newline() == "\r\n"


def test_a_column_inside_a_character_is_its_start() -> None:
    assert Text("😀x").offset(Position(0, 1), "utf-16") == 0
    assert Text("€x").offset(Position(0, 2), "utf-8") == 0


def test_a_range_that_ends_before_it_starts_is_empty() -> None:
    assert Text("abc").span(Range(Position(0, 2), Position(0, 1))) == Span(2, 2)


@given(texts, st.data())
def test_edits_equal_one_replacement_after_the_other(source: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(source)), min_size=4, max_size=4)))
    edits = [TextEdit(Span(cuts[0], cuts[1]), "<A>"), TextEdit(Span(cuts[2], cuts[3]), "<B>")]
    if cuts[1] == cuts[2] and cuts[0] != cuts[1] and cuts[2] == cuts[3]:
        edits.reverse()
    expected = source
    for span, new in sorted(edits, key=lambda edit: edit.span, reverse=True):
        expected = expected[: span.start] + new + expected[span.end :]
    if len({edit.span for edit in edits}) == 2:
        assert apply_edits(source, edits) == expected


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(OverlappingEditsError):
        apply_edits("abcdef", [TextEdit(Span(0, 3), ""), TextEdit(Span(2, 4), "")])


def test_insertions_at_one_place_keep_their_order() -> None:
    at = Span(1, 1)
    assert apply_edits("ab", [TextEdit(at, "1"), TextEdit(at, "2")]) == "a12b"
