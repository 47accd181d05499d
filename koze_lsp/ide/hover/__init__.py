"""Hover: short, exact facts about what the cursor is on, as Markdown."""

from __future__ import annotations

from koze_lsp.ide.hover import data, script, workflow
from koze_lsp.ide.types import Hover
from koze_lsp.project.document import SCRIPT_KINDS, WORKFLOW_KINDS, Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.text import Span

__all__ = ["hover"]


def hover(project: Project, document: Document, offset: int) -> Hover | None:
    """What is at an offset (code points); None where Koze has nothing to say. Never raises on any text."""
    found = _hover(project, document, offset)
    if found is None or found.span.contains(offset):
        return found
    # On a quote, which belongs to no name: editors want the range to hold the cursor.
    return Hover(Span(min(found.span.start, offset), max(found.span.end, offset)), found.markdown)


def _hover(project: Project, document: Document, offset: int) -> Hover | None:
    kind = document.kind
    if kind is FileKind.WRANGLER:
        return data.wrangler(project, document, offset)
    if kind is FileKind.PACKAGE:
        return data.package(document, offset)
    if kind is FileKind.SCENARIO:
        return data.scenario(project, document, offset)
    if kind in WORKFLOW_KINDS:
        return workflow.hover(project, document, offset) or script.hover(project, document, offset)
    if kind.has_template or kind in SCRIPT_KINDS or kind is FileKind.APP_DTS:
        return script.hover(project, document, offset)
    return None
