"""The one table of what the server answers: a method of the protocol, and who handles it.

A handler is a function ``handler(session, params)`` in a module of its feature. It runs on the worker's thread, gives
the result (or None), or a generator that does the work in small steps and returns the result. To add a feature, write
its module and add its line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types

if TYPE_CHECKING:
    from koze_lsp.lsp.session import Session

Handle = Callable[["Session", Any], object]


@dataclass(frozen=True, slots=True)
class Feature:
    """Where a method's handler is: it is imported when it is first needed.

    Attributes:
        module: in this package.
        function: in that module.
        needs_index: the request waits until every file has been looked at.
        needs_folders: the request waits until the applications of all folders have been found.
    """

    module: str
    function: str
    needs_index: bool = False
    needs_folders: bool = False

    def load(self) -> Handle:
        """The handler."""
        return cast(Handle, getattr(import_module(f"{__name__}.{self.module}"), self.function))


FEATURES: dict[str, Feature] = {
    # life cycle and documents
    types.INITIALIZED: Feature("lifecycle", "initialized"),
    types.SET_TRACE: Feature("lifecycle", "ignored"),
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: Feature("lifecycle", "ignored"),
    types.TEXT_DOCUMENT_DID_OPEN: Feature("sync", "did_open"),
    types.TEXT_DOCUMENT_DID_CHANGE: Feature("sync", "did_change"),
    types.TEXT_DOCUMENT_DID_CLOSE: Feature("sync", "did_close"),
    types.TEXT_DOCUMENT_DID_SAVE: Feature("sync", "did_save"),
    # the workspace
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: Feature("workspace", "did_change_configuration"),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: Feature("workspace", "did_change_folders"),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: Feature("workspace", "did_change_files"),
    types.WORKSPACE_WILL_CREATE_FILES: Feature("file_operations", "will_create"),
    types.WORKSPACE_WILL_RENAME_FILES: Feature("file_operations", "will_rename", needs_index=True),
    types.WORKSPACE_WILL_DELETE_FILES: Feature("file_operations", "will_delete", needs_index=True),
    types.WORKSPACE_EXECUTE_COMMAND: Feature("commands", "execute"),
    # diagnostics
    types.TEXT_DOCUMENT_DIAGNOSTIC: Feature("diagnostic", "document"),
    types.WORKSPACE_DIAGNOSTIC: Feature("diagnostic", "workspace", needs_folders=True),
    # while typing
    types.TEXT_DOCUMENT_COMPLETION: Feature("completion", "complete"),
    types.COMPLETION_ITEM_RESOLVE: Feature("completion", "resolve"),
    types.TEXT_DOCUMENT_HOVER: Feature("hover", "hover"),
    types.TEXT_DOCUMENT_SIGNATURE_HELP: Feature("signature", "signature_help"),
    types.TEXT_DOCUMENT_INLAY_HINT: Feature("inlay", "inlay_hints"),
    types.TEXT_DOCUMENT_CODE_LENS: Feature("lens", "code_lenses", needs_index=True),
    types.TEXT_DOCUMENT_CODE_ACTION: Feature("actions", "code_actions"),
    # finding one's way
    types.TEXT_DOCUMENT_DEFINITION: Feature("definition", "definition"),
    types.TEXT_DOCUMENT_DECLARATION: Feature("definition", "declaration"),
    types.TEXT_DOCUMENT_REFERENCES: Feature("references", "references", needs_index=True),
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: Feature("references", "highlights"),
    types.TEXT_DOCUMENT_DOCUMENT_LINK: Feature("links", "links"),
    types.TEXT_DOCUMENT_DOCUMENT_SYMBOL: Feature("symbols", "document_symbols"),
    types.WORKSPACE_SYMBOL: Feature("symbols", "workspace_symbols", needs_index=True),
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: Feature("calls", "prepare"),
    types.CALL_HIERARCHY_INCOMING_CALLS: Feature("calls", "incoming", needs_index=True),
    types.CALL_HIERARCHY_OUTGOING_CALLS: Feature("calls", "outgoing", needs_index=True),
    # renaming
    types.TEXT_DOCUMENT_PREPARE_RENAME: Feature("rename", "prepare"),
    types.TEXT_DOCUMENT_RENAME: Feature("rename", "rename", needs_index=True),
}
