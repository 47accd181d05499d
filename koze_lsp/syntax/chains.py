"""The if/else chains of a template that branch on a status."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from koze_lsp.syntax.script import ScriptFacts
from koze_lsp.syntax.status import StatusRead
from koze_lsp.syntax.tree import Node
from koze_lsp.syntax.upwards import Upwards
from koze_lsp.text import Span

_FAILURES = frozenset({"errored", "terminated"})
_COMPARING = frozenset({"binary_expression", "call_expression", "switch_statement"})


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
    reads: dict[int, list[StatusRead]] = {}
    for read in facts.status_flow.reads:
        if read.name is not None and not read.until:
            reads.setdefault(id(read.name), []).append(read)
    finder = _Finder(facts)
    for name in facts.status_flow.names:
        mine = reads.get(id(name.binding), [])
        if any(finder.failure(read) for read in mine):
            continue
        heads = [(read, chain) for read in mine if read.in_template and (chain := finder.chain(read.node))]
        plain = [pair for pair in heads if pair[0].path in (("status",), ("error",))]
        if plain and not any(finder.ends_in_else(chain) for _, chain in heads):
            read, chain = plain[0]
            yield StatusChain(read.span, name.binding.name, facts.tree.span(chain).end)


class _Finder:
    def __init__(self, facts: ScriptFacts) -> None:
        self.tree = facts.tree
        comparisons = facts.status_flow.comparisons
        self.literals = [comparison.literal.span.start for comparison in comparisons]
        answers = (one.negated or one.literal.string in _FAILURES for one in comparisons)
        self.answering = list(accumulate(answers, initial=0))  # how many of the first so many know a failure
        self.comparing: Upwards[Node | Literal[False]] = Upwards(self.tree, False)
        self.chains: Upwards[Node | Literal[False]] = Upwards(self.tree, False)
        self.firsts: Upwards[Node | Literal[False]] = Upwards(self.tree, False)
        self.complete: dict[int, bool] = {}

    def failure(self, read: StatusRead) -> bool:
        """Whether a read answers failures: compared with one, printed as it is, or handed to something else."""
        if not read.path:
            return True
        if read.path != ("status",):
            return False
        inner = self.tree.node_at(read.span.start)
        around = inner if inner.type in _COMPARING else self.comparing.of(inner, _comparing)
        if not around:
            return True
        span = self.tree.span(around)
        first, behind = bisect_left(self.literals, span.start), bisect_left(self.literals, span.end)
        return first == behind or self.answering[first] != self.answering[behind]

    def chain(self, node: Node) -> Node | None:
        """The whole if chain whose condition a node stands in."""
        statement = self.chains.of(node, _in_condition)
        return (self.firsts.of(statement, _first) or statement) if statement else None

    def ends_in_else(self, chain: Node) -> bool:
        """Whether a chain has a last branch without a condition."""
        if chain.id not in self.complete:
            self.complete[chain.id] = _ends_in_else(chain)
        return self.complete[chain.id]


def _comparing(parent: Node, _: Node) -> Node | Literal[False] | None:
    return parent if parent.type in _COMPARING else None


def _in_condition(parent: Node, node: Node) -> Node | Literal[False] | None:
    kind = parent.type
    if kind == "if_statement":
        return parent if parent.child_by_field_name("condition") == node else False
    return False if kind.endswith("_statement") or kind in ("statement_block", "program") else None


def _first(parent: Node, node: Node) -> Node | Literal[False] | None:
    """From an ``else if`` up to the ``if`` that its chain begins with."""
    return None if "else_clause" in (parent.type, node.type) else node


def _ends_in_else(chain: Node) -> bool:
    current: Node | None = chain
    while current is not None:
        clause = current.child_by_field_name("alternative")
        if clause is None:
            return False
        current = next((child for child in clause.named_children if child.type == "if_statement"), None)
    return True
