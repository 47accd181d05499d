"""What the cursor stands in, read from the tokens before it: this works on text that is half typed.

A syntax tree says little about ``workflowStatus('`` or ``status.``; the tokens up to the cursor say enough. The
scan runs forward from a safe place over at most a few thousand characters, so that its cost does not grow with
the file. The same scan serves TypeScript, template expressions, JSON with comments and JSON5.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from koze_lsp.ide.glance import script_span, template_at
from koze_lsp.ide.tokens import Frame, Scanner, StringAt, Token, chain, keys_after
from koze_lsp.project.document import SCRIPT_KINDS, Document, FileKind
from koze_lsp.text import Span

_NAME_PART = re.compile(r"[\w$-]*")
_NAME_END = re.compile(r"[\w$-]*\Z")
_STATEMENT = re.compile(
    r"^[ \t]*(?:import|export|const|let|var|async|function|class|if|for|while|switch|return|await|type|interface)\b",
    re.MULTILINE,
)
_WINDOW = 6_000


class Region(Enum):
    """Where in a file a cursor can stand."""

    SCRIPT = "script"
    EXPRESSION = "expression"
    CODE_LINE = "code line"
    TEXT = "text"
    """Template text outside expressions and tags."""
    DATA = "data"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Argument:
    """A place in a call's arguments.

    Attributes:
        call: the call's open parenthesis.
        index: the argument's number, from 0.
        path: the keys that lead into an object argument, outermost first; ``[]`` stands for an array.
        at_key: the cursor is where a member's name belongs.
    """

    call: Frame
    index: int
    path: tuple[str, ...]
    at_key: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """A cursor and what lies before it.

    Attributes:
        word: the identifier around the cursor (empty without one): what a completion replaces.
        prefix: the part of ``word``, or of the string, that is typed already.
        tokens: the tokens before the cursor's own word or string.
        string: the string that holds the cursor, if one does.
        in_comment: nothing is completed in comments.
    """

    document: Document
    offset: int
    region: Region
    start: int
    word: Span
    tokens: list[Token]
    frames: list[Frame]
    string: StringAt | None
    in_comment: bool
    limit: int

    @property
    def source(self) -> str:
        """The file's text."""
        return self.document.source

    @property
    def prefix(self) -> str:
        """What is typed of the word or string."""
        start = self.string.inner.start if self.string is not None else self.word.start
        return self.source[start : self.offset]

    @property
    def span(self) -> Span:
        """What a completion replaces: the string's text as far as it is one name, or the word."""
        if self.string is None:
            return self.word
        inner = self.string.inner
        text = self.source[inner.start : inner.end]
        if self.string.closed and not re.search(r"[,(){}\r\n]", text):
            return inner
        after = _NAME_PART.match(self.source, self.offset)
        return Span(inner.start, min(after.end() if after else self.offset, max(inner.end, self.offset)))

    @property
    def closing(self) -> str:
        """The quote to add behind a completion, where the string that holds the cursor is not closed."""
        string = self.string
        if string is None:
            return ""
        return "" if self.source.startswith(string.quote, self.span.end) else string.quote

    @property
    def frame(self) -> Frame | None:
        """The innermost open bracket."""
        return self.frames[-1] if self.frames else None

    def last(self, back: int = 1) -> Token | None:
        """A token before the cursor, counted from it."""
        return self.tokens[-back] if len(self.tokens) >= back else None

    def argument(self) -> Argument | None:
        """The call whose arguments the cursor is in, directly or inside object and array literals."""
        path: list[str] = []
        at_key = False
        for depth, frame in enumerate(reversed(self.frames)):
            if frame.opener == "(":
                if not frame.callee:
                    if path or at_key or depth:  # ( { … } ): plain parentheses around an object
                        return None
                    continue
                return Argument(frame, frame.index, tuple(reversed(path)), at_key)
            if frame.opener == "{" and frame.is_object:
                if depth == 0 and not frame.at_value:
                    at_key = True
                elif frame.key is not None:
                    path.append(frame.key)
                else:
                    return None
            elif frame.opener == "[":
                path.append("[]")
            else:
                return None
        return None

    def path(self) -> tuple[str, ...] | None:
        """The names of ``a.b?.c.`` before the cursor, without the word at it; None if no dot is before it."""
        found = chain(self.tokens)
        return found[0] if found is not None else None

    def data_path(self) -> tuple[tuple[str, ...], bool]:
        """In JSON: the keys from the root to the cursor (array places as ``#n``), and whether a key belongs here."""
        path: list[str] = []
        at_key = False
        for depth, frame in enumerate(reversed(self.frames)):
            if frame.opener == "[":
                path.append(f"#{frame.index}")
            elif depth == 0 and not frame.at_value:
                at_key = True
            else:
                path.append(frame.key or "")
        return tuple(reversed(path)), at_key

    def keys_after(self) -> set[str]:
        """The keys of the innermost object that stand behind the cursor."""
        at = max(self.offset, self.word.end, self.string.inner.end + 1 if self.string and self.string.closed else 0)
        return keys_after(self.source, at, min(self.limit, at + 2_000))


