"""What stops code in the preview, and how V8's answers become it: messages, stacks, places in the source."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Per generated line: generated column, source column, generated column, … (UTF-16, from 0), ascending.
Columns = Sequence[Sequence[int]]


class PreviewError(Exception):
    """Anything that stops code in the preview; its text is fit for the user."""


class ScriptError(PreviewError):
    """JavaScript threw. ``line`` and ``column`` count from 1, ``column`` in UTF-16 units; ``None`` = unknown."""

    def __init__(
        self,
        message: str,
        name: str = "Error",
        stack: str = "",
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(f"{name}: {message}" if message else name)
        self.message, self.name, self.stack = message, name, stack
        self.file, self.line, self.column = file, line, column


class LimitExceeded(PreviewError):  # noqa: N818 — the name says what happened
    """Code was stopped: ``limit`` is ``time``, ``memory``, ``console`` or a limit that a part of the runtime set.

    ``where`` names what ran when it was stopped (a step, a render), if the isolate could still tell.
    """

    def __init__(self, limit: str, message: str, where: str = "") -> None:
        super().__init__(f"{message}, in {where}" if where else message)
        self.limit, self.message, self.where = limit, message, where


@dataclass(slots=True)
class Script:
    file: str
    columns: Columns | None = None
    shift: int = 0  # characters that we put before the first line


def message(answer: object) -> list[Any]:
    if not isinstance(answer, str):
        raise ScriptError("the code changed objects that the preview's runtime needs")
    try:
        message: list[Any] = json.loads(answer)
    except ValueError:
        raise ScriptError("the code changed objects that the preview's runtime needs") from None
    return message


_FRAME = re.compile(r"^    at (?:.* \()?(.+):(\d+):(\d+)\)?$", re.MULTILINE)


def script_error(described: dict[str, str]) -> ScriptError:
    stack = described.get("stack", "")
    at = _FRAME.search(stack)
    place = (at[1], int(at[2]), int(at[3])) if at else (None, None, None)
    return ScriptError(described["message"], described["name"], stack, *place)


def parse_error(text: str, script: Script | None) -> ScriptError:
    """mini-racer's text: ``<anonymous>:LINE: Name: message``, the source line, a caret."""
    lines = text.split("\n")
    head = re.match(r"^<anonymous>:(\d+): (?:(\w+): )?(.*)$", lines[0])
    if head is None:
        return ScriptError(lines[0])
    line, name, message = int(head[1]), head[2] or "Error", head[3]
    if script is None:
        return ScriptError(message, name)
    column = lines[2].find("^") if len(lines) > 2 else -1
    if column < 0:
        return ScriptError(message, name, "", script.file, line)
    if line == 1:
        column = max(0, column - script.shift)
    column = map_column(script.columns, line, column)
    return ScriptError(message, name, "", script.file, line, column + 1)


def map_column(columns: Columns | None, line: int, column: int) -> int:
    """The source column (from 0) of a generated column (from 0) on ``line`` (from 1)."""
    if columns is None or line > len(columns):
        return column
    row = columns[line - 1]
    best = -1
    for index in range(0, len(row), 2):
        if row[index] > column:
            break
        best = index
    return column if best < 0 else row[best + 1] + (column - row[best])
