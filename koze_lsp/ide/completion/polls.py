"""The value of ``poll``: intervals with what each means."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.completion.items import order, quoted
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.statuses import status_functions
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.project import Project

_INTERVALS = (
    ("2s", "every 2 seconds", "What the documentation uses."),
    ("500ms", "every half second", "For work that ends within seconds: each tick renders the whole page."),
    ("1s", "every second", "For work that ends within a minute."),
    ("5s", "every 5 seconds", "For work of some minutes."),
    ("10s", "every 10 seconds", "For work of many minutes."),
    ("30s", "every 30 seconds", "What the framework also falls back to when it can't read an interval."),
    ("1m", "every minute", "For work of hours."),
)
_NUMBERS = (("2000", "2,000 ms: every 2 seconds"), ("500", "500 ms: twice a second"), ("5000", "5,000 ms"))


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Interval strings, and numbers where no quote is typed."""
    del project
    argument = cursor.argument()
    if argument is None or argument.index != 2 or argument.path != ("poll",) or argument.at_key:
        return
    last = cursor.last()
    if last is None or last.text != ":" or argument.call.callee not in status_functions(cursor.document):
        return
    for number, (text, detail, documentation) in enumerate(_INTERVALS):
        yield Completion(
            text,
            CompletionKind.UNIT,
            cursor.span,
            quoted(cursor, text),
            detail=detail,
            documentation=documentation,
            sort=order(number),
            preselect=number == 0,
        )
    for number, (text, detail) in enumerate(_NUMBERS if cursor.string is None else ()):
        yield Completion(
            text,
            CompletionKind.VALUE,
            cursor.span,
            text,
            detail=detail,
            documentation="A number counts milliseconds.",
            sort=order(50 + number),
        )
