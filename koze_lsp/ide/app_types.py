"""Edits of the ``WorkflowName`` types in src/app.d.ts, in the quotes and layout that the file has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from koze_lsp.ide.targets import union_members
from koze_lsp.project.naming import in_union
from koze_lsp.project.project import Project
from koze_lsp.syntax.app_dts import WorkflowNameType
from koze_lsp.text import TextEdit


def union_edits(
    project: Project, paths: Iterable[str], renamed: Mapping[str, str] | None = None
) -> tuple[TextEdit, ...]:
    """The edits that make ``WorkflowName`` the names of some workflow files, given in discovery order.

    A type is only touched where it lists literals and the edit takes nothing away that is not gone: names that
    no file has are kept. ``renamed`` maps old names to new ones.
    """
    document = project.app_dts
    if document is None:
        return ()
    names = [name for name in dict.fromkeys(_name(path) for path in paths) if in_union(name)]
    known = set(project.workflows.names)
    edits: list[TextEdit] = []
    for alias in document.app_dts.types:
        if alias.names is None:
            continue
        mapped = [(renamed or {}).get(name, name) for name in alias.names]
        strange = [name for name in mapped if name not in known and name not in names]
        edits += _retyped(document.source, alias, [*names, *strange], mapped)
    return tuple(edits)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".workflow.ts")


def _retyped(source: str, alias: WorkflowNameType, names: list[str], mapped: list[str]) -> list[TextEdit]:
    """Replace single members where the order stays, else write the union again."""
    if mapped == names and alias.names is not None:
        members = union_members(source, alias)
        pairs = zip(members, names, strict=False)
        return [TextEdit(span, name) for (old, span), name in pairs if old != name]
    text = source[alias.span.start : alias.span.end]
    new = _written(text, names)
    return [TextEdit(alias.span, new)] if new != text else []


def _written(old: str, names: list[str]) -> str:
    """A union in the manner of an old one: its quotes, and one name a line where it has them so."""
    if not names:
        return "never"
    quote = '"' if '"' in old and "'" not in old else "'"
    members = [f"{quote}{name}{quote}" for name in names]
    lines = re.search(r"(\r\n|\n|\r)([ \t]*)\|", old)
    if lines is None:
        return " | ".join(members)
    between = f"{lines.group(1)}{lines.group(2)}| "
    return ("| " if old.startswith("|") else "") + between.join(members)
