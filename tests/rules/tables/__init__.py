"""What each rule says and does not say, as tables: one module a subject, each with its `ROWS` by code."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from tests.rules.rows import Rows


def all_rows() -> Mapping[str, Rows]:
    """The rows of every rule; a rule that two modules have is a mistake."""
    found: dict[str, Rows] = {}
    for module in pkgutil.iter_modules(__path__):
        for code, rows in importlib.import_module(f"{__name__}.{module.name}").ROWS.items():
            assert code not in found, code
            found[code] = rows
    return found
