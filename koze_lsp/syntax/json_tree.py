"""JSON as a tree with spans: what `koze_lsp.syntax.jsonc` and `koze_lsp.syntax.toml_tree` give."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from koze_lsp.text import Span


class ProblemKind(str, Enum):
    """What is wrong; where wrangler refuses the file the value is the name that it prints."""

    INVALID_SYMBOL = "InvalidSymbol"
    PROPERTY_NAME_EXPECTED = "PropertyNameExpected"
    VALUE_EXPECTED = "ValueExpected"
    COLON_EXPECTED = "ColonExpected"
    COMMA_EXPECTED = "CommaExpected"
    CLOSE_BRACE_EXPECTED = "CloseBraceExpected"
    CLOSE_BRACKET_EXPECTED = "CloseBracketExpected"
    END_OF_FILE_EXPECTED = "EndOfFileExpected"
    UNEXPECTED_END_OF_COMMENT = "UnexpectedEndOfComment"
    UNEXPECTED_END_OF_STRING = "UnexpectedEndOfString"
    UNEXPECTED_END_OF_NUMBER = "UnexpectedEndOfNumber"
    INVALID_UNICODE = "InvalidUnicode"
    INVALID_ESCAPE = "InvalidEscapeCharacter"
    INVALID_CHARACTER = "InvalidCharacter"
    BYTE_ORDER_MARK = "byte order mark"
    TRAILING_COMMA = "trailing comma"
    INVALID_TOML = "TOML"

    @property
    def fatal(self) -> bool:
        """Whether wrangler refuses the file; the others only stop the framework's own sync."""
        return self not in (ProblemKind.BYTE_ORDER_MARK, ProblemKind.TRAILING_COMMA)


@dataclass(frozen=True, slots=True)
class JsonProblem:
    """Something that a reader of the file refuses, with what is expected instead."""

    kind: ProblemKind
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class JsonComment:
    """A comment with its marks; ``line`` tells ``//`` from ``/* */``."""

    span: Span
    line: bool


@dataclass(frozen=True, slots=True, eq=False)
class JsonString:
    """A string; ``value`` is decoded, a broken escape is left out of it."""

    span: Span
    value: str
    closed: bool = True

    @property
    def inner(self) -> Span:
        """The span between the quotes."""
        return Span(self.span.start + 1, self.span.end - 1 if self.closed else self.span.end)


@dataclass(frozen=True, slots=True, eq=False)
class JsonNumber:
    """A number; an int where it is a short one without point or exponent, else rounded as JavaScript does."""

    span: Span
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class JsonLiteral:
    """``true``, ``false`` or ``null``."""

    span: Span
    value: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class JsonArray:
    """An array. ``trailing_comma`` is the offset of the comma before ``]``, if there is one."""

    span: Span
    items: tuple[JsonNode, ...]
    trailing_comma: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class JsonMember:
    """A key and its value; the value is None where the text has none."""

    span: Span
    key: JsonString
    value: JsonNode | None


@dataclass(frozen=True, slots=True, eq=False)
class JsonObject:
    """An object, with every member that is written, also those with one key.

    ``trailing_comma`` is the offset of the comma before ``}``, if there is one.
    """

    span: Span
    members: tuple[JsonMember, ...]
    trailing_comma: int | None = None

    def member(self, key: str) -> JsonMember | None:
        """The member that counts for a key: the last one with a value."""
        for member in reversed(self.members):
            if member.key.value == key and member.value is not None:
                return member
        return None

    def get(self, key: str) -> JsonNode | None:
        """The value of a key, as a reader of the file gets it."""
        member = self.member(key)
        return member.value if member is not None else None


JsonNode = JsonObject | JsonArray | JsonString | JsonNumber | JsonLiteral


@dataclass(frozen=True, slots=True)
class JsonTree:
    """A file as wrangler reads it.

    Attributes:
        source: the text that the spans refer to.
        root: the first value, or None where there is none.
        problems: in the order in which wrangler finds them; where there are none, what only the
            framework's sync refuses.
        comments: all of them, in the order of the text.
    """

    source: str
    root: JsonNode | None
    problems: tuple[JsonProblem, ...]
    comments: tuple[JsonComment, ...]

    @property
    def error(self) -> JsonProblem | None:
        """The problem that wrangler stops at; None where it reads the file."""
        return next((problem for problem in self.problems if problem.kind.fatal), None)

    @property
    def notes(self) -> tuple[JsonProblem, ...]:
        """What wrangler reads and the framework's sync does not."""
        return tuple(problem for problem in self.problems if not problem.kind.fatal)


def to_data(node: JsonNode) -> Any:
    """The value of a node as Python data; of equal keys the last counts. A missing value is None."""
    root: list[Any] = []
    work: list[tuple[JsonNode, Any, str | None]] = [(node, root, None)]
    while work:
        at, parent, key = work.pop()
        value: Any
        if isinstance(at, JsonObject):
            value = {member.key.value: None for member in at.members}
            work += [
                (member.value, value, member.key.value) for member in reversed(at.members) if member.value is not None
            ]
        elif isinstance(at, JsonArray):
            value = []
            work += [(item, value, None) for item in reversed(at.items)]
        else:
            value = at.value
        if key is None:
            parent.append(value)
        else:
            parent[key] = value
    return root[0]
