"""``env.`` and what follows it, and ``params.``: the names that wrangler's file and the route's path give."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.completion.items import members, named, order, taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.describe import field_type, wrangler_state
from koze_lsp.ide.environment import binding_of, env_names
from koze_lsp.ide.imports import local_names
from koze_lsp.ide.knowledge import BINDING_METHODS, CREATE_KEYS
from koze_lsp.ide.patterns import indexed, pattern
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.document import FileKind
from koze_lsp.project.project import Project


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Bindings of ``env``, their methods, what ``create`` takes, and the route's parameters in ``params``."""
    taken: set[str] = set()
    names = cursor.path() if cursor.string is None else indexed(cursor)
    if names is None and (found := pattern(cursor)) is not None and not found.path:
        names, taken = found.names, taken_keys(cursor)
    if not names:
        yield from _created(project, cursor)
        return
    if names in env_names(cursor.document):
        yield from (item for item in _bindings(project, cursor) if item.label not in taken)
    elif cursor.string is None and binding_of(cursor.document, names) in _known(project):
        yield from _methods(cursor)
    elif len(names) == 1 and names[0] in local_names(cursor.document, "request", "params"):
        yield from (item for item in _parameters(project, cursor) if item.label not in taken)


def _known(project: Project) -> set[str]:
    known = set(project.workflows.by_binding)
    if project.wrangler is not None:
        known |= {binding.name for binding in project.wrangler.wrangler.bindings if binding.kind == "Workflow"}
    return known


def _bindings(project: Project, cursor: Cursor) -> Iterator[Completion]:
    seen: set[str] = set()
    for workflow in project.workflows.workflows:
        if workflow.binding in seen:
            continue
        seen.add(workflow.binding)
        yield Completion(
            workflow.binding,
            CompletionKind.CONSTANT,
            cursor.span,
            named(cursor, workflow.binding),
            detail=f"Workflow {workflow.class_name or workflow.name}",
            documentation=f"The workflow `{workflow.name}` · {wrangler_state(project, workflow)}",
            sort=order(len(seen)),
            commit=(".",) if cursor.path() is not None else (),
        )
    facts = project.wrangler.wrangler if project.wrangler is not None else None
    for binding in facts.bindings if facts is not None else ():
        if binding.name not in seen and project.wrangler is not None:
            seen.add(binding.name)
            yield Completion(
                binding.name,
                CompletionKind.CONSTANT,
                cursor.span,
                named(cursor, binding.name),
                detail=binding.kind,
                documentation=f"From {project.wrangler.path}.",
                sort=order(500 + len(seen)),
            )


def _methods(cursor: Cursor) -> Iterator[Completion]:
    inserts = {"create": "create({ params: ${1:{ \\}} })", "get": "get(${1:id})", "createBatch": "createBatch([$1])"}
    called = cursor.source.startswith("(", cursor.word.end)
    for number, (name, (signature, documentation)) in enumerate(BINDING_METHODS.items()):
        yield Completion(
            name,
            CompletionKind.FUNCTION,
            cursor.word,
            name if called else inserts[name],
            detail=signature,
            documentation=documentation,
            sort=order(number),
            is_snippet=not called,
            plain=name,
        )


def _created(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """In ``env.X.create({ … })``: the options, and in ``params`` the fields of the payload that run() takes."""
    argument = cursor.argument() if cursor.string is None else None
    last = cursor.last()
    if argument is None or argument.index or not argument.at_key or last is None or last.text not in ("{", ","):
        return
    *names, method = argument.call.callee.split(".")
    binding = binding_of(cursor.document, tuple(names)) if method == "create" else None
    workflow = next(iter(project.workflows.by_binding.get(binding or "", ())), None)
    if workflow is None:
        return
    if not argument.path:
        yield from members(cursor, CREATE_KEYS, {"params": "{ $1 }"}, taken_keys(cursor))
    payload = workflow.document.workflow.payload
    if argument.path == ("params",) and payload is not None:
        keys = {field.name: (field_type(field), f"What run() of `{workflow.name}` gets.") for field in payload.fields}
        yield from members(cursor, keys, {}, taken_keys(cursor))


def _parameters(project: Project, cursor: Cursor) -> Iterator[Completion]:
    if cursor.document.kind not in (FileKind.ROUTE, FileKind.LAYOUT):
        return
    for number, segment in enumerate(project.routing.parameters(cursor.document.path)):
        yield Completion(
            segment.parameter or "",
            CompletionKind.FIELD,
            cursor.span,
            named(cursor, segment.parameter or ""),
            detail=segment.text,
            documentation=f"From the path: `{segment.path}`.",
            sort=order(number),
        )
