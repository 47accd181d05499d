"""Tokens of TypeScript, JSON with comments and JSON5 up to a cursor, and the brackets that are open there.

One scanner for texts that are half typed: it has no grammar, so nothing is an error for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from koze_lsp.text import Span

TokenKind = Literal["string", "word", "number", "mark", "regex", "template"]

_TOKEN = re.compile(
    r"""
      (?P<comment>//[^\r\n]*|/\*[\s\S]*?(?:\*/|\Z))
    | (?P<string>'(?:[^'\\\r\n]|\\[\s\S])*'?|"(?:[^"\\\r\n]|\\[\s\S])*"?)
    | (?P<word>[^\W\d][\w$]*|\$[\w$]*)
    | (?P<number>\d[\w.]*)
    | (?P<mark>=>|\?\.(?!\d)|[=!]==?|&&|\|\||\?\?|\.\.\.|[^\s\w])
    """,
    re.VERBOSE,
)
_TEMPLATE_TEXT = re.compile(r"(?:[^`\\$]|\\[\s\S]|\$(?!\{))*")
_REGEX = re.compile(r"/(?![*/])(?:[^/\\\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+/[a-z]*")
_LINE = re.compile(r"[^\r\n]*")
_SPACE = re.compile(r"\s*")
_NAME_PART = re.compile(r"[\w$]*")
_BEFORE_VALUE = frozenset({"return", "typeof", "case", "await", "in", "of", "new", "void", "else", "default", "yield"})
_BEFORE_OBJECT = frozenset({"return", "import", "export", "type", "const", "let", "var", "default"})
_OBJECT_AFTER = frozenset("=(,:[?<|&!") | {"&&", "||", "??", "...", "===", "==", "!==", "!="}


class Token(NamedTuple):
    """One token before the cursor."""

    kind: TokenKind
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Frame:
    """One bracket that is open at the cursor.

    Attributes:
        opener: ``(``, ``[``, ``{``, ````` or ``${``.
        callee: of ``(``, the dotted name before it: ``workflowStatus``, ``this.env.X.create``.
        index: how many commas lie between the bracket and the cursor.
        is_object: of ``{``, whether it opens an object rather than a block.
        key: of an object, the member that the cursor is in, once its name is written.
        at_value: whether the cursor is behind that member's colon.
        keys: the names of the members so far, the present one included.
    """

    opener: str
    start: int
    callee: str = ""
    callee_start: int = 0
    index: int = 0
    is_object: bool = False
    key: str | None = None
    key_span: Span | None = None
    at_value: bool = False
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StringAt:
    """The string that the cursor is in. ``inner`` is its text; of an unclosed one, up to the line's end."""

    quote: str
    inner: Span
    closed: bool


class Scanner:
    """One scan from a start to a cursor; afterwards it holds what was found."""

    def __init__(self, source: str, start: int, offset: int, limit: int, *, data: bool, expression: bool) -> None:
        self.source = source
        self.start = start
        self.offset = offset
        self.limit = limit
        self.data = data
        self.expression = expression
        self.tokens: list[Token] = []
        self.frames: list[Frame] = []
        self.string: StringAt | None = None
        self.word = Span(offset, offset)
        self.in_comment = False

    def run(self) -> None:
        at = self.start
        while at < self.offset:
            if self.frames and self.frames[-1].opener == "`":
                at = self.template(at)
            else:
                match = _TOKEN.match(self.source, _skip(self.source, at, self.offset), self.limit)
                if match is None or match.start() >= self.offset:
                    break
                at = self.token(match)
        if at == self.offset and self.frames and self.frames[-1].opener == "`" and self.string is None:
            self.template(at)  # right behind its quote
        if self.string is None and self.word.start < self.offset:
            after = _NAME_PART.match(self.source, self.offset, self.limit)
            self.word = Span(self.word.start, after.end() if after is not None else self.offset)

    def token(self, match: re.Match[str]) -> int:
        kind, text, start, end = str(match.lastgroup), match.group(), match.start(), match.end()
        if kind == "comment":
            unclosed = not text.endswith("*/") or text.startswith("//")
            self.in_comment = self.offset < end or (self.offset == end and unclosed)
            return end
        if kind == "string":
            closed = len(text) > 1 and text[-1] == text[0]
            if self.offset < end or (self.offset == end and not closed):
                self.string = StringAt(text[0], Span(start + 1, end - 1 if closed else end), closed)
                return self.offset
        elif kind in ("word", "number"):
            if end >= self.offset:
                self.word = Span(start, self.offset)
                return self.offset
        elif text == "/" and not self.data and not self.after_value():
            regex = _REGEX.match(self.source, start, self.limit)
            if regex is not None:
                end, kind = regex.end(), "regex"
        self.add(kind, text, start, end)
        return end

    def after_value(self) -> bool:
        last = self.tokens[-1] if self.tokens else None
        if last is None:
            return False
        if last.kind == "mark":
            return last.text in (")", "]", "}", "`")
        return last.text not in _BEFORE_VALUE

    def template(self, at: int) -> int:
        """Over the text of a template literal, to its end or into its next ``${``."""
        text = _TEMPLATE_TEXT.match(self.source, at, self.limit)
        end = text.end() if text is not None else at
        if end >= self.offset:
            frame = self.frames[-1]
            line = _LINE.match(self.source, at, end)
            last = line.end() if line is not None else end
            if at == frame.start + 1 and self.offset <= last and not self.source.startswith("${", end):
                closed = last == end and self.source.startswith("`", end)
                self.string = StringAt("`", Span(at, last), closed)
                self.frames.pop()
                self.tokens.pop()
            else:
                self.in_comment = True  # the text of a template literal is prose
            return self.offset
        if self.source.startswith("${", end):
            self.frames.append(Frame("${", end))
            return end + 2
        self.frames.pop()
        self.tokens.append(Token("template", "`", end, end + 1))
        return end + 1

    def add(self, kind: str, text: str, start: int, end: int) -> None:
        """Take one whole token, which lies before the cursor."""
        frame = self.frames[-1] if self.frames else None
        if kind == "mark" and text in "([{":
            self.open(text, start)
        elif kind == "mark" and text in ")]}":
            self.close(text)
        elif kind == "mark" and text == "`":
            self.frames.append(Frame("`", start))
        elif frame is not None and kind == "mark" and text == ",":
            frame.index += 1
            frame.key, frame.at_value = None, False
        elif frame is not None and frame.is_object:
            self.member(frame, kind, text, start, end)
        self.tokens.append(Token(_KINDS.get(kind, "mark"), text, start, end))

    def member(self, frame: Frame, kind: str, text: str, start: int, end: int) -> None:
        if kind == "mark" and text == ":" and frame.key is not None:
            frame.at_value = True
        elif kind in ("word", "string", "number") and not frame.at_value:
            closed = kind == "string"
            frame.key = text[1:-1] if closed else text
            frame.key_span = Span(start + 1, end - 1) if closed else Span(start, end)
            frame.keys.append(frame.key)

    def open(self, text: str, start: int) -> None:
        frame = Frame(text, start)
        last = self.tokens[-1] if self.tokens else None
        if text == "(":
            frame.callee, frame.callee_start = self.callee()
        elif text == "{":
            frame.is_object = self.data or self.opens_object(last)
        self.frames.append(frame)

    def opens_object(self, last: Token | None) -> bool:
        if last is None:
            return self.expression
        if last.kind == "mark":
            return last.text in _OBJECT_AFTER
        return last.kind == "word" and last.text in _BEFORE_OBJECT

    def close(self, text: str) -> None:
        wanted = {")": "(", "]": "[", "}": "{"}[text]
        if text == "}" and self.frames and self.frames[-1].opener == "${":
            self.frames.pop()
            return
        for depth in range(len(self.frames) - 1, -1, -1):
            if self.frames[depth].opener == wanted:
                del self.frames[depth:]
                return
            if self.frames[depth].opener in ("`", "${"):
                return

    def callee(self) -> tuple[str, int]:
        """The dotted name before an open parenthesis; type arguments between them are passed over."""
        tokens = self.tokens
        at = len(tokens) - 1
        if at >= 0 and tokens[at].text == ">":
            depth = 0
            for at in range(len(tokens) - 1, max(len(tokens) - 60, -1), -1):
                depth += {">": 1, "<": -1}.get(tokens[at].text, 0)
                if depth == 0:
                    break
            at -= 1
        names: list[str] = []
        start = tokens[at].start if at >= 0 else 0
        while at >= 0 and tokens[at].kind == "word":
            names.append(tokens[at].text)
            start = tokens[at].start
            if at == 0 or tokens[at - 1].text not in (".", "?."):
                break
            at -= 2
            if at >= 0 and tokens[at].text == "!":
                at -= 1
        name = ".".join(reversed(names))
        return ("", start) if name in ("if", "for", "while", "switch", "catch", "return", "await") else (name, start)


_KINDS: dict[str, TokenKind] = {"string": "string", "word": "word", "number": "number", "regex": "regex"}


def _skip(source: str, at: int, limit: int) -> int:
    match = _SPACE.match(source, at, limit)
    return match.end() if match is not None else at


def keys_after(source: str, at: int, limit: int) -> set[str]:
    """The member names at the depth of a place in an object, up to the object's end."""
    found: set[str] = set()
    depth = 0
    previous = ","
    for match in _TOKEN.finditer(source, at, limit):
        text, kind = match.group(), match.lastgroup
        if kind == "comment":
            continue
        if text in ("(", "[", "{"):
            depth += 1
        elif text in (")", "]", "}"):
            depth -= 1
            if depth < 0:
                break
        elif depth == 0 and previous == "," and kind in ("word", "string"):
            found.add(text.strip("'\""))
        previous = text
    return found


def chain(tokens: list[Token]) -> tuple[tuple[str, ...], int] | None:
    """The names of a dotted chain that ends in a dot, and where it starts; calls and indexes end it as ``()``."""
    names: list[str] = []
    at = len(tokens) - 1
    start = 0
    if at < 0 or tokens[at].text not in (".", "?."):
        return None
    while at >= 0 and tokens[at].text in (".", "?."):
        at -= 1
        if at >= 0 and tokens[at].text == "!":
            at -= 1
        if at < 0:
            return None
        token = tokens[at]
        start = token.start
        if token.kind != "word":
            names.append("()" if token.text in (")", "]") else "")
            return tuple(reversed(names)), start
        names.append(token.text)
        at -= 1
    return tuple(reversed(names)), start
