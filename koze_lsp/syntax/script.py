"""What a script says: its imports, its calls of workflowStatus, what it reads of ``params`` and ``env``.

The same facts are drawn from a module under src/server and from a route, whose script and template are one
text here (see `koze_lsp.syntax.route`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from koze_lsp.syntax import koze_modules
from koze_lsp.syntax.fragments import Fragments
from koze_lsp.syntax.scope import Binding, Names, Use, resolve
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.tree import parse as parse_typescript
from koze_lsp.syntax.values import decode_string
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.syntax.calls import StatusCall
    from koze_lsp.syntax.guards import Guards
    from koze_lsp.syntax.status import StatusFlow


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name.

    Attributes:
        module: the specifier, and ``module_span`` the text between its quotes.
        imported: the exported name, ``default`` or ``*``.
        local: the name it has here.
        statement: the whole import statement.
    """

    module: str
    module_span: Span
    imported: str
    imported_span: Span
    local: str
    local_span: Span
    statement: Span
    type_only: bool
    binding: Binding | None = field(repr=False, compare=False)

    @property
    def is_status(self) -> bool:
        """Whether this is workflowStatus of the framework's workflow module."""
        return self.imported == "workflowStatus" and koze_modules.is_module(self.module, "workflow")


@dataclass(frozen=True, slots=True)
class PropertyRead:
    """``object.name`` or ``const { name } = object``; ``span`` is the name alone."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Undeclared:
    """The use of a name that the text does not declare.

    ``called`` tells that it is the callee of a call, ``member`` that a property of it is read.
    """

    name: str
    span: Span
    called: bool
    member: bool


class ScriptFacts:
    """The facts of one script. Made by `analyse` or `parse`; each is worked out when first asked for."""

    def __init__(
        self, tree: SyntaxTree, script: Span | None, template: Span | None, fragments: Fragments | None = None
    ) -> None:
        self.tree = tree
        self.script = script
        self.template = template
        self.fragments = fragments

    @cached_property
    def names(self) -> Names:
        """The scopes and names of the text."""
        return resolve(self.tree, self.fragments)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every imported name, in source order; an import for its effects only has none."""
        found: list[Import] = []
        for statement in self.tree.root.named_children:
            if statement.type == "import_statement":
                found += _imports(self.tree, statement, self.names)
        return tuple(found)

    @cached_property
    def status_calls(self) -> tuple[StatusCall, ...]:
        """The calls of the imported workflowStatus, under whatever name, in source order."""
        from koze_lsp.syntax.calls import find_calls  # noqa: PLC0415 - most scripts have none

        return find_calls(self)

    @cached_property
    def status_flow(self) -> StatusFlow:
        """Where the results of the calls go, and what is read of them."""
        from koze_lsp.syntax.status import follow  # noqa: PLC0415 - most scripts have none

        return follow(self)

    @cached_property
    def guards(self) -> Guards:
        """The conditions under which places are reached."""
        from koze_lsp.syntax.guards import Guards  # noqa: PLC0415 - few scripts read an output

        return Guards(self)

    @cached_property
    def params_reads(self) -> tuple[PropertyRead, ...]:
        """What is read of the request module's ``params``."""
        found: list[PropertyRead] = []
        for imported in self.imports:
            if imported.imported == "params" and koze_modules.is_module(imported.module, "request"):
                found += _reads_of(self, imported.binding)
        return tuple(sorted(found, key=lambda read: read.span))

    @cached_property
    def env_reads(self) -> tuple[PropertyRead, ...]:
        """What is read of the Worker's environment: ``env`` of cloudflare:workers, ``this.env``, or a handler's."""
        found: list[PropertyRead] = []
        for imported in self.imports:
            if imported.module == "cloudflare:workers" and imported.imported == "env":
                found += _reads_of(self, imported.binding)
            elif imported.module == "cloudflare:workers" and imported.imported == "*" and imported.binding:
                for use in imported.binding.uses:
                    found += _reads_behind_env(self, use.node)
        if b"this" in self.tree.data:
            found += _this_env(self)
        if b"default" in self.tree.data:
            found += _handler_env(self)
        return tuple(sorted(set(found), key=lambda read: read.span))

    @cached_property
    def undeclared(self) -> tuple[Undeclared, ...]:
        """The uses of names that are declared nowhere in the text, in source order."""
        return tuple(_undeclared(self.tree, use) for use in self.names.undeclared)

    def in_template(self, offset: int) -> bool:
        """Whether an offset lies in the template rather than in the script."""
        return self.template is not None and self.template.contains(offset)


def analyse(
    tree: SyntaxTree, script: Span | None, template: Span | None, fragments: Fragments | None = None
) -> ScriptFacts:
    """The facts of a tree that has been made already."""
    return ScriptFacts(tree, script, template, fragments)


def parse(source: str, previous: ScriptFacts | None = None) -> ScriptFacts:
    """The facts of a module. Never raises."""
    if previous is None:
        return ScriptFacts(parse_typescript(source), None, None)
    return ScriptFacts(parse_typescript(source, previous.tree), None, None, Fragments(previous.fragments))


