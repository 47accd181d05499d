"""What was measured, as a table and as JSON."""

from __future__ import annotations

import json
import platform
import textwrap
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.notes import note

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ``figure`` is to be at most ``reach``; None where it could not be measured."""

    what: str
    unit: str
    reach: float
    figure: float | None
    detail: str
    raw: dict[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """Whether the figure is what it should be."""
        return None if self.figure is None else self.figure <= self.reach


def ratio(what: str, reach: float, ours: float | None, theirs: float | None, rival: str, unit: str = "s") -> Row:
    """A row that sets a figure of ours against one of a rival's."""
    if ours is None or theirs is None:
        missing = "koze-lsp" if ours is None else rival
        return Row(what, "×", reach, None, f"not measured: {missing} is missing or gave no answer")
    scale, shown = (1_000.0, "ms") if unit == "s" and max(ours, theirs) < 1 else (1.0, unit)
    detail = f"{ours * scale:.4g} {shown} against {theirs * scale:.4g} {shown} ({rival})"
    return Row(what, "×", reach, ours / theirs, detail, {"ours": ours, "rival": theirs, "unit": unit})


def show(rows: Iterable[Row]) -> str:
    """The table for a terminal."""
    lines = [f"{'':2} {'what':58} {'figure':>10} {'reach':>9}  measured"]
    for row in rows:
        mark = {True: "ok", False: "no", None: "--"}[row.reached]
        figure = "-" if row.figure is None else f"{row.figure:.3g} {row.unit}"
        lines.append(f"{mark:2} {row.what:58} {figure:>10} {f'≤ {row.reach:g}':>9}  {row.detail}")
        if row.reached is False and (why := note(row.what)) is not None:
            lines += textwrap.wrap(why, 110, initial_indent="   → ", subsequent_indent="     ")
    return "\n".join(lines)


def keep(rows: Iterable[Row], load: tuple[float, float]) -> Path:
    """Write the results beside earlier ones; ``load`` is the machine's before and after, for each processor."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / time.strftime("%Y-%m-%d-%H%M%S.json")
    data = {
        "machine": platform.platform(),
        "python": platform.python_version(),
        "load": load,
        "rows": [{**asdict(row), "reached": row.reached} for row in rows],
    }
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return path
