"""What a check found, in the terms of output: paths from here, 1-based lines and columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from koze_lsp.rules.base import Diagnostic, Fixable, Severity
from koze_lsp.text import Text

DOCS = "https://github.com/koze-lsp/koze-lsp/blob/main/docs/rules"


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic at its place in the output. Lines and columns are 1-based; columns count code points."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    severity: Severity
    message: str
    fixable: Fixable
    diagnostic: Diagnostic
    text: Text

    @property
    def url(self) -> str:
        """Where the rule is explained."""
        return f"{DOCS}/{self.code}.md"


@dataclass(slots=True)
class Report:
    """All findings of one run, sorted by file, line and column. ``seconds`` is the time it took."""

    files: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    def count(self, severity: Severity) -> int:
        """The number of findings of a severity."""
        return sum(finding.severity is severity for finding in self.findings)


def make_finding(file: str, text: Text, diagnostic: Diagnostic) -> Finding:
    """A diagnostic in the terms of output."""
    (line, column), (end_line, end_column) = text.range(diagnostic.span)
    fixable = Fixable.NO
    if diagnostic.fixes:
        fixable = Fixable.SAFE if any(fix.safe for fix in diagnostic.fixes) else Fixable.USER
    return Finding(
        file,
        line + 1,
        column + 1,
        end_line + 1,
        end_column + 1,
        diagnostic.code,
        diagnostic.severity,
        diagnostic.message,
        fixable,
        diagnostic,
        text,
    )
