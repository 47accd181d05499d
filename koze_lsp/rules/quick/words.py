"""Words and small patterns that the plain shapes share."""

from __future__ import annotations

MARK = "koze-ignore"
"""A comment that suppresses something; where one stands, the rules have to look."""

RESERVED = frozenset(
    [
        "arguments",
        "async",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "eval",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "from",
        "function",
        "get",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "of",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "set",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "type",
        "typeof",
        "undefined",
        "var",
        "void",
        "while",
        "with",
        "yield",
        "NaN",
        "Infinity",
    ]
)
"""What is no ordinary name in JavaScript, or is one that means something else."""

NAME = r"[A-Za-z_]\w*"
IMPORT = rf"import \{{ ({NAME}(?:, {NAME})*) \}} from (['\"])([\w$@./:~-]+)\2;?"
"""``import { a, b } from 'module'``, without renaming and types. Groups: the names, the quote, the module."""


def declare(declared: set[str], names: list[str]) -> bool:
    """Add names to those of a file; False where one is no ordinary name or is there already."""
    for name in names:
        if name in declared or name in RESERVED:
            return False
        declared.add(name)
    return True
