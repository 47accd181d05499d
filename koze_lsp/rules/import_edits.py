"""Adding an import the way the file writes its imports."""

from __future__ import annotations

import re

from koze_lsp.project.document import Document
from koze_lsp.syntax import koze_modules
from koze_lsp.syntax.script import Import
from koze_lsp.text import Span, TextEdit

_INDENT = re.compile(r"[ \t]*")


def add_import(document: Document, module: str, name: str) -> TextEdit | None:
    """The edit that imports a name: into the module's own import, after the other ``koze:`` ones, or first."""
    imports = document.script.imports
    same = [imported for imported in imports if imported.module == module and not imported.type_only]
    named = [imported for imported in same if imported.imported not in ("default", "*")]
    if named:
        last = named[-1].local_span
        return TextEdit(Span(last.end, last.end), f", {name}")
    quote, semicolon = _style(document, imports)
    line = f"import {{ {name} }} from {quote}{module}{quote}{semicolon}"
    newline = document.text.newline()
    framework = [imported for imported in imports if koze_modules.split(imported.module)]
    after = (framework or list(imports))[-1:]
    if after:
        start, end = after[0].statement
        return TextEdit(Span(end, end), f"{newline}{_indent_at(document, start)}{line}")
    if not document.kind.has_template:
        return TextEdit(Span(0, 0), f"{line}{newline}")
    return _into_script(document, line, newline)


def _style(document: Document, imports: tuple[Import, ...]) -> tuple[str, str]:
    if not imports:
        return "'", ";"
    first = imports[0]
    return document.source[first.module_span.start - 1], ";" if document.source[first.statement.end - 1] == ";" else ""


def _indent_at(document: Document, offset: int) -> str:
    start = document.text.line_starts[document.text.line_at(offset)]
    match = _INDENT.match(document.source, start, offset)
    return match.group() if match else ""


def _into_script(document: Document, line: str, newline: str) -> TextEdit | None:
    script = document.route.script
    if script is None:
        start = document.route.template.start
        return TextEdit(Span(start, start), f"<script>{newline}  {line}{newline}</script>{newline}{newline}")
    content = document.source[script.content.start : script.content.end]
    indent = next((_INDENT.match(text).group() for text in content.splitlines() if text.strip()), "  ")  # type: ignore[union-attr]
    return TextEdit(Span(script.content.start, script.content.start), f"{newline}{indent}{line}")
