"""Annotations for GitHub Actions: workflow commands, ``::error file=…,line=…::message``.

Source: GitHub Actions, workflow commands for setting error, warning and notice messages.
"""

from __future__ import annotations

from typing import TextIO

from koze_lsp.cli.findings import Finding, Report
from koze_lsp.cli.fingerprints import path_in_repository
from koze_lsp.rules.base import Severity

_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "notice",
    Severity.HINT: "notice",
}


def write(report: Report, stream: TextIO) -> None:
    """Write one command a finding."""
    for finding in report.findings:
        properties = ",".join(f"{key}={_property(str(value))}" for key, value in _properties(finding).items())
        stream.write(f"::{_COMMANDS[finding.severity]} {properties}::{_data(_message(finding))}\n")


def _properties(finding: Finding) -> dict[str, str | int]:
    """Columns count only where the finding is on one line: GitHub takes no others."""
    place: dict[str, str | int] = {
        "title": f"koze-lsp ({finding.code})",
        "file": path_in_repository(finding),
        "line": finding.line,
    }
    if finding.end_line == finding.line:
        place |= {"col": finding.column, "endLine": finding.end_line, "endColumn": finding.end_column}
    else:
        place["endLine"] = finding.end_line
    return place


def _message(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}:{finding.column}: {finding.code} {finding.message}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
