"""The first two arguments of workflowStatus: the workflow's name, and the instance's id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from koze_lsp.ide.completion.items import distinct, order, quotes
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.describe import workflow_detail
from koze_lsp.ide.imports import import_edit
from koze_lsp.ide.statuses import status_functions
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.document import FileKind
from koze_lsp.project.index import WorkflowIndex
from koze_lsp.project.project import Project
from koze_lsp.text import Span

_NEAR = 200
_NAME = re.compile(r"[\w$-]*\Z")
_REST = re.compile(r"[\w$-]*")
_known: WeakKeyDictionary[WorkflowIndex, list[tuple[str, str, str]]] = WeakKeyDictionary()


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Workflow names in the first argument, ids from the request in the second."""
    argument = cursor.argument()
    if argument is None and _is_name(cursor):
        yield from _names(project, cursor)
        return
    if argument is None or argument.path or argument.at_key:
        return
    last = cursor.last()
    bare = argument.index == 0 and not cursor.source[argument.call.start + 1 : _bare(cursor).start].strip()
    if (
        last is None
        or not (bare or last.text in ("(", ","))
        or argument.call.callee not in status_functions(cursor.document)
    ):
        return
    if argument.index == 0:
        yield from _names(project, cursor)
    elif argument.index == 1 and cursor.string is None:
        yield from _ids(project, cursor)


def _is_name(cursor: Cursor) -> bool:
    """``const NAME = '‸'``, where a call takes NAME for a workflow's."""
    declares, name, equals = cursor.last(3), cursor.last(2), cursor.last()
    if cursor.string is None or declares is None or name is None or equals is None:
        return False
    if equals.text != "=" or name.kind != "word" or declares.text != "const":
        return False
    functions = "|".join(re.escape(function) for function in status_functions(cursor.document))
    return bool(functions) and re.search(rf"\b(?:{functions})\(\s*{re.escape(name.text)}\b", cursor.source) is not None


def _names(project: Project, cursor: Cursor) -> Iterator[Completion]:
    extra = import_edit(cursor.document, "workflow", "workflowStatus")
    span = _bare(cursor) if cursor.string is None else cursor.span
    before, after = quotes(cursor)  # asked once: there may be hundreds of workflows
    for name, detail, sort in _choices(project):
        insert = f"{before}{name}{after}"
        yield Completion(
            name, CompletionKind.CONSTANT, span, insert, detail, resolve=("workflow", name), sort=sort, extra=extra
        )


def _choices(project: Project) -> list[tuple[str, str, str]]:
    """Name, detail and sort key of each workflow: worked out once for an index, which outlives most edits."""
    index = project.workflows
    found = _known.get(index)
    if found is None:
        found = _known[index] = [
            (workflow.name, workflow_detail(workflow), order(number))
            for number, workflow in enumerate(distinct(project))
        ]
    return found


def _bare(cursor: Cursor) -> Span:
    """A name without quotes, dashes and all: ``data-sy``."""
    match = _NAME.search(cursor.source, max(0, cursor.offset - _NEAR), cursor.offset)
    start = match.start() if match is not None else cursor.word.start
    end = cursor.word.end
    after = _REST.match(cursor.source, end)
    return Span(start, after.end() if after is not None else end)


def _ids(project: Project, cursor: Cursor) -> Iterator[Completion]:
    if cursor.document.kind not in (FileKind.ROUTE, FileKind.LAYOUT):
        return
    extra = import_edit(cursor.document, "request", "params")
    for number, segment in enumerate(project.routing.parameters(cursor.document.path)):
        text = f"params.{segment.parameter}"
        yield Completion(
            text,
            CompletionKind.VARIABLE,
            cursor.word,
            text,
            detail=f"from {segment.path}",
            documentation=f"The segment `{segment.text}` of this route's path.",
            sort=order(number),
            preselect=number == 0,
            extra=extra,
        )
