"""JUnit's XML: a suite for each file with findings, a case for each finding.

What fails by the rules' own severities is a ``failure``; the rest stands in its suite's ``system-out``, so that a
test report is not red where the check is green.
"""

from __future__ import annotations

import re
import socket
from datetime import datetime, timezone
from itertools import groupby
from typing import TextIO
from xml.etree import ElementTree as ET

from koze_lsp import __version__
from koze_lsp.cli.findings import Finding, Report
from koze_lsp.cli.output import summary

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report, stream: TextIO) -> None:
    """Write the report as one ``testsuites``."""
    root = ET.Element("testsuites")
    by_file = {file: list(group) for file, group in groupby(report.findings, key=lambda finding: finding.file)}
    for file, findings in by_file.items():
        _suite(root, file, findings, report.seconds / len(by_file))
    if not by_file:
        _suite(root, "koze-lsp", [], report.seconds, note=summary(report))
    ET.indent(root, " ")
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.write(ET.tostring(root, encoding="unicode") + "\n")


def _suite(root: ET.Element, name: str, findings: list[Finding], seconds: float, note: str = "") -> None:
    failing = [finding for finding in findings if finding.severity.fails]
    others = [finding for finding in findings if not finding.severity.fails]
    cases = max(len(failing), 1)
    attributes = {
        "name": _xml(name),
        "package": "koze-lsp",
        "id": str(len(root)),
        "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": _xml(socket.gethostname()) or "localhost",
        "tests": str(cases),
        "failures": str(len(failing)),
        "errors": "0",
        "time": f"{seconds:.3f}",
    }
    suite = ET.SubElement(root, "testsuite", attributes)
    ET.SubElement(ET.SubElement(suite, "properties"), "property", {"name": "koze-lsp", "value": __version__})
    for finding in failing:
        _case(suite, name, finding)
    if not failing:
        ET.SubElement(suite, "testcase", {"name": "koze-lsp", "classname": _xml(name), "time": "0"})
    out = ET.SubElement(suite, "system-out")
    out.text = _xml("\n".join([*map(_line, others), note] if note else map(_line, others)))
    ET.SubElement(suite, "system-err").text = ""


def _case(suite: ET.Element, name: str, finding: Finding) -> None:
    place = f"{finding.code} at {finding.line}:{finding.column}"
    case = ET.SubElement(suite, "testcase", {"name": place, "classname": _xml(name), "time": "0"})
    failure = ET.SubElement(case, "failure", {"type": finding.severity.value, "message": _xml(finding.message)})
    failure.text = _xml(f"{_line(finding)}\n\n    {finding.source_line.strip()}\n\n{finding.url}")


def _line(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}:{finding.column}"
    return f"{place}: {finding.severity.value} {finding.code} {finding.message}"


def _xml(text: str) -> str:
    """A text with the characters that XML can't hold replaced."""
    return _NOT_XML.sub("\ufffd", text)
