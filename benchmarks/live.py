"""The row about live preview: how soon an edit shows in the open page."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import run
from benchmarks.table import Row


def rows(repeats: int) -> Iterator[Row]:
    """Saved and typed edits of the documentation's page, in a real Chromium; the median counts."""
    del repeats  # each run makes twenty edits of its own
    done = run([sys.executable, "-m", "tests.preview.page.live", "20"], Path(__file__).resolve().parent.parent)
    lines = [line for line in done.output.splitlines() if line.startswith("{")]
    told = json.loads(lines[-1]) if lines else {}
    for way in ("saved", "typed"):
        figures = told.get(way)
        detail = f"slowest {figures['slowest_ms']} ms" if figures else "Chromium or playwright is missing"
        yield Row(f"preview: {way} edit to shown, median", "ms", 200, figures["median_ms"] if figures else None, detail)
