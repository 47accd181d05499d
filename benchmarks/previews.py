"""The row about the preview: how soon a page shows its first status."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import rivals, trees
from benchmarks.checks import KOZE
from benchmarks.measure import best, run
from benchmarks.table import Row, ratio


def rows(repeats: int) -> Iterator[Row]:
    """The preview's start and pace, and its start against Node's."""
    yield from _example(repeats)
    root = trees.koze(1_000)
    route = _route(root)
    node = rivals.node()
    # The load and the first poll, which has run the workflow: what comes after is the page's own pace.
    command = [KOZE, "preview", route, "--once", "--ticks", "1"]
    once = run(command, root)
    if node is None or not re.search(r"running|complete|queued", once.output):
        yield ratio("preview: start to first tick, against node -e 0", 8, None, 1.0 if node else None, "node")
        return
    found = best({"node": lambda: run([node, "-e", "0"], root), "koze": lambda: run(command, root)}, repeats)
    yield ratio("preview: start to first tick, against node -e 0", 8, found["koze"].wall, found["node"].wall, "node")


def _example(repeats: int) -> Iterator[Row]:
    """The documentation's page with its own workflow: the first tick, and a thousand of them."""
    app = Path(__file__).resolve().parent.parent / "examples/migrations"
    page = "src/routes/migrations/[id]/index.html"
    with tempfile.NamedTemporaryFile("w", suffix=".json5") as scenario:
        scenario.write("{ url: '/migrations/m1', ticks: [{ migration: { m1: { status: 'running' } } }] }")
        scenario.flush()
        many = [
            KOZE,
            "preview",
            page,
            "--once",
            "--output-format",
            "json",
            "--scenario",
            scenario.name,
            "--ticks",
            "1000",
        ]
        first = [KOZE, "preview", page, "--once", "--ticks", "1"]
        found = best({"first": lambda: run(first, app), "many": lambda: run(many, app)}, min(repeats, 3))
    yield Row(
        "preview: process start to the first tick's end", "s", 0.5, found["first"].wall, "the documentation's page"
    )
    yield Row("preview: 1,000 ticks, whole process", "s", 2, found["many"].wall, "the documentation's page")


def _route(root: Path) -> str:
    pages = sorted((root / "src/routes").rglob("index.html"))
    return str(next(page for page in pages if "poll: '2s'" in page.read_text()).relative_to(root))
