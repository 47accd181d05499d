"""A folder that can't be listed is named; the rest is checked."""

from __future__ import annotations

from koze_lsp.cli.check import check
from koze_lsp.cli.selection import Selection
from koze_lsp.project.config import Config
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.text import Text


def test_it_is_a_finding() -> None:
    def read(path: str, kind: FileKind) -> Document:
        return Document(path, kind, Text("{}\n"))

    files = {"package.json": FileKind.PACKAGE}
    project = Project("/app", files, Config(), read, unlistable={"src/routes/secret": "Permission denied"})
    (finding,) = check([Selection(project, None)]).findings
    assert finding.code == "unreadable-file"
    assert finding.file.endswith("src/routes/secret")
    assert "Permission denied" in finding.message
