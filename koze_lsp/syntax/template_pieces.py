"""The pieces of a template, each read once: a later version of the file takes over those whose text it still has.

What a run of lines holds depends on its text alone, once `template_lines.segments` has cut it. Pieces are
therefore kept by their text, with places relative to their start, and every version of a file puts its pieces
together anew: a keystroke costs a look-up for each line and reading for the lines it changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Generic, Literal, NamedTuple, TypeVar

from koze_lsp.syntax import markup
from koze_lsp.syntax.template_lines import (
    JS_SPACE,
    Line,
    LineKind,
    Segment,
    SegmentKind,
    classify_line,
    inline_if_else,
    js_trim,
    read_line,
    segments,
)
from koze_lsp.text import Span

ProblemKind = Literal[
    "unclosed-script-tag",
    "unclosed-script",
    "second-script",
    "script-after-markup",
    "control-flow-shape",
    "unclosed-expression",
    "unbalanced-block",
]
Made = TypeVar("Made")

_NOT_NEWLINE = re.compile(r"[^\r\n]+")
_OPENS_BLOCK = frozenset(
    {LineKind.FOR, LineKind.IF, LineKind.WHILE, LineKind.SWITCH, LineKind.DO, LineKind.TRY, LineKind.CATCH,
     LineKind.FINALLY, LineKind.ELSE_IF, LineKind.ELSE}
)  # fmt: skip
_LONE_ELSE = re.compile(r"(?:else\b(?:\s+if\b.*)?\{?|else\s*\{.*)\Z")
_CLOSE_AND_MORE = re.compile(r"\}\s*(?://.*|;|/\*.*)\Z")

_MAX_NESTING = 40
"""Component blocks inside each other; each level is read once more, and no page nests deeper."""
_LONGEST = 20_000
"""Characters of a text that is worth keeping; no line that a person writes is longer."""
_SHARED, _SHARED_LENGTH = 1_000, 200
"""How many texts all files of an application share, and how long they are: `<ul>` and `}` stand in most."""


class CodeLine(NamedTuple):
    """A template line that the framework emits as JavaScript; ``span`` is trimmed."""

    kind: LineKind
    span: Span

    def shift(self, by: int) -> CodeLine:
        """The same line, moved by a number of code points."""
        return CodeLine(self.kind, self.span.shift(by))


class Problem(NamedTuple):
    """Something in the file's shape that breaks the page. ``detail`` completes a message about it."""

    kind: ProblemKind
    span: Span
    detail: str = ""

    def shift(self, by: int) -> Problem:
        """The same problem, moved by a number of code points."""
        return Problem(self.kind, self.span.shift(by), self.detail)


class Piece(NamedTuple):
    """What a run of template lines holds; every place is relative to its start.

    Attributes:
        overlay: its TypeScript, of the same length (see `koze_lsp.syntax.route`).
        components: those of its tags that are PascalCase.
        closes, opens: its code line begins with the end of a block, and ends with the start of one.
    """

    overlay: str
    expressions: tuple[markup.Expression, ...] = ()
    tags: tuple[markup.Tag, ...] = ()
    components: tuple[markup.Tag, ...] = ()
    code: CodeLine | None = None
    unclosed: tuple[Problem, ...] = ()
    shape: tuple[Problem, ...] = ()
    closes: bool = False
    opens: bool = False


class Kept(dict[str, Made], Generic[Made]):
    """What was made of each text. A text that is new is looked for in an older version's, then made."""

    __slots__ = ("_make", "_older")

    def __init__(self, make: Callable[[str], Made], older: Kept[Made] | None) -> None:
        self._make = make
        self._older = older

    def __missing__(self, text: str) -> Made:
        found = self._older.get(text) if self._older is not None else None
        if found is None:
            found = self._make(text)
        if len(text) <= _LONGEST:
            self[text] = found
        return found

    def settle(self) -> None:
        """Let go of what only the older version has."""
        self._older = None


def _shared(make: Callable[[str], Made]) -> Callable[[str], Made]:
    """Keep what was made of the latest short texts, whichever file they stand in."""
    kept = lru_cache(_SHARED)(make)

    def find(text: str) -> Made:
        return kept(text) if len(text) <= _SHARED_LENGTH else make(text)

    return find


