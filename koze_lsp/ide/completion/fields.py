"""What is read of a status: its fields, the fields of its output, and the statuses that it is compared with."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.completion.items import named, order, strings, taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.describe import field_type
from koze_lsp.ide.knowledge import FIELDS, STATUSES
from koze_lsp.ide.patterns import Pattern, indexed, pattern
from koze_lsp.ide.statuses import Reached, compared, reach, read_before, status_functions
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.project import Project
from koze_lsp.syntax.workflow import Shape
from koze_lsp.text import Span, TextEdit


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Fields behind a dot, in brackets and in patterns; statuses where one is compared."""
    taken: set[str] = set()
    if cursor.string is None:
        reached = read_before(cursor)
        if reached is None and (found := pattern(cursor)) is not None:
            reached, taken = _taken_apart(cursor, found), taken_keys(cursor)
    else:
        names = indexed(cursor)
        reached = reach(cursor, names) if names is not None else None
    if reached is not None:
        if not reached.path:
            yield from _status_fields(project, cursor, reached.workflow, taken)
        elif reached.path[0] == "output":
            yield from _output_fields(project, cursor, reached.workflow, reached.path[1:], taken)
    elif compared(cursor):
        yield from strings(cursor, STATUSES, CompletionKind.ENUM_MEMBER)


def _taken_apart(cursor: Cursor, found: Pattern) -> Reached | None:
    """What a destructuring pattern takes apart, if it is a status or a part of one."""
    if found.callee:
        return Reached(found.path, found.argument) if found.callee in status_functions(cursor.document) else None
    return reach(cursor, (*found.names, *found.path))


def _status_fields(project: Project, cursor: Cursor, name: str | None, taken: set[str]) -> Iterator[Completion]:
    shape = _output(project, name)
    for number, (field, (kind, documentation)) in enumerate(FIELDS.items()):
        if field in taken:
            continue
        detail = kind
        if field == "output" and shape is not None:
            detail = "{ " + ", ".join(item.name for item in shape.fields[:6]) + " } | null"
        yield Completion(
            field,
            CompletionKind.FIELD,
            cursor.span,
            named(cursor, field),
            detail=detail,
            documentation=documentation,
            sort=order(number),
            commit=(".", ")", "}") if field == "output" and cursor.path() is not None else (),
        )


def _output_fields(
    project: Project, cursor: Cursor, name: str | None, path: tuple[str, ...], taken: set[str]
) -> Iterator[Completion]:
    shape = _output(project, name)
    for part in path:
        field = shape.field(part) if shape is not None else None
        shape = field.shape if field is not None else None
    if shape is None:
        return
    extra = _optional(cursor) if not path else ()
    for number, field in enumerate(shape.fields):
        if field.name in taken:
            continue
        yield Completion(
            field.name,
            CompletionKind.FIELD,
            cursor.span,
            named(cursor, field.name),
            detail=field_type(field),
            documentation=f"Returned by `run()` of `{name}`" + (f": `{field.text}`" if field.text else ""),
            sort=order(number),
            extra=extra,
        )


def _output(project: Project, name: str | None) -> Shape | None:
    workflow = project.workflows.by_name.get(name) if name is not None else None
    return workflow.document.workflow.output if workflow is not None else None


def _optional(cursor: Cursor) -> tuple[TextEdit, ...]:
    """``status.output.`` → ``status.output?.`` where nothing shows that the workflow is complete."""
    dot = cursor.last()
    before = cursor.last(2)
    asserted = before is not None and before.text == "!"  # status.output!.x: somebody knows better
    if dot is None or dot.text != "." or asserted or _implies_complete(cursor):
        return ()
    return (TextEdit(Span(dot.start, dot.end), "?."),)


def _implies_complete(cursor: Cursor) -> bool:
    """Whether something before the cursor speaks of completion: then the plain dot may be meant."""
    before = cursor.source[max(0, cursor.offset - 2_000) : cursor.offset]
    return "complete" in before or ".output &&" in before or "output)" in before
