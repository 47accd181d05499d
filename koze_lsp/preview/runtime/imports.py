"""What a file may import, and what each import is for.

Source: the Koze framework's virtual modules, per context. A component's script is checked as browser code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from koze_lsp.preview.runtime.script import Import, ImportedName, Script
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.references import free_names

__all__ = ["FileImports", "FileKind", "is_component_path", "sort_imports", "virtual_name"]

FileKind = Literal["route", "component"]
ROUTE_EXTENSIONS = (".koze", ".kuratchi", ".html")

_ROUTE: dict[str, tuple[str, ...]] = {
    "environment": ("dev",),
    "assets": ("fetchAsset",),
    "request": ("url", "pathname", "searchParams", "method", "params", "slug"),
    "navigation": ("redirect", "navigateTo", "refreshRoute"),
    "cookies": (),
    "middleware": (),
    "access": ("user", "jwt", "isAuthenticated"),
    "workflow": ("workflowStatus",),
    "pipeline": ("pipeline", "pipelines", "sendPipeline"),
    "content": ("content",),
}
_BROWSER: dict[str, tuple[str, ...]] = {
    "environment": ("dev",),
    "navigation": ("navigateTo", "refreshRoute"),
    "content": ("content",),
}
_ENV_HINT = "Read env in a $server module and pass the value to the page."
_FRAMEWORK_ENV = re.compile(r"\b__cloudflare_env__\b", re.ASCII)


@dataclass(slots=True)
class FileImports:
    """A file's imports by their use. `modules` are really loaded; `request` maps a local name to its export."""

    components: dict[str, str] = field(default_factory=dict)
    request: dict[str, str] = field(default_factory=dict)
    environment: list[str] = field(default_factory=list)
    modules: list[Import] = field(default_factory=list)
    server_names: set[str] = field(default_factory=set)


def virtual_name(module: str) -> str | None:
    """`koze:workflow` and `kuratchi:workflow` → `workflow`; None for any other specifier."""
    prefix, colon, name = module.partition(":")
    return name if colon and prefix in ("koze", "kuratchi") else None


def is_component_path(module: str) -> bool:
    """True if an import of this specifier is the import of a component."""
    return module.endswith(ROUTE_EXTENSIONS)


def sort_imports(
    script: Script, kind: FileKind, path: str, component: Callable[[str], bool] = is_component_path
) -> FileImports:
    """The imports of a script by their use; `component(specifier)` tells which are components.

    Raises:
        CompileError: an import that the framework refuses in this kind of file.
    """
    found = FileImports()
    for item in script.imports:
        name = virtual_name(item.module)
        if name is not None:
            if name not in _ROUTE and name != "component":
                at = script.source.origin(item.at)
                hint = f"The framework has {', '.join(f'koze:{known}' for known in sorted(_ROUTE))}."
                raise CompileError(f'Cannot find module "{item.module}".', path=path, offset=at, hint=hint)
            _check_virtual(script, item, name, kind, path)
        if item.module == "cloudflare:workers":
            _check_platform(script, item, kind, path)
        if component(item.module) and len(item.names) == 1 and item.names[0].imported == "default":
            found.components[item.names[0].local] = item.module
        elif name == "component":
            continue
        elif name == "request":
            found.request.update((entry.local, entry.imported) for entry in item.names)
        elif name == "environment":
            found.environment += [entry.local for entry in item.names]
        else:
            found.modules.append(item)
            if item.module.startswith("$server/"):
                found.server_names |= item.local_names
    if _FRAMEWORK_ENV.search(script.source.text):
        raise _environment(script, 0, "Route/component scripts cannot access framework env internals.", path)
    return found


def _check_virtual(script: Script, item: Import, name: str, kind: FileKind, path: str) -> None:
    contexts = [("route", _ROUTE)]
    if kind == "component":
        contexts.append(("browser", _BROWSER))
    for context, rules in contexts:
        if name not in _ROUTE:
            return
        allowed = rules.get(name, ())
        for entry in item.names:
            if entry.imported == "*":
                message = (
                    f"[koze compiler] {item.module} does not support namespace imports in {context} context.\n"
                    f"Use named imports. Allowed exports: {', '.join(allowed)}"
                )
                raise _refuse(script, entry, message, path)
            if entry.imported not in allowed:
                message = (
                    f"[koze compiler] {item.module} export '{entry.imported}' is not available in {context} "
                    f"context.\nAllowed exports: {', '.join(allowed)}"
                )
                raise _refuse(script, entry, message, path)


def _check_platform(script: Script, item: Import, kind: FileKind, path: str) -> None:
    values = [entry for entry in item.names if not entry.type_only]
    if item.names and not values:
        return
    if kind == "component":
        raise _environment(script, item.at, "Client <script> blocks cannot import cloudflare:workers.", path)
    if not values or any(entry.imported != "env" for entry in values):
        message = "Route top-level <script> can only import env from cloudflare:workers for export load()."
        raise _environment(script, item.at, message, path)
    for entry in values:
        for statement in script.statements:
            text = script.source.text[statement.start : statement.end]
            if "load" in statement.declared and text.startswith("export"):
                continue
            if entry.local in free_names(text):
                at = statement.start + max(0, text.find(entry.local))
                message = (
                    f'Cloudflare env alias "{entry.local}" can only be used inside export load() in a route script.'
                )
                raise _environment(script, at, message, path)


def _refuse(script: Script, entry: ImportedName, message: str, path: str) -> CompileError:
    at = script.source.origin(entry.at)
    return CompileError(message, path=path, offset=at, end=at + len(entry.imported))


def _environment(script: Script, at: int, message: str, path: str) -> CompileError:
    return CompileError(message, path=path, offset=script.source.origin(at), code="KUR_ENV_ACCESS", hint=_ENV_HINT)
