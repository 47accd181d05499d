"""The class of a workflow file: what the framework's pattern finds, what the text really declares, and run().

The framework looks for the class with two patterns on the raw text and never parses it: the first
``export default class NAME``, else the first ``export class NAME``. A comment can fool it, and every other
form of export is a start-up error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from koze_lsp.syntax.node_kinds import CLASSES
from koze_lsp.syntax.scope import Names
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import property_name
from koze_lsp.syntax.workflow_imports import Import, imports_of
from koze_lsp.text import Span, TextEdit

Export = Literal["default", "named"]
RunKind = Literal["method", "property", "missing", "unknown"]
Base = Literal["entrypoint", "none", "foreign", "undeclared", "unknown"]
ExportForm = Literal[
    "nothing", "not exported", "export list", "default name", "const", "abstract", "anonymous", "re-export",
    "name", "comment", "other"
]  # fmt: skip

ENTRYPOINT = "WorkflowEntrypoint"
WORKERS_MODULE = "cloudflare:workers"

_JS_SPACE = r"[\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+"
_DEFAULT_CLASS = re.compile(rf"export{_JS_SPACE}default{_JS_SPACE}class{_JS_SPACE}([A-Za-z0-9_]+)")
_NAMED_CLASS = re.compile(rf"export{_JS_SPACE}class{_JS_SPACE}([A-Za-z0-9_]+)")
_MAX_BASES = 16


@dataclass(frozen=True, slots=True)
class FoundClass:
    """What the framework's pattern finds: the name it registers, and where."""

    name: str
    span: Span
    export: Export
    match: Span


def find_class(source: str) -> FoundClass | None:
    """The class as the framework finds it, without parsing; None where it refuses to start."""
    for pattern, export in ((_DEFAULT_CLASS, "default"), (_NAMED_CLASS, "named")):
        match = pattern.search(source)
        if match is not None:
            found: Export = "default" if export == "default" else "named"
            return FoundClass(match[1], Span(*match.span(1)), found, Span(*match.span()))
    return None


