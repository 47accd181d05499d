"""Workflow files: the methods of ``step``, and what goes into their arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from koze_lsp.ide.completion.items import members, order, quoted, strings, taken_keys
from koze_lsp.ide.context import Argument, Cursor
from koze_lsp.ide.imports import quote_of
from koze_lsp.ide.knowledge import BACKOFFS, CONFIG_KEYS, EVENT_KEYS, RETRY_KEYS, STEP_METHODS
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.document import SCRIPT_KINDS, WORKFLOW_KINDS, Document
from koze_lsp.project.project import Project
from koze_lsp.syntax.durations import UNITS, human, parse_duration

_DURATIONS = (
    "10 seconds", "30 seconds", "1 minute", "5 minutes", "15 minutes", "1 hour", "12 hours", "24 hours", "7 days",
    "30 days",
)  # fmt: skip
_STEP_TYPE = re.compile(r"([A-Za-z_$][\w$]*)\s*:\s*WorkflowStep\b")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*[a-z]*\Z", re.IGNORECASE)
_CALLED = re.compile(
    r"\s*['\"`]?\s*,[\s\S]{0,200}?=>[\s{]*(?:return\s+)?(?:await\s+)?(?:[\w$]+\.)*([A-Za-z_$][\w$]*)\s*\("
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def step_names(document: Document) -> frozenset[str]:
    """What a file calls its ``step``: run()'s second parameter, and every parameter of that type."""
    if document.kind not in SCRIPT_KINDS:
        return frozenset()
    found = set(_STEP_TYPE.findall(document.source))
    if document.kind in WORKFLOW_KINDS:
        found.add(document.workflow.run.step or "step")
    return frozenset(found)


