"""Pull diagnostics: of one document, and of the whole workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from koze_lsp.lsp.diagnostics import WorkspaceReport
from koze_lsp.lsp.protocol import RequestError
from koze_lsp.lsp.queue import Parked, Steps

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session


def document(session: Session, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """The findings in one document, or that they are those which the client has.

    Raises:
        RequestError: an edit of the document has arrived already; the client is to ask again.
    """
    uri = params.text_document.uri
    if session.is_outdated(uri):
        raise RequestError(
            "the document has changed",
            types.LSPErrorCodes.ServerCancelled.value,
            types.DiagnosticServerCancellationData(retrigger_request=True),
        )
    target = session.target(uri)
    if target is None:
        return types.RelatedFullDocumentDiagnosticReport(items=[])
    items, result_id = session.diagnostics.report(target.project, target.document.path)
    if result_id == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=result_id)
    return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=result_id)


def workspace(session: Session, params: types.WorkspaceDiagnosticParams) -> Steps:
    """The findings in every file, in steps.

    A client that takes parts asks again as soon as it has its answer: if nothing has changed since, the answer waits
    until something has.
    """
    report = WorkspaceReport(session, params)
    yield from report.steps()
    return report.result() or Parked("diagnostics")