@dataclass(frozen=True, slots=True)
class ExportProblem:
    """Why the framework finds no class, or not the one that the file means.

    Attributes:
        form: the form in which the class is written.
        span: the token to point at.
        name: the class that is meant, if the file shows one.
        edits: what rewrites the form into one that works; empty where that takes a decision. A ``\\0`` in
            an edit's text stands for a class name that the file does not give.
    """

    form: ExportForm
    span: Span
    name: str | None = None
    edits: tuple[TextEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Heritage:
    """Where a class's chain of bases ends, as far as the file shows.

    Attributes:
        base: ``entrypoint`` if it leads to WorkflowEntrypoint, ``none`` without a base, ``foreign`` for another
            class of the platform, ``undeclared`` for WorkflowEntrypoint without an import, else ``unknown``.
        span: the expression after ``extends`` of the class itself; None without one.
        text: that expression's text.
    """

    base: Base
    span: Span | None
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """The ``run`` of a workflow class.

    Attributes:
        kind: ``method``; ``property`` for an arrow function or another field, which the engine does not see;
            ``missing``; ``unknown`` where a base class outside the file may have it.
        name_span: the name; None where nothing is called run.
        body: the body with its braces.
        event: the name of the first parameter, None if it is missing or destructured.
        step: the name of the second one, likewise.
        inherited: it stands in a base class of the same file.
    """

    kind: RunKind
    name_span: Span | None = None
    body: Span | None = None
    event: str | None = None
    step: str | None = None
    event_span: Span | None = None
    step_span: Span | None = None
    is_async: bool = False
    inherited: bool = False
    node: Node | None = None


class Classes:
    """The classes at the top level of a file, and which of them the framework takes."""

    def __init__(self, tree: SyntaxTree, names: Names, found: FoundClass | None) -> None:
        self.tree = tree
        self.names = names
        self.found = found
        self.nodes: dict[str, Node] = {}  # named classes of the top level
        self.exports: list[Node] = []
        for statement in tree.root.named_children:
            self._statement(statement)

    def _statement(self, statement: Node) -> None:
        node = statement
        if statement.type == "export_statement":
            self.exports.append(statement)
            inner = statement.child_by_field_name("declaration") or statement.child_by_field_name("value")
            if inner is None:
                return
            node = inner
        if node.type in CLASSES:
            name = node.child_by_field_name("name")
            if name is not None:
                self.nodes.setdefault(self.tree.text(name), node)
        elif node.type == "lexical_declaration":
            for declarator in node.named_children:
                name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
                if name is not None and value is not None and value.type == "class":
                    self.nodes.setdefault(self.tree.text(name), value)

    @cached_property
    def node(self) -> Node | None:
        """The class that the framework registers, if its pattern hit a declaration of the top level."""
        found = self.found
        if found is None:
            return None
        # Not only exported ones: the grammar takes `export` on a line of its own for an expression.
        for node in self.nodes.values():
            name = node.child_by_field_name("name")
            if name is not None and self.tree.span(name) == found.span:
                return node
        # The pattern hit a comment or a string, but the file exports a class of that name all the same.
        return self.nodes.get(found.name) if self._exports(found.name, found.export) else None

    def _exports(self, name: str, export: Export) -> bool:
        """Whether a class of the file is exported under a name, or as default."""
        for statement in self.exports:
            default = any(child.type == "default" for child in statement.children)
            inner = statement.child_by_field_name("declaration") or statement.child_by_field_name("value")
            if inner is not None:
                own = inner if inner.type == "identifier" else inner.child_by_field_name("name")
                if own is not None and self.tree.text(own) == name and default == (export == "default"):
                    return True
            for clause in statement.named_children:
                for item in clause.named_children if clause.type == "export_clause" else ():
                    outer = item.child_by_field_name("alias") or item.child_by_field_name("name")
                    if outer is not None and self.tree.text(outer) == ("default" if export == "default" else name):
                        return True
        return False

    @cached_property
    def meant(self) -> Node | None:
        """The class that the framework registers, or else the one that looks like the workflow."""
        if self.node is not None:
            return self.node
        classes = list(self._all())
        for node in classes:
            if self.heritage(node).base == "entrypoint":
                return node
        return classes[0] if len(classes) == 1 else None

    def _all(self) -> Iterator[Node]:
        yield from self.nodes.values()
        for statement in self.exports:
            node = statement.child_by_field_name("value")
            if node is not None and node.type == "class" and node.child_by_field_name("name") is None:
                yield node

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every imported name."""
        found: list[Import] = []
        for statement in self.tree.root.named_children:
            if statement.type == "import_statement":
                found += imports_of(self.tree, statement)
        return tuple(found)

    @cached_property
    def _imported(self) -> dict[str, Import]:
        return {item.local: item for item in self.imports}

    def origin(self, node: Node) -> tuple[str, str] | None:
        """The module and the name there of what an identifier or ``namespace.name`` refers to."""
        if node.type == "member_expression":
            inner, name = node.child_by_field_name("object"), node.child_by_field_name("property")
            if inner is None or name is None or inner.type != "identifier":
                return None
            namespace = self._import_of(inner)
            if namespace is None or namespace.imported != "*":
                return None
            return namespace.module, self.tree.text(name)
        item = self._import_of(node)
        return (item.module, item.imported) if item is not None else None

    def _import_of(self, node: Node) -> Import | None:
        binding = self.names.binding_of(node)
        if binding is None or binding.kind != "import":
            return None
        return self._imported.get(binding.name)

    def chain(self, node: Node) -> tuple[list[Node], Node | None]:
        """A class and its bases in this file, nearest first, and the expression at which the file's classes end."""
        classes = [node]
        while len(classes) < _MAX_BASES:
            extends = _extends(classes[-1])
            if extends is None:
                return classes, None
            target = self._local_class(extends)
            if target is None:
                return classes, extends
            if any(target == known for known in classes):
                return classes, extends
            classes.append(target)
        return classes, _extends(classes[-1])

    def _local_class(self, node: Node) -> Node | None:
        for _ in range(_MAX_BASES):
            if node.type == "class":
                return node
            if node.type != "identifier":
                return None
            binding = self.names.binding_of(node)
            if binding is None:
                return None
            if binding.kind == "class":
                return binding.declaration
            if binding.kind != "const" or binding.init is None or binding.path != ():
                return None
            node = binding.init
        return None

    def heritage(self, node: Node) -> Heritage:
        """Where the chain of a class's bases ends."""
        own = _extends(node)
        span = self.tree.span(own) if own is not None else None
        text = self.tree.text(own) if own is not None else ""
        _, end = self.chain(node)
        if end is None:
            return Heritage("none", span, text)
        target = self._resolved(end)
        if target.type == "identifier" and self.names.binding_of(target) is None:
            undeclared = self.tree.text(target) == ENTRYPOINT
            return Heritage("undeclared" if undeclared else "unknown", span, text)
        origin = self.origin(target)
        if origin == (WORKERS_MODULE, ENTRYPOINT):
            return Heritage("entrypoint", span, text)
        known = origin is not None and origin[0] == WORKERS_MODULE and origin[1] not in ("*", "default")
        return Heritage("foreign" if known else "unknown", span, text)

    def _resolved(self, node: Node) -> Node:
        """Follow ``const Base = WorkflowEntrypoint``."""
        for _ in range(_MAX_BASES):
            binding = self.names.binding_of(node) if node.type == "identifier" else None
            if binding is None or binding.kind != "const" or binding.init is None or binding.path != ():
                return node
            node = binding.init
        return node

    def run(self, node: Node) -> Run:
        """The ``run`` of a class or of its bases in this file."""
        classes, end = self.chain(node)
        for index, owner in enumerate(classes):
            member = self._member(owner, "run")
            if member is not None:
                return self._run(member, index > 0)
        complete = end is None or self.heritage(node).base in ("entrypoint", "foreign", "undeclared")
        complete = complete and not any(owner.has_error for owner in classes)  # somebody is typing there
        return Run("missing" if complete else "unknown")

    def _member(self, owner: Node, name: str) -> Node | None:
        """A method of that name, else a field."""
        field: Node | None = None
        body = owner.child_by_field_name("body")
        for member in body.named_children if body is not None else ():
            if member.type not in ("method_definition", "public_field_definition"):
                continue
            key = member.child_by_field_name("name")
            if key is None or property_name(self.tree, key) != name:
                continue
            if any(child.type in ("static", "get", "set", "declare") for child in member.children):
                continue
            if member.type == "method_definition":
                return member
            if member.child_by_field_name("value") is not None:  # a bare `run;` is a declaration, or broken text
                field = member
        return field

    def methods(self, node: Node) -> dict[str, Node]:
        """The methods of a class and its bases in this file by name; the nearest wins."""
        found: dict[str, Node] = {}
        for owner in self.chain(node)[0]:
            body = owner.child_by_field_name("body")
            for member in body.named_children if body is not None else ():
                if member.type == "method_definition":
                    key = member.child_by_field_name("name")
                    name = property_name(self.tree, key) if key is not None else None
                    if name is not None:
                        found.setdefault(name, member)
        return found

    def _run(self, member: Node, inherited: bool) -> Run:
        key = member.child_by_field_name("name")
        name_span = self.tree.span(key) if key is not None else self.tree.span(member)
        method = member.type == "method_definition"
        function = member if method else member.child_by_field_name("value")
        if function is None:
            return Run("property", name_span, inherited=inherited)
        body = function.child_by_field_name("body")
        event, step = [*parameters(function), None, None][:2]
        return Run(
            "method" if method else "property",
            name_span,
            self.tree.span(body) if body is not None else None,
            self._plain(event),
            self._plain(step),
            self.tree.span(event) if event is not None else None,
            self.tree.span(step) if step is not None else None,
            any(child.type == "async" for child in function.children),
            inherited,
            function,
        )

    def _plain(self, parameter: Node | None) -> str | None:
        pattern = pattern_of(parameter)
        return self.tree.text(pattern) if pattern is not None and pattern.type == "identifier" else None


def parameters(function: Node) -> list[Node]:
    """The parameters of a function node; of ``x => …`` the identifier."""
    single = function.child_by_field_name("parameter")
    if single is not None:
        return [single]
    listed = function.child_by_field_name("parameters")
    if listed is None:
        return []
    found = [child for child in listed.named_children if child.type.endswith("_parameter")]
    first = pattern_of(found[0]) if found else None
    return found[1:] if first is not None and first.type == "this" else found


def pattern_of(parameter: Node | None) -> Node | None:
    """The name or destructuring pattern of a parameter."""
    if parameter is None or parameter.type == "identifier":
        return parameter
    return parameter.child_by_field_name("pattern")


def heritage_clause(node: Node) -> Node | None:
    """The ``extends`` clause of a class: its value and its type arguments."""
    for child in node.children:
        if child.type == "class_heritage":
            return next((clause for clause in child.named_children if clause.type == "extends_clause"), None)
    return None


def _extends(node: Node) -> Node | None:
    clause = heritage_clause(node)
    return clause.child_by_field_name("value") if clause is not None else None
