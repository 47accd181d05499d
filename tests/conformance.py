"""The recorded answers of the real framework and the real engine, one JSON file a subject.

Read from ``../shared/conformance`` where a checkout has it beside it (it may hold more cases),
else from the copy in ``tests/data/conformance``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_SHARED = ROOT.parent / "shared" / "conformance"
_COPY = Path(__file__).resolve().parent / "data" / "conformance"


@cache
def load_cases(name: str) -> list[dict[str, Any]]:
    """The cases of one file, named without its ending: ``koze/templates``."""
    folder = _SHARED if (_SHARED / f"{name}.json").is_file() else _COPY
    data: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    cases: list[dict[str, Any]] = data["cases"]
    return cases
