"""A small linker: a graph of ES modules, TypeScript or JavaScript, made runnable in an isolate.

Contract
--------
``link(isolate, entry, resolve)`` reads the graph from ``entry`` (a ``Source``), defines every module in the isolate,
links and evaluates them as the standard says (live bindings, hoisted functions, dead zones, cycles, re-exports,
namespaces, top-level await, ``import()`` of a literal) and gives the names that the entry exports. JavaScript parts
of the runtime then reach the namespace object with ``kernel.parts.namespace(entry.key)``.

``resolve(specifier, importer)`` gets the text of an import and the ``Source`` it stands in, and gives one of

* ``Source(key, code, filename)``: a module to run; the same key is the same module;
* ``Values(values, missing=None)``: exports that are JSON values. With ``missing`` any other name may be imported, and
  is an error only when it is used: "`listJobs` from $server/jobs <missing>";
* ``Builtin(name, missing=None)``: a namespace object that a part of the runtime put into
  ``kernel.parts.builtinModules`` (a ``Map``) before;
* ``Unavailable(reason)``: nothing is known; the same as ``Values({}, reason)``.

Imports of types only are gone before ``resolve`` is asked. Errors are ``ScriptError`` with file, line and column:
syntax errors, a missing export ("The requested module … does not provide …"), what a module throws. ``resolve`` may
raise ``ScriptError`` itself; it gets the position of the import if it has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Union

from .isolate import DEFAULT_TIMEOUT_MS, Host, Isolate, ScriptError
from .typescript import compile_call

_LINKER = Path(__file__).resolve().parent / "platform" / "linker.js"


@dataclass(frozen=True, slots=True)
class Source:
    """A module's text. ``key`` identifies it in the isolate; ``filename`` is what errors show."""

    key: str
    code: str
    filename: str
    typescript: bool = True


@dataclass(frozen=True, slots=True)
class Values:
    """A module whose exports are JSON values; see the contract for ``missing``."""

    values: dict[str, Any]
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Builtin:
    """A module that the runtime defines in JavaScript."""

    name: str
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A module that can't be had; ``reason`` completes "`name` from specifier …"."""

    reason: str


Resolved = Union[Source, Values, Builtin, Unavailable]  # noqa: UP007 — a run-time alias for Python 3.10
Resolver = Callable[[str, Source], Resolved]


@lru_cache(maxsize=512)
def _compile(code: str, filename: str, typescript: bool) -> dict[str, Any]:
    result: dict[str, Any] = compile_call("module", filename, code, typescript)
    return result


def link(
    isolate: Isolate,
    entry: Source,
    resolve: Resolver,
    timeout_ms: float = DEFAULT_TIMEOUT_MS,
    host: Host | None = None,
) -> list[str]:
    """Defines, links and evaluates ``entry`` and all it imports; see the module's contract."""
    _Graph(isolate, resolve, timeout_ms).add(entry)
    names: list[str] = isolate.call("link", entry.key, timeout_ms=timeout_ms, host=host)
    return names


def install_linker(isolate: Isolate) -> set[str]:
    """The keys that the isolate knows; the linker is installed with the first."""
    if isolate.linked is None:
        isolate.install(_LINKER.read_text(encoding="utf-8"))
        isolate.linked = set()
    return isolate.linked


_installed = install_linker  # older name


class _Graph:
    def __init__(self, isolate: Isolate, resolve: Resolver, timeout_ms: float) -> None:
        self.isolate, self.resolve, self.timeout_ms = isolate, resolve, timeout_ms
        self.known = install_linker(isolate)

    def add(self, entry: Source) -> None:
        pending = [entry]
        while pending:
            source = pending.pop()
            if source.key in self.known:
                continue
            self.known.add(source.key)
            compiled = _compile(source.code, source.filename, source.typescript)
            imports = [{**item, "key": self._key(item, source, pending)} for item in compiled["imports"]]
            dynamic = {
                text: self._key({"specifier": text, "line": None, "column": None}, source, pending)
                for text in compiled["dynamic"]
            }
            info = {
                "file": source.filename,
                "imports": imports,
                "dynamic": dynamic,
                **{k: compiled[k] for k in ("reexports", "stars", "asynchronous")},
            }
            self.isolate.script(
                compiled["code"],
                "defineModule",
                source.key,
                info,
                filename=source.filename,
                columns=compiled["columns"],
                timeout_ms=self.timeout_ms,
            )

    def _key(self, item: dict[str, Any], importer: Source, pending: list[Source]) -> str:
        specifier: str = item["specifier"]
        try:
            found = self.resolve(specifier, importer)
        except ScriptError as error:
            if error.line is not None:
                raise
            raise ScriptError(
                error.message, error.name, error.stack, importer.filename, item["line"], item["column"]
            ) from None
        if isinstance(found, Source):
            pending.append(found)
            return found.key
        if isinstance(found, Builtin):
            key = f"builtin {found.name} {specifier if found.missing else ''}"
            self._define(key, "defineBuiltin", found.name, specifier, found.missing)
            return key
        if isinstance(found, Unavailable):
            found = Values({}, found.reason)
        key = f"values {importer.key} {specifier}"
        self._define(key, "defineValues", specifier, found.values, found.missing)
        return key

    def _define(self, key: str, function: str, *args: Any) -> None:
        if key not in self.known:
            self.known.add(key)
            self.isolate.call(function, key, *args)
