"""wrangler.jsonc: entries of ``workflows`` for files that have none, their keys and values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from koze_lsp.ide.completion import data_items
from koze_lsp.ide.completion.items import order, separator, taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.knowledge import WRANGLER_KEYS
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project

_PAIR = re.compile(r'"(name|binding|class_name)"\s*:\s*"([^"\r\n]*)"')
_FIELD = "One entry for each workflow file. The framework keeps `binding` and `class_name` in sync."
_BINDING = re.compile(r'"binding"\s*:\s*"([^"\r\n]*)"')


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Whole entries in the array, keys and values in an entry, the field itself at the top."""
    path, at_key = cursor.data_path()
    if path[:1] == ("env",) and len(path) >= 2:
        path = path[2:]
    if at_key and path == () and len(cursor.frames) in (1, 3):
        yield from _field_key(project, cursor)
    elif path[:1] != ("workflows",):
        return
    elif len(path) == 1 and not at_key and cursor.string is None:
        yield _list(project, cursor)
    elif len(path) == 2 and not at_key and cursor.string is None:
        yield from _entries(project, cursor)
    elif len(path) == 2 and at_key:
        yield from _keys(project, cursor)
    elif len(path) == 3 and not at_key:
        yield from _values(project, cursor, path[2])


def _missing(project: Project, cursor: Cursor) -> list[Workflow]:
    """The workflows whose binding the file does not name."""
    present = set(_BINDING.findall(cursor.source))
    found = [workflow for workflow in project.workflows.workflows if workflow.binding not in present]
    return [workflow for workflow in found if workflow.class_name is not None]


def _entry(workflow: Workflow) -> str:
    data = {"name": workflow.wrangler_name, "binding": workflow.binding, "class_name": workflow.class_name}
    return "{ " + ", ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in data.items()) + " }"


def _entries(project: Project, cursor: Cursor) -> Iterator[Completion]:
    last = cursor.last()
    if last is None or last.text not in ("[", ","):
        return
    missing = _missing(project, cursor)
    rest = cursor.source[cursor.word.end :]
    after = ("," if rest[:1].isspace() else ", ") if rest.lstrip()[:1] == "{" else ""
    for number, workflow in enumerate(missing):
        yield Completion(
            workflow.binding,
            CompletionKind.SNIPPET,
            cursor.word,
            _entry(workflow) + after,
            detail=f"entry for {workflow.path}",
            resolve=("workflow", workflow.name),
            sort=order(number + 1),
        )
    if len(missing) > 1:
        text = ", ".join(_entry(workflow) for workflow in missing)
        yield Completion(
            f"all {len(missing)} missing entries",
            CompletionKind.SNIPPET,
            cursor.word,
            text + after,
            detail=", ".join(workflow.name for workflow in missing),
            sort=order(0),
        )


def _field_key(project: Project, cursor: Cursor) -> Iterator[Completion]:
    if "workflows" in taken_keys(cursor) - {cursor.prefix}:
        return
    text, detail = _array(project, cursor)
    yield data_items.key(cursor, "workflows", 0, value=text, detail=detail, documentation=_FIELD)


def _list(project: Project, cursor: Cursor) -> Completion:
    """The value of the field."""
    text, detail = _array(project, cursor)
    return Completion(
        "[ … ]",
        CompletionKind.SNIPPET,
        cursor.word,
        text + separator(cursor.source, cursor.word.end),
        detail=detail,
        documentation=_FIELD,
        sort=order(0),
        filter="[",
        is_snippet=True,
        plain="[]",
    )


def _array(project: Project, cursor: Cursor) -> tuple[str, str]:
    """A snippet of the field's value, with the entries that are missing, and how many those are."""
    entries = [data_items.escape(_entry(workflow)) for workflow in _missing(project, cursor)]
    text = "[\n\t" + ",\n\t".join(entries) + "\n]" if entries else "[$1]"
    return text, f"{len(entries)} entries" if entries else "workflow bindings"


def _entry_text(cursor: Cursor) -> str:
    """The entry's text around the cursor."""
    frame = next((frame for frame in reversed(cursor.frames) if frame.opener == "{"), None)
    if frame is None:
        return ""
    end = cursor.source.find("}", cursor.offset)
    return cursor.source[frame.start : len(cursor.source) if end == -1 else end]


def _candidates(project: Project, cursor: Cursor, key: str) -> list[Workflow]:
    """The workflows that an entry can mean: by its other fields, else those without an entry, else all."""
    written = {found: text for found, text in _PAIR.findall(_entry_text(cursor)) if found != key and text}
    workflows = [workflow for workflow in project.workflows.workflows if workflow.class_name is not None]
    for field, text in written.items():
        same = [item for item in workflows if _derived(item)[field] == text]
        if same:
            return same
    missing = _missing(project, cursor)
    return missing or workflows


def _derived(workflow: Workflow) -> dict[str, str]:
    return {"name": workflow.wrangler_name, "binding": workflow.binding, "class_name": workflow.class_name or ""}


def _keys(project: Project, cursor: Cursor) -> Iterator[Completion]:
    taken = taken_keys(cursor)
    for number, (name, (detail, documentation)) in enumerate(WRANGLER_KEYS.items()):
        if name in taken or name == "script_name":
            continue
        found = _candidates(project, cursor, name)
        value = '{ "steps": ${1:1024} }' if name == "limits" else '"$1"'
        if name != "limits" and len(found) == 1:
            value = f'"{data_items.escape(_derived(found[0])[name])}"'
        yield data_items.key(cursor, name, number, value=value, detail=detail, documentation=documentation)


def _values(project: Project, cursor: Cursor, key: str) -> Iterator[Completion]:
    last = cursor.last()
    if key not in ("name", "binding", "class_name") or last is None or last.text != ":":
        return
    for number, workflow in enumerate(_candidates(project, cursor, key)):
        yield data_items.value(
            cursor,
            _derived(workflow)[key],
            number,
            detail=workflow.path,
            kind=CompletionKind.CLASS if key == "class_name" else CompletionKind.CONSTANT,
        )
