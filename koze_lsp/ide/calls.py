"""Call hierarchy: which pages read a workflow, which server code starts it, and what each of those reads.

An item's key finds it again: ``("workflow", name)``, ``("page", path)`` or ``("function", "path#name")``; a
module's top level is a function without a name.
"""

from __future__ import annotations

from collections.abc import Iterable

from koze_lsp.ide import modules
from koze_lsp.ide.definition import class_location
from koze_lsp.ide.symbols import route_name
from koze_lsp.ide.targets import Role, WorkflowTarget, target_at
from koze_lsp.ide.types import CallEdge, CallItem, Location, SymbolKind
from koze_lsp.project.document import SCRIPT_KINDS, Document
from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project
from koze_lsp.project.usage import Usage
from koze_lsp.syntax.tree import Node
from koze_lsp.syntax.values import Value
from koze_lsp.text import Span

Key = tuple[str, str]

_FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration", "method_definition"})
_VALUES = frozenset({"arrow_function", "function_expression", "generator_function"})


def prepare(project: Project, document: Document, offset: int) -> list[CallItem]:
    """The item at an offset: a workflow where one is named, else the page or function that reads one."""
    target = target_at(project, document, offset)
    if isinstance(target, WorkflowTarget) and target.workflow is not None:
        on_class = target.role is Role.CLASS or document.path != target.workflow.path
        if on_class:
            return [_workflow(target.workflow)]
    for usage in _usages(project, document.path):
        item = _caller(project, document, usage.span)
        spans = (item.location.span, usage.span)
        if any(span.contains(offset) for span in spans) or item.key[0] == "page":
            return [item]
    return []


def incoming(project: Project, key: Key) -> list[CallEdge]:
    """Who reads or starts an item: of a workflow the pages and functions, of a function the pages that import it."""
    kind, name = key
    if kind == "workflow":
        workflow = project.workflows.by_name.get(name)
        if workflow is None:
            return []
        paths = dict.fromkeys(usage.path for usage in project.usages.all(project) if _names(usage, workflow))
        usages = [usage for path in paths for usage in _usages(project, path) if _names(usage, workflow)]
        return _callers(project, usages)
    return _importers(project, name) if kind == "function" else []


def outgoing(project: Project, key: Key) -> list[CallEdge]:
    """The workflows that a page or function reads or starts; of a workflow those that it starts itself."""
    kind, name = key
    path = name.partition("#")[0]
    if kind == "workflow":
        workflow = project.workflows.by_name.get(name)
        path = workflow.path if workflow is not None else ""
    edges: dict[str, list[Span]] = {}
    with modules.reading(project, path) as document:
        for usage in _usages(project, path) if document is not None else ():
            read = _workflow_of(project, usage)
            if read is None or document is None:
                continue
            if kind != "function" or _caller(project, document, usage.span).key == key:
                edges.setdefault(read.name, []).append(usage.span)
    return [CallEdge(_workflow(project.workflows.by_name[read]), tuple(spans)) for read, spans in edges.items()]


def _usages(project: Project, path: str) -> tuple[Usage, ...]:
    """The usages in a file, each where it is used: a name in a constant counts at the call."""
    kind = project.files.get(path)
    if kind is None or not (kind.has_template or kind in SCRIPT_KINDS):
        return ()
    found = project.usages.of(project, path)
    if not any(usage.kind == "status" for usage in found):
        return found
    with modules.reading(project, path) as document:
        names = [call.name for call in document.script.status_calls] if document is not None else []
    read = [Usage("status", name.string, path, _used(name)) for name in names if name is not None and name.string]
    env = [usage for usage in found if usage.kind == "env"]
    return tuple(sorted([*read, *env], key=lambda usage: usage.span))


def _used(name: Value) -> Span:
    return name.span if name.followed else name.inner


def _names(usage: Usage, workflow: Workflow) -> bool:
    return usage.name == (workflow.name if usage.kind == "status" else workflow.binding)


def _workflow_of(project: Project, usage: Usage) -> Workflow | None:
    if usage.kind == "status":
        return project.workflows.by_name.get(usage.name)
    found = project.workflows.by_binding.get(usage.name, ())
    return found[0] if found else None


def _workflow(workflow: Workflow) -> CallItem:
    name, location = workflow.name, class_location(workflow)
    return CallItem(name, SymbolKind.CLASS, location, workflow.path, ("workflow", name))


def _callers(project: Project, usages: Iterable[Usage]) -> list[CallEdge]:
    items: dict[Key, CallItem] = {}
    spans: dict[Key, list[Span]] = {}
    for usage in usages:
        with modules.reading(project, usage.path) as document:
            if document is None:
                continue
            item = _caller(project, document, usage.span)
        items.setdefault(item.key, item)
        spans.setdefault(item.key, []).append(usage.span)
    return [CallEdge(item, tuple(spans[key])) for key, item in items.items()]


def _caller(project: Project, document: Document, span: Span) -> CallItem:
    """The page, or the function of a module, that holds a span."""
    path = document.path
    if document.kind.has_template:
        whole = document.route.script.content if document.route.script is not None else Span(0, 0)
        location = Location(path, whole, Span(whole.start, whole.start))
        return CallItem(route_name(path), SymbolKind.MODULE, location, path, ("page", path))
    workflow = next((item for item in project.workflows.workflows if item.path == path), None)
    if workflow is not None:
        return _workflow(workflow)
    tree = document.script.tree
    node: Node | None = tree.node_at(span.start)
    found: tuple[Node, Node] | None = None
    while node is not None:
        name = _function_name(node)
        if name is not None:
            found = (node, name)
        node = tree.parent(node)
    if found is None:
        module = path.rsplit("/", 1)[-1]
        return CallItem(module, SymbolKind.MODULE, Location(path, Span(0, 0)), path, ("function", f"{path}#"))
    whole, selection = tree.span(found[0]), tree.span(found[1])
    text = tree.text(found[1])
    return CallItem(text, SymbolKind.FUNCTION, Location(path, whole, selection), path, ("function", f"{path}#{text}"))


def _function_name(node: Node) -> Node | None:
    """The name of a function that has one: its own, or its variable's. The node of a method is the method."""
    if node.type in _FUNCTIONS:
        return node.child_by_field_name("name")
    if node.type == "variable_declarator":
        value = node.child_by_field_name("value")
        if value is not None and value.type in _VALUES:
            return node.child_by_field_name("name")
    return None


def _importers(project: Project, name: str) -> list[CallEdge]:
    """The pages and functions that use an exported function."""
    path, _, function = name.partition("#")
    if not function or path not in project.files:
        return []
    items: dict[Key, CallItem] = {}
    spans: dict[Key, list[Span]] = {}
    for document, specifier in modules.importers(project, path):
        for imported in document.script.imports:
            if imported.module_span != specifier.span or imported.imported != function or imported.binding is None:
                continue
            for use in imported.binding.uses:
                item = _caller(project, document, use.span)
                items.setdefault(item.key, item)
                spans.setdefault(item.key, []).append(use.span)
    return [CallEdge(item, tuple(spans[key])) for key, item in items.items()]
