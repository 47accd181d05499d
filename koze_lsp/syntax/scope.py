"""Names of a TypeScript tree: where each is declared, and what every use of one refers to.

Block and function scopes, hoisting of ``var`` and functions, destructuring, imports, loops and catch
clauses, as JavaScript has them. Types are not names here. Works on broken text too: what tree-sitter
could not make out declares nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from koze_lsp.syntax.fragments import Fragments, Placed
from koze_lsp.syntax.names import Binding, BindingKind, Names, Scope, Use
from koze_lsp.syntax.node_kinds import FUNCTIONS
from koze_lsp.syntax.tree import Node, SyntaxTree

__all__ = ["Binding", "BindingKind", "Names", "Scope", "Use", "resolve"]

_BLOCKS = {"statement_block", "for_statement", "for_in_statement", "catch_clause", "switch_body", "class_body"}
_SCOPES = FUNCTIONS | _BLOCKS
_USES = frozenset({"identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern"})
_TYPES = frozenset(
    {
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "type_alias_declaration",
        "interface_declaration",
        "type_predicate_annotation",
        "asserts_annotation",
        "implements_clause",
        "property_signature",
        "method_signature",
        "abstract_method_signature",
    }
)
_CAST = frozenset({"as_expression", "satisfies_expression"})
_UPDATES = frozenset({"assignment_expression", "augmented_assignment_expression", "update_expression"})
_SPECIAL = (
    _CAST
    | _SCOPES
    | _UPDATES
    | {"import_statement", "lexical_declaration", "variable_declaration", "class_declaration", "function_signature"}
    | {"abstract_class_declaration", "enum_declaration", "enum_body", "export_specifier"}
)
_NAMELESS = _TYPES | {
    "comment", "false", "null", "number", "private_property_identifier", "property_identifier", "regex", "string",
    "string_fragment", "super", "this", "true", "type_identifier", "undefined",
}  # fmt: skip
"""What holds no name: not looked into."""
_WAYS = {
    **dict.fromkeys(_NAMELESS, "pass"),
    **dict.fromkeys(_USES, "use"),
    **dict.fromkeys(_SPECIAL, "visit"),
    "program": "block",
    "statement_block": "block",
}
"""What to do with a node; one that is not listed holds others."""


def resolve(tree: SyntaxTree, fragments: Fragments | None = None) -> Names:
    """Find the names of a tree and what their uses refer to; with fragments, statements are read once and kept."""
    names = _Resolver(tree, Scope(None, tree.root), fragments).run(tree.root)
    if fragments is not None:
        fragments.settle()
    return names


class _Resolver:
    def __init__(self, tree: SyntaxTree, scope: Scope, fragments: Fragments | None) -> None:
        self.tree = tree
        self.outer = scope
        self.fragments = fragments
        root = scope.parent or scope
        self.names = Names(tree, root)
        self.assigned: set[int] = set()  # start bytes of identifiers that are assigned to
        self.bodies: set[int] = set()  # start bytes of the blocks whose scope is their function's or catch clause's

    def run(self, start: Node) -> Names:
        # A scope on the stack says in which one the nodes under it stand.
        scope = self.outer
        stack: list[Node | Scope | Placed] = [start]
        while stack:
            node = stack.pop()
            if isinstance(node, Scope):
                scope = node
                continue
            if isinstance(node, Placed):
                self.place(node)
                continue
            kind = node.type
            way = _WAYS.get(kind)
            if way is None:
                children = node.named_children
                children.reverse()
                stack += children
            elif way == "use":
                self.use(node, kind, scope)
            elif way == "block":  # the most frequent scope by far
                if kind == "statement_block" and node.start_byte not in self.bodies:
                    stack.append(scope)
                    scope = Scope(scope, node)
                stack += reversed(self.statements(node, scope))
            elif way == "visit":
                stack.append(scope)
                for child, inner in reversed(self.visit(node, kind, scope)):
                    stack.append(child)
                    stack.append(inner)
        self.names.settle()
        return self.names

    def statements(self, block: Node, scope: Scope) -> Sequence[Node | Placed]:
        """The statements of a block; those that were read before as what is kept of them."""
        if self.fragments is None:
            return block.named_children
        found: list[Node | Placed] = []
        for statement in block.named_children:
            kept = self.fragments.of(self.tree, statement, scope, self.alone)
            if kept is None:
                found.append(statement)
            else:
                found.append(Placed(kept, self.tree, self.tree.offset(statement.start_byte), scope))
        return found

    def place(self, placed: Placed) -> None:
        """Put a statement that was read before into its scope."""
        placed.scope.placed.append(placed)
        self.names.add_placed(placed)
        for binding in placed.exported():
            self.names.add_binding(binding)
            binding.scope.names.setdefault(binding.name, binding)

    def alone(self, scope: Scope, statement: Node) -> Names:
        """The names of one statement, read on its own."""
        return _Resolver(self.tree, scope, None).run(statement)

    def visit(self, node: Node, kind: str, scope: Scope) -> list[tuple[Node, Scope]]:
        """Declare what a node declares, and say which nodes to visit next in which scope."""
        if kind in _CAST:  # the type on the right is no expression
            return [(child, scope) for child in node.named_children[:1]]
        if kind == "import_statement":
            self.imports(node, scope)
            return []
        if kind in ("lexical_declaration", "variable_declaration"):
            return self.declaration(node, scope)
        if kind in ("class_declaration", "abstract_class_declaration", "enum_declaration"):
            name = node.child_by_field_name("name")
            if name is not None:
                self.declare(name, "enum" if kind[0] == "e" else "class", node, scope)
            return [(child, scope) for child in node.named_children if child != name]
        if kind in _SCOPES:
            return self.scope(node, kind, scope)
        if kind == "function_signature":
            name = node.child_by_field_name("name")
            if name is not None:
                self.declare(name, "function", node, scope)
            return []
        if kind in _UPDATES:
            self.assignment(node.child_by_field_name("left") or node.child_by_field_name("argument"))
        elif kind in ("enum_body", "export_specifier"):
            children = node.named_children[:1] if kind == "export_specifier" else []
            return [(child, scope) for child in children]
        return [(child, scope) for child in node.named_children]

    def use(self, node: Node, kind: str, scope: Scope) -> None:
        write = kind == "shorthand_property_identifier_pattern" or node.start_byte in self.assigned
        name, span = self.tree.word(node)
        use = Use(name, span, node, write)
        self.names.add_use(use)
        scope.uses.append(use)

    def declare(
        self,
        name: Node,
        kind: BindingKind,
        declaration: Node,
        scope: Scope,
        init: Node | None = None,
        path: tuple[str, ...] | None = (),
        default: bool = False,
    ) -> None:
        text = self.tree.text(name)
        if not text:  # tree-sitter invents missing tokens
            return
        binding = Binding(text, kind, self.tree.span(name), declaration, scope, init, path, default)
        self.names.add_binding(binding)
        scope.names.setdefault(text, binding)

    def imports(self, node: Node, scope: Scope) -> None:
        for clause in node.named_children:
            if clause.type == "import_require_clause" and clause.named_children:
                self.declare(clause.named_children[0], "import", node, scope)
            if clause.type != "import_clause":
                continue
            for child in clause.named_children:
                if child.type == "identifier":
                    self.declare(child, "import", node, scope)
                elif child.type == "namespace_import" and child.named_children:
                    self.declare(child.named_children[0], "import", child, scope)
                elif child.type == "named_imports":
                    for specifier in child.named_children:
                        local = specifier.child_by_field_name("alias") or specifier.child_by_field_name("name")
                        if local is not None:
                            self.declare(local, "import", specifier, scope)

    def declaration(self, node: Node, scope: Scope) -> list[tuple[Node, Scope]]:
        kind: BindingKind = "var"
        if node.type == "lexical_declaration":
            kind = "const" if self.tree.text(node.children[0]) == "const" else "let"
        home = (scope.home or scope) if kind == "var" else scope
        rest: list[tuple[Node, Scope]] = []
        for declarator in node.named_children:
            if declarator.type != "variable_declarator":
                continue
            value = declarator.child_by_field_name("value")
            name = declarator.child_by_field_name("name")
            if name is not None:
                rest += self.pattern(name, kind, declarator, home, value)
            if value is not None:
                rest.append((value, scope))
        return rest

    def pattern(
        self, node: Node, kind: BindingKind, declaration: Node, scope: Scope, init: Node | None
    ) -> list[tuple[Node, Scope]]:
        """Declare all names of a pattern; default values and computed keys are left to visit."""
        rest: list[tuple[Node, Scope]] = []
        stack: list[tuple[Node, tuple[str, ...] | None, bool]] = [(node, (), False)]
        while stack:
            current, path, default = stack.pop()
            match current.type:
                case "identifier":
                    self.declare(current, kind, declaration, scope, init, path, default)
                case "shorthand_property_identifier_pattern":
                    inner = None if path is None else (*path, self.tree.text(current))
                    self.declare(current, kind, declaration, scope, init, inner, default)
                case "pair_pattern":
                    key, value = current.child_by_field_name("key"), current.child_by_field_name("value")
                    plain = key is not None and key.type == "property_identifier"
                    inner = (*path, self.tree.text(key)) if plain and key is not None and path is not None else None
                    if value is not None:
                        stack.append((value, inner, default))
                    if key is not None and key.type == "computed_property_name":
                        rest.append((key, scope))
                case "assignment_pattern" | "object_assignment_pattern":
                    left, right = current.child_by_field_name("left"), current.child_by_field_name("right")
                    if left is not None:
                        stack.append((left, path, True))
                    if right is not None:
                        rest.append((right, scope))
                case "object_pattern":
                    stack.extend((child, path, default) for child in reversed(current.named_children))
                case "array_pattern" | "rest_pattern":
                    stack.extend((child, None, default) for child in reversed(current.named_children))
        return rest

    def scope(self, node: Node, kind: str, outer: Scope) -> list[tuple[Node, Scope]]:
        if kind in FUNCTIONS:
            return self.function(node, kind, outer)
        inner = Scope(outer, node)
        if kind == "catch_clause":
            return self.catch(node, inner)
        if kind == "for_in_statement":
            return self.for_in(node, inner, outer)
        return [(child, inner) for child in node.named_children]

    def function(self, node: Node, kind: str, outer: Scope) -> list[tuple[Node, Scope]]:
        name = node.child_by_field_name("name")
        inner = Scope(outer, node)
        inner.home = None
        rest: list[tuple[Node, Scope]] = []
        if name is not None:
            if kind.endswith("_declaration"):
                self.declare(name, "function", node, outer)
            elif name.type == "identifier":  # a named function expression sees its own name
                self.declare(name, "function", node, inner)
            elif name.type == "computed_property_name":
                rest.append((name, outer))
        single = node.child_by_field_name("parameter")
        if single is not None:
            self.declare(single, "parameter", node, inner)
        parameters = node.child_by_field_name("parameters")
        for parameter in parameters.named_children if parameters is not None else ():
            pattern = parameter.child_by_field_name("pattern")
            value = parameter.child_by_field_name("value")
            if pattern is not None:
                rest += self.pattern(pattern, "parameter", parameter, inner, None)
            if value is not None:
                rest.append((value, inner))
        body = node.child_by_field_name("body")
        if body is not None:
            self.bodies.add(body.start_byte)
            rest.append((body, inner))
        return rest

    def catch(self, node: Node, inner: Scope) -> list[tuple[Node, Scope]]:
        parameter, body = node.child_by_field_name("parameter"), node.child_by_field_name("body")
        rest = self.pattern(parameter, "catch", node, inner, None) if parameter is not None else []
        if body is not None:
            self.bodies.add(body.start_byte)
            rest.append((body, inner))
        return rest

    def for_in(self, node: Node, inner: Scope, outer: Scope) -> list[tuple[Node, Scope]]:
        left, right, body = (node.child_by_field_name(name) for name in ("left", "right", "body"))
        rest: list[tuple[Node, Scope]] = []
        if left is not None and node.child_by_field_name("kind") is not None:
            rest += self.pattern(left, "loop", node, inner, None)
        elif left is not None:
            self.assignment(left)
            rest.append((left, outer))
        if right is not None:
            rest.append((right, outer))
        if body is not None:
            rest.append((body, inner))
        return rest

    def assignment(self, target: Node | None) -> None:
        """Remember the names that an assignment, an update or a bare loop head writes to."""
        stack = [target] if target is not None else []
        while stack:
            node = stack.pop()
            if node.type == "identifier":
                self.assigned.add(node.start_byte)
            elif node.type in ("array_pattern", "object_pattern", "rest_pattern", "pair_pattern"):
                stack.extend(node.named_children[1:] if node.type == "pair_pattern" else node.named_children)
