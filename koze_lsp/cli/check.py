"""``koze-lsp --check``: all rules over applications, for terminals and CI."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable

from koze_lsp.cli.check_options import add_arguments, validate
from koze_lsp.cli.exits import CLEAN, FINDINGS, UsageError
from koze_lsp.cli.findings import Finding, Report, make_finding
from koze_lsp.cli.policy import exit_status, keep
from koze_lsp.cli.selection import Selection, relative_to_here
from koze_lsp.cli.targets import targets
from koze_lsp.rules.engine import check_project

__all__ = ["add_arguments", "check", "main", "run_once"]


def main(arguments: argparse.Namespace) -> int:
    """Check, write the report, and tell by the exit status whether anything fails."""
    validate(arguments)
    if arguments.watch:
        from koze_lsp.cli.watch import watch  # noqa: PLC0415 - only when it is asked for

        return watch(arguments)
    return run_once(arguments)


def run_once(arguments: argparse.Namespace) -> int:
    """One check from reading the files to writing the report.

    Raises:
        UsageError: the command line can't be carried out, or there is nothing to check.
    """
    if arguments.diff:
        return _show_diff(arguments)
    fixed = _fix(arguments) if arguments.fix else 0
    report = check(targets(arguments))
    if not (report.files or arguments.no_error_on_unmatched or arguments.since is not None):
        raise UsageError("nothing to check: no routes, server modules or wrangler file there")
    report.fixed = fixed
    keep(report, arguments, rules_only=True)
    if arguments.write_baseline:
        from koze_lsp.cli.baseline import write_baseline  # noqa: PLC0415

        print(write_baseline(report, arguments.baseline))
        return CLEAN
    if arguments.baseline:
        from koze_lsp.cli.baseline import apply_baseline  # noqa: PLC0415

        apply_baseline(report, arguments.baseline)
    status = exit_status(report, arguments)
    keep(report, arguments)
    _write(report, arguments)
    return status


def check(selections: Iterable[Selection]) -> Report:
    """Run all rules over what was selected; the findings are sorted by file, line, column and code."""
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
                    report.findings += [
                        make_finding(show(path), text, diagnostic, show("")) for diagnostic in diagnostics
                    ]
        report.findings += _unlistable(selection)
    report.findings.sort(key=lambda finding: (finding.file, finding.line, finding.column, finding.code))
    report.seconds = time.perf_counter() - started
    return report


def _unlistable(selection: Selection) -> list[Finding]:
    """A finding for each folder that could not be listed: what lies in it is not checked, and that is said."""
    from koze_lsp.rules.base import Diagnostic, Severity  # noqa: PLC0415
    from koze_lsp.text import Span, Text  # noqa: PLC0415

    show, found = relative_to_here(selection.project.root), []
    for path, reason in selection.project.unlistable.items():
        if selection.holds(path):
            message = f"This folder can't be listed: {reason}. Nothing in it is checked. Remedy: check its permissions."
            diagnostic = Diagnostic("unreadable-file", path, Span(0, 0), message, Severity.ERROR)
            found.append(make_finding(show(path), Text(""), diagnostic, show("")))
    return found


def _fix(arguments: argparse.Namespace) -> int:
    from koze_lsp.cli.fixes import fix_targets  # noqa: PLC0415 - only when it is asked for

    return fix_targets(arguments)


def _show_diff(arguments: argparse.Namespace) -> int:
    from koze_lsp.cli.fixes import diff_targets  # noqa: PLC0415 - only when it is asked for
    from koze_lsp.cli.output import write_text  # noqa: PLC0415

    diff = diff_targets(arguments)
    write_text(diff, arguments.output_file)
    return FINDINGS if diff and not arguments.exit_zero else CLEAN


def _write(report: Report, arguments: argparse.Namespace) -> None:
    from koze_lsp.cli.output import write_report  # noqa: PLC0415

    name = arguments.output_format or ("full" if sys.stdout.isatty() and not arguments.output_file else "concise")
    write_report(report, name, arguments.output_file, statistics=arguments.statistics)
