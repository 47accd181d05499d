"""TypeScript out of a piece of script, with every character's place kept; and what is wrong with a script that is none.

Source: the Koze framework checks a whole script with TypeScript's parser and reports its first error. Two parsers are
asked here before a script is refused, because each knows less of the language than TypeScript's own.
"""

from __future__ import annotations

import re

from koze_lsp.preview.isolate import ScriptError, map_column
from koze_lsp.preview.runtime.lexical import lexical_fault, waits_for_value
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.typescript import check_syntax, strip_types
from koze_lsp.syntax.tree import SyntaxTree, descendants, parse

__all__ = ["strip_mapped"]

_HINT = "Nothing of the page runs until its script can be read."


def strip_mapped(code: Mapped, path: str) -> Mapped:
    """Remove TypeScript from a piece of script, keeping the positions.

    Raises:
        CompileError: the text is no TypeScript. Its place is behind the text where something is missing at the end.
    """
    tree = parse(code.text)
    if _plain_javascript(tree):
        return code
    try:
        stripped = strip_types(code.text, path)
        if tree.root.has_error or "<!--" in code.text:
            check_syntax(code.text, path)
    except ScriptError as error:
        raise _refusal(code, error, path) from None
    before, after = code.text.split("\n"), stripped.code.split("\n")
    out: list[Mapped] = []
    start = 0
    for number, line in enumerate(after):
        source = before[number] if number < len(before) else ""
        if line == source:
            out.append(code[start : start + len(line)])
        else:
            last = len(source) - 1
            places = [min(map_column(stripped.columns, number + 1, column), last) for column in range(len(line))]
            out.append(Mapped(line, [code.at[start + place] if place >= 0 else -1 for place in places]))
        start += len(source) + 1
    return Mapped.join(out, "\n")


def _refusal(code: Mapped, error: ScriptError, path: str) -> CompileError:
    """The refusal for a text that no parser took, at the character that began the trouble."""
    found = code.offset_of(error.line or 1, error.column or 1)
    fault = lexical_fault(code.text)
    message = error.message
    end = len(code.text.rstrip())
    if fault is not None and fault.seen <= found:
        found, message = fault.at, fault.message
    elif found >= end and waits_for_value(code.text):
        found = end - 1
    offset = code.at[-1] + 1 if found >= end and code.at else code.origin(found)
    return CompileError(message, path=path, offset=offset, code="KUR_SCRIPT_SYNTAX", hint=_HINT)


_TYPE_NODE = re.compile(
    r"_type\b|type_|enum|interface|modifier|satisfies|as_expression|non_null|abstract|declare|decorator"
)
_WORDS = """
optional_parameter implements_clause internal_module index_signature method_signature function_signature readonly
import_alias ambient_declaration public_field_definition export_statement class_declaration class
"""
_NOT_SURE = frozenset(_WORDS.split())


def _plain_javascript(tree: SyntaxTree) -> bool:
    """True if the text certainly holds no TypeScript: then the tool that removes it need not be started."""
    if tree.root.has_error or "<!--" in tree.source:
        return False
    for node in descendants(tree.root):
        if node.type in _NOT_SURE or _TYPE_NODE.search(node.type):
            return False
        if node.type == "import_statement" and re.search(r"\btype\b|\brequire\b", tree.text(node)):
            return False
    return True
