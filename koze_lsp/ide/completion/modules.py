"""Import statements: the framework's virtual modules, and what each exports to this kind of file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from koze_lsp.ide.completion.items import order, quoted
from koze_lsp.ide.context import Cursor, Region
from koze_lsp.ide.imports import prefix_of, quote_of
from koze_lsp.ide.knowledge import EXPORTS, MODULES
from koze_lsp.ide.tokens import Frame
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.syntax import koze_modules
from koze_lsp.syntax.koze_modules import Context
from koze_lsp.text import Span, TextEdit

_BRACE = re.compile(r"[ \t]*\}")
_LINE_END = re.compile(r"[ \t]*\}?[ \t]*(?:[\r\n]|\Z)")
_FROM = re.compile(r"\s*[\w\s,$]*\}?\s*from\s*['\"]([^'\"\r\n]*)['\"]")


def context_of(document: Document) -> Context | None:
    """The set of modules that a file can import; None for files that are no part of the application."""
    if document.kind in (FileKind.ROUTE, FileKind.LAYOUT):
        return "route"
    if document.kind is FileKind.COMPONENT:
        return "component"
    return "server" if document.path.startswith("src/") else None


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Specifiers in quotes, names in braces."""
    del project
    context = context_of(cursor.document)
    if cursor.region is not Region.SCRIPT or context is None:
        return
    last = cursor.last()
    if last is not None and last.kind == "word" and last.text in ("from", "import"):
        if cursor.string is not None or last.text == "from":
            yield from _specifiers(cursor, context)
    elif cursor.frame is not None and cursor.frame.opener == "{" and cursor.string is None:
        yield from _exports(cursor, context)


def _specifiers(cursor: Cursor, context: Context) -> Iterator[Completion]:
    typed = cursor.prefix
    prefix = next((known for known in koze_modules.PREFIXES if typed.startswith(known)), prefix_of(cursor.document))
    span = cursor.span
    if cursor.string is not None:
        inner = cursor.string.inner
        span = inner if cursor.string.closed else Span(inner.start, cursor.offset)
    for number, name in enumerate(_first(context)):
        yield Completion(
            prefix + name,
            CompletionKind.MODULE,
            span,
            quoted(cursor, prefix + name),
            documentation=MODULES.get(name, ""),
            sort=order(number),
        )


def _first(context: Context) -> list[str]:
    wanted = ("workflow", "request", "component", "navigation")
    known = koze_modules.MODULES[context]
    return [name for name in wanted if name in known] + sorted(name for name in known if name not in wanted)


def _exports(cursor: Cursor, context: Context) -> Iterator[Completion]:
    frame = cursor.frame
    before = _word_before(cursor, frame.start) if frame is not None else None
    if frame is None or before != "import":
        return
    match = _FROM.match(cursor.source, cursor.offset)
    split = koze_modules.split(match.group(1)) if match is not None else None
    listed = (
        cursor.source[frame.start : cursor.word.start]
        + ","
        + cursor.source[cursor.word.end : cursor.word.end + 300].split("}")[0]
    )
    taken = set(re.findall(r"[\w$]+", listed))
    if match is None and cursor.document.kind.has_template and _is_alone(cursor, frame):
        yield from _whole_imports(cursor, context)
    elif split is not None:
        names = koze_modules.MODULES[context].get(split[1])
        for number, name in enumerate(sorted(names or ())):
            if name not in taken:
                yield _export(cursor, name, split[0] + split[1], number)


def _is_alone(cursor: Cursor, frame: Frame) -> bool:
    """Whether nothing else is written of the import statement yet."""
    before = cursor.source[frame.start + 1 : cursor.word.start]
    return not before.strip() and _LINE_END.match(cursor.source, cursor.word.end) is not None


def _whole_imports(cursor: Cursor, context: Context) -> Iterator[Completion]:
    """``import { ‸``: names with the module that has them, so that the statement is written to its end."""
    prefix, quote = prefix_of(cursor.document), quote_of(cursor.document)
    rest = _BRACE.match(cursor.source, cursor.word.end)
    at = rest.end() if rest is not None else cursor.word.end
    for number, module in enumerate(_first(context)):
        for place, name in enumerate(sorted(koze_modules.MODULES[context].get(module) or ())):
            tail = f" from {quote}{prefix}{module}{quote};"
            item = _export(cursor, name, f"{prefix}{module}", 0)
            yield replace(
                item,
                insert=name if rest is not None else f"{name} }}{tail}",
                sort=f"{number:02d}{place:02d}",
                extra=(TextEdit(Span(at, at), tail),) if rest is not None else (),
            )


def _word_before(cursor: Cursor, start: int) -> str | None:
    words = [token for token in cursor.tokens if token.end <= start]
    return words[-1].text if words else None


def _export(cursor: Cursor, name: str, module: str, number: int) -> Completion:
    return Completion(
        name,
        CompletionKind.FUNCTION if name in ("workflowStatus", "redirect", "navigateTo") else CompletionKind.VARIABLE,
        cursor.word,
        name,
        detail=module,
        documentation=EXPORTS.get(name),
        sort=order(number),
    )
