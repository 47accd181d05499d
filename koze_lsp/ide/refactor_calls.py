"""Refactorings of workflowStatus calls: polling on and off, an interval as a constant, calls side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.ide.types import Action, ActionKind
from koze_lsp.project.document import Document
from koze_lsp.rules.base import FileEdit
from koze_lsp.rules.options import add_option, remove_option
from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.tree import Node
from koze_lsp.text import Span, TextEdit

_CONSTANT = "POLL_INTERVAL"


def call_refactorings(document: Document, span: Span) -> Iterator[Action]:
    """What can be done to the calls that a selection touches."""
    if "workflowStatus" not in document.source:
        return
    call = call_at(document, span)
    if call is not None:
        yield from _extract_poll(document, call, span)
        yield from _start_polling(document, call)
        yield from _stop_polling(document, call)
    yield from _together(document, span)


def call_at(document: Document, span: Span) -> StatusCall | None:
    """The call that holds a selection, or that is all that its statement is about."""
    calls = document.script.status_calls
    inside = [call for call in calls if call.span.start <= span.start and span.end <= call.span.end]
    if inside:
        return min(inside, key=lambda call: call.span.end - call.span.start)
    around = [call for call in calls if call.statement.start <= span.start and span.end <= call.statement.end]
    return around[0] if len(around) == 1 and not around[0].function else None


def _action(document: Document, title: str, kind: ActionKind, edits: tuple[TextEdit, ...]) -> Action:
    return Action(title, kind, (FileEdit(document.path, edits),))


# Polling ----------------------------------------------------------------------------------------------


def _start_polling(document: Document, call: StatusCall) -> Iterator[Action]:
    if call.has_spread or call.name is None or call.instance is None or call.option("poll") is not None:
        return
    quote = document.source[call.name.definition.start]
    option = f"poll: {quote}2s{quote}" if quote in "'\"" else "poll: '2s'"
    title = "Poll every 2 seconds"
    if call.options is None:
        at = call.instance.span.end
        edits = (TextEdit(Span(at, at), f", {{ {option} }}"),)
        yield _action(document, title, ActionKind.REFACTOR_REWRITE, edits)
        return
    if not call.options.properties and call.options.kind == "object" and not call.options.followed:
        edits = (TextEdit(call.options.span, f"{{ {option} }}"),)
        yield _action(document, title, ActionKind.REFACTOR_REWRITE, edits)
        return
    for fix in add_option(document, call, option, title):
        yield Action(title, ActionKind.REFACTOR_REWRITE, fix.changes)


def _stop_polling(document: Document, call: StatusCall) -> Iterator[Action]:
    poll, options = call.option("poll"), call.options
    if poll is None or options is None or options.followed or call.instance is None or not options.complete:
        return
    title = "Read once, without polling"
    if {member.key for member in options.properties} <= {"poll", "until"}:
        edits = (TextEdit(Span(call.instance.span.end, options.span.end), ""),)
        yield _action(document, title, ActionKind.REFACTOR_REWRITE, edits)
    elif call.option("until") is None:
        for fix in remove_option(document, call, poll, title):
            yield Action(title, ActionKind.REFACTOR_REWRITE, fix.changes)


def _extract_poll(document: Document, call: StatusCall, span: Span) -> Iterator[Action]:
    """Every call of the file with the same literal takes the constant."""
    option = call.option("poll")
    if option is None or not option.span.contains(span.start) or not _is_literal(call):
        return
    source, facts = document.source, document.script
    literal = source[option.value.span.start : option.value.span.end]
    same = [other for other in facts.status_calls if _is_literal(other) and _literal(document, other) == literal]
    statements = [item.statement for item in facts.imports]
    if not statements:
        return
    last = max(statements)
    end = last.end + (1 if source[last.end : last.end + 1] == ";" else 0)
    semicolon = ";" if source[end - 1] == ";" else ""
    name, newline = _unused(document, _CONSTANT), document.text.newline()
    line = f"{newline}{newline}{indent_at(source, last.start)}const {name} = {literal}{semicolon}"
    spans = {other.option("poll").value.span for other in same}  # type: ignore[union-attr]
    edits = (TextEdit(Span(end, end), line), *(TextEdit(where, name) for where in sorted(spans)))
    yield _action(document, f"Extract {literal} to the constant {name}", ActionKind.REFACTOR_EXTRACT, edits)


def _is_literal(call: StatusCall) -> bool:
    option = call.option("poll")
    return (
        option is not None
        and option.kind == "pair"
        and option.value.kind in ("string", "number")
        and (not option.value.followed)
    )


def _literal(document: Document, call: StatusCall) -> str:
    option = call.option("poll")
    return document.source[option.value.span.start : option.value.span.end] if option is not None else ""


def _unused(document: Document, name: str) -> str:
    names = document.script.names
    taken = {binding.name for binding in names.bindings} | {use.name for use in names.uses}
    numbered = (name if number == 1 else f"{name}_{number}" for number in range(1, 1000))
    return next((candidate for candidate in numbered if candidate not in taken), name)


def indent_at(source: str, offset: int) -> str:
    """The white space at the start of an offset's line."""
    start = source.rfind("\n", 0, offset) + 1
    text = source[start:offset]
    return text[: len(text) - len(text.lstrip(" \t"))]


