"""Files that can't be read."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.document import SCRIPT_KINDS, TEMPLATE_KINDS, Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Example, Rule, Severity, register
from koze_lsp.text import Span


@register
class UnreadableFile(Rule):
    """The file can't be read, so nothing else is known about it.

    It is not UTF-8, larger than 10 MB, or may not be opened. Everything else is checked as usual; what this file would
    define counts as unknown.
    """

    code = "unreadable-file"
    severity = Severity.ERROR
    kinds = TEMPLATE_KINDS | SCRIPT_KINDS | {FileKind.WRANGLER, FileKind.APP_DTS, FileKind.PACKAGE, FileKind.SCENARIO}
    source = "koze-lsp itself."
    wrong = Example("src/routes/about.html", {"src/routes/about.html": "\udcff\udcfe"})
    right = Example("src/routes/about.html", {"src/routes/about.html": "<p>About</p>\n"})

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Documents without a text."""
        if document.unreadable is not None:
            message = f"This file {document.unreadable.reason}. Remedy: {document.unreadable.remedy}."
            yield self.found(document, Span(0, 0), message)
