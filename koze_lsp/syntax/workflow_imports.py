"""The imports of a workflow file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import decode_string
from koze_lsp.text import Span


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name. ``imported`` is ``default`` or ``*`` for those forms."""

    local: str
    imported: str
    module: str
    span: Span
    type_only: bool


def imports_of(tree: SyntaxTree, statement: Node) -> Iterator[Import]:
    """The names that one import statement declares; none for any other node."""
    source = statement.child_by_field_name("source")
    if source is None:
        return
    module = decode_string(tree.text(source)[1:-1])
    type_only = any(child.type == "type" for child in statement.children)
    for clause in statement.named_children:
        if clause.type != "import_clause":
            continue
        for child in clause.named_children:
            if child.type == "identifier":
                yield Import(tree.text(child), "default", module, tree.span(child), type_only)
            elif child.type == "namespace_import" and child.named_children:
                name = child.named_children[0]
                yield Import(tree.text(name), "*", module, tree.span(name), type_only)
            elif child.type == "named_imports":
                yield from _specifiers(tree, child, module, type_only)


def _specifiers(tree: SyntaxTree, node: Node, module: str, type_only: bool) -> Iterator[Import]:
    for specifier in node.named_children:
        name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
        local = alias or name
        if name is None or local is None:
            continue
        only = type_only or any(child.type == "type" for child in specifier.children)
        yield Import(tree.text(local), tree.text(name), module, tree.span(local), only)