def cursor_at(document: Document, offset: int) -> Cursor:
    """What an offset of a document stands in. Never raises."""
    offset = min(max(offset, 0), len(document.source))
    region, start, limit = _region(document, offset)
    if region in (Region.TEXT, Region.NONE):
        return _plain(document, offset, region, start, limit)
    data, expression = region is Region.DATA, region is Region.EXPRESSION
    scanner = Scanner(document.source, start, offset, limit, data=data, expression=expression)
    scanner.run()
    return Cursor(
        document,
        offset,
        region,
        start,
        scanner.word,
        scanner.tokens,
        scanner.frames,
        scanner.string,
        scanner.in_comment,
        limit,
    )


def _region(document: Document, offset: int) -> tuple[Region, int, int]:
    """The region, where its scan starts, and where it ends."""
    kind, source = document.kind, document.source
    if kind in (FileKind.WRANGLER, FileKind.PACKAGE, FileKind.SCENARIO):
        toml = document.path.endswith(".toml")
        return (Region.NONE if toml else Region.DATA), 0, len(source)
    if kind in SCRIPT_KINDS:
        return Region.SCRIPT, _safe_start(source, 0, offset), len(source)
    if not kind.has_template:
        return Region.NONE, 0, len(source)
    content = script_span(document)
    if content is not None and content.contains(offset):
        return Region.SCRIPT, _safe_start(source, content.start, offset), content.end
    after = source.find(">", content.end) + 1 if content is not None else 0
    if content is not None and (offset < after or after == 0):
        return Region.NONE, 0, len(source)
    seen = template_at(source, after, offset)
    return (Region(seen.kind), seen.start, seen.end) if seen is not None else _parsed_region(document, offset)


def _parsed_region(document: Document, offset: int) -> tuple[Region, int, int]:
    """The region in a template, where a glance does not show it."""
    facts, source = document.route, document.source
    for expression in facts.expressions:
        inner = expression.inner
        if inner.start <= offset <= inner.end and not expression.commented:
            return Region.EXPRESSION, inner.start, inner.end
    for line in facts.code:
        if line.span.start < offset <= line.span.end:
            return Region.CODE_LINE, line.span.start, line.span.end
    for tag in facts.tags:
        if tag.span.start < offset < tag.span.end:
            return Region.NONE, tag.span.start, tag.span.end
    return Region.TEXT, source.rfind("\n", 0, offset) + 1, len(source)


def _safe_start(source: str, start: int, offset: int) -> int:
    """A place not far before the offset where a statement starts, and with it no string or comment is open."""
    if offset - start <= _WINDOW:
        return start
    lines = [(match.start(), match.end()) for match in _STATEMENT.finditer(source, offset - _WINDOW, offset)]
    if not lines:
        return offset - _WINDOW
    indents = [len(source[at:end]) - len(source[at:end].lstrip()) for at, end in lines]
    return lines[indents.index(min(indents))][0]


def _plain(document: Document, offset: int, region: Region, start: int, limit: int) -> Cursor:
    source = document.source
    before = _NAME_END.search(source, start, offset)
    word = Span(before.start() if before else offset, offset)
    return Cursor(document, offset, region, start, word, [], [], None, False, limit)
