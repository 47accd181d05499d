"""What of a report is shown, and what fails the check."""

from __future__ import annotations

import argparse
import sys

from koze_lsp.cli.exits import CLEAN, FINDINGS
from koze_lsp.cli.findings import Report
from koze_lsp.rules.base import Severity

_RANK = {severity: rank for rank, severity in enumerate(Severity)}
_COMPLETE = ("json", "json-lines")
"""Formats for programs, which choose themselves: hints are in them unless ``--min-severity`` says otherwise."""


def at_least(severity: Severity, least: Severity) -> bool:
    """Whether a severity is as grave as another, or graver."""
    return _RANK[severity] <= _RANK[least]


def keep(report: Report, arguments: argparse.Namespace, *, rules_only: bool = False) -> None:
    """Leave in a report what ``--select``, ``--ignore`` and, unless ``rules_only``, ``--min-severity`` ask for.

    Raises:
        UsageError: a code that no rule has.
    """
    if rules_only:
        if arguments.select or arguments.ignore:
            from koze_lsp.cli.fix import chosen_codes  # noqa: PLC0415 - only when it is asked for

            chosen = chosen_codes(arguments)
            report.findings = [finding for finding in report.findings if chosen(finding.code)]
        return
    least = minimum(arguments)
    report.findings = [finding for finding in report.findings if at_least(finding.severity, least)]


def minimum(arguments: argparse.Namespace) -> Severity:
    """The least severity that is shown."""
    if arguments.min_severity is not None:
        return Severity(arguments.min_severity)
    return Severity.HINT if arguments.output_format in _COMPLETE else Severity.INFORMATION


def exit_status(report: Report, arguments: argparse.Namespace) -> int:
    """The exit status that a report deserves.

    Without ``--fail-on`` errors and warnings fail the check, as far as ``--min-severity`` shows them; with it the
    severity that it names, shown or not. Warnings up to ``--max-warnings`` are forgiven, and one more fails the check.
    """
    if arguments.exit_zero:
        return CLEAN
    warnings, limit = report.count(Severity.WARNING), arguments.max_warnings
    if limit is not None and warnings > limit:
        print(f"koze-lsp: {_plural(warnings, 'warning')}, and --max-warnings is {limit}", file=sys.stderr)
        return FINDINGS
    least = Severity(arguments.fail_on) if arguments.fail_on else _graver(Severity.WARNING, minimum(arguments))
    forgiven = {Severity.WARNING} if limit is not None else set()
    failing = [f for f in report.findings if at_least(f.severity, least) and f.severity not in forgiven]
    if failing and not any(at_least(finding.severity, minimum(arguments)) for finding in failing):
        found = f"{_plural(len(failing), 'finding')} of --fail-on {least.value}"
        print(f"koze-lsp: {found}, not shown because of --min-severity {minimum(arguments).value}", file=sys.stderr)
    return FINDINGS if failing else CLEAN


def _graver(one: Severity, other: Severity) -> Severity:
    return one if at_least(one, other) else other


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")