# Side by side -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """``const name = await workflowStatus(…);``"""

    statement: Node
    keyword: str
    name: Binding
    call: StatusCall


def _together(document: Document, span: Span) -> Iterator[Action]:
    """Wrap calls that wait for one another without need in Promise.all."""
    for run in _runs(document):
        tree = document.script.tree
        chosen = [read for read in run if _touches(tree.span(read.statement), span)]
        if len(chosen) == 1 and span.start == span.end:
            chosen = run
        if len(chosen) < 2 or not _independent(document, chosen):
            continue
        first, last = tree.span(chosen[0].statement), tree.span(chosen[-1].statement)
        text = _promise_all(document, chosen)
        yield _action(
            document,
            f"Read {len(chosen)} statuses at once with Promise.all",
            ActionKind.REFACTOR_REWRITE,
            (TextEdit(Span(first.start, last.end), text),),
        )
        return


def _touches(statement: Span, span: Span) -> bool:
    return statement.start <= span.end and span.start <= statement.end


def _runs(document: Document) -> list[list[_Read]]:
    """The groups of neighbouring statements that each await one call into a name."""
    runs: list[list[_Read]] = []
    for call in document.script.status_calls:
        read = _read(document, call)
        if read is None:
            continue
        previous = read.statement.prev_named_sibling
        last = runs[-1][-1] if runs else None
        joined = last is not None and previous == last.statement and last.keyword == read.keyword
        if joined:
            runs[-1].append(read)
        else:
            runs.append([read])
    return runs


def _read(document: Document, call: StatusCall) -> _Read | None:
    awaited = _around(document, call.node, "await_expression")
    declarator = _around(document, awaited, "variable_declarator")
    statement = _around(document, declarator, "lexical_declaration")
    if declarator is None or statement is None or call.variable is None:
        return None
    if len(statement.named_children) != 1 or declarator.child_by_field_name("type") is not None or call.in_template:
        return None
    return _Read(statement, document.script.tree.text(statement.children[0]), call.variable, call)


def _around(document: Document, node: Node | None, kind: str) -> Node | None:
    """The node right around another, if it is of a kind."""
    parent = document.script.tree.parent(node) if node is not None else None
    return parent if parent is not None and parent.type == kind else None


def _independent(document: Document, reads: list[_Read]) -> bool:
    """Whether no call uses what an earlier one gave."""
    spans = [document.script.tree.span(read.statement) for read in reads]
    return not any(span.covers(use.span) for read in reads for use in read.name.uses for span in spans)


def _promise_all(document: Document, reads: list[_Read]) -> str:
    source, newline = document.source, document.text.newline()
    tree = document.script.tree
    first, last = tree.span(reads[0].statement), tree.span(reads[-1].statement)
    indent = indent_at(source, first.start)
    unit = "\t" if indent.startswith("\t") else "  "
    semicolon = ";" if source[last.end - 1] == ";" else ""
    names = ", ".join(read.name.name for read in reads)
    lines = [f"{reads[0].keyword} [{names}] = await Promise.all(["]
    for read in reads:
        call = source[read.call.span.start : read.call.span.end].replace("\n", f"\n{unit}")
        lines.append(f"{indent}{unit}{call},")
    lines.append(f"{indent}]){semicolon}")
    return newline.join(lines)
