"""Adding the branches that a status block of a template lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from koze_lsp.ide.refactor_calls import indent_at
from koze_lsp.ide.types import Action, ActionKind
from koze_lsp.project.document import Document
from koze_lsp.rules.base import FileEdit
from koze_lsp.syntax.route import CodeLine
from koze_lsp.syntax.template_lines import LineKind
from koze_lsp.text import Span, TextEdit

_OPENING = frozenset(
    {LineKind.FOR, LineKind.IF, LineKind.WHILE, LineKind.SWITCH, LineKind.DO, LineKind.TRY}
)  # fmt: skip
_ENDING = frozenset({LineKind.CLOSE, LineKind.DO_WHILE})


@dataclass(slots=True)
class _Chain:
    """``if … } else if … } else … }``: the lines with conditions, and the line that closes it."""

    conditions: list[CodeLine] = field(default_factory=list)
    has_else: bool = False
    close: CodeLine | None = None


def branch_refactorings(document: Document, span: Span) -> Iterator[Action]:
    """The branches that the status block around a selection lacks; a final else lacks nothing."""
    if not document.kind.has_template or "workflowStatus" not in document.source:
        return
    for chain in sorted(_chains(document), key=lambda chain: -chain.conditions[0].span.start):
        close = chain.close
        if chain.has_else or close is None:
            continue
        if not (chain.conditions[0].span.start <= span.start and span.end <= close.span.end):
            continue
        expression, compared = _subject(document, chain)
        if expression is None:
            continue
        text, added = _branches(document, close, expression, compared)
        at = close.span.start
        title = f"Add the missing branches: {', '.join(added)}"
        edit = TextEdit(Span(at, at), text)
        yield Action(title, ActionKind.REFACTOR_REWRITE, (FileEdit(document.path, (edit,)),))
        return


def _chains(document: Document) -> list[_Chain]:
    """Every if of the template that is spread over lines, complete or not."""
    found: list[_Chain] = []
    stack: list[_Chain | None] = []
    for line in document.route.code:
        text = document.source[line.span.start : line.span.end]
        if line.kind is LineKind.IF and text.endswith("{"):
            stack.append(_Chain([line]))
        elif line.kind in _OPENING and text.endswith("{"):
            stack.append(None)
        elif line.kind is LineKind.ELSE_IF and stack and (chain := stack[-1]) is not None:
            chain.conditions.append(line)
        elif line.kind is LineKind.ELSE and stack and (chain := stack[-1]) is not None:
            chain.has_else = True
        elif line.kind in _ENDING and stack:
            chain = stack.pop()
            if chain is not None:
                chain.close = line
                found.append(chain)
    return found


def _subject(document: Document, chain: _Chain) -> tuple[str | None, set[str]]:
    """``status.status`` as the block writes it, and the statuses it is compared with; None if it reads no status."""
    flow, lines = document.script.status_flow, [line.span for line in chain.conditions]
    expression: str | None = None
    for read in flow.reads:
        if not read.in_template or not any(line.covers(read.span) for line in lines):
            continue
        text = _bare(document.source[read.span.start : read.span.end])
        if read.path == ("status",):
            expression = text
            break
        if read.path == ("error",) and expression is None and text.endswith(".error"):
            expression = text[: -len("error")] + "status"
    positive = [item.literal for item in flow.comparisons if not item.negated]
    here = [literal for literal in positive if any(line.covers(literal.span) for line in lines)]
    compared = {literal.string for literal in here if literal.string is not None}
    return expression, compared


def _bare(text: str) -> str:
    """An expression without the parentheses around it, such as those of an ``if``."""
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text


def _branches(document: Document, close: CodeLine, expression: str, compared: set[str]) -> tuple[str, list[str]]:
    source, newline = document.source, document.text.newline()
    indent = indent_at(source, close.span.start)
    inner = indent + ("\t" if _uses_tabs(document) else "  ")
    lines: list[str] = []
    added: list[str] = []
    if "complete" not in compared:
        lines += [f"}} else if ({expression} === 'complete') {{", f"{inner}<p>Complete</p>"]
        added.append("complete")
    failures = [status for status in ("errored", "terminated") if status not in compared]
    if failures:
        condition = " || ".join(f"{expression} === '{status}'" for status in failures)
        lines += [f"}} else if ({condition}) {{", f"{inner}<p>Failed</p>"]
        added += failures
    lines += ["} else {", f"{inner}<p>{{{expression}}}</p>"]
    added.append("else")
    parts = [lines[0], *(line if line.startswith(inner) else indent + line for line in lines[1:])]
    return newline.join(parts) + newline + indent, added


def _uses_tabs(document: Document) -> bool:
    return "\n\t" in document.source
