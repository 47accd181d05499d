"""The settings that there are: one table for the reader, the rule, the schema, completion and the documentation.

They live under ``koze-lsp`` in the nearest package.json, and under ``koze`` in an editor's settings, which count
where both name one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["object", "levels", "globs", "number", "boolean"]
_LARGEST = 1e300
LEVELS = ("off", "hint", "information", "warning", "error")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. ``default`` is None for a group, whose ``children`` are the settings."""

    key: str
    kind: Kind
    documentation: str
    default: Any = None
    children: tuple[Setting, ...] = ()
    minimum: float | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting("rules", "levels", 'Rule → `"off"`, `"hint"`, `"information"`, `"warning"` or `"error"`.', {}),
    Setting("ignore", "globs", "Globs, as in .gitignore, of files about which nothing is reported.", []),
    Setting(
        "poll",
        "object",
        "What counts as polling too fast.",
        children=(
            Setting("minimum", "number", "The shortest interval (ms) that `poll-too-fast` accepts.", 250, minimum=0),
        ),
    ),
    Setting(
        "inlayHints",
        "object",
        "Which inlay hints editors show.",
        children=(
            Setting("pollMilliseconds", "boolean", "What a poll interval is in milliseconds.", True),
            Setting("workflowBinding", "boolean", "The binding of a workflow file, behind its class.", True),
            Setting("resolvedRetries", "boolean", "What a step's retries come to.", True),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """A key or a value that can't be read: ``path`` leads to it, ``at_key`` tells which of the two is wrong."""

    path: tuple[str, ...]
    message: str
    at_key: bool = False
    suggestions: tuple[str, ...] = ()


def problems(data: object) -> Iterator[SettingProblem]:
    """What is wrong with a settings object, in the order of its keys. Codes of rules are not looked at."""
    if not isinstance(data, Mapping):
        yield SettingProblem((), 'Settings are an object: { "rules": { … } }.')
        return
    yield from _problems(data, SETTINGS, ())


def _problems(data: Mapping[str, Any], table: tuple[Setting, ...], path: tuple[str, ...]) -> Iterator[SettingProblem]:
    known = {setting.key: setting for setting in table}
    for key, value in data.items():
        setting = known.get(key)
        if setting is None:
            there = ", ".join(known)
            yield SettingProblem((*path, key), f"Unknown setting '{key}'. There are {there}.", True, tuple(known))
        elif setting.kind == "object":
            if isinstance(value, Mapping):
                yield from _problems(value, setting.children, (*path, key))
            else:
                yield SettingProblem((*path, key), f"'{key}' is an object.")
        else:
            yield from _value_problems(setting, value, (*path, key))


def _value_problems(setting: Setting, value: object, path: tuple[str, ...]) -> Iterator[SettingProblem]:
    match setting.kind:
        case "boolean" if not isinstance(value, bool):
            yield SettingProblem(path, f"'{setting.key}' is true or false.")
        case "number" if not _is_number(value):
            yield SettingProblem(path, f"'{setting.key}' is a number.")
        case "number" if setting.minimum is not None and value < setting.minimum:  # type: ignore[operator]
            yield SettingProblem(path, f"'{setting.key}' is at least {setting.minimum:g}.")
        case "globs" if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield SettingProblem(path, f"'{setting.key}' is a list of globs.")
        case "levels" if not isinstance(value, Mapping):
            yield SettingProblem(path, f"'{setting.key}' is an object: code → severity.")
        case "levels" if isinstance(value, Mapping):
            for code, level in value.items():
                if level not in LEVELS:
                    allowed = ", ".join(f'"{name}"' for name in LEVELS)
                    yield SettingProblem((*path, code), f"A rule is {allowed}.", suggestions=LEVELS)


def _is_number(value: object) -> bool:
    """A finite number that a float can hold: JSON's own may have a thousand digits, and an editor's may be infinite."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _LARGEST


def schema(codes: tuple[str, ...]) -> dict[str, Any]:
    """The JSON Schema of the settings; ``codes`` are those of the rules."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "koze-lsp",
        "type": "object",
        "additionalProperties": False,
        "properties": {setting.key: _schema(setting, codes) for setting in SETTINGS},
    }


def _schema(setting: Setting, codes: tuple[str, ...]) -> dict[str, Any]:
    base: dict[str, Any] = {"description": setting.documentation}
    if setting.kind == "object":
        children = {child.key: _schema(child, codes) for child in setting.children}
        return {**base, "type": "object", "additionalProperties": False, "properties": children}
    base["default"] = setting.default
    if setting.kind == "levels":
        level = {"enum": list(LEVELS)}
        return {**base, "type": "object", "additionalProperties": False, "properties": dict.fromkeys(codes, level)}
    if setting.kind == "globs":
        return {**base, "type": "array", "items": {"type": "string"}}
    if setting.minimum is not None:
        base["minimum"] = setting.minimum
    return {**base, "type": setting.kind}
