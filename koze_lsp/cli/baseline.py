"""``--baseline``: findings that are known already, so that only new ones are reported.

The file lists fingerprints with the place and rule they stand for. Paths in it lead from the file's own folder, so
that it means the same wherever the check is started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from koze_lsp.cli.exits import UsageError
from koze_lsp.cli.findings import Finding, Report
from koze_lsp.cli.fingerprints import fingerprints
from koze_lsp.cli.selection import absolute
from koze_lsp.cli.writing import write_atomically
from koze_lsp.project.reading import read_text

VERSION = 1


def apply_baseline(report: Report, file: str) -> None:
    """Leave out of a report what a baseline lists.

    Raises:
        UsageError: the file can't be read or is no baseline.
    """
    known = _read(file)
    marks = fingerprints(report.findings, _path_from(file))
    fresh = [finding for finding, mark in zip(report.findings, marks, strict=True) if mark not in known]
    report.baselined = len(report.findings) - len(fresh)
    report.findings = fresh


def write_baseline(report: Report, file: str) -> str:
    """Write all findings of a report as a baseline; gives a sentence that says so.

    Raises:
        UsageError: the file can't be written.
    """
    path_of = _path_from(file)
    rows = [
        {"file": path_of(finding), "code": finding.code, "fingerprint": mark}
        for finding, mark in zip(report.findings, fingerprints(report.findings, path_of), strict=True)
    ]
    rows.sort(key=lambda row: (row["file"], row["code"], row["fingerprint"]))
    # One finding a line: a finding that goes is one line less in a diff.
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    body = f"[\n{lines}\n ]" if rows else "[]"
    write_atomically(absolute(file), f'{{\n "version": {VERSION},\n "findings": {body}\n}}\n')
    return f"{file}: {len(rows)} finding{'' if len(rows) == 1 else 's'} written."


def _path_from(file: str) -> Callable[[Finding], str]:
    folder = os.path.dirname(absolute(file))
    return lambda finding: os.path.relpath(absolute(finding.file), folder).replace(os.sep, "/")


def _read(file: str) -> frozenset[str]:
    remedy = f"write it anew with --baseline {file} --write-baseline"
    try:
        data = json.loads(read_text(file))
    except FileNotFoundError:
        raise UsageError(f"{file}: there is no such baseline; {remedy}") from None
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror or error}") from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}:{error.colno}: not a baseline ({error.msg}); {remedy}") from None
    except (UnicodeDecodeError, RecursionError):
        raise UsageError(f"{file}: not a baseline; {remedy}") from None
    found = _marks(data)
    if found is None:
        raise UsageError(f"{file}: not a baseline of version {VERSION}; {remedy}")
    return found


def _marks(data: Any) -> frozenset[str] | None:
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("findings"), list):
        return None
    marks = {row.get("fingerprint") if isinstance(row, dict) else None for row in data["findings"]}
    return frozenset(map(str, marks)) if all(isinstance(mark, str) for mark in marks) else None
