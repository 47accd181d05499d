"""The line scanner that the language server and the preview share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koze_lsp.syntax.template_lines import (
    LineKind,
    SegmentKind,
    classify_line,
    closing_brace,
    component_head,
    expression_end,
    inline_if_else,
    segments,
)

LINES = {
    "for (const x of xs) {": LineKind.FOR,
    "for await (const x of xs) {": LineKind.TEXT,
    "if(n){": LineKind.IF,
    "if (and only if) you agree": LineKind.IF,
    "} else if (n) {": LineKind.ELSE_IF,
    "} else {": LineKind.ELSE,
    "}else": LineKind.ELSE,
    "else {": LineKind.TEXT,
    "} // end": LineKind.TEXT,
    "};": LineKind.TEXT,
    "}": LineKind.CLOSE,
    "case 'a':": LineKind.CASE,
    "case 'a': {": LineKind.TEXT,
    "default:": LineKind.DEFAULT,
    "default: x": LineKind.TEXT,
    "do": LineKind.DO,
    "try {": LineKind.TRY,
    "} catch (e) {": LineKind.CATCH,
    "catch (e) {": LineKind.CATCH,
    "} catch {": LineKind.TEXT,
    "} finally {": LineKind.FINALLY,
    "} while (x);": LineKind.DO_WHILE,
    "break;": LineKind.BREAK,
    "break": LineKind.TEXT,
    "continue ;": LineKind.CONTINUE,
    "throw new Error('x');": LineKind.THROW,
    "throw x": LineKind.TEXT,
    "i++;": LineKind.UPDATE,
    "a.b--;": LineKind.UPDATE,
    "i++": LineKind.TEXT,
    "let x = 1": LineKind.DECLARATION,
    "const\u00a0x = 1": LineKind.DECLARATION,
    "letter": LineKind.TEXT,
    "x = 1;": LineKind.TEXT,
    "": LineKind.BLANK,
    "<p>": LineKind.TEXT,
}


@pytest.mark.parametrize(("line", "kind"), LINES.items())
def test_kinds(line: str, kind: LineKind) -> None:
    assert classify_line(line) is kind


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("{a}", 2),
        ("{'}'}", 4),
        ("{`${b}}`}", 8),
        ("{/}/.test(x)}", 12),
        ("{a / b}", 6),
        ("{a /* } */}", 10),
        ("{[1, {b: 2}]}", 12),
        ("{a", -1),
        ("{(]}", -1),
    ],
)
def test_expression_end(text: str, end: int) -> None:
    assert expression_end(text, 1) == end


def test_the_framework_reads_braces_more_simply() -> None:
    assert closing_brace("{/}/.test(x)}", 0) == 2
    assert closing_brace("{'}'}", 0) == 4


def test_inline_if_else() -> None:
    line = "if (a) { <p>{b}</p> } else { c }"
    found = inline_if_else(line)
    assert found is not None
    assert [line[slice(*span)] for span in (found.condition, found.then, found.otherwise)] == [
        "a",
        " <p>{b}</p> ",
        " c ",
    ]
    assert inline_if_else("if (a) { b }") is None
    assert inline_if_else("if (a) { b } else { c } d") is None


def test_component_segments() -> None:
    template = "<Card\n  a={1}\n>\n  <i>x</i>\n</Card>\n<Other />\n<Card/> x"
    kinds = [segment.kind for segment in segments(template, lambda name: name == "Card")]
    assert kinds == [SegmentKind.COMPONENT_BLOCK, SegmentKind.TEXT, SegmentKind.TEXT]
    assert component_head("<Card>") == "Card"


TEMPLATES = st.text(alphabet="<>{}()'\"`\\/!-= \n\tabifelse;CardX$:", max_size=200)


@given(TEMPLATES)
def test_segments_cover_every_line_once(template: str) -> None:
    covered = 0
    for segment in segments(template, lambda name: name == "Card"):
        assert segment.start == covered
        assert segment.end >= segment.start
        covered = segment.end + 1
    assert covered == len(template) + 1


@given(TEMPLATES)
def test_nothing_raises(template: str) -> None:
    classify_line(template.strip())
    inline_if_else(template)
    for start in range(min(len(template), 20)):
        assert expression_end(template, start) >= -1
