"""Import specifiers: which file of the project one means, and which files import a file.

Source: the Koze framework's aliases ``$lib`` (src/lib) and ``$server`` (src/server); relative specifiers as in
any bundler. Packages are not followed: nothing in node_modules is looked at.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from koze_lsp.project.document import SCRIPT_KINDS, TEMPLATE_KINDS, Document, FileKind
from koze_lsp.project.kinds import MODULES, TEMPLATES
from koze_lsp.project.project import Project
from koze_lsp.syntax.script import ScriptFacts
from koze_lsp.syntax.tree import Node, descendants
from koze_lsp.syntax.values import decode_string
from koze_lsp.text import Span

ALIASES = {"$lib": "src/lib", "$server": "src/server"}
_JS_TO_TS = {".js": ".ts", ".mjs": ".mts", ".cjs": ".cts", ".jsx": ".tsx"}
_SUFFIXES = ("", *TEMPLATES, *MODULES, *(f"/index{suffix}" for suffix in (*TEMPLATES, *MODULES)))
_EXTENSION = re.compile(r"(?:/index)?\.[A-Za-z]+\Z")


@dataclass(frozen=True, slots=True)
class Specifier:
    """One module specifier of a file. ``span`` is the text between the quotes."""

    text: str
    span: Span
    statement: Node | None


@contextmanager
def reading(project: Project, path: str) -> Iterator[Document | None]:
    """A document to look at once; it is let go again if nothing held it before."""
    held = path in project.held()
    try:
        yield project.document(path)
    finally:
        if not held and path != "package.json":
            project.release(path)


def resolve(project: Project, importer: str, specifier: str) -> str | None:
    """The project's file that a specifier means, relative to the root; None for a package or a missing file."""
    base = target_base(importer, specifier)
    if base is None:
        return None
    for suffix in _SUFFIXES:
        if base + suffix in project.files:
            return base + suffix
    stem, extension = posixpath.splitext(base)
    typed = stem + _JS_TO_TS.get(extension, extension)
    return typed if typed in project.files else None


def target_base(importer: str, specifier: str) -> str | None:
    """The path that a specifier spells, without asking whether it exists; None for a package."""
    specifier = specifier.split("?", 1)[0]
    if specifier.startswith(("./", "../")) or specifier in (".", ".."):
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
        return None if joined.startswith("..") else joined
    alias, _, rest = specifier.partition("/")
    return f"{ALIASES[alias]}/{posixpath.normpath(rest)}" if alias in ALIASES and rest else None


def respell(importer: str, specifier: str, new_path: str) -> str:
    """A specifier in the style of the old one (alias or relative, with or without extension) for a new path."""
    if not re.search(r"\.[A-Za-z]+\Z", specifier.rsplit("/", 1)[-1].replace(".workflow", "")):
        new_path = _EXTENSION.sub("", new_path)
    elif specifier.endswith(".js") and new_path.endswith(".ts"):
        new_path = new_path[:-3] + ".js"
    alias = specifier.partition("/")[0]
    folder = ALIASES.get(alias)
    if folder is not None and new_path.startswith(folder + "/"):
        return alias + new_path[len(folder) :]
    relative = posixpath.relpath(new_path, posixpath.dirname(importer))
    return relative if relative.startswith(".") else f"./{relative}"


def specifiers(facts: ScriptFacts) -> Iterator[Specifier]:
    """Every specifier of a script: imports, re-exports, ``import()`` and ``import("…")`` types."""
    tree = facts.tree
    for node in tree.root.named_children:
        yield from specifiers_of(facts, node)
    if b"import(" not in tree.data:
        return
    for node in descendants(tree.root):
        if node.type == "call_expression" and (callee := node.child_by_field_name("function")) is not None:
            arguments = node.child_by_field_name("arguments")
            if callee.type == "import" and arguments is not None and arguments.named_children:
                first = arguments.named_children[0]
                if first.type == "string":
                    yield _specifier(facts, first, None)


def specifiers_of(facts: ScriptFacts, statement: Node) -> Iterator[Specifier]:
    """The specifier of an import or re-export statement."""
    if statement.type in ("import_statement", "export_statement"):
        source = statement.child_by_field_name("source")
        if source is not None:
            yield _specifier(facts, source, statement)


def exported_names(statement: Node) -> Iterator[Node]:
    """The names that a re-export takes from its module, as they are called there."""
    for clause in statement.named_children:
        for specifier in clause.named_children if clause.type == "export_clause" else ():
            name = specifier.child_by_field_name("name")
            if name is not None:
                yield name


def _specifier(facts: ScriptFacts, source: Node, statement: Node | None) -> Specifier:
    outer = facts.tree.span(source)
    span = Span(outer.start + 1, max(outer.end - 1, outer.start + 1))
    return Specifier(decode_string(facts.tree.text(source)[1:-1]), span, statement)


def stem(path: str) -> str:
    """What every specifier of a file has in it: its name, or its folder's name for an index file."""
    return _EXTENSION.sub("", path).rsplit("/", 1)[-1]


def importers(
    project: Project, path: str, kinds: frozenset[FileKind] = SCRIPT_KINDS | TEMPLATE_KINDS, only: str | None = None
) -> Iterator[tuple[Document, Specifier]]:
    """Every import of a file in files of some kinds (or in one file), in order of path and place."""
    wanted = stem(path)
    for importer in project.files if only is None else (only,):
        if project.files.get(importer) not in kinds:
            continue
        with reading(project, importer) as document:
            if document is None or wanted not in document.source:
                continue
            for specifier in specifiers(document.script):
                if resolve(project, importer, specifier.text) == path:
                    yield document, specifier
