"""package.json: the configuration under ``koze-lsp``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from koze_lsp.ide.completion import data_items
from koze_lsp.ide.completion.items import taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.project import Project
from koze_lsp.project.settings import LEVELS, SETTINGS, Setting
from koze_lsp.rules import all_rules

KEY = "koze-lsp"
KINDS: Mapping[str, str] = MappingProxyType(
    {"object": "object", "levels": "object", "globs": "string[]", "number": "number", "boolean": "boolean"}
)
"""Kind of setting → what JSON calls its value."""


def setting_at(path: tuple[str, ...]) -> Setting | None:
    """The setting that a path of keys leads to."""
    table, found = SETTINGS, None
    for key in path:
        found = next((setting for setting in table if setting.key == key), None)
        if found is None:
            return None
        table = found.children
    return found


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """The section itself, its keys, and their values."""
    del project
    path, at_key = cursor.data_path()
    if at_key and not path:
        if KEY not in taken_keys(cursor) and KEY.startswith(cursor.prefix):
            yield data_items.key(cursor, KEY, 0, value="{\n\t$1\n}", detail="koze-lsp's configuration")
    elif path[:1] == (KEY,) and at_key:
        yield from _keys(cursor, path[1:])
    elif path[:1] == (KEY,):
        yield from _values(cursor, path[1:])


def _keys(cursor: Cursor, path: tuple[str, ...]) -> Iterator[Completion]:
    taken = taken_keys(cursor)
    if path == ("rules",):
        for number, (code, rule) in enumerate(sorted(all_rules().items())):
            if code not in taken:
                detail = f"{rule.severity.value} by default"
                yield data_items.key(cursor, code, number, value=f'"${{1|{",".join(LEVELS)}|}}"', detail=detail)
        return
    here = setting_at(path)
    table = SETTINGS if not path else here.children if here is not None else ()
    for number, setting in enumerate(table):
        if setting.key not in taken:
            value, detail = _snippet(setting), KINDS[setting.kind]
            documentation = setting.documentation
            yield data_items.key(cursor, setting.key, number, value=value, detail=detail, documentation=documentation)


def _snippet(setting: Setting) -> str:
    """What a completion writes as a setting's value: of a switch the other position."""
    match setting.kind:
        case "object" | "levels":
            return "{\n\t$1\n}"
        case "globs":
            return '["$1"]'
        case "boolean":
            return json.dumps(not setting.default)
    return f"${{1:{json.dumps(setting.default)}}}"


def _values(cursor: Cursor, path: tuple[str, ...]) -> Iterator[Completion]:
    last = cursor.last()
    if last is None or last.text != ":":
        return
    if len(path) == 2 and path[0] == "rules":
        for number, level in enumerate(LEVELS):
            yield data_items.value(cursor, level, number, kind=CompletionKind.ENUM_MEMBER)
        return
    setting = setting_at(path)
    if setting is not None and setting.kind == "boolean" and cursor.string is None:
        for number, value in enumerate((True, False)):
            yield data_items.value(cursor, value, number)
