"""The framework's version in an application's node_modules."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from koze_lsp.project.reading import read_text

PACKAGES = ("@kuratchi/koze", "@kuratchi/js")


@dataclass(frozen=True, slots=True)
class Framework:
    """An installed framework. ``has_workflows`` is True where that can't be told."""

    name: str
    version: str
    has_workflows: bool


def find_framework(root: str) -> Framework | None:
    """The framework that an application has installed, in its own node_modules or one above; None if none."""
    folder = root
    while folder:
        for name in PACKAGES:
            package = f"{folder}/node_modules/{name}"
            data = _package(package)
            if data is not None:
                return Framework(name, str(data.get("version", "")), _has_workflows(package, data))
        folder = folder.rpartition("/")[0]
    return None


def _package(folder: str) -> dict[str, Any] | None:
    try:
        data = json.loads(read_text(f"{folder}/package.json"))
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _has_workflows(package: str, data: dict[str, Any]) -> bool:
    """Whether the package exports or holds the workflow runtime."""
    if "exports" not in data or "workflow" in json.dumps(data["exports"]):
        return True
    return any(
        os.path.exists(f"{package}/{path}/runtime/workflow.{end}") for path in ("src", "dist") for end in ("ts", "js")
    )
