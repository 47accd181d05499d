"""The Worker's environment as a file's text shows it, also while it is being typed: ``env`` under its local names."""

from __future__ import annotations

import re

from koze_lsp.ide.imports import statements
from koze_lsp.project.document import SCRIPT_KINDS, Document

_DECLARES = re.compile(r"\b(?:const|let|var)\s+(?:\{[^{}]*)?\Z")
_LONGEST = 300
_TAKEN = re.compile(r"\b(?:const|let|var)\s*\{([^{}]*)\}\s*=\s*([\w$.]+)")
_KEPT = re.compile(r"\b(?:const|let|var)\s+([\w$]+)\s*=\s*([\w$]+(?:\.[\w$]+)*)\.([\w$]+)\s*(?:;|\r|\n|\Z)")
_MEMBER = re.compile(r"([\w$]+)(?:\s*:\s*([\w$]+))?\s*(?:=[^,]*)?(?:,|\Z)")


def env_names(document: Document) -> set[tuple[str, ...]]:
    """The chains that are the environment in a module: ``env`` of cloudflare:workers, ``this.env``."""
    if document.kind not in SCRIPT_KINDS:
        return set()
    found: set[tuple[str, ...]] = {("this", "env")}
    for statement in statements(document):
        if statement.module != "cloudflare:workers":
            continue
        if "env" in statement.names:
            found.add((statement.names["env"],))
        if statement.namespace is not None:
            found.add((statement.namespace, "env"))
    return found


def _is_declared(source: str, name: str) -> bool:
    """Whether a text declares a variable, looked for quickly."""
    at = source.find(name)
    while at != -1:
        if _DECLARES.search(source, max(0, at - _LONGEST), at) is not None:
            return True
        at = source.find(name, at + len(name))
    return False


def binding_of(document: Document, names: tuple[str, ...]) -> str | None:
    """The binding that a dotted name is: ``env.X``, or a variable that was taken from the environment."""
    if not names:
        return None
    env = env_names(document)
    if names[:-1] in env:
        return names[-1]
    if len(names) > 1 or not names[0] or not env or not _is_declared(document.source, names[0]):
        return None
    for match in _TAKEN.finditer(document.source):
        if tuple(match[2].split(".")) in env:
            for member in _MEMBER.finditer(match[1].strip()):
                if (member[2] or member[1]) == names[0]:
                    return member[1]
    for match in _KEPT.finditer(document.source):
        if match[1] == names[0] and tuple(match[2].split(".")) in env:
            return match[3]
    return None
