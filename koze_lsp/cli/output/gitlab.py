"""GitLab's code quality report: a subset of the Code Climate format.

Source: GitLab, code quality, "Code Quality report format".
"""

from __future__ import annotations

import json
from typing import TextIO

from koze_lsp.cli.findings import Report
from koze_lsp.cli.fingerprints import fingerprints, path_in_repository
from koze_lsp.rules.base import Severity

_SEVERITIES = {
    Severity.ERROR: "major",
    Severity.WARNING: "minor",
    Severity.INFORMATION: "info",
    Severity.HINT: "info",
}


def write(report: Report, stream: TextIO) -> None:
    """Write all findings as one list."""
    issues = [
        {
            "description": f"{finding.code}: {finding.message}",
            "check_name": finding.code,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": path_in_repository(finding),
                "positions": {
                    "begin": {"line": finding.line, "column": finding.column},
                    "end": {"line": finding.end_line, "column": finding.end_column},
                },
                "lines": {"begin": finding.line, "end": finding.end_line},
            },
        }
        for finding, fingerprint in zip(report.findings, fingerprints(report.findings, path_in_repository), strict=True)
    ]
    json.dump(issues, stream, indent=1, ensure_ascii=False)
    stream.write("\n")
