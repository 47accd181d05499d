"""What the server offers, pinned: a change here is a change for every editor."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from koze_lsp.lsp import capabilities
from koze_lsp.lsp.convert import DOCS
from koze_lsp.lsp.features import FEATURES

ALWAYS = {
    "positionEncoding": "utf-16",
    "textDocumentSync": {"openClose": True, "change": 2, "save": {"includeText": False}},
    "completionProvider": {
        "triggerCharacters": ["'", '"', "`", ".", ":", "{", "("],
        "resolveProvider": True,
    },
    "hoverProvider": True,
    "signatureHelpProvider": {"triggerCharacters": ["(", ","], "retriggerCharacters": [")"]},
    "declarationProvider": True,
    "definitionProvider": True,
    "referencesProvider": True,
    "documentHighlightProvider": True,
    "documentSymbolProvider": True,
    "workspaceSymbolProvider": True,
    "codeLensProvider": {},
    "documentLinkProvider": {},
    "renameProvider": True,
    "callHierarchyProvider": True,
    "inlayHintProvider": True,
    "executeCommandProvider": {
        "commands": ["koze.fixAll", "koze.preview.open", "koze.preview.run", "koze.preview.stop"]
    },
    "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}},
}
PULLED = {"identifier": "koze", "interFileDependencies": True, "workspaceDiagnostics": True}
FILES = {
    "scheme": "file",
    "pattern": {"glob": "**/*.{html,koze,kuratchi,ts,js,mts,mjs,cts,cjs,tsx,jsx}", "matches": "file"},
}
FOLDERS = {"scheme": "file", "pattern": {"glob": "**/src/**", "matches": "folder"}}


def offered(client: dict[str, Any], options: Any = None) -> Any:
    converter = default_converter()
    params = converter.structure(
        {"processId": None, "rootUri": None, "capabilities": client, "initializationOptions": options},
        types.InitializeParams,
    )
    return converter.unstructure(capabilities.server_capabilities(capabilities.resolve(params)))


def test_to_a_client_that_says_nothing() -> None:
    assert offered({}) == ALWAYS


def test_to_a_client_that_can_do_everything() -> None:
    client = {
        "general": {"positionEncodings": ["utf-8", "utf-16"]},
        "textDocument": {
            "diagnostic": {},
            "rename": {"prepareSupport": True},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}}},
        },
        "workspace": {"fileOperations": {"willCreate": True, "willRename": True, "willDelete": True}},
    }
    assert offered(client) == {
        **ALWAYS,
        "positionEncoding": "utf-8",
        "codeActionProvider": {
            "codeActionKinds": ["quickfix", "refactor.extract", "refactor.rewrite", "source.fixAll.koze"]
        },
        "renameProvider": {"prepareProvider": True},
        "diagnosticProvider": PULLED,
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
            "fileOperations": {
                "willCreate": {"filters": [FILES]},
                "willRename": {"filters": [FILES, FOLDERS]},
                "willDelete": {"filters": [FILES, FOLDERS]},
            },
        },
    }


def test_an_untrusted_workspace_gets_no_preview() -> None:
    assert offered({}, {"trusted": False})["executeCommandProvider"] == {"commands": ["koze.fixAll"]}


def test_the_own_extension_brings_fix_all_itself() -> None:
    commands = offered({}, {"embedsPreview": True})["executeCommandProvider"]["commands"]
    assert "koze.fixAll" not in commands


def test_triggers_are_the_features_own() -> None:
    from koze_lsp.ide import completion, signature

    assert capabilities.COMPLETION_TRIGGERS == completion.TRIGGERS
    assert capabilities.SIGNATURE_TRIGGERS == signature.TRIGGERS
    assert capabilities.SIGNATURE_RETRIGGERS == signature.RETRIGGERS


def test_commands_are_the_features_own() -> None:
    from koze_lsp.ide import lens

    assert {lens.OPEN_PREVIEW, lens.RUN_PREVIEW} <= set(capabilities.PREVIEW_COMMANDS)
    assert lens.SHOW_REFERENCES == capabilities.SHOW_REFERENCES


def test_rules_are_documented_at_the_command_lines_address() -> None:
    from koze_lsp.cli import findings

    assert findings.DOCS == DOCS


def test_nothing_heavy_is_imported_before_the_answer_to_initialize() -> None:
    script = (
        "import sys; from koze_lsp.lsp.server import Server; from lsprotocol import types;"
        "server = Server();"
        "server._initialize(types.InitializeParams(capabilities=types.ClientCapabilities()));"
        "heavy = {'tree_sitter', 'rich', 'watchfiles', 'json5', 'py_mini_racer', 'koze_lsp.rules.engine'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("method", FEATURES)
def test_every_line_of_the_table_has_its_handler(method: str) -> None:
    assert callable(FEATURES[method].load())
    assert method in types.METHOD_TO_TYPES
