"""package.json: the configuration under ``koze-lsp``."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.completion import data_items
from koze_lsp.ide.completion.items import taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.settings import SETTINGS, Setting, rule_codes, setting_at
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.project import Project

KEY = "koze-lsp"
_SEVERITIES = ("off", "hint", "information", "warning", "error")


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """The section itself, its keys, and their values."""
    del project
    path, at_key = cursor.data_path()
    if at_key and not path:
        if KEY not in taken_keys(cursor) and cursor.prefix[:1] in ("", "k"):
            yield data_items.key(cursor, KEY, 0, value="{\n\t$1\n}", detail="koze-lsp's configuration", bare=False)
        return
    if path[:1] != (KEY,):
        return
    if at_key:
        yield from _keys(cursor, path[1:])
    else:
        yield from _values(cursor, path[1:])


def _keys(cursor: Cursor, path: tuple[str, ...]) -> Iterator[Completion]:
    taken = taken_keys(cursor)
    if path == ("rules",):
        for number, code in enumerate(rule_codes()):
            if code not in taken:
                yield data_items.key(cursor, code, number, value='"${1|off,hint,information,warning,error|}"')
        return
    table = SETTINGS if not path else _children(setting_at(path))
    for number, setting in enumerate(table):
        if setting.key not in taken:
            yield data_items.key(
                cursor,
                setting.key,
                number,
                value=setting.snippet,
                detail=setting.type,
                documentation=setting.documentation,
            )


def _children(setting: Setting | None) -> tuple[Setting, ...]:
    return setting.children if setting is not None else ()


def _values(cursor: Cursor, path: tuple[str, ...]) -> Iterator[Completion]:
    last = cursor.last()
    if last is None or last.text != ":":
        return
    if len(path) == 2 and path[0] == "rules":
        for number, severity in enumerate(_SEVERITIES):
            yield data_items.value(cursor, severity, number, kind=CompletionKind.ENUM_MEMBER)
        return
    setting = setting_at(path)
    if setting is not None and setting.type == "boolean" and cursor.string is None:
        for number, value in enumerate((True, False)):
            yield data_items.value(cursor, value, number)