def method_of(document: Document, callee: str) -> str | None:
    """The step method that a dotted callee calls."""
    base, dot, method = callee.rpartition(".")
    if not dot or method not in STEP_METHODS:
        return None
    return method if base in step_names(document) else None


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Methods behind the dot; names, durations, configs and their keys in the arguments."""
    del project
    if cursor.document.kind not in SCRIPT_KINDS:
        return
    path = cursor.path() if cursor.string is None else None
    if path is not None:
        if len(path) == 1 and path[0] in step_names(cursor.document):
            yield from _methods(cursor)
        return
    argument = cursor.argument()
    method = method_of(cursor.document, argument.call.callee) if argument is not None else None
    last = cursor.last()
    if argument is None or method is None or last is None or last.text not in ("(", ",", "{", ":"):
        return
    if argument.index == 0 and not argument.path:
        yield from _names(cursor)
    elif argument.index == 1:
        yield from _second(cursor, method, argument)


def _methods(cursor: Cursor) -> Iterator[Completion]:
    quote = quote_of(cursor.document)
    called = cursor.source.startswith("(", cursor.word.end)
    inserts = {
        "do": f"do({quote}${{1:name}}{quote}, async () => {{\n\t$0\n}})",
        "sleep": f"sleep({quote}${{1:name}}{quote}, {quote}${{2:10 seconds}}{quote})",
        "sleepUntil": f"sleepUntil({quote}${{1:name}}{quote}, ${{2:date}})",
        "waitForEvent": f"waitForEvent({quote}${{1:name}}{quote}, {{ type: {quote}${{2:type}}{quote} }})",
    }
    for number, (name, (documentation, parameters)) in enumerate(STEP_METHODS.items()):
        yield Completion(
            name,
            CompletionKind.FUNCTION,
            cursor.word,
            name if called else inserts[name],
            detail=f"{name}({', '.join(label.split(':')[0] for label, _ in parameters)})",
            documentation=documentation,
            sort=order(number),
            is_snippet=not called,
            plain=name,
        )


def _names(cursor: Cursor) -> Iterator[Completion]:
    """A name after the function that the callback calls: ``fetchLegacyData()`` → ``fetch-legacy-data``."""
    after = _CALLED.match(cursor.source, cursor.span.end)
    if after is None:
        return
    name = _HUMP.sub("-", after.group(1)).lower().replace("_", "-")
    yield Completion(
        name,
        CompletionKind.CONSTANT,
        cursor.span,
        quoted(cursor, name),
        detail=f"after {after.group(1)}()",
        sort=order(0),
    )


def _second(cursor: Cursor, method: str, argument: Argument) -> Iterator[Completion]:
    quote = quote_of(cursor.document)
    duration = f"{quote}${{1:10 seconds}}{quote}"
    key = argument.path[-1] if argument.path else ""
    if argument.at_key and cursor.string is None:
        keys, values = _keys(method, argument.path, quote, duration)
        yield from members(cursor, keys, values, taken_keys(cursor))
    elif method == "sleep" and not argument.path:
        yield from durations(cursor)
    elif method == "do" and not argument.path and cursor.string is None:
        yield from _config(cursor, quote)
    elif argument.path in (("timeout",), ("retries", "delay")) and method in ("do", "waitForEvent"):
        yield from durations(cursor)
    elif key == "backoff" and method == "do":
        yield from strings(cursor, BACKOFFS, CompletionKind.ENUM_MEMBER)


def _keys(
    method: str, path: tuple[str, ...], quote: str, duration: str
) -> tuple[Mapping[str, tuple[str, str]], dict[str, str]]:
    if method == "do" and not path:
        return CONFIG_KEYS, {"retries": _retries(quote), "timeout": duration}
    if method == "do" and path == ("retries",):
        return RETRY_KEYS, {"limit": "${1:5}", "delay": duration, "backoff": f"{quote}${{1:exponential}}{quote}"}
    if method == "waitForEvent" and not path:
        return EVENT_KEYS, {"type": f"{quote}${{1:type}}{quote}", "timeout": f"{quote}${{1:24 hours}}{quote}"}
    return {}, {}


def _retries(quote: str) -> str:
    return f"{{ limit: ${{1:5}}, delay: {quote}${{2:10 seconds}}{quote}, backoff: {quote}${{3:exponential}}{quote} }}"


def _config(cursor: Cursor, quote: str) -> Iterator[Completion]:
    last = cursor.last()
    if last is None or last.text != ",":
        return
    retries = f"retries: {_retries(quote)}"
    yield Completion(
        "async () => { … }",
        CompletionKind.SNIPPET,
        cursor.word,
        "async () => {\n\t$0\n}",
        detail="callback",
        documentation=STEP_METHODS["do"][1][2][1],
        sort=order(0),
        filter="async () =>",
        is_snippet=True,
        plain="async () => {}",
    )
    yield Completion(
        "{ retries, timeout }",
        CompletionKind.SNIPPET,
        cursor.word,
        f"{{ {retries}, timeout: {quote}${{4:10 minutes}}{quote} }}",
        detail="step config",
        documentation="Retries and the timeout of one attempt. `retries` needs both `limit` and `delay`.",
        sort=order(1),
        filter="retries",
        is_snippet=True,
        plain=f"{{ retries: {{ limit: 5, delay: {quote}10 seconds{quote} }} }}",
    )


def durations(cursor: Cursor) -> Iterator[Completion]:
    """Durations; behind an amount, its units."""
    amount = _AMOUNT.match(cursor.prefix) if cursor.string is not None else None
    texts = list(_DURATIONS)
    if amount is not None:
        plural = "" if float(amount[1]) == 1 else "s"
        texts = [f"{amount[1]} {unit}{plural}" for unit in UNITS]
    for number, text in enumerate(texts):
        ms = parse_duration(text).ms
        yield Completion(
            text,
            CompletionKind.UNIT,
            cursor.span,
            quoted(cursor, text),
            detail=human(ms) if ms is not None else "",
            documentation=f"{ms:,.0f} ms" if ms is not None else None,
            sort=order(number),
        )
