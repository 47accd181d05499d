"""The notification ``koze/status``: what the server knows, for an editor's status bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from koze_lsp.lsp.queue import Task

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session

STATUS = "koze/status"


def tell_status(session: Session) -> Task:
    """Tell ``{workflows, problems, roots}`` if it changed: two counts, and the URIs of the applications."""
    workspace = session.workspace
    workflows = 0
    for project in workspace.projects():
        workflows += len(project.workflows.workflows)
        yield
    status = {
        "workflows": workflows,
        "problems": session.diagnostics.problems(),
        "roots": [session.folders.uri(root) for root in workspace.roots()],
    }
    if status != session.status:
        session.status = status
        session.protocol.notify(STATUS, status)
