"""The server against the capability snapshots of real editors: a session of each without a specification warning."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, LspSpecificationWarning, make_test_lsp_client

from tests.lsp.app import NAME_LINE, add_workflow, make_app, name_column, route, write_wrangler
from tests.lsp.raw import COMMAND

SNAPSHOTS = [
    "emacs_v29.1",
    "neovim_v0.6.1",
    "neovim_v0.9.1",
    "neovim_v0.10.0",
    "neovim_v0.11.0",
    "visual_studio_code_v1.65.2",
]
ENCODINGS = {"emacs_v29.1": "utf-32", "neovim_v0.11.0": "utf-8"}
PULLING = {"neovim_v0.10.0", "neovim_v0.11.0"}
WATCHING = {"emacs_v29.1", "visual_studio_code_v1.65.2"}


def snapshot(name: str) -> types.ClientCapabilities:
    text = resources.files("pytest_lsp.clients").joinpath(f"{name}.json").read_text()
    data: dict[str, Any] = json.loads(text)
    found: types.InitializeParams = default_converter().structure(
        {"processId": None, "rootUri": None, **data}, types.InitializeParams
    )
    return found.capabilities


def _accept(_params: Any) -> None:
    """What pytest-lsp's client has no answer of its own for."""


@pytest_asyncio.fixture(loop_scope="function")
async def client() -> AsyncIterator[LanguageClient]:
    made = make_test_lsp_client()
    for method in (
        types.CLIENT_REGISTER_CAPABILITY,
        types.WORKSPACE_CODE_LENS_REFRESH,
        types.WORKSPACE_INLAY_HINT_REFRESH,
    ):
        made.feature(method)(_accept)
    made.feature("koze/status")(_accept)
    await made.start_io(*COMMAND)
    yield made
    await asyncio.wait_for(made.shutdown_session(), 10)
    await made.stop()


async def eventually(check: Any, timeout: float = 5.0) -> None:
    end = asyncio.get_running_loop().time() + timeout
    while not check():
        assert asyncio.get_running_loop().time() < end, "it never happened"
        await asyncio.sleep(0.02)


async def codes(client: LanguageClient, name: str, uri: str) -> list[Any]:
    """The codes of a document's diagnostics in the way of the client: pulled now, or pushed by now."""
    if name not in PULLING:
        return [item.code for item in client.diagnostics.get(uri, ())]
    report = await client.text_document_diagnostic_async(
        types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
    )
    return [item.code for item in report.items]


async def reaches(client: LanguageClient, name: str, uri: str, wanted: list[str], timeout: float = 5.0) -> None:
    end = asyncio.get_running_loop().time() + timeout
    while (found := await codes(client, name, uri)) != wanted:
        assert asyncio.get_running_loop().time() < end, (found, wanted)
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("name", SNAPSHOTS)
async def test_a_session(client: LanguageClient, tmp_path: Path, name: str) -> None:
    app = make_app(tmp_path / "app")
    page = (app / "src/routes/[id].html").as_uri()
    with warnings.catch_warnings():
        warnings.simplefilter("error", LspSpecificationWarning)
        result = await client.initialize_session(
            types.InitializeParams(
                capabilities=snapshot(name), workspace_folders=[types.WorkspaceFolder(app.as_uri(), "app")]
            )
        )
        encoding = ENCODINGS.get(name, "utf-16")
        assert result.capabilities.position_encoding == encoding
        assert (result.capabilities.diagnostic_provider is not None) == (name in PULLING)

        text = route("migratoin")
        client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(page, "html", 1, text)))
        await reaches(client, name, page, ["unknown-workflow"])
        await requests(client, page, types.Position(NAME_LINE, name_column("migratoin", encoding) + 3))

        start = types.Position(NAME_LINE, name_column("migratoin", encoding))
        end = types.Position(NAME_LINE, start.character + len("migratoin"))
        change = types.TextDocumentContentChangePartial(types.Range(start, end), "second")
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(uri=page, version=2), [change])
        )
        await reaches(client, name, page, ["unknown-workflow"])
        await asyncio.sleep(0.6)  # let the own watcher begin to look

        created = add_workflow(app, "second")
        write_wrangler(app, "migration", "second")
        if name in WATCHING:
            event = types.FileEvent(created.as_uri(), types.FileChangeType.Created)
            client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        await reaches(client, name, page, [], timeout=1.5)

        client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(page)))
        await requests(client, page, types.Position(0, 0))
    if name in PULLING:
        assert not client.diagnostics, "nothing is pushed to a client that pulls"
    assert not client.log_messages, client.log_messages
    assert not client.messages, client.messages


async def requests(client: LanguageClient, uri: str, position: types.Position) -> None:
    """One of every request that an editor makes by itself."""
    document = types.TextDocumentIdentifier(uri)
    everything = types.Range(types.Position(0, 0), types.Position(99, 0))
    completed = await client.text_document_completion_async(types.CompletionParams(document, position))
    if isinstance(completed, types.CompletionList) and completed.items:
        await client.completion_item_resolve_async(completed.items[0])
    await client.text_document_hover_async(types.HoverParams(document, position))
    await client.text_document_signature_help_async(types.SignatureHelpParams(document, position))
    await client.text_document_definition_async(types.DefinitionParams(document, position))
    await client.text_document_declaration_async(types.DeclarationParams(document, position))
    await client.text_document_references_async(types.ReferenceParams(types.ReferenceContext(True), document, position))
    await client.text_document_document_highlight_async(types.DocumentHighlightParams(document, position))
    await client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
    await client.text_document_document_link_async(types.DocumentLinkParams(document))
    await client.text_document_code_lens_async(types.CodeLensParams(document))
    await client.text_document_inlay_hint_async(types.InlayHintParams(document, everything))
    await client.text_document_code_action_async(
        types.CodeActionParams(document, everything, types.CodeActionContext([]))
    )
    await client.workspace_symbol_async(types.WorkspaceSymbolParams("mig"))
    await client.text_document_prepare_call_hierarchy_async(types.CallHierarchyPrepareParams(document, position))
