"""What destructuring patterns take apart."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.syntax.tree import Node, SyntaxTree


def names_in(tree: SyntaxTree, pattern: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The names in a pattern and the fields that lead to each."""
    stack: list[tuple[Node, tuple[str, ...]]] = [(pattern, ())]
    while stack:
        node, path = stack.pop()
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        if node.type == "identifier":
            yield node, path
        elif node.type == "shorthand_property_identifier_pattern":
            yield node, (*path, tree.text(node))
        elif node.type == "object_pattern":
            stack.extend((child, path) for child in node.named_children)
        elif node.type == "pair_pattern" and key is not None and value is not None:
            stack.append((value, (*path, tree.text(key))))
        elif node.type == "object_assignment_pattern" and node.named_children:
            stack.append((node.named_children[0], path))


def places_in(pattern: Node) -> list[Node | None]:
    """The elements of an array pattern by place; holes are None."""
    found: list[Node | None] = [None]
    for child in pattern.children:
        if child.type == ",":
            found.append(None)
        elif child.is_named and child.type != "comment":
            found[-1] = child
    return found
