"""The row about the preview: how soon a page shows its first status."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks import rivals, trees
from benchmarks.checks import KOZE
from benchmarks.measure import best, run
from benchmarks.table import Row, ratio


def rows(repeats: int) -> Iterator[Row]:
    """The preview's start, against Node's."""
    root = trees.koze(1_000)
    route = _route(root)
    node = rivals.node()
    once = run([KOZE, "preview", route, "--once"], root)
    if node is None or not re.search(r"running|complete|queued", once.output):
        yield ratio("preview: start to first tick, against node -e 0", 8, None, 1.0 if node else None, "node")
        return
    found = best(
        {"node": lambda: run([node, "-e", "0"], root), "koze": lambda: run([KOZE, "preview", route, "--once"], root)},
        repeats,
    )
    yield ratio("preview: start to first tick, against node -e 0", 8, found["koze"].wall, found["node"].wall, "node")


def _route(root: Path) -> str:
    pages = sorted((root / "src/routes").rglob("index.html"))
    return str(next(page for page in pages if "poll: '2s'" in page.read_text()).relative_to(root))
