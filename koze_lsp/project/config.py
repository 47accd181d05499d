"""The configuration of one project: package.json's ``koze-lsp`` and the editor's settings over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
