"""``koze-ignore`` comments: a finding on the next line that the author has looked at and accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from koze_lsp.project.document import Document, FileKind
from koze_lsp.rules.base import Diagnostic
from koze_lsp.text import Span

MARK = "koze-ignore"

_CODES = r"[ \t]+(?P<codes>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)[ \t]*,?[ \t]*(?:--[^\r\n]*?)?"
_LINE = re.compile(rf"^[ \t]*//[ \t]*{MARK}{_CODES}[ \t]*$", re.MULTILINE)
_MARKUP = re.compile(rf"^[ \t]*<!--[ \t]*{MARK}{_CODES}[ \t]*-->[ \t]*$", re.MULTILINE)
_HASH = re.compile(rf"^[ \t]*#[ \t]*{MARK}{_CODES}[ \t]*$", re.MULTILINE)
_CODE = re.compile(r"[\w-]+")


@dataclass(slots=True)
class Ignore:
    """One code of one comment: ``line`` (0-based) is the line that it covers."""

    code: str
    span: Span
    comment: Span
    line: int
    used: bool = field(default=False)


def find_ignores(document: Document) -> list[Ignore]:
    """The comments of a document, in source order. Several in a row cover the first line below them all."""
    source = document.source
    if MARK not in source:
        return []
    found = [ignore for match in _comments(document) for ignore in _of_comment(document, match)]
    below: dict[int, int] = {}  # line of a comment → the first line below it that is none
    for line in sorted({ignore.line - 1 for ignore in found}, reverse=True):
        below[line] = below.get(line + 1, line + 1)
    for ignore in found:
        ignore.line = below[ignore.line - 1]
    return sorted(found, key=lambda ignore: ignore.span)


def _comments(document: Document) -> Iterator[re.Match[str]]:
    source = document.source.replace("\r\n", "\n ") if "\r" in document.source else document.source
    if document.path.endswith(".toml"):
        yield from _HASH.finditer(source)
    elif document.kind.has_template:
        template = document.route.template
        yield from (match for match in _LINE.finditer(source) if document.route.in_script(match.start()))
        yield from (match for match in _MARKUP.finditer(source) if template.contains(match.end()))
    elif document.kind is not FileKind.PACKAGE:
        yield from _LINE.finditer(source)


def _of_comment(document: Document, match: re.Match[str]) -> Iterator[Ignore]:
    start, end = match.span()
    while document.source[start] in " \t\r\n":
        start += 1
    comment = Span(start, start + len(document.source[start:end].rstrip()))
    line = document.text.line_at(start) + 1
    for code in _CODE.finditer(match.string, *match.span("codes")):
        yield Ignore(code.group(), Span(*code.span()), comment, line)


def suppress(document: Document, diagnostics: Iterable[Diagnostic], ignores: list[Ignore]) -> list[Diagnostic]:
    """The findings that no comment accepts; the comments that accept one are marked as used."""
    kept: list[Diagnostic] = []
    by_place: dict[tuple[int, str], list[Ignore]] = {}
    for ignore in ignores:
        by_place.setdefault((ignore.line, ignore.code), []).append(ignore)
    for diagnostic in diagnostics:
        accepting = by_place.get((document.text.line_at(diagnostic.span.start), diagnostic.code), ())
        for ignore in accepting:
            ignore.used = True
        if not accepting:
            kept.append(diagnostic)
    return kept
