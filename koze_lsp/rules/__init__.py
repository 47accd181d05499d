"""The diagnostics: one module a subject, each rule with its code, severity, explanation and fixes."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from koze_lsp.rules.base import Rule

MODULES = (
    "status_calls",
    "status_results",
    "imports",
    "request",
    "polls",
    "untils",
    "status_reads",
    "workflow_class",
    "workflow_file",
    "workflow_durations",
    "workflow_steps",
    "workflow_run",
    "wrangler_sync",
    "wrangler_entries",
    "wrangler_file",
    "environment",
    "types_stale",
    "route_structure",
    "files",
    "configuration",
    "scenarios",
    "ignores",
)
"""Every module with rules, in the order in which documentation lists them."""


@lru_cache(maxsize=1)
def all_rules() -> Mapping[str, Rule]:
    """All rules by code."""
    for module in MODULES:
        importlib.import_module(f"koze_lsp.rules.{module}")
    from koze_lsp.rules.base import registry  # noqa: PLC0415

    # The engine may have imported some of them before, for one kind of file.
    place = {f"{__name__}.{module}": number for number, module in enumerate(MODULES)}
    return dict(sorted(registry().items(), key=lambda item: place.get(type(item[1]).__module__, len(MODULES))))
