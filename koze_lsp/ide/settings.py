"""The settings under ``koze-lsp`` in package.json, for completion and hover."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One key. ``snippet`` is what a completion writes as its value."""

    key: str
    type: str
    documentation: str
    snippet: str = "$1"
    children: tuple[Setting, ...] = ()


SETTINGS: tuple[Setting, ...] = (
    Setting("rules", "object", 'Rule → `"off"`, `"hint"`, `"information"`, `"warning"` or `"error"`.', "{\n\t$1\n}"),
    Setting("ignore", "string[]", "Globs of files about which nothing is reported, from this folder on.", '["$1"]'),
    Setting(
        "poll",
        "object",
        "What counts as polling too fast.",
        "{\n\t$1\n}",
        (
            Setting(
                "minimum", "number", "The shortest interval, in milliseconds, that `poll-too-fast` accepts.", "${1:250}"
            ),
        ),
    ),
    Setting(
        "inlayHints",
        "object",
        "Which inlay hints editors show.",
        "{\n\t$1\n}",
        (
            Setting("pollMilliseconds", "boolean", "What a poll interval is in milliseconds.", "false"),
            Setting("workflowBinding", "boolean", "The binding of a workflow file, behind its class.", "false"),
            Setting("resolvedRetries", "boolean", "What a step's retries come to.", "false"),
        ),
    ),
)


def setting_at(path: tuple[str, ...]) -> Setting | None:
    """The setting that a path of keys leads to."""
    table = SETTINGS
    found: Setting | None = None
    for key in path:
        found = next((setting for setting in table if setting.key == key), None)
        if found is None:
            return None
        table = found.children
    return found


def rule_codes() -> tuple[str, ...]:
    """The codes of all rules, sorted."""
    from koze_lsp import rules  # noqa: PLC0415 - a hundred modules, for a file that is seldom open

    load = getattr(rules, "all_rules", None)
    if load is not None:
        load()
    from koze_lsp.rules.base import registry  # noqa: PLC0415

    return tuple(sorted(registry()))
