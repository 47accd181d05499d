"""``pytest tests/markers --update`` writes the answers into the cases instead of failing."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expectations of marker cases")
