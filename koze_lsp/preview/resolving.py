"""What a page's imports are in a preview.

Plain modules of the application ($lib, $server, relative ones) are really executed. A server module that imports
from the platform or from a package is not: its exports come from the scenario, and what the scenario does not say is
an error where it is used, not before.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from koze_lsp.preview.appfiles import AppFiles
from koze_lsp.preview.isolate import ScriptError
from koze_lsp.preview.modules import Builtin, Resolved, Source, Unavailable
from koze_lsp.preview.runtime.imports import virtual_name
from koze_lsp.preview.runtime.script import Script, read_script
from koze_lsp.preview.template.mapped import Mapped

__all__ = ["ModuleResolver"]

_ENDINGS = ("", ".ts", ".js", ".mts", ".mjs", "/index.ts", "/index.js")
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_ENV_READ = re.compile(r"\benv\s*(?:\.\s*([A-Za-z_$][\w$]*)|(\[))", re.ASCII)
_ASYNC = re.compile(r"export\s+(?:async\s+function|const\s+\w+[^=]*=\s*async\b)")
_SYNC = re.compile(r"export\s+(?:function|const\s+\w+[^=]*=\s*(?:function\b|\(|\w+\s*=>))")
NO_VALUE = "has no value in the scenario"


class ModuleResolver:
    """Finds modules for `modules.link`. `server` is the scenario's module → export → value; `bindings` are the
    environment's workflow bindings."""

    def __init__(self, files: AppFiles, server: Mapping[str, Mapping[str, Any]], bindings: frozenset[str]) -> None:
        self._files = files
        self._server = {_stem(name): values for name, values in server.items()}
        self._bindings = bindings

    def __call__(self, specifier: str, importer: Source) -> Resolved:
        if virtual_name(specifier) is not None:
            return Builtin("koze:" + str(virtual_name(specifier)), "is not simulated in the preview")
        if specifier == "cloudflare:workers":
            return Builtin(specifier, "is not simulated in the preview")
        path = self._path(specifier, importer)
        if path is None:
            return Unavailable("is a package, which the preview does not run")
        file = self._file(path)
        server = path.startswith("src/server/")
        values = self._server.get(_stem(path)) if server else None
        if values is not None and not importer.key.startswith("scenario:"):
            return self._from_scenario(specifier, path, file, values, importer)
        if file is None:
            if server:
                return Unavailable(NO_VALUE)
            raise ScriptError(f'Cannot find module "{specifier}".')
        if file[0].endswith(".json"):
            return Source(file[0], f"export default {file[1]};", file[0], typescript=False)
        if server and not self._runs(file[1]):
            return Unavailable(NO_VALUE)
        return Source(file[0], file[1], file[0], typescript=not file[0].endswith((".js", ".mjs")))

    def _path(self, specifier: str, importer: Source) -> str | None:
        if specifier.startswith("$server/"):
            return "src/server/" + specifier[8:]
        if specifier.startswith("$lib/"):
            return "src/lib/" + specifier[5:]
        if specifier.startswith("."):
            return posixpath.normpath(posixpath.join(posixpath.dirname(importer.filename), specifier))
        return None

    def _file(self, path: str) -> tuple[str, str] | None:
        candidates = [path + ending for ending in _ENDINGS]
        if path.endswith(".js"):
            candidates.append(path[:-3] + ".ts")
        for candidate in candidates:
            text = self._files.read(candidate)
            if text is not None:
                return candidate, text
        return None

    def _runs(self, code: str) -> bool:
        """True if a server module imports nothing that only the platform has."""
        script = read_script(Mapped.source(code))
        for item in script.imports:
            values = [entry for entry in item.names if not entry.type_only]
            if item.names and not values:
                continue
            if item.module == "cloudflare:workers":
                reads = _ENV_READ.findall(code)
                if any(entry.imported != "env" for entry in values):
                    return False
                if any(bracket or name not in self._bindings for name, bracket in reads):
                    return False
            elif not item.module.startswith((".", "$lib/", "$server/", "koze:", "kuratchi:")):
                return False
        return True

    def _from_scenario(
        self, specifier: str, path: str, file: tuple[str, str] | None, values: Mapping[str, Any], importer: Source
    ) -> Source:
        """A module whose exports give the scenario's values; the rest is the real module's, if it runs."""
        real = read_script(Mapped.source(file[1])) if file else None
        runs = file is not None and self._runs(file[1])
        lines = [_export(name, value, _kind(real, name)) for name, value in values.items() if _NAME.match(name)]
        if runs:
            lines.append(f"export * from {json.dumps('./' + posixpath.basename(path))};")
        else:
            for name in sorted(_imported(importer.code, specifier) - set(values)):
                message = f"`{name}` from {specifier} {NO_VALUE}"
                lines.append(f"export function {name}() {{ throw new Error({json.dumps(message)}); }}")
        return Source(f"scenario:{path}", "\n".join(lines), f"{posixpath.dirname(path)}/(scenario)", typescript=False)


def _stem(name: str) -> str:
    """`$server/jobs`, `src/server/jobs.ts` and `jobs` name one module."""
    name = re.sub(r"\.[mc]?[jt]s\Z", "", name.removeprefix("./"))
    for prefix in ("$server/", "src/server/"):
        name = name.removeprefix(prefix)
    return name.removesuffix("/index")


def _kind(script: Script | None, name: str) -> str:
    """`async`, `sync` or `value`: what a server module exports under a name."""
    if script is None:
        return "async"
    for statement in script.statements:
        if name in statement.declared:
            text = script.source.text[statement.start : statement.end]
            if _ASYNC.match(text):
                return "async"
            return "sync" if _SYNC.match(text) else "value"
    return "async"


def _export(name: str, value: Any, kind: str) -> str:
    values = value if isinstance(value, list) and value else [value]
    data = json.dumps(json.dumps(values))
    if kind == "value":
        return f"export const {name} = JSON.parse({data})[0];"
    function = "async function" if kind == "async" else "function"
    return (
        f"let calls_{name} = 0; export {function} {name}() {{ const all = JSON.parse({data}); "
        f"const value = all[Math.min(calls_{name}++, all.length - 1)]; "
        "if (value && typeof value === 'object' && '$throw' in value) throw new Error(value.$throw); return value; }"
    )


def _imported(code: str, specifier: str) -> set[str]:
    """The names that a module imports from another."""
    names: set[str] = set()
    for item in read_script(Mapped.source(code)).imports:
        if item.module == specifier:
            names |= {entry.imported for entry in item.names if not entry.type_only and _NAME.match(entry.imported)}
    return names - {"default"}