def _imports(tree: SyntaxTree, statement: Node, names: Names) -> Iterator[Import]:
    source = statement.child_by_field_name("source")
    if source is None:
        return
    outer = tree.span(source)
    module, module_span = (
        decode_string(tree.text(source)[1:-1]),
        Span(outer.start + 1, max(outer.end - 1, outer.start + 1)),
    )
    type_only = any(child.type == "type" for child in statement.children)
    for imported, name, local, local_type in _specifiers(tree, statement):
        local_span = tree.span(local)
        yield Import(
            module,
            module_span,
            imported,
            tree.span(name),
            tree.text(local),
            local_span,
            tree.span(statement),
            type_only or local_type,
            names.declared_at(local_span.start),
        )


def _specifiers(tree: SyntaxTree, statement: Node) -> Iterator[tuple[str, Node, Node, bool]]:
    """Exported name, its node, the local name's node, whether it is a type."""
    for clause in statement.named_children:
        for child in clause.named_children if clause.type == "import_clause" else ():
            if child.type == "identifier":
                yield "default", child, child, False
            elif child.type == "namespace_import" and child.named_children:
                yield "*", child.named_children[0], child.named_children[0], False
            elif child.type == "named_imports":
                for specifier in child.named_children:
                    name = specifier.child_by_field_name("name")
                    if name is not None:
                        local = specifier.child_by_field_name("alias") or name
                        is_type = any(part.type == "type" for part in specifier.children)
                        yield tree.text(name), name, local, is_type


def _reads_of(facts: ScriptFacts, binding: Binding | None) -> Iterator[PropertyRead]:
    """Reads of a name's properties: by a dot, by a literal index, by destructuring."""
    for use in binding.uses if binding is not None else ():
        yield from _reads_at(facts, use.node)


def _reads_at(facts: ScriptFacts, node: Node) -> Iterator[PropertyRead]:
    tree = facts.tree
    parent = tree.parent(node)
    while parent is not None and parent.type in ("parenthesized_expression", "as_expression", "non_null_expression"):
        node, parent = parent, tree.parent(parent)
    if parent is None:
        return
    if parent.type == "member_expression" and parent.child_by_field_name("object") == node:
        name = parent.child_by_field_name("property")
        if name is not None and tree.text(name):
            yield PropertyRead(tree.text(name), tree.span(name))
    elif parent.type == "subscript_expression" and parent.child_by_field_name("object") == node:
        index = parent.child_by_field_name("index")
        if index is not None and index.type == "string":
            span = tree.span(index)
            yield PropertyRead(decode_string(tree.text(index)[1:-1]), Span(span.start + 1, span.end - 1))
    elif parent.type == "variable_declarator" and parent.child_by_field_name("value") == node:
        pattern = parent.child_by_field_name("name")
        if pattern is not None and pattern.type == "object_pattern":
            yield from _pattern_keys(tree, pattern)


def _pattern_keys(tree: SyntaxTree, pattern: Node) -> Iterator[PropertyRead]:
    for member in pattern.named_children:
        key: Node | None = member
        if member.type == "pair_pattern":
            key = member.child_by_field_name("key")
        elif member.type == "object_assignment_pattern":
            key = member.child_by_field_name("left")
        if key is not None and key.type in ("shorthand_property_identifier_pattern", "property_identifier"):
            yield PropertyRead(tree.text(key), tree.span(key))


def _reads_behind_env(facts: ScriptFacts, node: Node) -> Iterator[PropertyRead]:
    """``ns.env.X`` where ``ns`` is the namespace of cloudflare:workers."""
    parent = facts.tree.parent(node)
    if parent is not None and parent.type == "member_expression" and _property(facts.tree, parent) == "env":
        yield from _reads_at(facts, parent)


def _property(tree: SyntaxTree, member: Node) -> str:
    name = member.child_by_field_name("property")
    return tree.text(name) if name is not None else ""


def _this_env(facts: ScriptFacts) -> Iterator[PropertyRead]:
    stack = [facts.tree.root]
    while stack:
        node = stack.pop()
        if node.type == "member_expression":
            inner = node.child_by_field_name("object")
            if inner is not None and inner.type == "this" and _property(facts.tree, node) == "env":
                yield from _reads_at(facts, node)
        stack.extend(node.named_children)


def _handler_env(facts: ScriptFacts) -> Iterator[PropertyRead]:
    """What the handlers of ``export default { fetch(request, env) {…} }`` read of their environment."""
    from koze_lsp.syntax.handlers import environments  # noqa: PLC0415 - few modules export anything by default

    for pattern in environments(facts.tree, facts.names):
        if pattern.type == "object_pattern":
            yield from _pattern_keys(facts.tree, pattern)
        else:
            yield from _reads_of(facts, facts.names.declared_at(facts.tree.span(pattern).start))


def _undeclared(tree: SyntaxTree, use: Use) -> Undeclared:
    parent = tree.parent(use.node)
    called = (
        parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == use.node
    )
    member = parent is not None and parent.type in ("member_expression", "subscript_expression")
    return Undeclared(use.name, use.span, called, member)
