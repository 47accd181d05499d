"""For people: each finding with the lines it is on, its message and its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.text import Text as Styled

from koze_lsp.cli.findings import Finding, Report
from koze_lsp.cli.output import printable, summary
from koze_lsp.rules.base import Fixable

_STYLES = {"error": "bold red", "warning": "bold yellow", "information": "bold blue", "hint": "bold cyan"}
_TAB = "    "
_WIDEST = 300
"""Characters of a line that are shown."""


def write(report: Report, stream: TextIO) -> None:
    """Write the findings with code frames, then the summary; colours where the stream is a terminal."""
    console = Console(file=stream, highlight=False, soft_wrap=True)
    for finding in report.findings:
        console.print(_heading(finding))
        console.print(_frame(finding))
        for note in _notes(finding):
            console.print(Styled("  = ", "bold blue").append(printable(note), "default"))
        console.print()
    console.print(Styled(summary(report), "bold"))


def _heading(finding: Finding) -> Styled:
    style = _STYLES[finding.severity.value]
    heading = Styled(f"{finding.severity.value}[{finding.code}]", style)
    heading.append(f" {printable(finding.message)}\n", "bold")
    return heading.append(f"  --> {printable(finding.file)}:{finding.line}:{finding.column}", "blue")


def _frame(finding: Finding) -> Styled:
    """The line before, the line itself with its marks, and the line after."""
    text, style = finding.text, _STYLES[finding.severity.value]
    width = len(str(finding.line + 1))
    frame = Styled()
    for line in range(max(finding.line - 1, 1), min(finding.line + 1, text.line_count) + 1):
        start, end = text.line_span(line - 1)
        source = text.source[start:end]
        frame.append(f"{line:>{width}} | ", "blue").append(_shown(source)[:_WIDEST] + "\n")
        if line == finding.line:
            last = finding.end_column if finding.end_line == finding.line else len(source) + 1
            before = min(len(_shown(source[: finding.column - 1])), _WIDEST)
            marks = max(len(_shown(source[finding.column - 1 : last - 1])), 1)
            frame.append(f"{'':>{width}} | ", "blue").append(" " * before + "^" * min(marks, _WIDEST) + "\n", style)
    frame.rstrip()
    return frame


def _shown(source: str) -> str:
    return printable(source.replace("\t", _TAB))


def _notes(finding: Finding) -> Iterator[str]:
    """Other places that explain a finding, and its remedies."""
    for place in finding.diagnostic.related[:3]:
        line = finding.text.line_at(place.span.start) + 1 if place.path == finding.diagnostic.path else None
        yield f"see {finding.prefix}{place.path}{'' if line is None else f':{line}'}: {place.message}"
    fixes = finding.diagnostic.fixes
    if finding.fixable is Fixable.SAFE:
        yield f"fix: {next(fix.title for fix in fixes if fix.safe)} (koze-lsp fix)"
    elif fixes:
        yield f"fix: {' / '.join(fix.title for fix in fixes[:3])}"
