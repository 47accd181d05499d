"""Load on one server: many requests and edits in one session, with latency and memory over time.

    python scripts/load.py                                        a short run (2,000 requests)
    python scripts/load.py --requests 100000 --documents 200      the figures of docs/reliability.md

Makes a workspace of its own in a temporary folder, talks to a server over its pipes, and prints a table with one row
for each tenth of the run. Exit status 1 if the last tenth is twice as slow as the first settled one, or if memory grew
by more than a quarter after the second.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.lsp.app import make_app, route
from tests.lsp.raw import RawClient, raw_client

REQUESTS = ("hover", "completion", "definition", "documentSymbol", "codeAction", "inlayHint", "codeLens", "references")
PULL: dict[str, Any] = {
    "textDocument": {"diagnostic": {}},
    "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
}


@dataclass(frozen=True)
class Row:
    """One tenth of a run: requests answered, milliseconds of a request, megabytes of the server."""

    requests: int
    median: float
    p99: float
    memory: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--apps", type=int, default=4)
    arguments = parser.parse_args()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="koze-lsp-load-") as folder:
        rows = run(Path(folder), arguments.requests, arguments.documents, arguments.apps)
    print("| requests so far | median, ms | 99 %, ms | memory, MB |\n|--:|--:|--:|--:|")
    for row in rows:
        print(f"| {row.requests:,} | {row.median:.1f} | {row.p99:.1f} | {row.memory:.0f} |")
    print(
        f"\n{arguments.documents} open documents in {arguments.apps} applications; {time.perf_counter() - started:.0f} s"
    )
    return 0 if is_flat(rows) else 1


def is_flat(rows: list[Row]) -> bool:
    """Whether latency and memory at the end are those of the beginning, once everything has been loaded."""
    settled = rows[1]
    return rows[-1].median < 2 * settled.median + 1 and rows[-1].memory < 1.25 * settled.memory + 10


def run(folder: Path, requests: int, documents: int, apps: int) -> list[Row]:
    """One session; a row for each tenth."""
    roots = [make_app(folder / f"app{number}", "migration", "data-sync") for number in range(apps)]
    pages = []
    for number in range(documents):
        page = roots[number % apps] / f"src/routes/p{number}/[id].html"
        page.parent.mkdir(parents=True)
        page.write_text(route())
        pages.append(page)
    dice, rows = random.Random(1), []
    with raw_client() as client:
        client.initialize(folder, PULL)
        for page in pages:
            client.open(page.as_uri(), route())
        version, times = 1, list[float]()
        for number in range(1, requests + 1):
            uri = dice.choice(pages).as_uri()
            if number % 3 == 0:
                version += 1
                client.change(uri, version, {"text": route(dice.choice(["migration", "data-sync", "nosuch"]))})
            times.append(ask(client, uri, dice))
            if number % max(requests // 10, 1) == 0:
                times.sort()
                rows.append(
                    Row(number, times[len(times) // 2], times[len(times) * 99 // 100], memory(client.process.pid))
                )
                times = []
    return rows


def ask(client: RawClient, uri: str, dice: random.Random) -> float:
    """One request; gives its milliseconds."""
    method = dice.choice((*REQUESTS, "diagnostic"))
    position = {"line": 3, "character": dice.randint(0, 70)}
    params = {
        "textDocument": {"uri": uri},
        "position": position,
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 6, "character": 0}},
        "context": {"includeDeclaration": True, "diagnostics": [], "triggerKind": 1},
    }
    started = time.perf_counter()
    answer = client.response(client.request(f"textDocument/{method}", params), 60)
    took = (time.perf_counter() - started) * 1000
    if "error" in answer and answer["error"]["code"] != -32802:  # a pull of outdated text is to be repeated
        raise AssertionError(answer)
    client.notifications.clear()
    client.requests.clear()
    return took


def memory(process: int) -> float:
    """Resident megabytes of a process (Linux)."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
