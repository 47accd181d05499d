"""Calls of the framework's ``redirect`` that stand at the top level of a script."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.syntax import koze_modules
from koze_lsp.syntax.places import FUNCTIONS
from koze_lsp.syntax.script import ScriptFacts
from koze_lsp.syntax.tree import Node
from koze_lsp.syntax.upwards import Upwards
from koze_lsp.text import Span

_STATEMENTS = frozenset({"if_statement", "else_clause", "statement_block", "expression_statement", "await_expression",
                         "parenthesized_expression", "binary_expression", "ternary_expression"})  # fmt: skip


def top_level_redirects(facts: ScriptFacts) -> Iterator[Span]:
    """The callee of each call that is a statement of its own, or one in an ``if``, outside of functions."""
    top = Upwards(facts.tree, False)
    for imported in facts.imports:
        if imported.imported != "redirect" or not koze_modules.is_module(imported.module, "navigation"):
            continue
        for use in imported.binding.uses if imported.binding is not None else ():
            call = facts.tree.parent(use.node)
            is_call = (
                call is not None and call.type == "call_expression" and call.child_by_field_name("function") == use.node
            )
            if call is not None and is_call and not facts.in_template(use.span.start) and top.of(call, _at_top):
                yield use.span


def _at_top(parent: Node, _: Node) -> bool | None:
    if parent.type == "program":
        return True
    return False if parent.type in FUNCTIONS or parent.type not in _STATEMENTS else None
