"""Do the control lines of a template pair up? Says so at the line that is wrong.

Without this check the JavaScript engine would report a missing or an extra brace at the end of the generated
function, far from its cause.
"""

from __future__ import annotations

import re

from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.syntax.template_lines import (
    LineKind,
    SegmentKind,
    brace_delta,
    inline_if_else,
    matching,
    segments,
)

__all__ = ["check_blocks", "hint_for"]

# With a brace open at its end the text takes the block's lines for an expression, which never is one.
_LONE_ELSE = re.compile(r"else\b(?:\s+if\b[^\n]*)?\s*\{[ \t\r]*\n")

_HEADS = frozenset(
    {
        LineKind.FOR,
        LineKind.IF,
        LineKind.WHILE,
        LineKind.SWITCH,
        LineKind.DO,
        LineKind.TRY,
        LineKind.CATCH,
        LineKind.FINALLY,
        LineKind.ELSE_IF,
        LineKind.ELSE,
    }
)


def check_blocks(template: Mapped, path: str, components: frozenset[str]) -> None:
    """Raise a `CompileError` at the first control line that has no partner, or goes on on the next line."""
    opened: list[int] = []
    failed: Mapped | None = None  # a line that was meant to close a block
    for segment in segments(template.text, components.__contains__):
        if segment.kind is SegmentKind.TEXT:
            line = template[segment.start : segment.end].trim()
            if _LONE_ELSE.match(line.text):
                raise _error("`else` on a line of its own is text.", line, path, "Write `} else {` on one line.")
            if opened and line.text.startswith("}"):
                failed = line
        if segment.kind is not SegmentKind.CODE:
            continue
        line = template[segment.start : segment.end].trim()
        text = line.text
        if text.startswith("}"):
            if not opened:
                raise _error("This `}` closes no block.", line, path, "Remove the line, or open a block before it.")
            opened.pop()
        if segment.line_kind in _HEADS:
            _check_parentheses(line, path)
        delta = brace_delta(text.removeprefix("}"))
        if delta > 0:
            opened.append(line.start)
        elif opened and delta < 0:  # `const x = f();}`
            opened.pop()
    if opened and failed is not None:
        hint = "Leave `}` alone on its line: with anything behind it the line is text."
        raise _error("This line closes no block.", failed, path, hint)
    if opened:
        raise CompileError(
            "This block is never closed.",
            path=path,
            offset=opened[-1],
            hint="Close it with a line that holds only `}`; `} text` and `}</tag>` do not count.",
        )


def hint_for(line: str, kind: LineKind) -> str:
    """What to do about a control line that the JavaScript engine refused; '' if there is nothing special to say."""
    if kind not in _HEADS or line.endswith("{") or inline_if_else(line):
        return ""
    if "{" not in line:
        return "Write the condition and its `{` on one line. Prose that begins like code needs a tag before it."
    return "Put the markup on lines of its own; only an if with an else may stand on one line."


def _check_parentheses(line: Mapped, path: str) -> None:
    """The head of a block has to stand on one line."""
    opened = line.text.find("(")
    if opened != -1 and matching(line.text, opened, "(", ")") == -1:
        raise _error("The condition does not end on this line.", line, path, "Write it, and its `{`, on one line.")


def _error(message: str, line: Mapped, path: str, hint: str) -> CompileError:
    length = len(line.text.partition("\n")[0])
    return CompileError(message, path=path, offset=line.start, end=line.start + length, hint=hint)
