"""``python -m benchmarks [--only check|server|preview] [--repeats N]``: measure, print the table, keep the results."""

from __future__ import annotations

import argparse
import importlib
import sys

from benchmarks.measure import CACHE, load
from benchmarks.table import Row, keep, show

PARTS = {"check": "checks", "server": "servers", "preview": "previews", "live": "live", "engine": "engine_scale"}


def main() -> int:
    """Measure what was asked for; the exit status tells nothing about the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure koze-lsp against its rivals.")
    parser.add_argument("--only", choices=sorted(PARTS), action="append", help="measure a part only")
    parser.add_argument("--repeats", type=int, default=7, help="runs of each command; the quickest counts")
    arguments = parser.parse_args()
    CACHE.mkdir(exist_ok=True)
    before = load()
    if before > 0.5:
        print(f"The machine is busy (load {before:.1f} a processor): ratios hold better than seconds.", file=sys.stderr)
    rows: list[Row] = []
    for part in arguments.only or PARTS:
        module = importlib.import_module(f"benchmarks.{PARTS[part]}")
        for row in module.rows(arguments.repeats):
            rows.append(row)
            print("\n".join(show([row]).splitlines()[1:]), file=sys.stderr, flush=True)
    print(show(rows))
    print(f"\nkept as {keep(rows, (before, load())).relative_to(CACHE.parent.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
