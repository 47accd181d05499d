"""Output formats: one writer a module, ``write(report, stream)``, imported only when it is asked for."""

from __future__ import annotations

import importlib
import io
import os
import re
import sys
from collections.abc import Callable
from typing import TextIO

from koze_lsp.cli.findings import Report

FORMATS = ("full", "concise", "json", "json-lines", "github", "gitlab", "sarif", "junit")
WITH_STATISTICS = ("full", "concise", "json")
_FOR_PEOPLE = ("full", "concise")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\n]")

Writer = Callable[[Report, TextIO], None]


def writer(name: str) -> Writer:
    """The writer of a format."""
    module = importlib.import_module(f"koze_lsp.cli.output.{name.replace('-', '_')}")
    found: Writer = module.write
    return found


def write_report(report: Report, name: str, output_file: str | None, *, statistics: bool = False) -> None:
    """Write a report in a format, to a file or to standard output.

    Raises:
        UsageError: the file can't be written.
    """
    if statistics:
        from koze_lsp.cli.output.statistics import writer_for  # noqa: PLC0415 - only when it is asked for

        write = writer_for(name)
    else:
        write = writer(name)
    if output_file is None:
        write(report, _standard_output(for_people=name in _FOR_PEOPLE))
        return
    stream = io.StringIO()
    write(report, stream)
    write_text(stream.getvalue(), output_file)


def write_text(text: str, output_file: str | None) -> None:
    """Write a text to a file, whole or not at all, or to standard output.

    Raises:
        UsageError: the file can't be written.
    """
    if output_file is None:
        _standard_output(for_people=True).write(text)
        return
    from koze_lsp.cli.writing import write_atomically, write_through  # noqa: PLC0415

    regular = not os.path.exists(output_file) or os.path.isfile(output_file)
    (write_atomically if regular else write_through)(output_file, text)


def _standard_output(*, for_people: bool) -> TextIO:
    """Standard output, in which no character fails: programs get UTF-8, people what their terminal has."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        if for_people:
            stream.reconfigure(errors="backslashreplace")
        else:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    return stream


def printable(text: str) -> str:
    """A text on one line, with the characters escaped that steer a terminal or reorder what it shows."""
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape", "surrogatepass").decode("ascii"), text)


def summary(report: Report) -> str:
    """One line: what was found, in how many files, in what time."""
    counts = {severity.value: 0 for severity in sorted({f.severity for f in report.findings}, key=lambda s: s.value)}
    for finding in report.findings:
        counts[finding.severity.value] += 1
    names = {"error": "error", "warning": "warning", "information": "note", "hint": "hint"}
    parts = [_plural(counts[key], name) for key, name in names.items() if counts.get(key)]
    found = ", ".join(parts) if parts else "No problems"
    fixed = f"; fixed {_plural(report.fixed, 'problem')}" if report.fixed else ""
    known = f"; {report.baselined:,} in the baseline" if report.baselined else ""
    return f"{found} in {_plural(report.files, 'file')} ({_time(report.seconds)}){fixed}{known}"


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
