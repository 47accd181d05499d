"""What a file's script says, and which of it runs on the server.

The newer framework keeps, on the server, only top-level declarations that the template needs (transitively) and
statements that assign to a needed name. Bare calls, `push`es and guards are dropped. Every name that is initialised
with `await` is also serialised into the page, needed or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.references import free_names
from koze_lsp.syntax.scope import resolve
from koze_lsp.syntax.tree import Node, SyntaxTree, descendants, parse

__all__ = ["Import", "ImportedName", "Script", "Statement", "read_script", "select_prelude"]


@dataclass(frozen=True, slots=True)
class ImportedName:
    """`imported` is the exported name, `default`, or `*`; `at` is the offset of the name in the script."""

    imported: str
    local: str
    type_only: bool
    at: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import statement, `script[at:end]`; `module` is its specifier."""

    module: str
    names: tuple[ImportedName, ...]
    at: int
    end: int

    @property
    def local_names(self) -> frozenset[str]:
        return frozenset(name.local for name in self.names)


@dataclass(frozen=True, slots=True)
class Statement:
    """A top-level statement, `script[start:end]`."""

    start: int
    end: int
    declared: frozenset[str]
    assigned: frozenset[str]
    awaited: frozenset[str]
    """Names that it initialises with an `await` at its top level."""
    awaits: bool
    variable: bool
    let: bool
    """A `let` whose names are all plain."""


@dataclass(frozen=True, slots=True)
class Script:
    """The facts of a script. `derived` are names that only a `$:` statement assigns: they are declared silently."""

    source: Mapped
    imports: tuple[Import, ...]
    statements: tuple[Statement, ...]
    derived: tuple[str, ...]
    effects: tuple[str, ...]
    """The sources of the `$:` statements, without the label."""

    @property
    def declared(self) -> set[str]:
        names = {name for statement in self.statements for name in statement.declared} | set(self.derived)
        return names | {name for item in self.imports for name in item.local_names}

    @property
    def data_names(self) -> set[str]:
        """Top-level variables, functions and named imports: what may be a streamed value."""
        named = {name.local for item in self.imports for name in item.names if name.imported not in ("default", "*")}
        return {name for statement in self.statements for name in statement.declared} | set(self.derived) | named

    @property
    def lets(self) -> set[str]:
        """Names that the browser keeps live."""
        return {name for statement in self.statements if statement.let for name in statement.declared} | set(
            self.derived
        )

    def serialised(self) -> list[str]:
        """The names whose values the framework writes into the page, in order."""
        names = [name for statement in self.statements for name in sorted(statement.awaited, key=self._place)]
        lets = {
            name
            for statement in self.statements
            if statement.variable and not statement.awaited
            for name in statement.declared
        }
        for statement in self.statements:
            if not statement.variable and statement.awaits:
                names += [name for name in sorted(statement.assigned) if name in lets and name not in names]
        return names

    def _place(self, name: str) -> int:
        match = re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", self.source.text)
        return match.start() if match else 0


_DECLARATIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "class_declaration",
        "abstract_class_declaration",
        "enum_declaration",
    }
)
_VARIABLES = frozenset({"lexical_declaration", "variable_declaration"})
_FUNCTIONS = frozenset({"function_declaration", "function_expression", "arrow_function", "generator_function"})
_CALLABLES = _FUNCTIONS | {"method_definition", "class_declaration", "class", "generator_function_declaration"}
_SHORT_CIRCUIT = frozenset({"??", "&&", "||", ","})


def read_script(source: Mapped) -> Script:
    """The facts of a script; broken text gives fewer facts, never an exception."""
    tree = parse(source.text)
    imports: list[Import] = []
    statements: list[Statement] = []
    effects: list[str] = []
    for node in tree.root.named_children:
        if node.type == "comment":
            continue
        if node.type == "import_statement":
            found = _import(tree, node)
            if found:
                imports.append(found)
            continue
        if node.type == "labeled_statement" and _label(tree, node) == "$":
            effects.append(tree.text(node.named_children[-1]))
        statements.append(_statement(tree, node))
    declared = {name for statement in statements for name in statement.declared}
    declared |= {name for item in imports for name in item.local_names}
    derived: dict[str, None] = {}
    for node in tree.root.named_children:
        if node.type == "labeled_statement" and _label(tree, node) == "$":
            derived.update(dict.fromkeys(name for name in _assigned(tree, node) if name not in declared))
    return Script(source, tuple(imports), tuple(statements), tuple(derived), tuple(effects))


def _label(tree: SyntaxTree, node: Node) -> str:
    label = node.child_by_field_name("label")
    return tree.text(label) if label is not None else ""


