"""Codes of rules on a command line."""

from __future__ import annotations

from collections.abc import Iterable

from koze_lsp.cli.exits import UsageError
from koze_lsp.rules import all_rules
from koze_lsp.rules.nearest import nearest


def codes_of(given: Iterable[str]) -> frozenset[str]:
    """The codes in ``--select a,b --select c``.

    Raises:
        UsageError: a code that no rule has.
    """
    codes = [code.strip() for part in given for code in part.split(",") if code.strip()]
    for code in codes:
        known_code(code)
    return frozenset(codes)


def known_code(code: str) -> str:
    """The code itself, if a rule has it.

    Raises:
        UsageError: no rule has it; the nearest ones are named.
    """
    if code not in all_rules():
        near = nearest(code, all_rules(), 2)
        hint = f"did you mean {' or '.join(near)}?" if near else "koze-lsp explain lists them."
        raise UsageError(f"there is no rule '{code}': {hint}")
    return code
