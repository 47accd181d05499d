"""The handlers of a Worker's module: the functions that its default export holds.

Cloudflare calls each with the environment as its second argument: ``fetch(request, env, ctx)``,
``scheduled(event, env, ctx)``, ``queue(batch, env, ctx)`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.syntax.names import Names
from koze_lsp.syntax.tree import Node, SyntaxTree, unwrapped

_HANDLERS = frozenset({"fetch", "scheduled", "queue", "email", "tail", "trace"})
_FUNCTIONS = frozenset({"arrow_function", "function_expression"})


def environments(tree: SyntaxTree, names: Names) -> Iterator[Node]:
    """The second parameter of each handler: a name or a pattern."""
    for statement in tree.root.named_children:
        value = statement.child_by_field_name("value") if statement.type == "export_statement" else None
        exported = unwrapped(value) if value is not None else None
        if exported is not None and exported.type == "identifier":
            binding = names.binding_of(exported)
            constant = binding is not None and binding.kind == "const" and binding.path == ()
            exported = (
                unwrapped(binding.init) if binding is not None and constant and binding.init is not None else None
            )
        for member in exported.named_children if exported is not None and exported.type == "object" else ():
            function = _handler(tree, member)
            listed = function.child_by_field_name("parameters") if function is not None else None
            parameters = [child for child in listed.named_children if child.type != "comment"] if listed else []
            pattern = parameters[1].child_by_field_name("pattern") if len(parameters) > 1 else None
            if pattern is not None:
                yield pattern


def _handler(tree: SyntaxTree, member: Node) -> Node | None:
    """The function of ``fetch(…) {}``, ``fetch: async (…) => …`` or ``fetch: function (…) {}``."""
    is_pair = member.type == "pair"
    if not is_pair and member.type != "method_definition":
        return None
    name = member.child_by_field_name("key" if is_pair else "name")
    if name is None or tree.text(name).strip("'\"") not in _HANDLERS:
        return None
    value = member.child_by_field_name("value") if is_pair else member
    return value if value is not None and (not is_pair or value.type in _FUNCTIONS) else None
