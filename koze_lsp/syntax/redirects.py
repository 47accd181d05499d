"""Calls of the framework's ``redirect`` that the build drops from the top level of a page's script.

Of a script the newer compiler keeps the statements that provide a name: they declare it, or assign to one that the
top level declares (Koze framework, selective server prelude of `.koze` files). A name is needed when the template uses
it, or a statement that is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.syntax import koze_modules
from koze_lsp.syntax.node_kinds import FUNCTIONS, LOOPS
from koze_lsp.syntax.script import ScriptFacts
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.upwards import Upwards
from koze_lsp.text import Span

_STATEMENTS = frozenset({"if_statement", "else_clause", "statement_block", "expression_statement", "await_expression",
                         "parenthesized_expression", "binary_expression", "ternary_expression", "switch_statement",
                         "switch_body", "switch_case", "switch_default", "try_statement", "catch_clause",
                         "finally_clause", *LOOPS})  # fmt: skip
_DECLARATIONS = frozenset({"lexical_declaration", "variable_declaration"})
_ASSIGNMENTS = {
    "assignment_expression": "left",
    "augmented_assignment_expression": "left",
    "update_expression": "argument",
}
_WORD = re.compile(r"[A-Za-z_$][\w$]*")


def dropped_redirects(facts: ScriptFacts) -> Iterator[Span]:
    """The callee of each call that is a statement of its own, or one in a branch or loop, and is dropped with it."""
    top = Upwards(facts.tree, False)
    kept: set[int] | None = None  # the statements that are, by where they begin; looked for once there is a call
    for imported in facts.imports:
        if imported.imported != "redirect" or not koze_modules.is_module(imported.module, "navigation"):
            continue
        for use in imported.binding.uses if imported.binding is not None else ():
            call = facts.tree.parent(use.node)
            is_call = (
                call is not None and call.type == "call_expression" and call.child_by_field_name("function") == use.node
            )
            if call is None or not is_call or facts.in_template(use.span.start) or not top.of(call, _at_top):
                continue
            if kept is None:
                kept = _kept(facts)
            if _statement(facts.tree, call).start_byte not in kept:
                yield use.span


def _at_top(parent: Node, _: Node) -> bool | None:
    if parent.type == "program":
        return True
    return False if parent.type in FUNCTIONS or parent.type not in _STATEMENTS else None


def _statement(tree: SyntaxTree, node: Node) -> Node:
    """The statement of the top level that holds a node."""
    while (parent := tree.parent(node)) is not None and parent.type != "program":
        node = parent
    return node


def _kept(facts: ScriptFacts) -> set[int]:
    """Where the statements that the build keeps begin, in bytes; in doubt one is kept."""
    tree = facts.tree
    top = [binding for binding in facts.names.bindings if binding.scope is facts.names.root]
    names = {binding.name for binding in top}
    needed = {use.name for use in facts.names.uses if facts.in_template(use.span.start)}
    waiting: list[tuple[Node, set[str]]] = []
    for statement in tree.root.named_children:
        if facts.in_template(tree.span(statement).start):
            continue
        span = tree.span(statement)
        declared = {binding.name for binding in top if span.contains(binding.span.start)}
        assigned = _assigned(tree, statement) & names if statement.type not in _DECLARATIONS else set()
        waiting.append((statement, declared | assigned))
    kept: set[int] = set()
    grown = True
    while grown:
        grown = False
        for statement, provided in waiting:
            if statement.start_byte not in kept and provided & needed:
                kept.add(statement.start_byte)
                needed.update(_WORD.findall(tree.text(statement)))
                grown = True
    return kept


def _assigned(tree: SyntaxTree, statement: Node) -> set[str]:
    """The names that a statement assigns to, or counts up or down."""
    found: set[str] = set()
    stack = [statement]
    while stack:
        node = stack.pop()
        if node.type in FUNCTIONS:
            continue
        target = node.child_by_field_name(_ASSIGNMENTS[node.type]) if node.type in _ASSIGNMENTS else None
        if target is not None and target.type == "identifier":
            found.add(tree.text(target))
        stack += node.named_children
    return found
