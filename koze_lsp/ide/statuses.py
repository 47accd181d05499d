"""Which status a half-typed expression reads: ``status.``, ``s.output.`` in ``until``, ``statuses[id].``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from koze_lsp.ide.context import Cursor
from koze_lsp.ide.glance import direct_statuses, suspects
from koze_lsp.ide.imports import local_names
from koze_lsp.ide.tokens import Frame, chain
from koze_lsp.project.document import Document
from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.script import ScriptFacts
from koze_lsp.text import Text

PLACEHOLDER = "koze_lsp_here"

_FIRST_STRING = re.compile(r"\(\s*(['\"`])([^'\"`\r\n]*)\1")
_UNTIL_PARAMETER = re.compile(r"\s*['\"]?\s*:?\s*(?:async\b\s*)?(?:function\b\s*[\w$]*\s*)?\(?\s*([A-Za-z_$][\w$]*)")
_SWITCH = re.compile(r"\bswitch\s*\(\s*([\w$.?!]+)\s*\)")
_INCLUDES = re.compile(r"[^\]\r\n]*\]\s*\.\s*includes\s*\(\s*([\w$.?!]+)")
_DECLARED = re.compile(r"\b(?:const|let|var|function)\s+workflowStatus\b|\bimport\b[^;'\"]*\bworkflowStatus\b")
_EQUALITY = frozenset({"===", "==", "!==", "!="})


@dataclass(frozen=True, slots=True)
class Reached:
    """The fields that were read of a status so far, and the workflow that its call names."""

    path: tuple[str, ...]
    workflow: str | None


def status_functions(document: Document) -> frozenset[str]:
    """The names by which a file can call workflowStatus; the plain one also before it is imported."""
    found = local_names(document, "workflow", "workflowStatus")
    if not found and _DECLARED.search(document.source) is None:
        return frozenset({"workflowStatus"})
    return found


def read_before(cursor: Cursor) -> Reached | None:
    """What the chain before the cursor has read of a status: ``status.output.`` → ``("output",)``."""
    names = cursor.path()
    return reach(cursor, names) if names is not None else None


def compared(cursor: Cursor) -> bool:
    """Whether the cursor is where a status is named: ``status.status === '…'``, ``case '…'``, ``['…'].includes``."""
    names = _operand(cursor)
    reached = reach(cursor, names) if names is not None and names[0] else None
    if reached is not None:
        return reached.path == ("status",)
    if cursor.string is None or "workflowStatus" not in cursor.source:
        return False
    comparisons = cursor.document.script.status_flow.comparisons
    return any(comparison.literal.inner.contains(cursor.offset) for comparison in comparisons)


def _operand(cursor: Cursor) -> tuple[str, ...] | None:
    last = cursor.last()
    if last is not None and last.text in _EQUALITY:
        return _chain_with_end(cursor, len(cursor.tokens) - 1)
    if last is not None and last.text == "case" and last.kind == "word":
        found = list(_SWITCH.finditer(cursor.source, max(0, cursor.offset - 4_000), cursor.offset))
        return _split(found[-1].group(1)) if found else None
    if cursor.frame is not None and cursor.frame.opener == "[" and cursor.string is not None:
        match = _INCLUDES.match(cursor.source, cursor.offset)
        return _split(match.group(1)) if match is not None else None
    return None


def _chain_with_end(cursor: Cursor, end: int) -> tuple[str, ...] | None:
    """The dotted name that ends before a token."""
    tokens = cursor.tokens[:end]
    if tokens and tokens[-1].text == "!":
        tokens = tokens[:-1]
    if not tokens or tokens[-1].kind != "word":
        return None
    before = chain(tokens[:-1])
    return (*(before[0] if before is not None else ()), tokens[-1].text)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.rstrip("!") for part in text.replace("?.", ".").split("."))


def reach(cursor: Cursor, names: tuple[str, ...]) -> Reached | None:
    """What a dotted name reads of a status; None where it is none."""
    if not names or "workflowStatus" not in cursor.source:
        return None
    in_until = _until(cursor)
    if in_until is not None and in_until[0] == names[0]:
        return Reached(names[1:], in_until[1])
    functions = status_functions(cursor.document)
    direct = direct_statuses(cursor.source, functions, names[0]).get(names[0])
    if direct is not None:
        return Reached((*direct.path, *names[1:]), direct.workflow)
    if names[0] != "()" and names[0] not in suspects(cursor.source, functions):
        return None
    facts = cursor.document.script
    binding = binding_at(facts, names[0], cursor.offset)
    if binding is not None:
        found = _of_binding(facts, binding)
        if found is not None:
            return Reached((*found.path, *names[1:]), found.workflow)
    if binding is not None and binding.kind == "import":
        return None
    return _by_placeholder(cursor)


def _until(cursor: Cursor) -> tuple[str, str | None] | None:
    """The parameter of the ``until`` that the cursor is in, and the workflow of its call."""
    functions = status_functions(cursor.document)
    for depth in range(len(cursor.frames) - 1, 0, -1):
        frame, around = cursor.frames[depth], cursor.frames[depth - 1]
        if (
            frame.is_object
            and frame.key_span is not None
            and frame.key == "until"
            and around.opener == "("
            and around.callee in functions
        ):
            match = _UNTIL_PARAMETER.match(cursor.source, frame.key_span.end)
            return (match.group(1), first_string(cursor.source, around)) if match is not None else None
    return None


def until_parameter(cursor: Cursor) -> str | None:
    """What the ``until`` that the cursor is in calls its status."""
    found = _until(cursor)
    return found[0] if found is not None else None


def first_string(source: str, call: Frame) -> str | None:
    """The call's first argument, where it is a string."""
    match = _FIRST_STRING.match(source, call.start)
    return match.group(2) if match is not None else None


def binding_at(facts: ScriptFacts, name: str, offset: int) -> Binding | None:
    """What a name refers to at an offset: of the bindings around it, the innermost."""
    byte = facts.tree.byte(offset)
    found: Binding | None = None
    for binding in facts.names.bindings:
        if binding.name != name:
            continue
        node = binding.scope.node
        inside = binding.scope.parent is None or node.start_byte <= byte <= node.end_byte
        if inside and (found is None or node.start_byte >= found.scope.node.start_byte):
            found = binding
    return found


def _of_binding(facts: ScriptFacts, binding: Binding) -> Reached | None:
    """Whether a name holds a status, or a field of one."""
    flow = facts.status_flow
    for name in flow.names:
        if name.binding.span == binding.span:
            return Reached((), name.call.name.string if name.call.name is not None else None)
    for read in flow.reads:
        if read.name is not None and read.name.span == binding.span and read.span == binding.span:
            return Reached(read.path, read.call.name.string if read.call.name is not None else None)
    return None


def _by_placeholder(cursor: Cursor) -> Reached | None:
    """Write a name at the cursor, and see which read it becomes: for loops, records and callbacks."""
    document, word = cursor.document, cursor.word
    source = f"{cursor.source[: word.start]}{PLACEHOLDER}{cursor.source[word.end :]}"
    patched = Document(document.path, document.kind, Text(source), previous=document)
    for read in patched.script.status_flow.reads:
        for index, span in enumerate(read.fields):
            if span.start == word.start:
                name = read.call.name
                return Reached(read.path[:index], name.string if name is not None else None)
    return None
