"""Output formats: one writer a module, ``write(report, stream)``, imported only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TextIO

from koze_lsp.cli.findings import Report

FORMATS = ("full", "concise", "json")

Writer = Callable[[Report, TextIO], None]


def writer(name: str) -> Writer:
    """The writer of a format."""
    module = importlib.import_module(f"koze_lsp.cli.output.{name.replace('-', '_')}")
    found: Writer = module.write
    return found


def summary(report: Report) -> str:
    """One line: what was found, in how many files, in what time."""
    counts = {severity.value: 0 for severity in sorted({f.severity for f in report.findings}, key=lambda s: s.value)}
    for finding in report.findings:
        counts[finding.severity.value] += 1
    names = {"error": "error", "warning": "warning", "information": "note", "hint": "hint"}
    parts = [_plural(counts[key], name) for key, name in names.items() if counts.get(key)]
    found = ", ".join(parts) if parts else "No problems"
    return f"{found} in {_plural(report.files, 'file')} ({_time(report.seconds)})"


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
