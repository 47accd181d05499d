"""Texts of wrangler.jsonc."""

from __future__ import annotations

NAME, BINDING, CLASS = "migration-workflow", "MIGRATION_WORKFLOW", "MigrationWorkflow"
ENTRY = f'{{ "name": "{NAME}", "binding": "{BINDING}", "class_name": "{CLASS}" }}'


def file(*entries: str, rest: str = "", head: str = "") -> str:
    """A file with these entries; ``head`` stands before them and ``rest`` behind."""
    body = ",\n".join(f"    {entry}" for entry in entries)
    listed = f"[\n{body}\n  ]" if entries else "[]"
    return f'{{\n  // the application\n  "name": "app",{head}\n  "workflows": {listed}{rest}\n}}\n'


def entry(name: str = NAME, binding: str = BINDING, class_name: str = CLASS, rest: str = "") -> str:
    """One entry."""
    return f'{{ "name": "{name}", "binding": "{binding}", "class_name": "{class_name}"{rest} }}'


OTHER = entry("reports", "REPORTS_JOB", "Reports")
OLD = entry("old-job-workflow", "OLD_JOB_WORKFLOW", "OldJob")
STAGING = entry(f"{NAME}-staging")
