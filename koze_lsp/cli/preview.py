"""`koze-lsp preview ROUTE`: a page in the browser that shows the route and what happens behind it, live.

With `--once` the story of the page is told in the terminal, or as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from koze_lsp.preview.server import PreviewServer
    from koze_lsp.preview.session import PreviewSession, SessionTick

__all__ = ["add_arguments", "main", "run", "story"]

MIB = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("route", metavar="ROUTE", help="a file of src/routes, or a path such as /jobs/42")
    parser.add_argument("--once", action="store_true", help="run to the end of polling and print what happened")
    parser.add_argument("--scenario", metavar="FILE", help="the world to show (default: ROUTE's .preview.json5)")
    parser.add_argument("--no-scenario", action="store_true", help="do not use the scenario beside the route")
    parser.add_argument("--output-format", choices=("table", "json"), default="table", help="of --once")
    parser.add_argument(
        "--max-ticks", "--ticks", type=_positive, default=100, metavar="N", help="stop after N requests (100)"
    )
    parser.add_argument("--until-ms", type=_positive_number, metavar="MS", help="stop at this virtual time")
    parser.add_argument("--time-limit", type=_positive_number, default=1000.0, metavar="MS", help="per render (1000)")
    parser.add_argument("--memory-limit", type=_positive, default=64, metavar="MIB", help="of the page (64)")
    parser.add_argument(
        "--engine-semantics",
        choices=("production", "local"),
        default="production",
        help="how the workflow engine answers: as Cloudflare documents production, or as its local engine does",
    )
    parser.add_argument("--no-run", action="store_true", help="with --once: sample statuses, no workflow is run")
    parser.add_argument("--no-open", action="store_true", help="serve the page without opening a browser")
    parser.add_argument("--port", type=_port, default=0, metavar="PORT", help="of the page (default: a free one)")
    parser.add_argument("--html", action="store_true", help="print the body after each change")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _positive_number(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port")
    return value


def main(args: argparse.Namespace) -> int:
    """Run the command. 0: every tick was rendered, or the page was closed; 1: a tick failed; 2: no such route."""
    return _once(args) if args.once else _serve(args)


def _once(args: argparse.Namespace) -> int:
    from koze_lsp.preview.warm import warm_up  # noqa: PLC0415

    warm = warm_up(runs=not args.no_run, table=args.output_format == "table")
    try:
        return _play(args)
    finally:
        warm.join()  # what V8 has begun must end before the process does


def _play(args: argparse.Namespace) -> int:
    from koze_lsp.preview.joined import join  # noqa: PLC0415
    from koze_lsp.preview.scenario import ScenarioError  # noqa: PLC0415
    from koze_lsp.preview.session import Limits, PreviewSession, UsageError  # noqa: PLC0415

    try:
        session = PreviewSession.open(
            args.route,
            scenario=args.scenario,
            use_scenario=not args.no_scenario,
            limits=Limits(memory=args.memory_limit * MIB, time_ms=args.time_limit),
        )
        source = None if args.no_run else join(session, production=args.engine_semantics == "production")
    except (UsageError, ScenarioError) as error:
        print(f"koze-lsp preview: {error}", file=sys.stderr)
        return 2
    try:
        status = run(session, args)
        for text in source.problems.values() if source is not None else ():
            print(f"koze-lsp preview: {text}\nSample statuses are shown instead.", file=sys.stderr)
        return status
    finally:
        session.close()
        if source is not None:
            source.close()


def _serve(args: argparse.Namespace) -> int:
    """Serve the page until it is interrupted, or the process that started it has ended."""
    from koze_lsp.preview.appfiles import find_root  # noqa: PLC0415
    from koze_lsp.preview.scenario import ScenarioError  # noqa: PLC0415
    from koze_lsp.preview.server import start  # noqa: PLC0415
    from koze_lsp.preview.session import UsageError  # noqa: PLC0415

    folder = os.path.dirname(os.path.abspath(args.route)) if os.path.exists(args.route) else os.path.abspath(".")
    root = find_root(folder)
    try:
        if root is None:
            raise UsageError(f"{folder} is in no Koze application: no folder above it holds src/routes")
        server = start(
            root,
            args.route,
            scenario=None if args.scenario is None else os.path.abspath(args.scenario),
            use_scenario=not args.no_scenario,
            production=args.engine_semantics == "production",
            port=args.port,
        )
    except (UsageError, ScenarioError) as error:
        print(f"koze-lsp preview: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"koze-lsp preview: port {args.port} of 127.0.0.1: {error.strerror or error}", file=sys.stderr)
        return 2
    try:
        print(f"The preview of {args.route} is at {server.url}", flush=True)
        print("It shows every change as it is saved. Ctrl-C ends it.", flush=True)
        if not args.no_open:
            import webbrowser  # noqa: PLC0415 - only a page that is opened needs it

            webbrowser.open(server.url)
        _wait(server)
    except KeyboardInterrupt:
        print()
    finally:
        server.stop()
    return 0


def _wait(server: PreviewServer) -> None:
    """Until the server ends, or the process that started this one has: nobody else would end it then."""
    parent = os.getppid()
    while not server.wait(1.0):
        if os.getppid() != parent:
            return


def run(session: PreviewSession, args: argparse.Namespace) -> int:
    """Play the session to its end and print it."""
    from koze_lsp.preview.poll import PollOptions  # noqa: PLC0415

    ticks: list[SessionTick] = []
    options = PollOptions(max_fetches=args.max_ticks, until_ms=args.until_ms)
    for tick in session.ticks(options):
        ticks.append(tick)
    if args.output_format == "json":
        json.dump(story(session, ticks), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        _table(session, ticks, html=args.html)
    return 0 if all(tick.ok for tick in ticks) else 1


def story(session: PreviewSession, ticks: Sequence[SessionTick]) -> dict[str, Any]:
    """What happened, as the JSON output has it. Times are virtual milliseconds from the first load."""
    return {
        "route": session.route,
        "url": session.url,
        "ticks": [_tick(tick) for tick in ticks],
        "polling": bool(ticks) and ticks[-1].interval is not None,
        "diagnostics": list(_diagnostics(ticks)),
    }


def _tick(tick: SessionTick) -> dict[str, Any]:
    return {
        "at_ms": _number(tick.at_ms),
        "event": tick.event,
        "http": tick.http,
        "html": tick.html,
        "text": tick.text,
        "calls": [
            {
                "workflow": call.workflow,
                "id": call.id,
                "poll": call.poll,
                "status": call.status,
                "error": call.error,
                "terminal": call.terminal,
            }
            for call in tick.calls
        ],
        "directive": None if tick.directive is None else json.loads(tick.directive),
        "done": tick.done,
        "swapped": tick.swapped,
        "ok": tick.ok,
    }


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _diagnostics(ticks: Iterable[SessionTick]) -> Iterable[dict[str, Any]]:
    """Each error once, at the first tick that has it."""
    seen: set[str] = set()
    for tick in ticks:
        if tick.error is None:
            continue
        place = tick.error.place
        key = f"{place}: {tick.error.message}"
        if key in seen:
            continue
        seen.add(key)
        yield {
            "message": tick.error.message,
            "file": place.path if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "limit": tick.error.limit or None,
            "at_ms": _number(tick.at_ms),
        }


# The table


def _table(session: PreviewSession, ticks: Sequence[SessionTick], *, html: bool) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=False)
    console.print(Text.assemble((session.route, "bold"), "  ", (session.url, "cyan")))
    table = Table(show_edge=False, pad_edge=False, header_style="dim")
    for name in ("time", "event", "status", "next", "page"):
        table.add_column(name, justify="right" if name in ("time", "next") else "left", overflow="fold")
    before: str | None = None
    for tick in ticks:
        page = _page_cell(tick, before)
        table.add_row(
            _duration(tick.at_ms),
            _event_cell(tick),
            Text("\n").join(_call_cell(call) for call in tick.calls) if tick.calls else Text("—", "dim"),
            Text(_duration(tick.interval) if tick.interval is not None else "stops", "" if tick.ok else "red"),
            page,
        )
        if tick.event != "hidden":
            before = tick.text
    console.print(table)
    if html and ticks:
        console.print(Text("\n" + ticks[-1].html))
    for problem in _diagnostics(ticks):
        where = f"{problem['file']}:{problem['line']}:{problem['column']}: " if problem["file"] else ""
        console.print(Text(f"{where}error: {problem['message']}", "red"))
    console.print(Text(_ending(ticks), "dim"))


def _event_cell(tick: SessionTick) -> Any:
    from rich.text import Text  # noqa: PLC0415

    if tick.failure:
        return Text(f"no answer: {tick.failure}", "red")
    if tick.event == "hidden":
        return Text("tab hidden", "dim")
    if tick.redirect is not None:
        return Text(f"redirect {tick.redirect}", "yellow")
    return Text(tick.event if tick.ok else f"HTTP {tick.http}", "" if tick.ok else "red")


_STYLES = {"complete": "green", "errored": "red", "terminated": "red", "running": "blue"}


def _call_cell(call: Any) -> Any:
    from rich.text import Text  # noqa: PLC0415

    if call.error is not None:
        return Text.assemble((f"{call.workflow} {call.id}: ", "dim"), (call.error, "red"))
    end = " ■" if call.terminal else ""
    status = str(call.status)
    return Text.assemble((f"{call.workflow} {call.id}: ", "dim"), (status + end, _STYLES.get(status, "")))


def _page_cell(tick: SessionTick, before: str | None) -> Any:
    from rich.text import Text  # noqa: PLC0415

    if tick.error is not None:
        return Text(tick.error.message, "red")
    if tick.event == "hidden" or (before is not None and tick.text == before):
        return Text("unchanged", "dim")
    text = tick.text or "(an empty page)"
    return Text(text if len(text) <= 300 else text[:299] + "…")


def _ending(ticks: Sequence[SessionTick]) -> str:
    if not ticks:
        return "nothing happened"
    last = ticks[-1]
    fetches = sum(tick.event == "fetch" for tick in ticks)
    if last.interval is None:
        if len(ticks) == 1:
            return "the page does not poll"
        return f"polling ended by itself after {fetches} requests, {_duration(last.at_ms)}"
    return f"still polling after {fetches} requests, {_duration(last.at_ms)}"


def _duration(ms: float) -> str:
    """Milliseconds for a reader: 500 ms, 2 s, 1 min 30 s, 1 d 2 h."""
    if ms < 1000:
        return f"{ms:g} ms"
    seconds = ms / 1000
    if seconds < 60:
        return f"{seconds:g} s"
    parts = []
    rest = int(seconds)
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        if rest >= size:
            parts.append(f"{rest // size} {unit}")
            rest %= size
    return " ".join(parts[:2])
