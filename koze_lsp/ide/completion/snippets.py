"""Whole blocks: the branches of a status in a template, a page that shows one, a new workflow file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.ide.completion.data_items import escape
from koze_lsp.ide.completion.items import order
from koze_lsp.ide.context import Cursor, Region
from koze_lsp.ide.glance import direct_statuses, script_span
from koze_lsp.ide.imports import import_edit, prefix_of, quote_of
from koze_lsp.ide.statuses import status_functions
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.document import FileKind
from koze_lsp.project.naming import status_name
from koze_lsp.project.project import Project
from koze_lsp.rules.scaffold import workflow_source
from koze_lsp.text import Span, TextEdit

_WORDS = ("workflow", "status", "if", "koze", "class", "export", "import")
_PLACEHOLDER = re.compile(r"\$\{\d+:([^{}]*)\}|\$\d+")


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """The snippet that fits where the cursor is, at the start of a line only."""
    line = cursor.source.rfind("\n", 0, cursor.offset) + 1
    if cursor.source[line : cursor.word.start].strip() or cursor.string is not None or _filter(cursor) is None:
        return
    if cursor.document.kind is FileKind.WORKFLOW and cursor.region is Region.SCRIPT and not cursor.frames:
        yield from _workflow(cursor)
    elif cursor.region is Region.TEXT and cursor.document.kind in (FileKind.ROUTE, FileKind.LAYOUT):
        yield from _template(project, cursor)


def _filter(cursor: Cursor) -> str | None:
    """The word by which the snippets are found, of those that begin as what is typed; None if none does."""
    typed = cursor.prefix.lower()
    return next((word for word in _WORDS if word.startswith(typed)), None)


def _workflow(cursor: Cursor) -> Iterator[Completion]:
    if re.search(r"\bclass\b", cursor.source):
        return
    text = workflow_source(status_name(cursor.document.path)).replace("\n", cursor.document.text.newline())
    has_import = "WorkflowEntrypoint" in cursor.source
    if has_import:
        text = text[text.index("export class") :]
    yield Completion(
        "workflow",
        CompletionKind.SNIPPET,
        cursor.word,
        escape(text).replace("first-step", "${1:first-step}").replace("{ ok: true \\}", "${2:{ ok: true \\}}"),
        detail=f"a workflow class for {cursor.document.path.rsplit('/', 1)[-1]}",
        documentation=f"```ts\n{text}```",
        sort=order(0),
        filter=_filter(cursor),
        is_snippet=True,
        plain=text,
    )


def _template(project: Project, cursor: Cursor) -> Iterator[Completion]:
    name, workflow, known = _status(project, cursor)
    block = _block(project, cursor, name, workflow)
    newline = cursor.document.text.newline()
    if not cursor.source.strip() or cursor.source.strip() == cursor.prefix:
        yield _snippet(
            cursor,
            "workflow page",
            _page(project, cursor, workflow) + newline * 2 + block,
            "script and branches",
            1,
            (),
        )
        return
    extra = () if known else _script_edits(project, cursor, workflow)
    if known or extra:
        detail = f"all branches of {name}" if known else f"reads {workflow}, and all branches"
        yield _snippet(cursor, "workflow status", block, detail, 0, extra)


def _snippet(
    cursor: Cursor, label: str, text: str, detail: str, number: int, extra: tuple[TextEdit, ...]
) -> Completion:
    plain = _PLACEHOLDER.sub(lambda match: match.group(1) or "", text).replace("\\}", "}").replace("\\$", "$")
    return Completion(
        label,
        CompletionKind.SNIPPET,
        cursor.word,
        text,
        detail=detail,
        documentation=f"```html\n{plain}\n```",
        sort=order(number),
        filter=_filter(cursor),
        is_snippet=True,
        plain=plain,
        extra=extra,
    )


def _status(project: Project, cursor: Cursor) -> tuple[str, str, bool]:
    """The status that a block shows: its name, its workflow, and whether the page reads it already."""
    if "workflowStatus" in cursor.source:
        for name, direct in direct_statuses(cursor.source, status_functions(cursor.document)).items():
            if not direct.path:
                return name, direct.workflow or "", True
    return "status", next(iter(project.workflows.names), "name"), False


def _block(project: Project, cursor: Cursor, name: str, workflow: str) -> str:
    quote = quote_of(cursor.document)
    found = project.workflows.by_name.get(workflow)
    shape = found.document.workflow.output if found is not None else None
    result = f"{{{name}.output?.{shape.fields[0].name}\\}}" if shape is not None and shape.fields else ""
    s = f"{name}.status"
    lines = [
        f"if ({name}.error) {{",
        f"\t<p>${{1:The status could not be read:}} {{{name}.error\\}}</p>",
        f"\\}} else if ({s} === {quote}complete{quote}) {{",
        f"\t<p>${{2:Done.}} {result}</p>".replace(" </p>", "</p>"),
        f"\\}} else if ({s} === {quote}errored{quote} || {s} === {quote}terminated{quote}) {{",
        "\t<p>${3:The workflow failed.}</p>",
        "\\} else {",
        f"\t<p>{{{s}\\}}</p>",
        "\\}",
    ]
    return cursor.document.text.newline().join(lines).replace("\t", "  ")


def _call(project: Project, cursor: Cursor, workflow: str) -> str:
    quote = quote_of(cursor.document)
    parameters = project.routing.parameters(cursor.document.path) if cursor.document.kind is FileKind.ROUTE else ()
    instance = f"params.{parameters[0].parameter}" if parameters else "params.id"
    return f"const status = await workflowStatus({quote}{workflow}{quote}, {instance}, {{ poll: {quote}2s{quote} }});"


def _page(project: Project, cursor: Cursor, workflow: str) -> str:
    quote, prefix = quote_of(cursor.document), prefix_of(cursor.document)
    lines = [
        "<script>",
        f"  import {{ params }} from {quote}{prefix}request{quote};",
        f"  import {{ workflowStatus }} from {quote}{prefix}workflow{quote};",
        "",
        f"  {_call(project, cursor, workflow)}",
        "</script>",
    ]
    return escape(cursor.document.text.newline().join(lines))


def _script_edits(project: Project, cursor: Cursor, workflow: str) -> tuple[TextEdit, ...]:
    """The edits that read a status in the page's script: imports, and the call at its end."""
    document = cursor.document
    block = script_span(document)
    if block is None or re.search(r"\b(?:const|let|var)\s+status\b", document.source):
        return ()
    content = document.source[block.start : block.end]
    newline = document.text.newline()
    kept = content.rstrip()
    at = block.start + len(kept)
    tail = newline if not content[len(kept) :].strip(" \t") else ""
    call = TextEdit(Span(at, at), f"{newline}  {_call(project, cursor, workflow)}{tail}")
    imports = (*import_edit(document, "request", "params"), *import_edit(document, "workflow", "workflowStatus"))
    return (*imports, call)
