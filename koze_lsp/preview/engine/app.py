"""What an application gives the engine: its workflows, their modules, and the environment of its wrangler file."""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from koze_lsp.preview.appfiles import inside
from koze_lsp.preview.engine.session import DEFAULT_STEP_LIMIT, Workflow
from koze_lsp.preview.isolate import ScriptError
from koze_lsp.preview.modules import Builtin, Resolved, Source, Unavailable, Values
from koze_lsp.project.document import FileKind
from koze_lsp.project.naming import binding_name, status_name, wrangler_name
from koze_lsp.project.project import Project
from koze_lsp.project.reading import read_text
from koze_lsp.syntax.jsonc import JsonNumber, JsonObject
from koze_lsp.syntax.workflow_class import find_class
from koze_lsp.syntax.wrangler import WORKFLOW, WorkflowEntry

_ENDINGS = ("", ".ts", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.js")
_ALIASES = {"$server/": "src/server/", "$lib/": "src/lib/"}
_KINDS = {"KV Namespace": "kv", "R2 Bucket": "r2", "D1 Database": "d1", "Queue": "queue"}
_CONDITIONS = ("workerd", "worker", "browser", "import", "module", "default")


class UnknownWorkflowError(Exception):
    """No workflow of the application goes by this name; the text names those that do."""


@dataclass
class Application:
    """The workflows of one application and how their imports are found. Paths are relative to its root, POSIX."""

    project: Project
    texts: dict[str, str] = field(default_factory=dict)

    # -- workflows

    def find(self, wanted: str, path: str | None = None) -> Workflow:
        """A workflow by status name, binding or wrangler name, or by ``path``, relative to the root.

        Raises:
            UnknownWorkflowError: there is none.
        """
        if path is not None:
            text = self._read(path)
            if text is None:
                raise UnknownWorkflowError(f"{wanted}: no such file, or it is no text")
            return self._workflow(path, text)
        # Its names follow from its path: no other workflow has to be read, unless a class is meant.
        for found, name, binding in self._names():
            if wanted in (name, binding, wrangler_name(binding)):
                return self._workflow(found, self._read(found) or "")
        for workflow in self.project.workflows.workflows:
            if wanted == workflow.class_name:
                return self._workflow(workflow.path, self._read(workflow.path) or "")
        names = ", ".join(sorted(name for _, name, _ in self._names())) or "none"
        raise UnknownWorkflowError(f"there is no workflow {wanted}; this application has: {names}")

    def _names(self) -> Iterator[tuple[str, str, str]]:
        """Path, status name and binding of every workflow, in discovery order."""
        for path in self.project.paths(FileKind.WORKFLOW):
            name = status_name(path)
            yield path, name, binding_name(name)

    def mentioned(self, workflow: Workflow) -> tuple[Workflow, ...]:
        """The other workflows whose bindings the texts read so far mention: only they can be needed."""
        texts = list(self.texts.values())
        return tuple(
            self._workflow(path, self._read(path) or "")
            for path, _, binding in self._names()
            if binding != workflow.binding and any(binding in text for text in texts)
        )

    def _workflow(self, path: str, text: str) -> Workflow:
        binding = binding_name(status_name(path))
        entry = self._entry(binding)
        found = find_class(text)
        class_name = (entry.class_name if entry is not None else None) or (found.name if found is not None else None)
        return Workflow(
            binding,
            (entry.name if entry is not None else None) or wrangler_name(binding),
            class_name,
            Source(path, text, path),
            _step_limit(entry),
        )

    def _entry(self, binding: str) -> WorkflowEntry | None:
        document = self.project.wrangler
        entries = document.wrangler.entries if document is not None else ()
        return next((entry for entry in entries if entry.binding == binding), None)

    # -- the environment

    @property
    def variables(self) -> Mapping[str, Any]:
        """``vars`` of the wrangler file's top level."""
        document = self.project.wrangler
        return document.wrangler.vars if document is not None else {}

    @property
    def bindings(self) -> dict[str, str]:
        """The other bindings of the top level: name → kind."""
        document = self.project.wrangler
        if document is None:
            return {}
        left_out = (WORKFLOW, "Environment Variable", "Assets")
        return {
            fact.name: _KINDS.get(fact.kind, fact.kind)
            for fact in document.wrangler.bindings
            if fact.env is None and fact.kind not in left_out
        }

    # -- modules

    def resolve(self, specifier: str, importer: Source) -> Resolved:
        """Finds what a module of the application imports; see ``modules``."""
        if specifier in ("cloudflare:workers", "cloudflare:workflows"):
            return Builtin(specifier, "is not simulated in the preview")
        if specifier.startswith(("cloudflare:", "node:", "koze:", "kuratchi:")):
            return Unavailable("is not simulated in the preview")
        path = self._path(specifier, importer)
        if path is None:
            return self._package(specifier, importer)
        if inside(os.path.realpath(self.project.root), path) is None:
            raise ScriptError(f'"{specifier}" lies outside the application: the preview reads nothing there')
        for candidate in (*(path + ending for ending in _ENDINGS), *_as_typescript(path)):
            text = self._read(candidate)
            if text is not None:
                return _module(candidate, text)
        raise ScriptError(f'Cannot find module "{specifier}"')

    def _path(self, specifier: str, importer: Source) -> str | None:
        for alias, folder in _ALIASES.items():
            if specifier.startswith(alias):
                return folder + specifier[len(alias) :]
        if specifier.startswith("."):
            return posixpath.normpath(posixpath.join(posixpath.dirname(importer.filename), specifier))
        return None

    def _package(self, specifier: str, importer: Source) -> Resolved:
        parts = specifier.split("/")
        size = 2 if specifier.startswith("@") else 1
        name, inner = "/".join(parts[:size]), "/".join([".", *parts[size:]])
        for folder in _folders_above(posixpath.dirname(importer.filename)):
            base = posixpath.join(folder, "node_modules", name)
            text = self._read(f"{base}/package.json")
            if text is None:
                continue
            entry = _package_entry(text, inner)
            code = self._read(posixpath.normpath(f"{base}/{entry}")) if entry else None
            if entry is None or code is None:
                return Unavailable("is a package without an ES module, which the preview does not run")
            return _module(posixpath.normpath(f"{base}/{entry}"), code)
        return Unavailable("is a package that is not installed")

    def _read(self, path: str) -> str | None:
        if path in self.texts:
            return self.texts[path]
        document = self.project.document(path)
        text = document.text.source if document is not None and document.text is not None else None
        if text is None:
            text = _read_file(self._place(path))
        if text is not None:
            self.texts[path] = text
        return text

    def _place(self, path: str) -> str | None:
        """Where a file really is: in the application, or in the folder of a package (which may be linked, as package
        managers do). None for what is elsewhere, by whatever `..` or link."""
        root = os.path.realpath(self.project.root)
        before, found, after = path.rpartition("node_modules/")
        if not found or before.startswith(".."):
            return inside(root, path)
        parts = after.split("/")
        size = 2 if after.startswith("@") else 1
        package = os.path.realpath(os.path.join(root, before, "node_modules", *parts[:size]))
        return inside(package, "/".join(parts[size:]))


def with_class(workflow: Workflow, class_name: str | None) -> Workflow:
    """The workflow with another class of its file."""
    return workflow if class_name is None else replace(workflow, class_name=class_name)


def _module(path: str, text: str) -> Resolved:
    if path.endswith(".json"):
        try:
            return Values({"default": json.loads(text)})
        except ValueError as error:
            raise ScriptError(f"{path} is no JSON: {error}") from None
    return Source(path, text, path, typescript=path.endswith((".ts", ".mts", ".tsx")))


def _as_typescript(path: str) -> tuple[str, ...]:
    """TypeScript's own rule: ``./a.js`` may be written for ``./a.ts``."""
    return (f"{path[:-3]}.ts",) if path.endswith(".js") else ()


def _folders_above(folder: str) -> list[str]:
    folders = [folder]
    while folder:
        folder = posixpath.dirname(folder)
        folders.append(folder)
    return [name for name in folders if posixpath.basename(name) != "node_modules"]


def _package_entry(text: str, inner: str) -> str | None:
    """The ES module that a package gives for ``.`` or ``./sub``, or None."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    exports = data.get("exports")
    if isinstance(exports, str):
        exports = {".": exports}
    if isinstance(exports, dict):
        if not any(str(key).startswith(".") for key in exports):
            exports = {".": exports}
        target = _condition(exports.get(inner))
    else:
        target = data.get("module") if inner == "." else inner
        if target is None and data.get("type") == "module":
            target = data.get("main", "index.js")
    if not isinstance(target, str):
        return None
    esm = data.get("type") == "module" or target.endswith(".mjs") or target == data.get("module")
    return target if esm else None


def _condition(target: Any) -> Any:
    while isinstance(target, dict):
        target = next((target[name] for name in _CONDITIONS if name in target), None)
    return target


def _read_file(path: str | None) -> str | None:
    try:
        return None if path is None else read_text(path)
    except (OSError, UnicodeDecodeError):
        return None


def _step_limit(entry: WorkflowEntry | None) -> int:
    limits = entry.value("limits") if entry is not None else None
    steps = limits.get("steps") if isinstance(limits, JsonObject) else None
    return int(steps.value) if isinstance(steps, JsonNumber) and steps.value > 0 else DEFAULT_STEP_LIMIT