class Pieces:
    """The pieces of one version of a template, with the offset at which each stands."""

    def __init__(self, source: str, template: Span, components: frozenset[str], older: Pieces | None) -> None:
        self._lines: Kept[Line] = Kept(_line, older._lines if older else None)
        self._markup: Kept[Piece] = Kept(_markup_piece, older._markup if older else None)
        self._code: Kept[Piece] = Kept(_code_piece, older._code if older else None)
        self._inline: Kept[Piece] = Kept(_inline_piece, older._inline if older else None)
        self._plain: Kept[bool] = Kept(_is_plain, older._plain if older else None)
        self._components = components
        self._source = source
        self._at = template.start
        self._overlay: list[str] = []
        self.placed: list[tuple[int, Piece]] = []
        self._read(template.start, template.end, 0)
        self.overlay = "".join(self._overlay)
        self._overlay.clear()
        self.loose = tuple(self._loose(template))
        for kept in (self._lines, self._markup, self._code, self._inline, self._plain):
            kept.settle()

    def _read(self, base: int, end: int, depth: int) -> None:
        text = self._source[base:end]
        is_component = self._components.__contains__ if depth < _MAX_NESTING else _nothing
        markup_, code = self._markup, self._code
        for segment in segments(text, is_component, self._lines.__getitem__):
            kind, start, stop = segment[:3]
            if kind is SegmentKind.CODE:
                self._add(base + start, code[text[start:stop]])
            elif kind is SegmentKind.TEXT or kind is SegmentKind.COMPONENT:
                self._add(base + start, markup_[text[start:stop]])
            elif kind is SegmentKind.INLINE_IF_ELSE:
                self._add(base + start, self._inline[text[start:stop]])
            elif kind is SegmentKind.COMPONENT_BLOCK:
                self._block(base, segment, depth)
            elif stop > start:
                self._fill(base + start)
                self._overlay.append(blanked(text[start:stop]))
                self._at = base + stop

    def _block(self, base: int, segment: Segment, depth: int) -> None:
        """A component's opening tag, its children, its closing tag."""
        children = base + segment.head_end + 1
        children_end = max(base + segment.children_end, children)
        self._add(base + segment.start, self._markup[self._source[base + segment.start : base + segment.head_end]])
        self._read(children, children_end, depth + 1)
        self._add(children_end, self._markup[self._source[children_end : base + segment.end]])

    def _add(self, start: int, piece: Piece) -> None:
        if piece.overlay:
            self._fill(start)
            self._overlay.append(piece.overlay)
            self._at = start + len(piece.overlay)
            self.placed.append((start, piece))

    def _fill(self, start: int) -> None:
        if start - self._at == 1:  # between two lines
            self._overlay.append("\n")
        elif start > self._at:
            self._overlay.append(blanked(self._source[self._at : start]))

    # --- what the pieces hold, at its place in the file

    def expressions(self) -> list[markup.Expression]:
        """The expressions, in source order."""
        return [item.shift(start) for start, piece in self.placed for item in piece.expressions]

    def tags(self) -> list[markup.Tag]:
        """The tags, in source order."""
        return [item.shift(start) for start, piece in self.placed for item in piece.tags]

    def component_tags(self) -> list[markup.Tag]:
        """The tags that are PascalCase, in source order."""
        return [item.shift(start) for start, piece in self.placed if piece.components for item in piece.components]

    def all_closed(self) -> bool:
        """Whether every expression ends."""
        return all(item.closed for _, piece in self.placed for item in piece.expressions)

    def code(self) -> list[CodeLine]:
        """The code lines, in source order."""
        return [piece.code.shift(start) for start, piece in self.placed if piece.code is not None]

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the template's shape."""
        placed = self.placed
        yield from (problem.shift(start) for start, piece in placed if piece.unclosed for problem in piece.unclosed)
        yield from (problem.shift(start) for start, piece in placed if piece.shape for problem in piece.shape)
        yield from self.loose
        yield from self._balance()

    def _loose(self, template: Span) -> Iterator[Problem]:
        """Lines that look like the end of a block, and are text."""
        style = False
        plain = self._plain
        start = template.start
        code: set[int] | None = None
        for text in self._source[template.start : template.end].split("\n"):
            if not plain[text]:
                style = (style or "<style" in text) and "</style" not in text
                span = _trimmed(text).shift(start)
                detail = _looseness(js_trim(text))
                if detail and not style:
                    code = {line.span.start for line in self.code()} if code is None else code
                    if span.start not in code:
                        yield Problem("control-flow-shape", span, detail)
            start += len(text) + 1

    def _balance(self) -> Iterator[Problem]:
        """Blocks that never end, and ends without a block."""
        open_lines: list[tuple[int, Piece]] = []
        for start, piece in self.placed:
            if piece.closes:
                if not open_lines:
                    assert piece.code is not None
                    at = start + piece.code.span.start
                    yield Problem("unbalanced-block", Span(at, at + 1), "closes nothing")
                    return
                open_lines.pop()
            if piece.opens:
                open_lines.append((start, piece))
        if open_lines:
            start, piece = open_lines[-1]
            assert piece.code is not None
            yield Problem("unbalanced-block", piece.code.span.shift(start), "is never closed by a line with `}`")


def blanked(text: str) -> str:
    """A text with blanks in place of everything but its line breaks."""
    return _NOT_NEWLINE.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    return " " * (match.end() - match.start())


