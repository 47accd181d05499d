"""Names that Koze gives to a file, typed without an import: the completion adds it. And a page's own statuses."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.completion.items import order
from koze_lsp.ide.completion.modules import context_of
from koze_lsp.ide.context import Cursor, Region
from koze_lsp.ide.glance import direct_statuses
from koze_lsp.ide.imports import import_edit, local_names, prefix_of, quote_of
from koze_lsp.ide.knowledge import EXPORTS
from koze_lsp.ide.statuses import status_functions
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.document import FileKind
from koze_lsp.project.project import Project
from koze_lsp.syntax import koze_modules
from koze_lsp.text import TextEdit

_OFFERED = (("workflow", "workflowStatus"), ("request", "params"), ("request", "searchParams"), ("request", "url"))


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Names that begin as what is typed does, where an expression can stand.

    From the first letter on: an editor that has any list at the first letter does not ask again at the second.
    """
    prefix = cursor.prefix
    last = cursor.last()
    if cursor.string is not None or (last is not None and (last.text in (".", "?.") or _declares(last.text))):
        return
    if cursor.region in (Region.EXPRESSION, Region.CODE_LINE):
        yield from _statuses(cursor)
    if not prefix or cursor.document.kind is FileKind.WORKFLOW:
        return
    context = context_of(cursor.document)
    if context is None or (cursor.frame is not None and cursor.frame.is_object and not cursor.frame.at_value):
        return
    for number, (module, name) in enumerate(_OFFERED):
        if not name.lower().startswith(prefix.lower()):
            continue
        if module != "workflow" and not cursor.document.kind.has_template:
            continue  # a TypeScript server completes there
        if name not in (koze_modules.MODULES[context].get(module) or ()):
            continue
        known = local_names(cursor.document, module, name)
        extra = import_edit(cursor.document, module, name)
        if not known and not extra:
            continue
        if name == "workflowStatus":
            yield from _call(project, cursor, extra, min(known, default=name))
        elif not known:
            yield Completion(
                name,
                CompletionKind.VARIABLE,
                cursor.word,
                name,
                detail=f"{prefix_of(cursor.document)}{module}",
                documentation=EXPORTS.get(name),
                sort=order(10 + number),
                extra=extra,
            )


def _declares(text: str) -> bool:
    return text in ("const", "let", "var", "function", "class", "import", "type", "interface", "enum", "as")


def _call(project: Project, cursor: Cursor, extra: tuple[TextEdit, ...], name: str) -> Iterator[Completion]:
    quote = quote_of(cursor.document)
    follows = cursor.source[cursor.word.end : cursor.word.end + 1] == "("
    workflow = next(iter(project.workflows.names), "name")
    parameters = project.routing.parameters(cursor.document.path) if cursor.document.kind is FileKind.ROUTE else ()
    awaited = cursor.tokens[-1].text == "await" if cursor.tokens else False
    top = cursor.document.kind.has_template and cursor.region is Region.SCRIPT and not cursor.frames
    before = "await " if top and not awaited else ""
    instance = f"params.{parameters[0].parameter}" if parameters else "id"
    call = f"{before}{name}({quote}${{1:{workflow}}}{quote}, ${{2:{instance}}})"
    yield Completion(
        name,
        CompletionKind.FUNCTION,
        cursor.word,
        name if follows else call,
        detail=f"{prefix_of(cursor.document)}workflow",
        documentation=EXPORTS["workflowStatus"],
        sort=order(0),
        is_snippet=not follows,
        plain=name,
        extra=extra,
    )


def _statuses(cursor: Cursor) -> Iterator[Completion]:
    """The names in a template that hold a status."""
    if "workflowStatus" not in cursor.source:
        return
    found = direct_statuses(cursor.source, status_functions(cursor.document))
    for number, (name, direct) in enumerate(found.items()):
        if direct.path:
            continue
        workflow = direct.workflow
        yield Completion(
            name,
            CompletionKind.VARIABLE,
            cursor.word,
            name,
            detail=f"status of {workflow}" if workflow else "a workflow's status",
            sort=order(number),
            commit=(".",),
        )
