"""JSON with comments as a tree with spans, in exactly the dialect that wrangler reads.

The scanner and the order in which errors are found follow Microsoft's ``jsonc-parser`` 3.2, which
wrangler uses with trailing commas allowed: the first problem of a text is the one that wrangler prints,
under the same name and at the same place. After a problem the parser goes on, so that an editor has a
tree while a file is being typed in.

Nesting may be any depth: nothing here recurses. The time is linear in the length of the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from koze_lsp.syntax.json_tree import (
    JsonArray,
    JsonComment,
    JsonLiteral,
    JsonMember,
    JsonNode,
    JsonNumber,
    JsonObject,
    JsonProblem,
    JsonString,
    JsonTree,
    ProblemKind,
    to_data,
)
from koze_lsp.text import Span

__all__ = [
    "JsonArray",
    "JsonComment",
    "JsonLiteral",
    "JsonMember",
    "JsonNode",
    "JsonNumber",
    "JsonObject",
    "JsonProblem",
    "JsonString",
    "JsonTree",
    "ProblemKind",
    "parse",
    "to_data",
]

_MESSAGES: Mapping[ProblemKind, str] = MappingProxyType(
    {
        ProblemKind.INVALID_SYMBOL: "{token} is no JSON; strings and keys need double quotes",
        ProblemKind.PROPERTY_NAME_EXPECTED: "a key in double quotes is expected here",
        ProblemKind.VALUE_EXPECTED: "a value is expected here",
        ProblemKind.COLON_EXPECTED: "a colon is expected after the key",
        ProblemKind.COMMA_EXPECTED: "a comma is expected here",
        ProblemKind.CLOSE_BRACE_EXPECTED: "the object is not closed: a } is expected here",
        ProblemKind.CLOSE_BRACKET_EXPECTED: "the array is not closed: a ] is expected here",
        ProblemKind.END_OF_FILE_EXPECTED: "nothing may follow the first value",
        ProblemKind.UNEXPECTED_END_OF_COMMENT: "the comment is not closed: */ is missing",
        ProblemKind.UNEXPECTED_END_OF_STRING: "the string is not closed on its line",
        ProblemKind.UNEXPECTED_END_OF_NUMBER: "a digit is missing in the number",
        ProblemKind.INVALID_UNICODE: "\\u needs four hexadecimal digits",
        ProblemKind.INVALID_ESCAPE: 'after a backslash only " \\ / b f n r t and u may follow',
        ProblemKind.INVALID_CHARACTER: "a control character in a string must be written as an escape",
        ProblemKind.BYTE_ORDER_MARK: "the file begins with a byte order mark",
        ProblemKind.TRAILING_COMMA: "a comma before the closing bracket",
    }
)


def parse(source: str) -> JsonTree:
    """The tree of a text. Any text gives one."""
    return _Parser(source).run()


# One alternative a token, in the order of jsonc-parser's scanner. White space is only what JSON has:
# anything else, such as a no-break space, is an unknown symbol. No alternative can backtrack into itself.
_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]+)
    | (?P<mark>[{}\[\],:])
    | (?P<string>"[^"\\\r\n]*(?:\\[\s\S][^"\\\r\n]*)*(?:"|\\?))
    | (?P<comment>//[^\r\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?)
    | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.(?![0-9])|(?:\.[0-9]+)?(?:[eE][+-]?[0-9]*)?))
    | (?P<symbol>-|/|[^ \t\r\n{}\[\]":,/]+)
    """,
    re.VERBOSE,
)
_UNUSUAL = re.compile(r"[\\\x00-\x1f]")
_ESCAPE = re.compile(r'\\(?:(?P<good>["\\/bfnrt]|u[0-9a-fA-F]{4})|(?P<hex>u[0-9a-fA-F]*)|[\s\S]?)|[\x00-\x1f]')
_LITERALS: Mapping[str, bool | None] = MappingProxyType({"true": True, "false": False, "null": None})
_SHOWN = 24
_MOST_PROBLEMS = 100
_LOOK_BACK = 64


# What the parser waits for. Plain names, because they are compared once a token.
_VALUE, _KEY, _COLON, _COMMA, _END = range(5)
_WANTED = (
    ProblemKind.VALUE_EXPECTED,
    ProblemKind.PROPERTY_NAME_EXPECTED,
    ProblemKind.COLON_EXPECTED,
    ProblemKind.COMMA_EXPECTED,
    ProblemKind.END_OF_FILE_EXPECTED,
)


class _Frame:
    """An object or array that is still open."""

    __slots__ = ("comma", "elements", "is_object", "key", "start")

    def __init__(self, start: int, is_object: bool) -> None:
        self.start = start
        self.is_object = is_object
        self.elements: list[Any] = []
        self.key: JsonString | None = None
        self.comma: int | None = None
        """The offset of the comma after the last element."""


