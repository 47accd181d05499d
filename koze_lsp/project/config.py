"""The configuration of one project: package.json's ``koze-lsp`` and the editor's settings over it.

One reader serves the editor and the check. What can't be read counts as not written: the rule invalid-config
tells about it, and everything else still applies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from koze_lsp.project.document import Document

KEY = "koze-lsp"


@dataclass(frozen=True, slots=True)
class InlayHints:
    """Which inlay hints an editor shows."""

    poll_milliseconds: bool = True
    workflow_binding: bool = True
    resolved_retries: bool = True


@dataclass(frozen=True, slots=True)
class Config:
    """Resolved settings.

    Attributes:
        rules: code → ``off`` or the name of a severity.
        ignore: globs of files (relative to the project's root) about which nothing is reported.
        poll_minimum: the shortest interval, in milliseconds, that poll-too-fast accepts.
    """

    rules: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    poll_minimum: float = 250.0
    inlay_hints: InlayHints = InlayHints()


@dataclass(frozen=True, slots=True)
class Settings:
    """What an editor sends under ``koze``, or a command line gives: plain data, over package.json's."""

    data: Mapping[str, Any] = field(default_factory=dict)


def resolve(package: Document | None, settings: Settings) -> Config:
    """The configuration that package.json (if any) and an editor's settings give together."""
    written = package_settings(package)
    if not written and not settings.data:
        return Config()
    return _read([written, settings.data])


def package_settings(package: Document | None) -> Mapping[str, Any]:
    """The object under ``koze-lsp`` in package.json; empty where there is none that can be read."""
    if package is None or f'"{KEY}"' not in package.source:
        return {}
    from koze_lsp.syntax.jsonc import JsonObject, to_data  # noqa: PLC0415 - most projects configure nothing

    root = package.json.root
    if not isinstance(root, JsonObject):
        return {}
    data = to_data(root)
    found = data.get(KEY) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _read(layers: list[Mapping[str, Any]]) -> Config:
    """The valid settings of all layers, later ones over earlier ones."""
    from koze_lsp.project.settings import problems  # noqa: PLC0415 - most projects configure nothing

    rules: dict[str, str] = {}
    ignore: list[str] = []
    minimum = Config().poll_minimum
    hints: dict[str, bool] = {}
    for layer in layers:
        wrong = {problem.path for problem in problems(layer)}
        if ("rules",) not in wrong:
            rules |= {code: level for code, level in _group(layer, "rules") if ("rules", code) not in wrong}
        if ("ignore",) not in wrong:
            ignore += layer.get("ignore", [])
        if ("poll",) not in wrong and ("poll", "minimum") not in wrong:
            minimum = float(dict(_group(layer, "poll")).get("minimum", minimum))
        if ("inlayHints",) not in wrong:
            hints |= {key: value for key, value in _group(layer, "inlayHints") if ("inlayHints", key) not in wrong}
    default = InlayHints()
    return Config(
        rules,
        tuple(ignore),
        minimum,
        InlayHints(
            hints.get("pollMilliseconds", default.poll_milliseconds),
            hints.get("workflowBinding", default.workflow_binding),
            hints.get("resolvedRetries", default.resolved_retries),
        ),
    )


def _group(layer: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    return list(layer.get(key, {}).items())