def _import(tree: SyntaxTree, node: Node) -> Import | None:
    module = node.child_by_field_name("source")
    if module is None:
        return None
    whole = any(child.type == "type" for child in node.children)
    names: list[ImportedName] = []
    for clause in (child for child in node.named_children if child.type == "import_clause"):
        for child in clause.named_children:
            names += _imported_names(tree, child, whole)
    return Import(tree.text(module)[1:-1], tuple(names), *tree.span(node))


def _imported_names(tree: SyntaxTree, node: Node, type_only: bool) -> Iterator[ImportedName]:
    at = tree.offset(node.start_byte)
    if node.type == "identifier":
        yield ImportedName("default", tree.text(node), type_only, at)
    elif node.type == "namespace_import" and node.named_children:
        yield ImportedName("*", tree.text(node.named_children[0]), type_only, at)
    elif node.type == "named_imports":
        for specifier in node.named_children:
            name = specifier.child_by_field_name("name")
            if name is None:
                continue
            alias = specifier.child_by_field_name("alias") or name
            only = type_only or any(child.type == "type" for child in specifier.children)
            imported = tree.text(name).strip("\"'")
            yield ImportedName(imported, tree.text(alias), only, tree.offset(specifier.start_byte))


def _statement(tree: SyntaxTree, node: Node) -> Statement:
    inner = node
    if node.type == "export_statement":
        inner = node.child_by_field_name("declaration") or node
    variable = inner.type in _VARIABLES
    span = tree.span(node)
    declared: frozenset[str] = frozenset()
    let = False
    awaited: set[str] = set()
    if variable:
        declared = _root_names(tree.text(inner))
        declarators = [child for child in inner.named_children if child.type == "variable_declarator"]
        names = [child.child_by_field_name("name") for child in declarators]
        plain = all(name is not None and name.type == "identifier" for name in names)
        let = plain and inner.children[0].type == "let"
        for declarator, name in zip(declarators, names, strict=True):
            value = declarator.child_by_field_name("value")
            if name is not None and value is not None and _awaits_at_top(tree, value):
                awaited |= _root_names(f"let {tree.text(name)} = 0")
    elif inner.type in _DECLARATIONS:
        name_node = inner.child_by_field_name("name")
        declared = frozenset([tree.text(name_node)] if name_node is not None else [])
    return Statement(
        span.start,
        span.end,
        declared,
        frozenset() if variable else frozenset(_assigned(tree, node)),
        frozenset(awaited),
        not variable and _contains_await(node),
        variable,
        let,
    )


def _root_names(declaration: str) -> frozenset[str]:
    names = resolve(parse(declaration))  # its scopes are emptied with it
    return frozenset(names.root.names)


def _assigned(tree: SyntaxTree, node: Node) -> list[str]:
    """Plain names that a statement assigns outside of functions, in source order."""
    found: list[str] = []
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type in _FUNCTIONS:
            continue
        target = None
        if current.type in ("assignment_expression", "augmented_assignment_expression"):
            target = current.child_by_field_name("left")
        elif current.type == "update_expression":
            target = current.child_by_field_name("argument")
        if target is not None and target.type == "identifier":
            found.append(tree.text(target))
        stack.extend(reversed(current.named_children))
    return found


def _contains_await(node: Node) -> bool:
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "await_expression":
            return True
        if current.type not in _CALLABLES:
            stack.extend(current.named_children)
    return False


def _awaits_at_top(tree: SyntaxTree, node: Node) -> bool:
    """True for `await f()`, also in parentheses, in a branch of a conditional, behind `??`, `&&`, `||` or a comma."""
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "await_expression":
            return True
        if current.type == "parenthesized_expression":
            stack.extend(current.named_children)
        elif current.type == "ternary_expression":
            stack.extend(child for child in current.named_children[1:])
        elif current.type == "sequence_expression":
            stack.extend(current.named_children)
        elif current.type == "binary_expression":
            operator = current.child_by_field_name("operator")
            if operator is not None and tree.text(operator) in _SHORT_CIRCUIT:
                stack.extend(current.named_children)
    return False


def select_prelude(script: Script, needed: set[str]) -> tuple[list[Statement], set[str]]:
    """The statements that run on the server for these needed names, and all names needed in the end."""
    needed = set(needed)
    own = {name for statement in script.statements for name in statement.declared} | set(script.derived)
    pending = list(script.statements)
    chosen: list[Statement] = []
    changed = bool(needed)
    while changed:
        changed = False
        for statement in list(pending):
            provided = statement.declared | (statement.assigned & own)
            if not provided & needed:
                continue
            pending.remove(statement)
            chosen.append(statement)
            new = free_names(script.source.text[statement.start : statement.end]) - needed
            if new:
                needed |= new
                changed = True
    chosen.sort(key=lambda statement: statement.start)
    return chosen, needed


def has_syntax_error(tree: SyntaxTree) -> bool:
    """True if tree-sitter could not read all of the text."""
    return any(node.is_error or node.is_missing for node in descendants(tree.root))
