"""The configuration of one project: package.json's ``koze-lsp`` and the editor's settings over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from koze_lsp.project.document import Document


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
    """What an editor sends under ``koze``: plain data, over package.json's."""

    data: Mapping[str, Any] = field(default_factory=dict)


def resolve(package: Document | None, settings: Settings) -> Config:
    """The configuration that package.json (if any) and an editor's settings give together."""
    del package, settings
    return Config()
