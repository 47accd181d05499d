"""Load on one server: many requests and edits in one session, with latency and memory over time.

    python scripts/load.py                                        a short run (2,000 requests)
    python scripts/load.py --requests 100000 --documents 200 --apps 20 --hours 1 --compress 20
                                                                  the figures of docs/reliability.md

Makes a workspace of its own in a temporary folder, talks to a server over its pipes, and prints a table with one row
for each tenth of the run, and one for each kind of request. With ``--hours`` the requests are spread over that time as
a person's are, in bursts with pauses between them, and every pause is made shorter by ``--compress``: the server has
less time to rest than in truth. Exit status 1 if the last tenth is twice as slow as the first settled one, or if memory
grew by more than a quarter after the second.
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


BURST = 25
"""Requests between two pauses: an editor asks several things for each key."""


@dataclass(frozen=True)
class Row:
    """One tenth of a run: requests answered, milliseconds of a request as the client sees it, the server's own
    milliseconds of processor time for a request and all that is done beside it, megabytes of the server."""

    requests: int
    median: float
    p99: float
    processor: float
    memory: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--apps", type=int, default=4)
    parser.add_argument("--hours", type=float, default=0.0, help="the time that the run stands for")
    parser.add_argument("--compress", type=float, default=20.0, help="how much shorter each pause is")
    arguments = parser.parse_args()
    pause = arguments.hours * 3600 / arguments.requests / arguments.compress
    kinds: dict[str, list[float]] = {}
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="koze-lsp-load-") as folder:
        rows = run(Path(folder), arguments.requests, arguments.documents, arguments.apps, pause, kinds)
    print("| requests so far | median, ms | 99 %, ms | processor, ms each | memory, MB |\n|--:|--:|--:|--:|--:|")
    for row in rows:
        print(f"| {row.requests:,} | {row.median:.1f} | {row.p99:.1f} | {row.processor:.1f} | {row.memory:.0f} |")
    print("\n| request | asked | median, ms | 99 %, ms |\n|---|--:|--:|--:|")
    for kind, times in sorted(kinds.items()):
        print(f"| {kind} | {len(times):,} | {quantile(times, 50):.1f} | {quantile(times, 99):.1f} |")
    print(f"\n{arguments.documents} open documents in {arguments.apps} applications; ", end="")
    print(f"{time.perf_counter() - started:.0f} s")
    return 0 if is_flat(rows) else 1


def quantile(times: list[float], percent: int) -> float:
    """So many per cent of some times are not longer."""
    return sorted(times)[len(times) * percent // 100]


def is_flat(rows: list[Row]) -> bool:
    """Whether latency and memory at the end are those of the beginning, once everything has been loaded."""
    settled = rows[1]
    return rows[-1].median < 2 * settled.median + 1 and rows[-1].memory < 1.25 * settled.memory + 10


def run(
    folder: Path,
    requests: int,
    documents: int,
    apps: int,
    pause: float = 0.0,
    kinds: dict[str, list[float]] | None = None,
) -> list[Row]:
    """One session; a row for each tenth. ``pause`` is the mean in seconds; ``kinds`` gets the times by request."""
    roots = [make_app(folder / f"app{number}", "migration", "data-sync") for number in range(apps)]
    pages = []
    for number in range(documents):
        page = roots[number % apps] / f"src/routes/p{number}/[id].html"
        page.parent.mkdir(parents=True)
        page.write_text(route())
        pages.append(page)
    dice, rows, kinds = random.Random(1), list[Row](), {} if kinds is None else kinds
    with raw_client() as client:
        client.initialize(folder, PULL)
        for page in pages:
            client.open(page.as_uri(), route())
        version, times, before = 1, list[float](), 0.0
        for number in range(1, requests + 1):
            uri = dice.choice(pages).as_uri()
            if number % 3 == 0:
                version += 1
                client.change(uri, version, *edit(dice))
            if pause and number % BURST == 0:
                time.sleep(dice.expovariate(1 / (pause * BURST)))
            kind = dice.choice((*REQUESTS, "diagnostic"))
            times.append(ask(client, kind, uri, dice))
            kinds.setdefault(kind, []).append(times[-1])
            if number % max(requests // 10, 1) == 0:
                used = processor(client.process.pid)
                mean = (used - before) * 1000 / len(times)
                row = Row(number, quantile(times, 50), quantile(times, 99), mean, memory(client.process.pid))
                rows.append(row)
                times, before = [], used
    return rows


def edit(dice: random.Random) -> list[dict[str, Any]]:
    """A page put anew, or one character typed into it and taken away again."""
    if dice.random() < 0.5:
        return [{"text": route(dice.choice(["migration", "data-sync", "nosuch"]))}]
    at = {"line": dice.randint(0, 6), "character": 0}
    typed = dice.choice("{<'x")
    there = {"start": at, "end": {"line": at["line"], "character": 1}}
    return [{"range": {"start": at, "end": at}, "text": typed}, {"range": there, "text": ""}]


def ask(client: RawClient, kind: str, uri: str, dice: random.Random) -> float:
    """One request; gives its milliseconds."""
    position = {"line": 3, "character": dice.randint(0, 70)}
    params = {
        "textDocument": {"uri": uri},
        "position": position,
        "range": {"start": {"line": 0, "character": 0}, "end": {"line": 6, "character": 0}},
        "context": {"includeDeclaration": True, "diagnostics": [], "triggerKind": 1},
    }
    started = time.perf_counter()
    answer = client.response(client.request(f"textDocument/{kind}", params), 60)
    took = (time.perf_counter() - started) * 1000
    if "error" in answer and answer["error"]["code"] != -32802:  # a pull of outdated text is to be repeated
        raise AssertionError(answer)
    client.notifications.clear()
    client.requests.clear()
    return took


def processor(process: int) -> float:
    """Seconds of processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    """Resident megabytes of a process (Linux)."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
