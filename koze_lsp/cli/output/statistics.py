"""Counts by rule, in place of the findings."""

from __future__ import annotations

import json
from typing import TextIO

from koze_lsp.cli.findings import Report
from koze_lsp.cli.output import Writer, summary
from koze_lsp.rules.base import Fixable


def writer_for(output_format: str) -> Writer:
    """How the statistics are written in a format."""
    return _write_json if output_format == "json" else _write_lines


def counts(report: Report) -> list[dict[str, str | int]]:
    """Code, severity, number of findings, and how many of them ``koze-lsp fix`` answers; the most frequent first."""
    found: dict[tuple[str, str], list[int]] = {}
    for finding in report.findings:
        row = found.setdefault((finding.code, finding.severity.value), [0, 0])
        row[0] += 1
        row[1] += finding.fixable is Fixable.SAFE
    return [
        {"code": code, "severity": severity, "count": count, "fixable": fixable}
        for (code, severity), (count, fixable) in sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
    ]


def _write_json(report: Report, stream: TextIO) -> None:
    json.dump(counts(report), stream, indent=1)
    stream.write("\n")


def _write_lines(report: Report, stream: TextIO) -> None:
    rows = counts(report)
    width = max((len(str(row["count"])) for row in rows), default=0)
    for row in rows:
        fixable = f"  [{row['fixable']} fixable]" if row["fixable"] else ""
        stream.write(f"{row['count']:>{width}}  {row['code']:<28}{row['severity']}{fixable}\n")
    stream.write(summary(report) + "\n")
