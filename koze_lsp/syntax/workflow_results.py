"""What a step's callback may not return, as far as its literals show.

The engine stores a step's result as a structured clone. A function, an object that holds one and a Response
end the instance at once; a class instance, URL, Symbol, weak collection or a promise inside an object throws
DataCloneError, which is retried like any other error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.syntax.scope import Names
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import Value, evaluate
from koze_lsp.text import Span

_FATAL_CLASSES = frozenset({"Response"})
_REFUSED_CLASSES = frozenset({"URL", "WeakMap", "WeakSet", "WeakRef"})
_PROMISES = frozenset({"all", "allSettled", "any", "race", "reject", "resolve"})
_MAX_VALUES = 2_000


@dataclass(frozen=True, slots=True)
class Unserializable:
    """A returned value that the engine cannot store.

    Attributes:
        step: the index of the step.
        span: the value.
        what: ``a function``, ``a Response``, ``an instance of Cart``, …
        fatal: it ends the instance and no catch sees it; else the step throws DataCloneError.
    """

    step: int
    span: Span
    what: str
    fatal: bool


def unserializable(tree: SyntaxTree, names: Names, step: int, value: Value) -> Iterator[Unserializable]:
    """The parts of a returned value that cannot be stored."""
    stack: list[tuple[Value, bool]] = [(value, False)]
    seen = 0
    while stack and seen < _MAX_VALUES:
        current, nested = stack.pop()
        seen += 1
        if current.kind == "function":
            yield Unserializable(step, current.span, "a function", True)
        elif current.kind == "object":
            stack.extend((member.value, True) for member in reversed(current.properties) if member.kind != "method")
            for member in current.properties:
                if member.kind == "method" and member.value.kind == "function":  # not a getter, which is read
                    yield Unserializable(step, member.key_span, "a function", True)
        elif current.kind == "array":
            stack.extend((item, True) for item in reversed(current.items))
        else:
            problem = _problem(tree, names, current, nested)
            if problem is not None:
                yield Unserializable(step, current.span, *problem)


def _problem(tree: SyntaxTree, names: Names, value: Value, nested: bool) -> tuple[str, bool] | None:
    node = value.node
    if node is None:
        return None
    if value.kind == "new":
        return _instance(tree, names, node, nested)
    if node.type == "class":
        return "a class", True
    awaited = False
    while node.type in ("await_expression", "parenthesized_expression") and node.named_children:
        awaited = awaited or node.type == "await_expression"
        node = node.named_children[0]
    if node.type == "identifier" and awaited:  # const request = fetch(url); return await request
        followed = evaluate(tree, names, node).node
        node = followed if followed is not None else node
    if node.type != "call_expression":
        return None
    called = _global_call(tree, names, node)
    if called == "fetch":
        return ("a Response", True) if awaited or not nested else ("a promise", False)
    if called == "Response.json" or called in ("Response.error", "Response.redirect"):
        return "a Response", True
    if called in ("Symbol", "Symbol.for"):
        return "a Symbol", False
    if called.startswith("Promise.") and called[8:] in _PROMISES and nested and not awaited:
        return "a promise", False
    if called == "Object.create" and _first_is_null(node):
        return "an object without a prototype", False
    return None


def _instance(tree: SyntaxTree, names: Names, node: Node, nested: bool) -> tuple[str, bool] | None:
    constructor = node.child_by_field_name("constructor")
    if constructor is None or constructor.type != "identifier":
        return None
    name = tree.text(constructor)
    binding = names.binding_of(constructor)
    if binding is None:
        if name == "Promise":
            return ("a promise", False) if nested else None
        if name in _FATAL_CLASSES:
            return f"a {name}", True
        return (f"a {name}", False) if name in _REFUSED_CLASSES else None
    if binding.kind == "class" and not any(child.type == "class_heritage" for child in binding.declaration.children):
        return f"an instance of {name}", False
    return None


def _global_call(tree: SyntaxTree, names: Names, node: Node) -> str:
    """``fetch`` or ``Promise.all`` for a call of something that the file does not declare itself."""
    callee = node.child_by_field_name("function")
    base = callee
    if callee is not None and callee.type == "member_expression":
        base = callee.child_by_field_name("object")
    if callee is None or base is None or base.type != "identifier" or names.binding_of(base) is not None:
        return ""
    return tree.text(callee)


def _first_is_null(node: Node) -> bool:
    arguments = node.child_by_field_name("arguments")
    return arguments is not None and bool(arguments.named_children) and arguments.named_children[0].type == "null"
