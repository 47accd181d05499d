"""Files that are proven clean by a look at their text, so that no rule has to parse them.

Most files of an application are of a few plain shapes: a page that reads no status, a page that reads one the way
the documentation shows it, a workflow of plain steps. Each module here recognises one such shape *exactly* and
refuses everything else; what it accepts is a file in which the rules find nothing. A refusal says nothing: the
rules then look, so a page in another shape costs time and never a finding.

Nothing here knows a rule by name, and nothing may accept a file that a rule would report:
``tests/rules/test_quick.py`` holds both together over every rule's example, the conformance cases and mutated
pages, so a new rule that fires inside a shape fails there until the shape is narrowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from koze_lsp.project.document import Document, FileKind
from koze_lsp.rules.quick.pages import is_clean_page
from koze_lsp.rules.quick.words import MARK

if TYPE_CHECKING:
    from koze_lsp.project.project import Project

_MODULE_WORDS = ("workflowStatus", "_WORKFLOW", "koze:", "kuratchi:", MARK)
_COMPONENT_WORDS = ("workflowStatus", ":workflow", ":request", MARK)

_PACKAGE_WORDS = ('"koze-lsp"', MARK)


def surely_clean(document: Document, project: Project) -> bool:
    """Whether no rule can find anything in a document. False in every doubt; linear in the text's length."""
    kind = document.kind
    if document.unreadable is not None:
        return False
    if kind is FileKind.ROUTE:
        return is_clean_page(document.source, document.path, project)
    if kind is FileKind.WORKFLOW:
        from koze_lsp.rules.quick.workflows import is_clean_workflow  # noqa: PLC0415 - many a check has none

        return is_clean_workflow(document.source, document.path, project)
    if kind is FileKind.SERVER:
        plain_name = document.path.count(".", document.path.rfind("/") + 1) == 1
        return plain_name and not any(word in document.source for word in _MODULE_WORDS)
    if kind is FileKind.PACKAGE:
        return not any(word in document.source for word in _PACKAGE_WORDS) and (
            project.framework is None or project.framework.has_workflows
        )
    return kind is FileKind.COMPONENT and not any(word in document.source for word in _COMPONENT_WORDS)
