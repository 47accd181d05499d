"""Time, processor time and memory of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).resolve().parent / ".cache"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command. Seconds; ``memory`` is the largest resident set of any of its processes, in MB."""

    wall: float
    cpu: float
    memory: float
    output: str


def environment() -> dict[str, str]:
    """As after an installation: compiled modules are kept, in a folder of the benchmarks' own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPYCACHEPREFIX": str(CACHE / "pycache"), "NO_COLOR": "1"}


_RUNNER = """
import os, resource, subprocess, sys, time
started = time.perf_counter()
done = subprocess.run(sys.argv[2:], cwd=sys.argv[1], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
wall = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stdout.buffer.write(b"%f %f %f\\n" % (wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024) + done.stdout)
"""


def run(command: Sequence[str | Path], cwd: Path) -> Run:
    """Run a command in a process of its own that counts what it and its children used."""
    words = [sys.executable, "-I", "-S", "-c", _RUNNER, str(cwd), *map(str, command)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment())
    figures, _, output = done.stdout.partition("\n")
    wall, cpu, memory = map(float, figures.split())
    return Run(wall, cpu, memory, output)


def best(commands: dict[str, Callable[[], Run]], repeats: int) -> dict[str, Run]:
    """The quickest of several runs of each command, taken in turns so that all meet the same noise."""
    found: dict[str, Run] = {}
    for _ in range(repeats):
        for name, command in commands.items():
            result = command()
            if name not in found or result.wall < found[name].wall:
                found[name] = result
    return found


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which a part of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def resident(pid: int) -> float:
    """The resident set of a process and its children, in MB."""
    total = 0.0
    for process in [pid, *_children(pid)]:
        try:
            status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        total += next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)
    return total


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    own = [int(word) for word in text.split()]
    return own + [child for process in own for child in _children(process)]


def load() -> float:
    """How many processes wanted to run in the last minute, for each processor."""
    return os.getloadavg()[0] / max(1, len(os.sched_getaffinity(0)))


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether something came to hold in time."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if holds():
            return True
        time.sleep(0.002)
    return False
