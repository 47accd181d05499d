"""Signature help for workflowStatus, the methods of ``step``, and ``env.X.create``."""

from __future__ import annotations

from koze_lsp.ide.completion.steps import method_of
from koze_lsp.ide.context import Cursor, cursor_at
from koze_lsp.ide.environment import binding_of
from koze_lsp.ide.knowledge import BINDING_METHODS, STATUS_PARAMETERS, STEP_METHODS, WORKFLOW_STATUS
from koze_lsp.ide.statuses import status_functions
from koze_lsp.ide.types import Parameter, Signature
from koze_lsp.project.document import SCRIPT_KINDS, Document
from koze_lsp.project.project import Project
from koze_lsp.text import Span

__all__ = ["RETRIGGERS", "TRIGGERS", "signature"]

TRIGGERS = ("(", ",")
RETRIGGERS = (")",)


def signature(project: Project, document: Document, offset: int) -> Signature | None:
    """The call around an offset (code points), also while it is being typed; None in any other call."""
    if not (document.kind.has_template or document.kind in SCRIPT_KINDS):
        return None
    cursor = cursor_at(document, offset)
    if cursor.in_comment:
        return None
    call = _call(cursor)
    if call is None:
        return None
    callee, index = call
    if callee in status_functions(document):
        return _made("workflowStatus", STATUS_PARAMETERS, "Promise<AsyncValue>", WORKFLOW_STATUS, index)
    method = method_of(document, callee)
    if method is not None:
        text, parameters = STEP_METHODS[method]
        if method == "do":
            parameters, index = _do(cursor, parameters, index)
        return _made(callee, parameters, "Promise", text, index)
    return _binding(project, document, callee, index)


def _call(cursor: Cursor) -> tuple[str, int] | None:
    """The callee and the argument's number of the innermost call around the cursor, not crossing a function."""
    for frame in reversed(cursor.frames):
        if frame.opener == "(" and frame.callee:
            return frame.callee, frame.index
        if frame.opener == "{" and not frame.is_object:
            return None
    return None


def _do(cursor: Cursor, parameters: tuple[tuple[str, str], ...], index: int) -> tuple[tuple[tuple[str, str], ...], int]:
    """Without a config the second argument is the callback."""
    frame = next((frame for frame in reversed(cursor.frames) if frame.opener == "(" and frame.callee), None)
    if index != 1 or frame is None:
        return parameters, index
    commas = [token for token in cursor.tokens if token.start > frame.start and token.text == ","]
    rest = cursor.source[commas[0].end :].lstrip() if commas else ""
    callback = rest.startswith(("async", "(", "function", "this.")) or rest[:1].isalpha()
    return (parameters, 2) if callback else (parameters, 1)


def _made(name: str, parameters: tuple[tuple[str, str], ...], result: str, documentation: str, index: int) -> Signature:
    label = f"{name}("
    made: list[Parameter] = []
    for number, (text, explained) in enumerate(parameters):
        label += ", " if number else ""
        made.append(Parameter(Span(len(label), len(label) + len(text)), explained))
        label += text
    active = index if index < len(made) else None
    return Signature(f"{label}): {result}", documentation, tuple(made), active)


def _binding(project: Project, document: Document, callee: str, index: int) -> Signature | None:
    """``env.X.create`` and ``env.X.get`` where X is a workflow's binding."""
    *names, method = callee.split(".")
    binding = binding_of(document, tuple(names)) if method in BINDING_METHODS else None
    workflow = next(iter(project.workflows.by_binding.get(binding or "", ())), None)
    if workflow is None:
        return None
    text, documentation = BINDING_METHODS[method]
    inner = text[text.index("(") + 1 : -1]
    payload = workflow.document.workflow.payload_type
    if payload is not None and "params?" in inner:
        inner = inner.replace("params?", f"params?: {' '.join(payload.split())}")
    return _made(method, ((inner, documentation),), "Promise<WorkflowInstance>", documentation, index)
