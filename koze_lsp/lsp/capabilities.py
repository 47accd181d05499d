"""What the client can do, resolved once, and what the server then offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

from koze_lsp.text import Encoding

FILE_GLOB = "**/*.{html,koze,kuratchi,ts,js,mts,mjs,cts,cjs,tsx,jsx}"
WATCHED_GLOBS = (
    "**/src/**",  # folders that come and go are told by their own path only
    FILE_GLOB,
    "**/wrangler.{json,jsonc,toml}",
    "**/package.json",
    "**/*.preview.json5",
    "**/.gitignore",
)

# The features' own lists, repeated so that the answer to initialize need not import them; a test compares them.
COMPLETION_TRIGGERS = ("'", '"', "`", ".", ":", "{", "(")
SIGNATURE_TRIGGERS = ("(", ",")
SIGNATURE_RETRIGGERS = (")",)

FIX_ALL = "koze.fixAll"
PREVIEW_COMMANDS = ("koze.preview.open", "koze.preview.run", "koze.preview.stop")

SHOW_REFERENCES = "koze.showReferences"
"""A command of the client (URI, position, locations), run where it names it in ``experimental.commands``."""


@dataclass(frozen=True, slots=True)
class Client:
    """The client's abilities, in the server's own words.

    Attributes:
        encoding: the unit of columns: the first of the client's encodings that the server knows.
        name: the client's name, for the log.
        pull_diagnostics: it asks for diagnostics; the server must not push any.
        item_defaults: the members of completion items that a list may hold once for all of them.
        document_changes, create_files, rename_files, annotations: what a workspace edit may hold.
        trusted: whether code of the workspace may be run.
        is_own_extension: it is koze-lsp's own VS Code extension, which registers ``koze.fixAll`` itself and shows
            previews in its panel.
    """

    encoding: Encoding = "utf-16"
    name: str = ""
    pull_diagnostics: bool = False
    refresh_diagnostics: bool = False
    refresh_inlay_hints: bool = False
    refresh_lenses: bool = False
    diagnostic_versions: bool = False
    related_information: bool = False
    diagnostic_tags: frozenset[types.DiagnosticTag] = frozenset()
    code_descriptions: bool = False
    snippets: bool = False
    commit_characters: bool = False
    preselect: bool = False
    completion_tags: bool = False
    item_defaults: frozenset[str] = frozenset()
    markdown_documentation: bool = False
    markdown_hover: bool = False
    markdown_signatures: bool = False
    definition_links: bool = False
    declaration_links: bool = False
    nested_symbols: bool = False
    link_tooltips: bool = False
    action_literals: bool = False
    action_preferred: bool = False
    prepare_rename: bool = False
    document_changes: bool = False
    create_files: bool = False
    rename_files: bool = False
    annotations: bool = False
    show_document: bool = False
    apply_edit: bool = False
    show_references: bool = False
    progress: bool = False
    configuration: bool = False
    register_configuration: bool = False
    register_watchers: bool = False
    will_create: bool = False
    will_rename: bool = False
    will_delete: bool = False
    trusted: bool = True
    is_own_extension: bool = False


def resolve(params: types.InitializeParams) -> Client:
    """Read the client's capabilities. What it does not mention it can't do."""
    capabilities = params.capabilities
    options = params.initialization_options
    options = options if isinstance(options, dict) else {}

    def has(path: str) -> bool:
        return bool(get_capability(capabilities, path, False))

    def holds(path: str, value: object) -> bool:
        found = get_capability(capabilities, path, ()) or ()
        return value in found

    tags = get_capability(capabilities, "text_document.publish_diagnostics.tag_support.value_set", ()) or ()
    markdown = types.MarkupKind.Markdown
    document_changes = has("workspace.workspace_edit.document_changes")
    operations = "workspace.workspace_edit.resource_operations"
    return Client(
        encoding=_encoding(get_capability(capabilities, "general.position_encodings", None)),
        name=params.client_info.name if params.client_info is not None else "",
        pull_diagnostics=get_capability(capabilities, "text_document.diagnostic", None) is not None,
        refresh_diagnostics=has("workspace.diagnostics.refresh_support"),
        refresh_inlay_hints=has("workspace.inlay_hint.refresh_support"),
        refresh_lenses=has("workspace.code_lens.refresh_support"),
        diagnostic_versions=has("text_document.publish_diagnostics.version_support"),
        related_information=has("text_document.publish_diagnostics.related_information")
        or has("text_document.diagnostic.related_information"),
        diagnostic_tags=frozenset(tags),
        code_descriptions=has("text_document.publish_diagnostics.code_description_support")
        or has("text_document.diagnostic.code_description_support"),
        snippets=has("text_document.completion.completion_item.snippet_support"),
        commit_characters=has("text_document.completion.completion_item.commit_characters_support"),
        preselect=has("text_document.completion.completion_item.preselect_support"),
        completion_tags=holds(
            "text_document.completion.completion_item.tag_support.value_set", types.CompletionItemTag.Deprecated
        ),
        item_defaults=frozenset(
            get_capability(capabilities, "text_document.completion.completion_list.item_defaults", ()) or ()
        ),
        markdown_documentation=holds("text_document.completion.completion_item.documentation_format", markdown),
        markdown_hover=holds("text_document.hover.content_format", markdown),
        markdown_signatures=holds("text_document.signature_help.signature_information.documentation_format", markdown),
        definition_links=has("text_document.definition.link_support"),
        declaration_links=has("text_document.declaration.link_support"),
        nested_symbols=has("text_document.document_symbol.hierarchical_document_symbol_support"),
        link_tooltips=has("text_document.document_link.tooltip_support"),
        action_literals=get_capability(capabilities, "text_document.code_action.code_action_literal_support", None)
        is not None,
        action_preferred=has("text_document.code_action.is_preferred_support"),
        prepare_rename=has("text_document.rename.prepare_support"),
        document_changes=document_changes,
        create_files=document_changes and holds(operations, types.ResourceOperationKind.Create),
        rename_files=document_changes and holds(operations, types.ResourceOperationKind.Rename),
        annotations=document_changes
        and get_capability(capabilities, "workspace.workspace_edit.change_annotation_support", None) is not None,
        show_document=has("window.show_document.support"),
        apply_edit=has("workspace.apply_edit"),
        show_references=SHOW_REFERENCES in _experimental_commands(capabilities.experimental),
        progress=has("window.work_done_progress"),
        configuration=has("workspace.configuration"),
        register_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        register_watchers=has("workspace.did_change_watched_files.dynamic_registration"),
        will_create=has("workspace.file_operations.will_create"),
        will_rename=has("workspace.file_operations.will_rename"),
        will_delete=has("workspace.file_operations.will_delete"),
        trusted=options.get("trusted") is not False,
        is_own_extension=options.get("embedsPreview") is True,
    )


def _experimental_commands(experimental: Any) -> Sequence[object]:
    commands_ = experimental.get("commands") if isinstance(experimental, dict) else None
    return commands_ if isinstance(commands_, list) else ()


def _encoding(offered: Sequence[Any] | None) -> Encoding:
    for encoding in offered or ():
        value = encoding.value if isinstance(encoding, types.PositionEncodingKind) else encoding
        if value == "utf-8":
            return "utf-8"
        if value == "utf-16":
            return "utf-16"
        if value == "utf-32":
            return "utf-32"
    return "utf-16"  # the protocol's own, where the client says nothing


def commands(client: Client) -> list[str]:
    """The commands that the server runs for this client."""
    fix_all = [] if client.is_own_extension else [FIX_ALL]
    return [*fix_all, *PREVIEW_COMMANDS] if client.trusted else fix_all


def server_capabilities(client: Client) -> types.ServerCapabilities:
    """What the server offers this client."""
    return types.ServerCapabilities(
        position_encoding=types.PositionEncodingKind(client.encoding),
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental, save=types.SaveOptions(include_text=False)
        ),
        completion_provider=types.CompletionOptions(
            trigger_characters=list(COMPLETION_TRIGGERS), resolve_provider=True
        ),
        hover_provider=True,
        signature_help_provider=types.SignatureHelpOptions(
            trigger_characters=list(SIGNATURE_TRIGGERS), retrigger_characters=list(SIGNATURE_RETRIGGERS)
        ),
        declaration_provider=True,
        definition_provider=True,
        references_provider=True,
        document_highlight_provider=True,
        document_symbol_provider=True,
        workspace_symbol_provider=True,
        code_action_provider=types.CodeActionOptions(code_action_kinds=_action_kinds())
        if client.action_literals
        else None,
        code_lens_provider=types.CodeLensOptions(),
        document_link_provider=types.DocumentLinkOptions(),
        rename_provider=types.RenameOptions(prepare_provider=True) if client.prepare_rename else True,
        call_hierarchy_provider=True,
        inlay_hint_provider=True,
        execute_command_provider=types.ExecuteCommandOptions(commands=commands(client)),
        diagnostic_provider=types.DiagnosticOptions(
            identifier="koze", inter_file_dependencies=True, workspace_diagnostics=True
        )
        if client.pull_diagnostics
        else None,
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True),
            file_operations=_file_operations(client),
        ),
    )


def _action_kinds() -> list[types.CodeActionKind | str]:
    return [
        types.CodeActionKind.QuickFix,
        types.CodeActionKind.RefactorExtract,
        types.CodeActionKind.RefactorRewrite,
        "source.fixAll.koze",
    ]


def _file_operations(client: Client) -> types.FileOperationOptions | None:
    def on(scheme_glob: str, matches: types.FileOperationPatternKind) -> types.FileOperationFilter:
        return types.FileOperationFilter(types.FileOperationPattern(glob=scheme_glob, matches=matches), scheme="file")

    files = on(FILE_GLOB, types.FileOperationPatternKind.File)
    folders = on("**/src/**", types.FileOperationPatternKind.Folder)
    options = types.FileOperationRegistrationOptions([files, folders])
    if not (client.will_create or client.will_rename or client.will_delete):
        return None
    return types.FileOperationOptions(
        will_create=types.FileOperationRegistrationOptions([files]) if client.will_create else None,
        will_rename=options if client.will_rename else None,
        will_delete=options if client.will_delete else None,
    )
