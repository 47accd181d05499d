"""SARIF 2.1.0, for code scanning: results with stable fingerprints, rules with their help, fixes.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0.
"""

from __future__ import annotations

import json
import os
from typing import Any, TextIO
from urllib.parse import quote

from koze_lsp import __version__
from koze_lsp.cli.findings import DOCS, Finding, Report
from koze_lsp.cli.fingerprints import fingerprints, path_in_repository
from koze_lsp.rules import all_rules
from koze_lsp.rules.base import Diagnostic, FileEdit, Fix, Rule, Severity
from koze_lsp.rules.pages import rule_page, title_of
from koze_lsp.text import Span, Text

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "kozeLsp/v1"
_HOME = "https://github.com/koze-lsp/koze-lsp"
_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFORMATION: "note",
    Severity.HINT: "note",
}


def write(report: Report, stream: TextIO) -> None:
    """Write the report as a log of one run."""
    rules = dict(sorted(all_rules().items()))
    index = {code: number for number, code in enumerate(rules)}
    marks = fingerprints(report.findings, path_in_repository)
    results = [_result(finding, index, mark) for finding, mark in zip(report.findings, marks, strict=True)]
    driver = {
        "name": "koze-lsp",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": _HOME,
        "rules": [_rule(rule) for rule in rules.values()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": results,
    }
    json.dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, stream, indent=1, ensure_ascii=False)
    stream.write("\n")


def _rule(rule: Rule) -> dict[str, Any]:
    page, title = rule_page(rule), title_of(rule)
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.code.split("-")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": page, "markdown": page},
        "helpUri": f"{DOCS}/{rule.code}.md",
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["koze", "workflows"], "precision": "very-high"},
    }


def _result(finding: Finding, index: dict[str, int], mark: str) -> dict[str, Any]:
    uri = _uri(path_in_repository(finding))
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": _location(uri, finding.text, finding.diagnostic.span)}],
        "partialFingerprints": {FINGERPRINT: mark},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    related = _related(finding, uri)
    if related:
        result["relatedLocations"] = related
    fixes = [_fix(fix, uri, finding) for fix in finding.diagnostic.fixes if _is_here(fix, finding.diagnostic)]
    if fixes:
        result["fixes"] = fixes
    return result


def _location(uri: str, text: Text, span: Span) -> dict[str, Any]:
    return {"artifactLocation": {"uri": uri}, "region": _region(text, span)}


def _region(text: Text, span: Span) -> dict[str, int]:
    """Lines and columns are 1-based; columns count code points, as ``columnKind`` says."""
    (line, column), (end_line, end_column) = text.range(span)
    return {"startLine": line + 1, "startColumn": column + 1, "endLine": end_line + 1, "endColumn": end_column + 1}


def _related(finding: Finding, uri: str) -> list[dict[str, Any]]:
    """The other places of a finding; those in other files without lines, since their text is not at hand."""
    found: list[dict[str, Any]] = []
    for number, place in enumerate(finding.diagnostic.related, 1):
        if place.path == finding.diagnostic.path:
            location = _location(uri, finding.text, place.span)
        else:
            location = {"artifactLocation": {"uri": _beside(place.path, finding)}}
        found.append({"id": number, "physicalLocation": location, "message": {"text": place.message}})
    return found


def _beside(path: str, finding: Finding) -> str:
    """The URI of another file of a finding's application."""
    own, shown = finding.diagnostic.path, path_in_repository(finding)
    return _uri(shown[: len(shown) - len(own)] + path)


def _is_here(fix: Fix, diagnostic: Diagnostic) -> bool:
    return all(isinstance(change, FileEdit) and change.path == diagnostic.path for change in fix.changes)


def _fix(fix: Fix, uri: str, finding: Finding) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(finding.text, edit.span), "insertedContent": {"text": edit.new_text}}
        for change in fix.changes
        if isinstance(change, FileEdit)
        for edit in change.edits
    ]
    change = {"artifactLocation": {"uri": uri}, "replacements": replacements}
    return {"description": {"text": fix.title}, "artifactChanges": [change]}


def _uri(path: str) -> str:
    """A relative path as a URI reference; `[id]` needs escapes there."""
    return quote(os.fsencode(path), safe="/~")
