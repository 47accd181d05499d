"""Where to point at a value: its literal, not the cast around it; the name that uses it, not a ``const`` far away."""

from __future__ import annotations

from koze_lsp.syntax.values import Value
from koze_lsp.text import Span


def token(value: Value) -> Span:
    """The literal where it is written in place, else the expression that refers to it."""
    return value.definition if value.span.covers(value.definition) else value.span


def elsewhere(value: Value) -> bool:
    """Whether the literal stands in a ``const`` and not in place."""
    return not value.span.covers(value.definition)
