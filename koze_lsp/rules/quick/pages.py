"""Pages: those that read no status, and those that read one as the documentation shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from koze_lsp.rules.quick.words import MARK, NAME
from koze_lsp.syntax.koze_modules import MODULES, REQUEST

if TYPE_CHECKING:
    from koze_lsp.project.project import Project

_KOZE_IMPORT = re.compile(r"import\s*\{([^}]*)\}\s*from\s*['\"](?:koze|kuratchi):([\w-]+)['\"]")
_READ = re.compile(rf"params\.({NAME})")
_EXPORTS = MODULES["route"]
_SERVER_EXPORTS = MODULES["server"]
_MAX_IMPORTS = 200  # each is looked for to the end of the text where it never ends
_LONG = 10_000  # characters; in a shorter text that costs next to nothing
_WORD = {name: re.compile(rf"\b{name}\b") for name in sorted(REQUEST)}


def is_clean_page(source: str, path: str, project: Project) -> bool:
    """Whether no rule can find anything in a route's file."""
    if "redirect" in source or MARK in source:
        return False
    if len(source) > _LONG and source.count("import") > _MAX_IMPORTS:
        return False
    imported = _koze_names(source)
    if imported is None or not _reads_only_what_is_there(source, path, imported, project):
        return False
    for name, word in _WORD.items():
        if name not in imported and name in source and word.search(source):
            return False
    if "workflowStatus" not in source:
        return True
    from koze_lsp.rules.quick.status_page import is_clean_status_page  # noqa: PLC0415 - many an application has none

    return is_clean_status_page(source, project)


def _koze_names(source: str) -> list[str] | None:
    """What the page imports from the request module; None where an import is not of known names."""
    names: list[str] = []
    there = source.count("koze:") + source.count("kuratchi:")
    if not there:
        return names
    imports = _KOZE_IMPORT.findall(source)
    if len(imports) != there:
        return None
    for listed, module in imports:
        exports = _EXPORTS.get(module, frozenset() if module in _SERVER_EXPORTS else None)
        given = [name.strip() for name in listed.split(",")]
        if exports is not None and not exports.issuperset(given):
            return None
        if module == "request":
            names += given
    return names


def _reads_only_what_is_there(source: str, path: str, imported: list[str], project: Project) -> bool:
    """Whether every ``params`` is an import or the read of a segment that the page's path has."""
    there = source.count("params")
    if not there:
        return True
    reads = _READ.findall(source)
    if len(reads) + imported.count("params") != there or project.routing.has_rivals:
        return False
    return all(f"/[{name}]/" in path or f"/[...{name}]/" in path for name in set(reads))
