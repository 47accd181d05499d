"""The imports of a file as its text shows them, also while it is being typed, and the edit that adds one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.ide.glance import script_span
from koze_lsp.project.document import Document
from koze_lsp.syntax import koze_modules
from koze_lsp.text import Span, TextEdit

_IMPORT = re.compile(
    r"^[ \t]*import\s+(?P<type>type\s+)?(?:(?P<default>[\w$]+)\s*,?\s*)?(?:\*\s*as\s+(?P<space>[\w$]+)\s*)?"
    r"(?:\{(?P<names>[^}'\"]*)\}\s*)?(?:from\s*)?(?P<quote>['\"])(?P<module>[^'\"\r\n]*)['\"][ \t]*;?",
    re.MULTILINE,
)
_NAME = re.compile(r"(?P<type>type\s+)?(?P<name>[\w$]+)(?:\s+as\s+(?P<alias>[\w$]+))?")


@dataclass(frozen=True, slots=True)
class Statement:
    """One import statement.

    Attributes:
        names: exported name → local name, types left out.
        braces: the text between the braces, if it has them.
        span: the whole statement.
    """

    module: str
    names: dict[str, str]
    namespace: str | None
    braces: Span | None
    quote: str
    span: Span
    type_only: bool


def statements(document: Document) -> list[Statement]:
    """The import statements of a module, or of a page's script."""
    start, end = _script(document)
    return [_statement(match) for match in _IMPORT.finditer(document.source, start, end)]


def _script(document: Document) -> tuple[int, int]:
    if document.kind.has_template:
        return script_span(document) or (0, 0)
    return 0, len(document.source)


def _statement(match: re.Match[str]) -> Statement:
    listed = match["names"] or ""
    names = {found["name"]: found["alias"] or found["name"] for found in _NAME.finditer(listed) if not found["type"]}
    braces = Span(*match.span("names")) if match["names"] is not None else None
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    span = Span(start, match.end())
    return Statement(match["module"], names, match["space"], braces, match["quote"], span, bool(match["type"]))


def local_names(document: Document, module: str, name: str) -> frozenset[str]:
    """Under which names a file has an export of a virtual module (``workflow``, ``request``, …)."""
    return frozenset(_local(statements(document), module, name))


def _local(found: list[Statement], module: str, name: str) -> Iterator[str]:
    for statement in found:
        if not koze_modules.is_module(statement.module, module) or statement.type_only:
            continue
        if name in statement.names:
            yield statement.names[name]
        if statement.namespace is not None:
            yield f"{statement.namespace}.{name}"


def quote_of(document: Document) -> str:
    """The quotes that a file's imports use; single ones where it has none."""
    found = statements(document)
    return found[0].quote if found else "'"


def prefix_of(document: Document) -> str:
    """``koze:`` or ``kuratchi:``, as the file has it; else as its kind of file has it."""
    for statement in statements(document):
        split = koze_modules.split(statement.module)
        if split is not None:
            return split[0]
    return "kuratchi:" if document.path.endswith(".kuratchi") else "koze:"


def import_edit(document: Document, module: str, name: str) -> tuple[TextEdit, ...]:
    """The edit that imports a name from a virtual module; none where it is imported, or there is no script."""
    found = statements(document)
    if any(_local(found, module, name)):
        return ()
    same = next((item for item in found if _can_take(item, module)), None)
    if same is not None and same.braces is not None:
        return (_added(document.source, same.braces, name),)
    quote = found[0].quote if found else "'"
    semicolon = ";" if not found or document.source[found[0].span.end - 1] == ";" else ""
    line = f"import {{ {name} }} from {quote}{prefix_of(document)}{module}{quote}{semicolon}"
    newline = document.text.newline()
    koze = [item for item in found if koze_modules.split(item.module) is not None]
    if found:
        after = (koze or found)[-1].span
        return (TextEdit(Span(after.end, after.end), newline + _indent(document.source, after.start) + line),)
    return _first(document, line, newline)


def _can_take(statement: Statement, module: str) -> bool:
    return koze_modules.is_module(statement.module, module) and statement.braces is not None and not statement.type_only


def _added(source: str, braces: Span, name: str) -> TextEdit:
    """A name more between the braces."""
    text = source[braces.start : braces.end]
    kept = text.rstrip()
    at = braces.start + len(kept)
    if not kept.strip():
        return TextEdit(braces, f" {name} ")
    return TextEdit(Span(at, at), f" {name}" if kept.endswith(",") else f", {name}")


def _first(document: Document, line: str, newline: str) -> tuple[TextEdit, ...]:
    """The first import of a file: at the top of the script, indented as what follows."""
    source = document.source
    if not document.kind.has_template:
        return (TextEdit(Span(0, 0), line + newline),)
    block = script_span(document)
    if block is None:
        return ()
    content = source[block.start : block.end]
    first = re.search(r"^([ \t]*)\S", content, re.MULTILINE)
    indent = first.group(1) if first is not None and "\n" in content[: first.end()] else "  "
    at = block.start
    return (TextEdit(Span(at, at), newline + indent + line),)


def _indent(source: str, at: int) -> str:
    line = source.rfind("\n", 0, at) + 1
    text = source[line:at]
    return text if not text.strip() else ""
