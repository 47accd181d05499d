"""``koze-lsp --check``: all rules over applications, for terminals and CI."""

from __future__ import annotations

import argparse
import os
import sys
import time

from koze_lsp.cli.exits import CLEAN, FINDINGS, UsageError
from koze_lsp.cli.findings import Report, make_finding
from koze_lsp.cli.output import FORMATS, writer
from koze_lsp.cli.selection import Selection, relative_to_here, select
from koze_lsp.rules.engine import check_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The check's own options."""
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="files or folders (default: here)")
    parser.add_argument(
        "--output-format",
        choices=FORMATS,
        default=os.environ.get("KOZE_LSP_OUTPUT_FORMAT"),
        help="full on a terminal, concise elsewhere; also from KOZE_LSP_OUTPUT_FORMAT",
    )


def main(arguments: argparse.Namespace) -> int:
    """Check, write the report, and tell by the exit status whether anything fails."""
    report = check(select(arguments.paths))
    name = arguments.output_format or ("full" if sys.stdout.isatty() else "concise")
    if name not in FORMATS:
        raise UsageError(f"unknown output format '{name}'; there are {', '.join(FORMATS)}")
    writer(name)(report, sys.stdout)
    return FINDINGS if any(finding.severity.fails for finding in report.findings) else CLEAN


def check(selections: list[Selection]) -> Report:
    """Run all rules over what was selected.

    Raises:
        UsageError: there is no file to check, which is never silently a success.
    """
    started = time.perf_counter()
    report = Report()
    for selection in selections:
        show = relative_to_here(selection.project.root)
        for path, diagnostics in check_project(selection.project, selection.holds):
            report.files += 1
            if diagnostics:
                document = selection.project.document(path)
                text = document.text if document is not None else None
                if text is not None:
                    report.findings += [make_finding(show(path), text, diagnostic) for diagnostic in diagnostics]
    if not report.files:
        raise UsageError("nothing to check: no routes, server modules or wrangler file there")
    report.findings.sort(key=lambda finding: (finding.file, finding.line, finding.column, finding.code))
    report.seconds = time.perf_counter() - started
    return report
