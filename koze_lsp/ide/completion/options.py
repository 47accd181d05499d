"""The third argument of workflowStatus: the options object, its keys, and bodies for ``until``."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.completion.items import members, order, taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.imports import quote_of
from koze_lsp.ide.knowledge import OPTIONS
from koze_lsp.ide.statuses import status_functions, until_parameter
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
            values = {"poll": f"{quote}${{1:2s}}{quote}", "until": f"(s) => {_until(quote, '${1:complete}')}"}
            yield from members(cursor, OPTIONS, values, taken_keys(cursor))
    elif argument.path == ("until",) and last is not None and last.text == ":":
        yield from _untils(cursor, quote, "(s)", "s")
    elif argument.path == ("until",) and last is not None and last.text == "=>":
        parameter = until_parameter(cursor)
        if parameter is not None:
            yield from _untils(cursor, quote, "", parameter)


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


def _until(quote: str, status: str, name: str = "s") -> str:
    """The body of an ``until`` that stops at a status, and at failure."""
    others = ", ".join(f"{quote}{name}{quote}" for name in _TERMINAL[1:])
    return f"[{quote}{status}{quote}, {others}].includes({name}.status)"


def _untils(cursor: Cursor, quote: str, head: str, name: str) -> Iterator[Completion]:
    """Functions, or bodies behind an arrow (``head`` is then empty), of a parameter called ``name``."""
    arrow = f"{head} => " if head else ""
    failed = f"[{quote}errored{quote}, {quote}terminated{quote}].includes({name}.status)"
    bodies = (
        (
            "until a status, or failure",
            _until(quote, "${1:paused}", name),
            _until(quote, "paused", name),
            "Stops at a status of your choice, and also when the workflow failed: without `errored` and `terminated` "
            "the page would poll for ever after a failure.",
        ),
        (
            "until output is there, or failure",
            f"{name}.output != null || {failed}",
            f"{name}.output != null || {failed}",
            "`output` is null until the workflow is complete.",
        ),
        (
            "until the status leaves running",
            f"{name}.status !== {quote}queued{quote} && {name}.status !== {quote}running{quote}",
            f"{name}.status !== {quote}queued{quote} && {name}.status !== {quote}running{quote}",
            "Production says `waiting` during sleeps, which stops this one; the local engine says `running`.",
        ),
    )
    for number, (label, insert, plain, documentation) in enumerate(bodies):
        yield Completion(
            label,
            CompletionKind.SNIPPET,
            cursor.word,
            arrow + insert,
            detail=f"({name}) => boolean",
            documentation=documentation,
            sort=order(number),
            filter=f"{arrow}{name} {label}" if not head else f"{arrow}{label}",
            is_snippet=True,
            plain=arrow + plain,
        )