def _nothing(_: str) -> bool:
    return False


def _trimmed(text: str) -> Span:
    lead = len(text) - len(text.lstrip(JS_SPACE))
    return Span(lead, max(lead, len(text.rstrip(JS_SPACE))))


# --- reading one piece

_line = _shared(read_line)


@_shared
def _markup_piece(text: str) -> Piece:
    expressions, tags, kept = _markup(text, 0, len(text))
    return _piece(text, kept, expressions, tags)


@_shared
def _code_piece(text: str) -> Piece:
    span = _trimmed(text)
    line = CodeLine(classify_line(js_trim(text)), span)
    return _piece(text, [(span.start, span.end, False)], code=line)


def _inline_piece(text: str) -> Piece:
    """``if (c) { markup } else { markup }`` on one line."""
    span = _trimmed(text)
    found = inline_if_else(js_trim(text))
    assert found is not None
    at = span.start
    expressions: list[markup.Expression] = []
    tags: list[markup.Tag] = []
    kept: list[tuple[int, int, bool]] = []
    for start, end in (found.then, found.otherwise):
        kept.append((at, span.start + start, False))
        more_expressions, more_tags, more = _markup(text, span.start + start, span.start + end)
        expressions += more_expressions
        tags += more_tags
        kept += more
        at = span.start + end
    kept.append((at, span.end, False))
    return _piece(text, kept, expressions, tags, CodeLine(LineKind.IF, span))


def _markup(
    text: str, start: int, end: int
) -> tuple[list[markup.Expression], list[markup.Tag], list[tuple[int, int, bool]]]:
    """Expressions, tags, and what of them the overlay keeps."""
    expressions: list[markup.Expression] = []
    tags: list[markup.Tag] = []
    for item in markup.scan(text, start, end):
        if isinstance(item, markup.Tag):
            tags.append(item)
        else:
            expressions.append(item)
    kept = [(item.inner.start, item.inner.end, True) for item in expressions if item.closed]
    return expressions, tags, kept


def _piece(
    text: str,
    kept: list[tuple[int, int, bool]],
    expressions: Iterable[markup.Expression] = (),
    tags: Iterable[markup.Tag] = (),
    code: CodeLine | None = None,
) -> Piece:
    found = tuple(sorted(expressions, key=lambda item: item.span))
    unclosed = tuple(
        Problem("unclosed-expression", Span(item.span.start, item.span.start + 1))
        for item in found
        if not item.closed and not item.commented
    )
    shape: tuple[Problem, ...] = ()
    closes = opens = False
    if code is not None:
        written = text[code.span.start : code.span.end]
        closes = written.startswith("}")
        opens = code.kind in _OPENS_BLOCK and written.endswith("{")
        if code.kind in _OPENS_BLOCK and not opens and inline_if_else(written) is None:
            shape = (Problem("control-flow-shape", code.span, _shape_detail(written, code.kind)),)
    in_order = tuple(sorted(tags, key=lambda item: item.span))
    components = tuple(tag for tag in in_order if tag.is_component)
    return Piece(overlay(text, kept), found, in_order, components, code, unclosed, shape, closes, opens)


def overlay(text: str, kept: list[tuple[int, int, bool]]) -> str:
    """The TypeScript text of the same length; ``;`` stands right before and after each expression.

    ``kept`` says what stays: (start, end, is an expression).
    """
    parts: list[str] = []
    at = 0
    for start, end, is_expression in sorted(kept):
        if start < at:
            continue
        blank = blanked(text[at:start])
        if is_expression:
            parts += [blank[:-1], ";", text[start:end], ";"]
            at = end + 1
        else:
            parts += [blank, text[start:end]]
            at = end
    return "".join([*parts, blanked(text[at:])])


def _shape_detail(text: str, kind: LineKind) -> str:
    if text.endswith("}") and "{" in text:
        if kind is LineKind.IF:
            return "put `{`, the markup and `}` on lines of their own, or add an else on the same line"
        return "put `{`, the markup and `}` on lines of their own"
    return "the whole head must stand on one line and end in `{`"


@_shared
def _is_plain(text: str) -> bool:
    """Whether a line says nothing about styles and can't be taken for the end of a block."""
    return "<style" not in text and "</style" not in text and not _looseness(js_trim(text))


def _looseness(trimmed: str) -> str:
    """What is wrong with a line that looks like an ``else`` or a ``}`` and is text; '' for any other."""
    if trimmed[:1] not in ("e", "}"):
        return ""
    if _LONE_ELSE.match(trimmed) and trimmed.endswith("{"):
        return "write `} else {` on one line: on a line of its own `else` is text"
    if _CLOSE_AND_MORE.match(trimmed):
        return "leave `}` alone on its line: with anything behind it, it is text"
    return ""
