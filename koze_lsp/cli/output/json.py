"""One JSON object for programs; its shape is part of the command line's contract."""

from __future__ import annotations

import json
from typing import Any, TextIO

from koze_lsp.cli.findings import Finding, Report
from koze_lsp.rules.base import Severity


def write(report: Report, stream: TextIO) -> None:
    """Write the report as one object."""
    data = {
        "version": 1,
        "files": report.files,
        "errors": report.count(Severity.ERROR),
        "warnings": report.count(Severity.WARNING),
        "diagnostics": [record(finding) for finding in report.findings],
    }
    json.dump(data, stream, indent=1, ensure_ascii=False)
    stream.write("\n")


def record(finding: Finding) -> dict[str, Any]:
    """One finding as JSON formats have it. Lines and columns are 1-based; columns count code points."""
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "url": finding.url,
    }
