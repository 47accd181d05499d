"""The markup of a template: its expressions, elements and component tags, with their places.

Reads the text segments that `template_lines` cuts; what is code there never comes here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from koze_lsp.syntax.template_lines import expression_end
from koze_lsp.text import Span

ExpressionKind = Literal["text", "raw", "html", "attribute", "shorthand", "spread"]

_NEXT = re.compile(r"<!--|</?[A-Za-z][^\s/>{}\"'=]*|\{")
_IN_TAG = re.compile(r"[\"'`{>]|/>")
_IN_QUOTE = {quote: re.compile(rf"[{{{quote}]") for quote in "\"'"}
_DIRECTIVE = re.compile(r"\s*@(raw|html)\b")
_ATTRIBUTE_BEFORE = re.compile(r"([^\s=<>\"'{}/]+)\s*=\s*\Z")
_PLAIN_ATTRIBUTE = re.compile(r"(?<=[\s\"'}])([^\s=<>\"'{}/]+)")


class Expression(NamedTuple):
    """An interpolation.

    Attributes:
        span: from ``{`` to behind ``}``.
        inner: the JavaScript alone, without ``@raw`` and ``...``.
        attribute: the attribute's name where it is one's whole or partial value.
        closed: False where no ``}`` ends it; ``span`` then ends with the segment.
    """

    kind: ExpressionKind
    span: Span
    inner: Span
    attribute: str | None = None
    closed: bool = True
    commented: bool = False

    def shift(self, by: int) -> Expression:
        """The same expression, moved by a number of code points."""
        return Expression(self.kind, self.span.shift(by), self.inner.shift(by), *self[3:])


class Tag(NamedTuple):
    """An opening or closing tag. ``span`` ends behind its ``>``, or where the text ends."""

    name: str
    name_span: Span
    span: Span
    closing: bool
    self_closing: bool
    attributes: tuple[str, ...] = ()
    starts_line: bool = False
    closed: bool = True
    commented: bool = False

    @property
    def is_component(self) -> bool:
        """Whether the name is PascalCase, as a component's is."""
        return self.name[:1].isupper()

    def shift(self, by: int) -> Tag:
        """The same tag, moved by a number of code points."""
        return Tag(self.name, self.name_span.shift(by), self.span.shift(by), *self[3:])


Item = Expression | Tag


def scan(source: str, start: int, end: int) -> Iterator[Item]:
    """The expressions and tags of one text segment, ``source[start:end]``, in order (tags before what they hold)."""
    at = start
    while (match := _NEXT.search(source, at, end)) is not None:
        found = match.group()
        if found == "<!--":
            close = source.find("-->", match.end(), end)
            at = end if close == -1 else close + 3
            yield from _commented(source, match.end(), at)
        elif found == "{":
            expression = _expression(source, match.start(), end, "text")
            yield expression
            at = expression.span.end
        else:
            items, at = _tag(source, match, end)
            yield from items


def _commented(source: str, start: int, end: int) -> Iterator[Item]:
    at = start
    while (brace := source.find("{", at, end)) != -1:
        close = expression_end(source, brace + 1, end)
        if close == -1:
            return
        yield Expression("text", Span(brace, close + 1), Span(brace + 1, close), commented=True)
        at = close + 1


def _expression(source: str, start: int, end: int, kind: ExpressionKind, attribute: str | None = None) -> Expression:
    close = expression_end(source, start + 1, end)
    inner = Span(start + 1, end if close == -1 else close)
    if kind == "text" and (directive := _DIRECTIVE.match(source, inner.start, inner.end)):
        kind = "raw" if directive.group(1) == "raw" else "html"
        inner = Span(directive.end(), inner.end)
    if close == -1:
        return Expression(kind, Span(start, end), inner, attribute, closed=False)
    return Expression(kind, Span(start, close + 1), inner, attribute)


def _tag(source: str, match: re.Match[str], end: int) -> tuple[list[Item], int]:
    """A tag with the expressions in it, and the offset behind it."""
    closing = match.group().startswith("</")
    name_start = match.start() + (2 if closing else 1)
    if match.end() < end and source[match.end()] == ">":  # most tags have nothing but a name
        span = Span(match.start(), match.end() + 1)
        name = source[name_start : match.end()]
        starts_line = _starts_line(source, span.start)
        return [Tag(name, Span(name_start, match.end()), span, closing, False, (), starts_line)], span.end
    items: list[Item] = []
    plain: list[str] = []
    at = text_from = match.end()
    closed = self_closing = False
    while not closed and (token := _IN_TAG.search(source, at, end)) is not None:
        plain += _PLAIN_ATTRIBUTE.findall(source, max(text_from - 1, match.end() - 1), token.start())
        what = token.group()
        if what in (">", "/>"):
            closed, self_closing, at = True, what == "/>", token.end()
        elif what == "{":
            expression = _attribute_expression(source, token.start(), end, text_from)
            items.append(expression)
            at = expression.span.end
        else:
            before = _ATTRIBUTE_BEFORE.search(source, text_from, token.start())
            at = _quoted(source, token.start(), end, before.group(1) if before else None, items)
        text_from = at
    tag = Tag(
        source[name_start : match.end()],
        Span(name_start, match.end()),
        Span(match.start(), at if closed else end),
        closing,
        self_closing,
        tuple(plain),
        _starts_line(source, match.start()),
        closed,
    )
    return [tag, *items], tag.span.end


def _starts_line(source: str, offset: int) -> bool:
    return not source[source.rfind("\n", 0, offset) + 1 : offset].strip()


def _attribute_expression(source: str, brace: int, end: int, text_from: int) -> Expression:
    before = _ATTRIBUTE_BEFORE.search(source, text_from, brace)
    if before is not None:
        return _expression(source, brace, end, "attribute", before.group(1))
    if source.startswith("{...", brace):
        spread = _expression(source, brace, end, "spread")
        return Expression("spread", spread.span, Span(brace + 4, spread.inner.end), closed=spread.closed)
    return _expression(source, brace, end, "shorthand")


def _quoted(source: str, start: int, end: int, attribute: str | None, items: list[Item]) -> int:
    """Behind the quoted attribute value that opens at ``start``; its interpolations are added to ``items``."""
    pattern = _IN_QUOTE.get(source[start])
    at = start + 1
    while pattern is not None and (token := pattern.search(source, at, end)) is not None:
        if token.group() != "{":
            return token.end()
        expression = _expression(source, token.start(), end, "attribute", attribute)
        items.append(expression)
        at = expression.span.end
    return at if pattern is None else end
