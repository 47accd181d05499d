"""What all tests share: those that drive real editors, browsers and processes are tried again before they fail.

A loaded machine can make a real editor miss a deadline. A test of the code itself is never tried again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

_REAL_PROGRAMS = ("lsp", "editors", "hardening", "ci", "preview/page", "docs")
_IN_PROCESS = ("test_stateful.py", "test_session_changes.py", "test_mutants.py")
"""Among them, but without real time: a failure there is one of the code."""
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of folders where other programs and real time take part."""
    folders = tuple(str(_HERE / folder) for folder in _REAL_PROGRAMS)
    for item in items:
        if item.path.name in _IN_PROCESS:
            continue
        if str(item.path).startswith(folders) or "linear" in item.name or "limits" in item.name:
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=1))
