"""One line a finding: ``file:line:column: severity code message``."""

from __future__ import annotations

from typing import TextIO

from koze_lsp.cli.findings import Report
from koze_lsp.cli.output import printable, summary


def write(report: Report, stream: TextIO) -> None:
    """Write the findings, then the summary."""
    for finding in report.findings:
        place = f"{finding.file}:{finding.line}:{finding.column}"
        stream.write(printable(f"{place}: {finding.severity.value} {finding.code} {finding.message}") + "\n")
    stream.write(summary(report) + "\n")
