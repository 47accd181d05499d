"""The rows about the workflow engine's scale: long sleeps, many steps, many at once, many retries; flat memory."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Run, best, run
from benchmarks.table import Row

KOZE = Path(sys.executable).with_name("koze-lsp")
SECONDS = 5.0  # what a run may take, the process's start included
MEGABYTES = 200.0  # the largest resident set: V8 alone takes about 80, a history of 40,000 events the rest
GROWTH = 8.0  # by how many MB a process that runs one workflow after the other may grow


@dataclass(frozen=True, slots=True)
class Program:
    """A workflow by the body of its run(), and the virtual milliseconds that it takes."""

    name: str
    what: str
    body: str
    virtual_ms: int


PROGRAMS = (
    Program(
        "years",
        "sleeps of 24 hours and 365 days",
        "await step.sleep('a', '24 hours'); await step.sleep('b', '365 days'); return 'done';",
        366 * 86_400_000,
    ),
    Program(
        "steps",
        "10,000 steps",
        "let sum = 0; for (let i = 0; i < 10000; i++) sum += await step.do(`s${i}`, async () => 1); return sum;",
        0,
    ),
    Program(
        "parallel",
        "500 parallel steps",
        "return (await Promise.all(Array.from({ length: 500 }, (_, i) => step.do(`s${i}`, async () => i)))).length;",
        0,
    ),
    Program(
        "retries",
        "10,000 retries",
        "return await step.do('r', { retries: { limit: 10000, delay: '1 second', backoff: 'constant' } },"
        " async ({ attempt }) => { if (attempt <= 10000) throw new Error('not yet'); return attempt; });",
        10_000_000,
    ),
)


def rows(repeats: int) -> Iterator[Row]:
    """Every row of the engine."""
    with TemporaryDirectory() as folder:
        yield from _rows(application(Path(folder)), min(repeats, 3))


def _rows(app: Path, repeats: int) -> Iterator[Row]:
    found = best({program.name: partial(_run, app, program.name) for program in PROGRAMS}, repeats)
    for program in PROGRAMS:
        measured = found[program.name]
        answer = json.loads(measured.output)
        assert (answer["status"], answer["virtual_ms"]) == ("complete", program.virtual_ms), answer["error"]
        detail = (
            f"a cold process; {program.virtual_ms / 1000:,.0f} s of virtual time, {len(answer['history']):,} events"
        )
        yield Row(f"koze-lsp run: {program.what}", "s", SECONDS, measured.wall, detail)
        yield Row(f"… memory: {program.what}", "MB", MEGABYTES, measured.memory, "peak of the process")
    growth, last = _growth(app)
    yield Row("… growth over 40 runs in one process", "MB", GROWTH, growth, f"resident after 10 runs → {last:.0f} MB")


def application(root: Path) -> Path:
    """An application that holds the programs."""
    server = root / "src" / "server"
    server.mkdir(parents=True, exist_ok=True)
    (root / "package.json").write_text("{}\n", encoding="utf-8")
    for program in PROGRAMS:
        text = (
            "import { WorkflowEntrypoint } from 'cloudflare:workers';\n"
            f"export class {program.name.title()} extends WorkflowEntrypoint {{\n"
            f"  async run(event, step) {{\n    {program.body}\n  }}\n}}\n"
        )
        (server / f"{program.name}.workflow.ts").write_text(text, encoding="utf-8")
    return root


def _run(app: Path, name: str) -> Run:
    return run([KOZE, "run", name, "--output-format", "json"], app)


_REPEATED = """
import os, sys
from pathlib import Path
from koze_lsp.preview.engine.app import Application
from koze_lsp.preview.engine.run import run_workflow
from koze_lsp.project.workspace import Workspace
workspace = Workspace()
workspace.load(sys.argv[1])
application = Application(workspace.project(sys.argv[1]))
def once():
    for name in ("parallel", "years"):
        assert run_workflow(application.find(name, None), application.resolve)["status"] == "complete"
def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))
for _ in range(10):
    once()
before = resident()
for _ in range(40):
    once()
print(resident() - before, resident())
"""


def _growth(app: Path) -> tuple[float, float]:
    """MB that a process grows by over 40 more rounds, and what it holds then."""
    growth, last = run(
        [sys.executable, "-c", _REPEATED, str(app)], Path(__file__).resolve().parent.parent
    ).output.split()
    return float(growth), float(last)
