"""The result of a run for a terminal: its history as a table, and a timeline with one row a step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

_COLOURS = {"complete": "green", "errored": "red", "terminated": "yellow", "running": "cyan"}
_MARKS = {
    "ok": ("█", "green"),
    "error": ("█", "red"),
    "open": ("▒", "yellow"),
    "wait": ("─", "blue"),
    "retry": ("·", "dim"),
}
_LONGEST = 200
#: (from, to, kind of mark) in virtual milliseconds.
Bar = tuple[float, float, str]


def show_run(console: Console, title: str, result: Mapping[str, Any]) -> None:
    """Prints history, timeline, console and outcome."""
    console.print(Text(title, style="bold"))
    console.print(_history(result))
    if result["steps"]:
        console.print(_timeline(result, max(20, min(60, console.width - 60))))
    for entry in result["console"]:
        console.print(Text(f"  {entry['level']:>5}  {' '.join(plain(arg) for arg in entry['args'])}", style="dim"))
    console.print(outcome(result))


def outcome(result: Mapping[str, Any]) -> RenderableType:
    """The last lines: status, time, output or error."""
    status = result["status"]
    line = Text.assemble((status, f"bold {_COLOURS.get(status, 'white')}"), f" after {span(result['virtual_ms'])}")
    if result["error"] is not None:
        error = result["error"]
        line.append(f"\n{error['name']}: {error['message']}", style="red")
        if result.get("stack"):
            line.append("".join(f"\n{frame}" for frame in result["stack"].split("\n") if frame.startswith("    at ")))
    elif status == "complete":
        line.append(f"\noutput {shorten(json.dumps(result.get('output_json', result['output']), ensure_ascii=False))}")
    return line


def _history(result: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("at", justify="right", no_wrap=True)
    table.add_column("event", no_wrap=True)
    table.add_column("step", overflow="fold")
    table.add_column("attempt", justify="right")
    for item in result["events"]:
        event, *rest = item["event"]
        style = "red" if "errored" in event or "timed_out" in event else ""
        step, attempt = (*map(str, rest), "", "")[:2]
        table.add_row(span(item["at_ms"]), Text(event, style=style), Text(step), attempt)
    return table


def _timeline(result: Mapping[str, Any], width: int) -> Group:
    total = max(float(result["virtual_ms"]), 1.0)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("step", overflow="fold", max_width=32)
    table.add_column(f"0 … {span(result['virtual_ms'])}", no_wrap=True)
    table.add_column("", no_wrap=True)
    for step in result["steps"]:
        name = Text(f"{step['name']}-{step['count']}")
        table.add_row(name, _bars(step, total, width), Text(_told(step), style="dim"))
    legend = Text("  █ attempt  · retry delay  ─ waiting  ▒ open", style="dim")
    return Group(Text(""), table, legend, Text(""))


def _bars(step: Mapping[str, Any], total: float, width: int) -> Text:
    cells: list[tuple[str, str]] = [(" ", "")] * width
    for start, end, kind in bars(step, total):
        first = min(int(start / total * width), width - 1)
        last = max(first + 1, min(round(end / total * width), width))
        for index in range(first, last):
            if kind in ("ok", "error") or cells[index][0] in (" ", "·"):
                cells[index] = _MARKS[kind]
    return Text.assemble(*cells)


def bars(step: Mapping[str, Any], total: float) -> Iterator[Bar]:
    """The bars of one step over virtual time: attempts, the delays between them, waiting."""
    if step["kind"] != "do":
        yield step["at_ms"], step.get("end_ms", total), "wait" if step["outcome"] != "open" else "open"
        return
    for attempt in step["attempts"]:
        end = attempt.get("end_ms", total)
        yield attempt["at_ms"], end, attempt["outcome"]
        if "retryDelayMs" in attempt:
            yield end, end + attempt["retryDelayMs"], "retry"


def _told(step: Mapping[str, Any]) -> str:
    if step["kind"] == "sleep":
        return f"slept {span(step['durationMs'])}" if isinstance(step["durationMs"], (int, float)) else "sleeps"
    if step["kind"] == "waitForEvent":
        return f"{step['outcome'].replace('_', ' ')} ({step['eventType']})"
    count = len(step["attempts"])
    tries = "" if count == 1 else f", {count} attempts"
    return f"{step['outcome']}{tries}"


def span(milliseconds: Any) -> str:
    """Virtual time for people: ``250 ms``, ``1.5 s``, ``2 min``, ``24 h``, ``365 d``."""
    if not isinstance(milliseconds, (int, float)):
        return "?"
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if milliseconds >= (2 * size if unit == "d" else size):
            return f"{milliseconds / size:.4g} {unit}"
    return f"{milliseconds:.4g} ms"


def plain(value: Any) -> str:
    """A marked value of the console as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$"):
        return {"$undefined": "undefined"}.get(next(iter(value)), shorten(json.dumps(next(iter(value.values())))))
    return shorten(json.dumps(value, ensure_ascii=False))


def shorten(text: str) -> str:
    """At most so much of a text that it does not flood a terminal."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
