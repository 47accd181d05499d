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
    prefix: str = ""
    """What leads from the working directory to the application: "" or a path that ends in a slash."""

    @property
    def url(self) -> str:
        """Where the rule is explained."""
        return f"{DOCS}/{self.code}.md"

    @property
    def source_line(self) -> str:
        """The first line that the finding is on, without its line break."""
        start, end = self.text.line_span(self.line - 1)
        return self.text.source[start:end]


@dataclass(slots=True)
class Report:
    """All findings of one run, sorted by file, line and column.

    ``seconds`` is the time it took; ``fixed`` and ``baselined`` count what is not among the findings because it was
    fixed or is in the baseline.
    """

    files: int = 0
    seconds: float = 0.0
    fixed: int = 0
    baselined: int = 0
    findings: list[Finding] = field(default_factory=list)

    def count(self, severity: Severity) -> int:
        """The number of findings of a severity."""
        return sum(finding.severity is severity for finding in self.findings)


def make_finding(file: str, text: Text, diagnostic: Diagnostic, prefix: str = "") -> Finding:
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
        prefix,
    )
