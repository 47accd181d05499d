"""The rows about ``koze-lsp --check``: a cold process each time."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import rivals, trees
from benchmarks.measure import Run, best, run
from benchmarks.table import Row, ratio

KOZE = Path(sys.executable).with_name("koze-lsp")
_PATTERN = "id: call\nlanguage: JavaScript\nrule:\n  pattern: workflowStatus($$$ARGUMENTS)\n"
_TELLS = re.compile(r"(\d+) errors?, (\d+) warnings? in ")


def rows(repeats: int) -> Iterator[Row]:
    """Every row of the check."""
    large, small = trees.koze(10_000), trees.koze(1_000)
    commands: dict[str, Callable[[], Run]] = {"koze": lambda: _check(large), "koze 1,000": lambda: _check(small)}
    if (ripgrep := rivals.ripgrep()) is not None:
        commands["rg"] = lambda: run([ripgrep, "-c", "workflowStatus", "."], large)
    if (ast_grep := rivals.ast_grep()) is not None:
        commands["ast-grep"] = lambda: run([ast_grep, "scan", "--inline-rules", _PATTERN, "."], large)
    for command in commands.values():
        command()  # files and modules are in the system's cache from now on
    found = best(commands, repeats)
    ours, rg, sg = found["koze"], found.get("rg"), found.get("ast-grep")
    assert _TELLS.search(ours.output), ours.output[-500:]
    yield ratio("check of 10,000 routes, against rg -c", 2.5, ours.wall, rg.wall if rg else None, "ripgrep")
    yield ratio("… processor time of both", 2.5, ours.cpu, rg.cpu if rg else None, "ripgrep")
    yield ratio("… against ast-grep scan", 0.5, ours.wall, sg.wall if sg else None, "ast-grep")
    yield _svelte(found["koze 1,000"])
    yield ratio("growth from 1,000 to 10,000 routes", 10, ours.wall, found["koze 1,000"].wall, "1,000 routes")
    yield Row("memory of the check, 10,000 routes", "MB", 80, ours.memory, "peak of the largest of its processes")


def _check(folder: Path) -> Run:
    return run([KOZE, "--check"], folder)


def _svelte(ours: Run) -> Row:
    modules = rivals.node_modules()
    theirs = None
    if modules is not None:
        folder = trees.svelte(1_000, modules)
        command = [modules / ".bin/svelte-check", "--tsconfig", "./tsconfig.json", "--output", "machine"]
        theirs = run(command, folder).wall
    return ratio("check of 1,000 routes, against svelte-check", 0.03, ours.wall, theirs, "svelte-check")
