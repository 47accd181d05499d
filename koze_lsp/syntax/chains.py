"""The if/else chains of a template that branch on a status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.syntax.script import ScriptFacts
from koze_lsp.syntax.status import StatusRead
from koze_lsp.syntax.tree import Node
from koze_lsp.text import Span

_FAILURES = frozenset({"errored", "terminated"})


@dataclass(frozen=True, slots=True)
class StatusChain:
    """A chain of branches over one status that shows nothing for a failure.

    Attributes:
        head: the first condition's status read.
        name: the variable as written.
        end: the offset behind the chain's last ``}``.
    """

    head: Span
    name: str
    end: int


def status_chains(facts: ScriptFacts) -> Iterator[StatusChain]:
    """The first chain of each status, unless something on the page answers a failure of it."""
    flow = facts.status_flow
    for name in flow.names:
        mine = [read for read in flow.reads if read.name is name.binding and not read.until]
        if any(_failure(facts, read) for read in mine):
            continue
        heads = [(read, chain) for read in mine if read.in_template and (chain := _chain(read)) is not None]
        plain = [pair for pair in heads if pair[0].path in (("status",), ("error",))]
        if plain and not any(_ends_in_else(chain) for _, chain in heads):
            read, chain = plain[0]
            yield StatusChain(read.span, name.binding.name, facts.tree.span(chain).end)


def _failure(facts: ScriptFacts, read: StatusRead) -> bool:
    """Whether a read answers failures: compared with one, printed as it is, or handed to something else."""
    if not read.path:
        return True
    if read.path != ("status",):
        return False
    start = read.span.start
    compared = [c for c in facts.status_flow.comparisons if _near(facts, c.literal.span, start)]
    if any(c.negated or c.literal.string in _FAILURES for c in compared):
        return True
    return not compared


def _near(facts: ScriptFacts, literal: Span, start: int) -> bool:
    """Whether a literal belongs to the comparison that a read at ``start`` stands in."""
    node: Node | None = facts.tree.node_at(start)
    while node is not None and node.type not in ("binary_expression", "call_expression", "switch_statement"):
        node = node.parent
    return node is not None and facts.tree.span(node).covers(literal)


def _chain(read: StatusRead) -> Node | None:
    """The whole if chain whose condition a read stands in."""
    current = read.node
    while (parent := current.parent) is not None:
        if parent.type == "if_statement":
            if parent.child_by_field_name("condition") != current:
                return None
            return _first(parent)
        if parent.type.endswith("_statement") or parent.type in ("statement_block", "program"):
            return None
        current = parent
    return None


def _first(statement: Node) -> Node:
    while statement.parent is not None and statement.parent.type == "else_clause":
        outer = statement.parent.parent
        if outer is None:
            break
        statement = outer
    return statement


def _ends_in_else(chain: Node) -> bool:
    current: Node | None = chain
    while current is not None:
        clause = current.child_by_field_name("alternative")
        if clause is None:
            return False
        current = next((child for child in clause.named_children if child.type == "if_statement"), None)
    return True
