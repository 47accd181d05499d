"""How the framework names a workflow, its binding and its wrangler entry after the file.

Source: the Koze framework, convention discovery, wrangler sync and type generator.
"""

from __future__ import annotations

import re

SUFFIX = ".workflow.ts"
_IN_UNION = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)


def status_name(path: str) -> str:
    """The name that workflowStatus() takes: the file's basename without ``.workflow.ts``."""
    return path.rsplit("/", 1)[-1].removesuffix(SUFFIX)


def binding_name(name: str) -> str:
    """``data-sync`` → ``DATA_SYNC_WORKFLOW``: camelCase is not split, dots and digits are kept."""
    return name.upper().replace("-", "_") + "_WORKFLOW"


def wrangler_name(binding: str) -> str:
    """``DATA_SYNC_WORKFLOW`` → ``data-sync-workflow``."""
    return binding.lower().replace("_", "-")


def in_union(name: str) -> bool:
    """Whether the framework lists a name in ``WorkflowName``."""
    return _IN_UNION.fullmatch(name) is not None
