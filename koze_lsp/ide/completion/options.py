"""The third argument of workflowStatus: the options object, its keys, and bodies for ``until``."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.completion.items import members, order, taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.imports import quote_of
from koze_lsp.ide.knowledge import OPTIONS
from koze_lsp.ide.statuses import status_functions
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.project import Project

_TERMINAL = ("complete", "errored", "terminated")


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """What an empty third argument, a key in it, and the value of ``until`` can be."""
    del project
    argument = cursor.argument()
    if argument is None or argument.index != 2 or cursor.string is not None:
        return
    if argument.call.callee not in status_functions(cursor.document):
        return
    last = cursor.last()
    quote = quote_of(cursor.document)
    if not argument.path and not argument.at_key:
        if last is not None and last.text == ",":
            yield _whole(cursor, quote)
    elif argument.at_key and not argument.path:
        if last is not None and last.text in ("{", ","):
            values = {"poll": f"{quote}${{1:2s}}{quote}", "until": _until(quote, "${1:complete}")}
            yield from members(cursor, OPTIONS, values, taken_keys(cursor))
    elif argument.path == ("until",) and last is not None and last.text == ":":
        yield from _bodies(cursor, quote)


def _whole(cursor: Cursor, quote: str) -> Completion:
    return Completion(
        "{ poll }",
        CompletionKind.SNIPPET,
        cursor.word,
        f"{{ poll: {quote}${{1:2s}}{quote} }}",
        detail="live refresh",
        documentation=OPTIONS["poll"][1],
        sort=order(0),
        filter="poll",
        is_snippet=True,
        plain=f"{{ poll: {quote}2s{quote} }}",
    )


def _until(quote: str, status: str) -> str:
    others = ", ".join(f"{quote}{name}{quote}" for name in _TERMINAL[1:])
    return f"(s) => [{quote}{status}{quote}, {others}].includes(s.status)"


def _bodies(cursor: Cursor, quote: str) -> Iterator[Completion]:
    bodies = (
        (
            "until a status, or failure",
            _until(quote, "${1:paused}"),
            _until(quote, "paused"),
            "Stops at a status of your choice, and also when the workflow failed: without `errored` and `terminated` "
            "the page would poll for ever after a failure.",
        ),
        (
            "until output is there, or failure",
            f"(s) => s.output != null || [{quote}errored{quote}, {quote}terminated{quote}].includes(s.status)",
            f"(s) => s.output != null || [{quote}errored{quote}, {quote}terminated{quote}].includes(s.status)",
            "`output` is null until the workflow is complete.",
        ),
        (
            "until the status leaves running",
            f"(s) => s.status !== {quote}queued{quote} && s.status !== {quote}running{quote}",
            f"(s) => s.status !== {quote}queued{quote} && s.status !== {quote}running{quote}",
            "Production says `waiting` during sleeps, which stops this one; the local engine says `running`.",
        ),
    )
    for number, (label, insert, plain, documentation) in enumerate(bodies):
        yield Completion(
            label,
            CompletionKind.SNIPPET,
            cursor.word,
            insert,
            detail="(s) => boolean",
            documentation=documentation,
            sort=order(number),
            filter=f"(s) => {label}",
            is_snippet=True,
            plain=plain,
        )