class _Parser:
    """The state of one parse: a stack of open containers, and what is expected next."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[JsonProblem] = []
        self.notes: list[JsonProblem] = []
        self.comments: list[JsonComment] = []
        self.stack: list[_Frame] = []
        self.root: JsonNode | None = None
        self.expect = _VALUE

    def run(self) -> JsonTree:
        start = 0
        if self.source.startswith("\ufeff"):
            start = 1
            self._note(ProblemKind.BYTE_ORDER_MARK, Span(0, 1))
        for kind, token, at in self._tokens(start):
            if self.expect == _END:
                self._scan(kind, token, at)
                self._problem(ProblemKind.END_OF_FILE_EXPECTED, Span(at, at + len(token)))
                break
            if kind == "mark":
                self._mark(token, at)
            else:
                self._scalar(kind, token, at)
        self._finish()
        problems = self.problems or self.notes
        return JsonTree(self.source, self.root, tuple(problems), tuple(self.comments))

    # Tokens

    def _tokens(self, start: int) -> Iterator[tuple[str, str, int]]:
        """The tokens that carry meaning; unknown symbols are reported and passed over, as wrangler does."""
        for match in _TOKEN.finditer(self.source, start):
            kind = match.lastgroup
            if kind == "space":
                continue
            token = match.group()
            if kind == "comment":
                self._comment(token, match.start())
            elif kind == "symbol":
                if token in _LITERALS:
                    yield "literal", token, match.start()
                else:
                    self._problem(ProblemKind.INVALID_SYMBOL, Span(*match.span()))
            else:
                yield kind or "", token, match.start()

    def _scan(self, kind: str, token: str, at: int) -> JsonNode:
        """The node of a token that is a whole value; reports what is wrong inside the token."""
        if kind == "string":
            return self._string(token, at)
        if kind == "number":
            return self._number(token, at)
        return JsonLiteral(Span(at, at + len(token)), _LITERALS.get(token))

    def _comment(self, token: str, at: int) -> None:
        span = Span(at, at + len(token))
        self.comments.append(JsonComment(span, token.startswith("//")))
        if token.startswith("/*") and (len(token) < 4 or not token.endswith("*/")):
            self._problem(ProblemKind.UNEXPECTED_END_OF_COMMENT, span)

    def _string(self, token: str, at: int) -> JsonString:
        span = Span(at, at + len(token))
        if not _UNUSUAL.search(token):
            if len(token) > 1 and token.endswith('"'):
                return JsonString(span, token[1:-1])
            self._problem(ProblemKind.UNEXPECTED_END_OF_STRING, span)
            return JsonString(span, token[1:], closed=False)
        value, closed, kind = _decode(token)
        if kind is not None:
            self._problem(kind, span)
        return JsonString(span, value, closed)

    def _number(self, token: str, at: int) -> JsonNumber:
        span = Span(at, at + len(token))
        if token[-1] not in "0123456789":
            self._problem(ProblemKind.UNEXPECTED_END_OF_NUMBER, span)
            token = re.split("[.eE]", token)[0]
        whole = token.lstrip("-").isdigit() and len(token) < 16
        return JsonNumber(span, int(token) if whole else float(token))

    # Grammar

    def _mark(self, mark: str, at: int) -> None:
        if mark in "{[":
            if self._ready_for_value(at):
                self.stack.append(_Frame(at, mark == "{"))
                self.expect = _KEY if mark == "{" else _VALUE
        elif mark in "}]":
            self._close(mark, at)
        elif mark == ",":
            self._comma(at)
        elif self.expect == _COLON:
            self.expect = _VALUE
        else:
            self._problem(self._wanted(), Span(at, at + 1))

    def _scalar(self, kind: str, token: str, at: int) -> None:
        """A string, number or literal: a key where one is expected, else a value."""
        node = self._scan(kind, token, at)
        if isinstance(node, JsonString):
            if self.expect == _COMMA and self.stack[-1].is_object:
                self._problem(ProblemKind.COMMA_EXPECTED, node.span)
                self.expect = _KEY
            if self.expect == _KEY:
                self.stack[-1].key = node
                self.expect = _COLON
                return
        if self._ready_for_value(at, node.span.end):
            self._value(node)

    def _ready_for_value(self, at: int, end: int | None = None) -> bool:
        """Whether a value may stand here; says so where it may not, and goes on where that is clear."""
        if self.expect == _VALUE:
            return True
        self._problem(self._wanted(), Span(at, end if end is not None else at + 1))
        if self.expect == _COLON or (self.expect == _COMMA and not self.stack[-1].is_object):
            return True
        if self.expect == _COMMA:  # a value without a key: the error after it is the same one
            self.expect = _KEY
        if end is None:  # an opened container keeps its inside apart, as a member without a key
            self.stack[-1].key = JsonString(Span(at, at), "", closed=False)
            return True
        return False

    def _wanted(self) -> ProblemKind:
        return _WANTED[self.expect]

    def _value(self, node: JsonNode) -> None:
        """Put a finished value into the container that is open."""
        if not self.stack:
            self.root = node
            self.expect = _END
            return
        frame = self.stack[-1]
        frame.comma = None
        self.expect = _COMMA
        if not frame.is_object:
            frame.elements.append(node)
        elif frame.key is not None:
            frame.elements.append(JsonMember(Span(frame.key.span.start, node.span.end), frame.key, node))
            frame.key = None

    def _drop_key(self, frame: _Frame) -> None:
        """Keep a key whose value never came, so that an editor can complete it."""
        if frame.key is not None:
            frame.elements.append(JsonMember(frame.key.span, frame.key, None))
            frame.key = None

    def _comma(self, at: int) -> None:
        span = Span(at, at + 1)
        if not self.stack:
            self._problem(ProblemKind.VALUE_EXPECTED, span)
            return
        frame = self.stack[-1]
        if self.expect == _COMMA:
            frame.comma = at
        elif self.expect == _KEY and not frame.elements and frame.comma is None:
            self._problem(ProblemKind.VALUE_EXPECTED, span)  # as wrangler names a leading comma
            frame.comma = at
        else:
            self._problem(self._wanted(), span)
            self._drop_key(frame)
            frame.comma = at
        self.expect = _KEY if frame.is_object else _VALUE

    def _close(self, mark: str, at: int) -> None:
        if not self.stack:
            self._problem(ProblemKind.VALUE_EXPECTED, Span(at, at + 1))
            return
        frame = self.stack[-1]
        if frame.is_object != (mark == "}"):
            self._problem(self._wanted(), Span(at, at + 1))
            if not any(outer.is_object == (mark == "}") for outer in self.stack[-_LOOK_BACK:-1]):
                return  # nothing that this could close
            while self.stack[-1].is_object != (mark == "}"):
                self._pop(at)
            frame = self.stack[-1]
        elif self.expect == _COLON or (self.expect == _VALUE and frame.is_object):
            self._problem(self._wanted(), Span(at, at + 1))
        if frame.comma is not None and frame.elements:
            self._note(ProblemKind.TRAILING_COMMA, Span(frame.comma, frame.comma + 1))
        self._pop(at + 1)

    def _pop(self, end: int) -> None:
        """Close the innermost container."""
        frame = self.stack.pop()
        self._drop_key(frame)
        span = Span(frame.start, end)
        kind = JsonObject if frame.is_object else JsonArray
        self._value(kind(span, tuple(frame.elements), frame.comma if frame.elements else None))

    def _finish(self) -> None:
        end = Span(len(self.source), len(self.source))
        if not self.stack:
            if self.root is None:
                self._problem(ProblemKind.VALUE_EXPECTED, end)
            return
        frame = self.stack[-1]
        inside = self.expect == _COLON or (self.expect != _COMMA and (frame.comma is not None or frame.key is not None))
        if inside:
            self._problem(self._wanted(), end)
        kind = ProblemKind.CLOSE_BRACE_EXPECTED if frame.is_object else ProblemKind.CLOSE_BRACKET_EXPECTED
        self._problem(kind, end)
        while self.stack:
            self._pop(end.end)

    def _problem(self, kind: ProblemKind, span: Span) -> None:
        if len(self.problems) == _MOST_PROBLEMS:
            return
        token = self.source[span.start : min(span.end, span.start + _SHOWN)]
        self.problems.append(JsonProblem(kind, span, _MESSAGES[kind].replace("{token}", token)))

    def _note(self, kind: ProblemKind, span: Span) -> None:
        self.notes.append(JsonProblem(kind, span, _MESSAGES[kind]))


def _decode(token: str) -> tuple[str, bool, ProblemKind | None]:
    """The value of a string token, whether it is closed, and the last thing wrong in it.

    The last, because the scanner behind wrangler keeps one error a token.
    """
    parts: list[str] = []
    problem: ProblemKind | None = None
    at = 1
    for match in _ESCAPE.finditer(token, 1):
        parts.append(token[at : match.start()])
        at = match.end()
        if match["good"]:
            parts.append(match.group())
        elif match.group() == "\\":
            problem = ProblemKind.UNEXPECTED_END_OF_STRING
        elif match["hex"]:
            problem = ProblemKind.INVALID_UNICODE
        elif match.group().startswith("\\"):
            problem = ProblemKind.INVALID_ESCAPE
        else:
            parts.append(json.dumps(match.group())[1:-1])
            problem = ProblemKind.INVALID_CHARACTER
    rest = token[at:]
    closed = rest.endswith('"')
    parts.append(rest[:-1] if closed else rest)
    if not closed:
        problem = ProblemKind.UNEXPECTED_END_OF_STRING
    value: str = json.loads('"' + "".join(parts) + '"')
    return value, closed, problem
