"""The result of a run for a terminal: its history as a table, and a timeline with one row a step."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

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
#: Columns of a terminal from which on the history says what each event brought.
_ROOMY = 88
#: So many rows of a list are shown from its beginning and from its end.
_FIRST, _LAST = 120, 40
T = TypeVar("T")
#: (from, to, kind of mark) in virtual milliseconds.
Bar = tuple[float, float, str]


def show_run(console: Console, title: str, result: Mapping[str, Any]) -> None:
    """Prints history, timeline, console and outcome."""
    console.print(Text(title, style="bold"))
    console.print(_history(result, console.width))
    if result["steps"]:
        console.print(_timeline(result, console.width))
    for entry in _most(result["console"]):
        said = f"… {entry} more calls" if isinstance(entry, int) else _said(entry)
        console.print(Text(f"  {said}", style="dim"))
    console.print(outcome(result))


def outcome(result: Mapping[str, Any]) -> RenderableType:
    """The last lines: status, time, output or error."""
    status = result["status"]
    line = Text.assemble((status, f"bold {_COLOURS.get(status, 'white')}"), f" after {span(result['virtual_ms'])}")
    if result["error"] is not None:
        error = result["error"]
        line.append(f"\n{clean(error['name'])}: {clean(error['message'])}", style="red")
        if result.get("stack"):
            line.append(
                "".join(f"\n{clean(frame)}" for frame in result["stack"].split("\n") if frame.startswith("    at "))
            )
    elif status == "complete":
        line.append(f"\noutput {shorten(json.dumps(result.get('output_json', result['output']), ensure_ascii=False))}")
    return line


def _history(result: Mapping[str, Any], width: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    about_fits = width >= _ROOMY
    names = 32 if about_fits else max(8, width - 40)
    longest = max((len(item["event"][0]) for item in result["events"]), default=5)
    table.add_column("at", justify="right", no_wrap=True, min_width=7)
    table.add_column("event", no_wrap=True, min_width=longest)
    table.add_column("step", no_wrap=True, overflow="ellipsis", max_width=names)
    table.add_column("try", justify="right", no_wrap=True, min_width=5)
    if about_fits:
        table.add_column("", no_wrap=True, overflow="ellipsis")
    steps = {(step["kind"], f"{step['name']}-{step['count']}"): step for step in result["steps"]}
    for item in _most(result["events"]):
        if isinstance(item, int):
            table.add_row("", Text(f"… {item:,} more", style="dim"), Text("(--output-format json)", style="dim"))
            continue
        event, *rest = item["event"]
        style = "red" if "errored" in event or "timed_out" in event else ""
        step, attempt = (*map(str, rest), "", "")[:2]
        row = [Text(span(item["at_ms"])), Text(event, style=style), Text(clean(step)), Text(attempt)]
        table.add_row(*row, *([Text(_about(event, rest, steps), style="dim")] if about_fits else []))
    return table


def _about(event: str, rest: list[Any], steps: Mapping[tuple[str, str], Mapping[str, Any]]) -> str:
    """What an event brought: the error of an attempt and the delay until the next, a duration, a type, a result."""
    kind = {"sleep": "sleep", "wait_": "waitForEvent"}.get(event[:5], "do")
    step = steps.get((kind, rest[0])) if rest else None
    if step is None or event.startswith("rollback_"):
        return ""
    if event == "attempt_errored":
        attempt: dict[str, Any] = next((item for item in step["attempts"] if item["attempt"] == rest[1]), {})
        error = attempt.get("error", {})
        delay = f", again in {span(attempt['retryDelayMs'])}" if "retryDelayMs" in attempt else ""
        return clean(shorten(f"{error.get('name')}: {error.get('message')}")) + delay
    if event == "step_completed" and step.get("result") != {"$undefined": True}:
        return clean(plain(step.get("result")))
    return {"sleep_started": span(step.get("durationMs")), "wait_started": clean(str(step.get("eventType", "")))}.get(
        event, ""
    )


def _timeline(result: Mapping[str, Any], space: int) -> Group:
    names = max(10, min(32, space // 3))
    width = max(10, min(60, space - names - 28))
    total = max(float(result["virtual_ms"]), 1.0)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("step", no_wrap=True, overflow="ellipsis", max_width=names)
    table.add_column(f"0 … {span(result['virtual_ms'])}", no_wrap=True)
    table.add_column("", no_wrap=True)
    for step in _most(result["steps"]):
        if isinstance(step, int):
            table.add_row(Text(f"… {step:,} more steps", style="dim"), "", "")
            continue
        name = Text(clean(f"{step['name']}-{step['count']}"))
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
        return clean(f"{step['outcome'].replace('_', ' ')} ({step.get('eventType', '')})")
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


def _said(entry: Mapping[str, Any]) -> str:
    """A call of the console on one line or several."""
    return clean(f"{entry['level']:>5}  {' '.join(plain(arg) for arg in entry['args'])}")


def _most(items: Sequence[T]) -> Iterator[T | int]:
    """The beginning and the end of a long list, and between them the number of those left out."""
    left_out = len(items) - _FIRST - _LAST
    if left_out <= 1:
        yield from items
        return
    yield from items[:_FIRST]
    yield left_out
    yield from items[-_LAST:]


def clean(text: str) -> str:
    """A text of a workflow for a terminal: what would steer it, or can't be written, is shown as an escape."""
    return "".join(
        char if char == "\n" or (char.isprintable() and not "\ud800" <= char <= "\udfff") else repr(char)[1:-1]
        for char in text
    )


def shorten(text: str) -> str:
    """At most so much of a text that it does not flood a terminal."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
