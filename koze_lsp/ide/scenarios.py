"""Where a scenario file of the preview (``*.preview.json5``) names workflows: the keys of ``run`` and of each tick.

JSON5 is JavaScript's object notation, so the file is read as one TypeScript expression; broken text gives fewer
names, never an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.project.document import Document
from koze_lsp.syntax.scope import Names, resolve
from koze_lsp.syntax.tree import parse
from koze_lsp.syntax.values import Property, Value, evaluate
from koze_lsp.text import Span

_BEFORE = "("


@dataclass(frozen=True, slots=True)
class ScenarioName:
    """A key that is a workflow's name or binding. ``span`` is inside its quotes, if it has any."""

    text: str
    span: Span
    quoted: bool


def scenario_names(document: Document) -> Iterator[ScenarioName]:
    """The keys that name workflows, in source order."""
    tree = parse(f"{_BEFORE}{document.source}\n)")
    names: Names = resolve(tree)
    statement = tree.root.named_children[0] if tree.root.named_children else None
    node = statement.named_children[0] if statement is not None and statement.named_children else None
    if node is None:
        return
    root = evaluate(tree, names, node)
    for member in root.properties:
        if member.key == "run":
            yield from _keys(document, member.value)
        elif member.key == "ticks":
            for tick in member.value.items:
                yield from _keys(document, tick)


def _keys(document: Document, value: Value) -> Iterator[ScenarioName]:
    for member in value.properties:
        if member.key is not None and member.kind == "pair" and not member.key.startswith("$"):
            yield _name(document, member, member.key)


def _name(document: Document, member: Property, text: str) -> ScenarioName:
    span = member.key_span.shift(-len(_BEFORE))
    quoted = document.source[span.start : span.start + 1] in ("'", '"')
    return ScenarioName(text, Span(span.start + 1, span.end - 1) if quoted else span, quoted)
