"""``env.`` and what follows it, and ``params.``: the names that wrangler's file and the route's path give."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.completion.items import order
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.describe import wrangler_state
from koze_lsp.ide.imports import local_names, statements
from koze_lsp.ide.knowledge import BINDING_METHODS
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.document import SCRIPT_KINDS, FileKind
from koze_lsp.project.project import Project


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Bindings behind ``env.``, their methods, and the route's parameters behind ``params.``."""
    names = cursor.path() if cursor.string is None else None
    if names is None:
        return
    env = _env_names(cursor)
    if names in env:
        yield from _bindings(project, cursor)
    elif names[:-1] in env and names[-1] in _known(project):
        yield from _methods(cursor)
    elif len(names) == 1 and names[0] in local_names(cursor.document, "request", "params"):
        yield from _parameters(project, cursor)


def _env_names(cursor: Cursor) -> set[tuple[str, ...]]:
    """The chains that are the Worker's environment in this file."""
    if cursor.document.kind not in SCRIPT_KINDS:
        return set()
    found: set[tuple[str, ...]] = {("this", "env")}
    for statement in statements(cursor.document):
        if statement.module != "cloudflare:workers":
            continue
        if "env" in statement.names:
            found.add((statement.names["env"],))
        if statement.namespace is not None:
            found.add((statement.namespace, "env"))
    return found


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
            cursor.word,
            workflow.binding,
            detail=f"Workflow {workflow.class_name or workflow.name}",
            documentation=f"The workflow `{workflow.name}` · {wrangler_state(project, workflow)}",
            sort=order(len(seen)),
            commit=(".",),
        )
    facts = project.wrangler.wrangler if project.wrangler is not None else None
    for binding in facts.bindings if facts is not None else ():
        if binding.name not in seen and project.wrangler is not None:
            seen.add(binding.name)
            yield Completion(
                binding.name,
                CompletionKind.CONSTANT,
                cursor.word,
                binding.name,
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


def _parameters(project: Project, cursor: Cursor) -> Iterator[Completion]:
    if cursor.document.kind not in (FileKind.ROUTE, FileKind.LAYOUT):
        return
    for number, segment in enumerate(project.routing.parameters(cursor.document.path)):
        yield Completion(
            segment.parameter or "",
            CompletionKind.FIELD,
            cursor.word,
            segment.parameter or "",
            detail=segment.text,
            documentation=f"From the path: `{segment.path}`.",
            sort=order(number),
        )
