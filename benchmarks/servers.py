"""The rows about the language server."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import rivals, trees
from benchmarks.checks import KOZE
from benchmarks.client import Client, Message, NoAnswerError
from benchmarks.measure import percentile, resident, wait_until
from benchmarks.table import Row, ratio

_BARE = [sys.executable, str(Path(__file__).with_name("bare_server.py"))]
_KEYS = 120
_CHANGED = 1_000
_PLACES = {
    "": ("{status.status} of", 15, "x"),
    " in an expression": ("{rows.length}", 12, "x"),
    " that breaks the script": ("const rows = ", 13, "= "),
}
"""Where a keystroke comes and goes: behind what text, how far into it, and what is typed."""


def rows(repeats: int) -> Iterator[Row]:
    """Every row of the server."""
    large = trees.koze(10_000)
    yield from _starts(large, 2 * repeats)
    first, memory = _first(large, repeats)
    their_first, their_memory = _svelte()
    yield ratio("first diagnostics, against svelteserver", 0.1, first, their_first, "svelteserver, 1,000 routes")
    yield ratio("memory of the server, against svelteserver", 0.3, memory, their_memory, "svelteserver", "MB")
    for pull in (False, True):
        yield _keystrokes(large, pull=pull)
    for where in list(_PLACES)[1:]:
        yield _keystrokes(large, where, pull=False)
    yield from _features(large)
    yield from _many_changes(trees.copy(large, "koze-changed"))


def _starts(root: Path, repeats: int) -> Iterator[Row]:
    """Taken in turns, so that both meet the same noise."""
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    for _ in range(repeats):
        bare.append(_start(_BARE, root))
        ours.append(_start([KOZE], root))
    for what, pick in (("server start, against a bare pygls server", min), ("… median", median)):
        yield ratio(what, 1.15, pick(wall for wall, _ in ours), pick(wall for wall, _ in bare), "pygls")
    if ours[0][1]:
        yield ratio("… processor time", 1.15, min(cpu for _, cpu in ours), min(cpu for _, cpu in bare), "pygls")


def _start(command: list[Any], root: Path) -> tuple[float, float]:
    """Seconds, and seconds of processor time, from the start of a process to its answer."""
    with Client(command, root) as client:
        return client.initialize(root, pull=True), client.cpu()


def _status_route(root: Path, text: str = "workflowStatus('") -> Path:
    return next(path for path in sorted((root / "src/routes").rglob("index.html")) if text in path.read_text())


def _publishes(uri: str, version: int | None = None) -> Callable[[Message], bool]:
    def wanted(message: Message) -> bool:
        params = message.get("params") or {}
        return (
            message.get("method") == "textDocument/publishDiagnostics"
            and params["uri"] == uri
            and version in (None, params.get("version"))
        )

    return wanted


def _first(root: Path, repeats: int) -> tuple[float, float]:
    """Seconds from didOpen to diagnostics right after the handshake, and MB once all is indexed."""
    path, best, memory = _status_route(root), 60.0, 0.0
    text = path.read_text().replace("workflowStatus('", "workflowStatus('x")
    for number in range(repeats):
        with Client([KOZE], root) as client:
            client.initialize(root, pull=False)
            uri, sent = client.open(path, text, "html")
            when, message = client.wait(_publishes(uri))
            assert message["params"]["diagnostics"], "an unknown workflow was not reported"
            best = min(best, when - sent)
            if number == repeats - 1:
                client.ask("workspace/symbol", {"query": "migrate"})
                wait_until(lambda: False, 3.0)
                memory = resident(client.process.pid)
    return best, memory


def _svelte() -> tuple[float | None, float | None]:
    modules = rivals.node_modules()
    if modules is None:
        return None, None
    root = trees.svelte(1_000, modules)
    path = root / "src/routes/Page0.svelte"
    try:
        with Client([modules / ".bin/svelteserver", "--stdio"], root) as client:
            client.initialize(root, pull=False)
            text = path.read_text().replace("status.output?.handled", "status.output.handledd")
            uri, sent = client.open(path, text, "svelte")
            found = _publishes(uri)
            when, _ = client.wait(lambda message: found(message) and bool(message["params"]["diagnostics"]), 120)
            return when - sent, resident(client.process.pid)
    except NoAnswerError:
        return None, None


def _opened(client: Client, root: Path, *, pull: bool) -> tuple[str, str]:
    """A long page of an existing workflow, open; gives its URI and text."""
    client.initialize(root, pull=pull)
    path = _status_route(root)
    name = re.search(r"workflowStatus\('([^']*)", path.read_text())
    assert name is not None
    text = trees.long_route().replace("NAME", name[1])
    uri, _ = client.open(path, text, "html")
    client.ask("textDocument/hover", _at(uri, text, "workflowStatus(", 3))
    client.ask("workspace/symbol", {"query": "x"})  # everything is indexed when this is answered
    wait_until(lambda: False, 1.0)
    return uri, text


def _at(uri: str, text: str, word: str, inside: int) -> dict[str, Any]:
    offset = text.rindex(word) + inside
    line = text.count("\n", 0, offset)
    column = offset - text.rfind("\n", 0, offset) - 1
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}}


def _type(client: Client, uri: str, text: str, number: int, where: str = "") -> None:
    """One keystroke: something comes or goes."""
    behind, inside, typed = _PLACES[where]
    place = _at(uri, text, behind, inside)["position"]
    end = {**place, "character": place["character"] + number % 2 * len(typed)}
    change = {"range": {"start": place, "end": end}, "text": "" if number % 2 else typed}
    client.notify(
        "textDocument/didChange", {"textDocument": {"uri": uri, "version": number + 2}, "contentChanges": [change]}
    )


def _keystrokes(root: Path, where: str = "", *, pull: bool) -> Row:
    taken: list[float] = []
    used: list[float] = []
    with Client([KOZE], root) as client:
        uri, text = _opened(client, root, pull=pull)
        for number in range(_KEYS):
            before, started = client.cpu(), time.perf_counter()
            _type(client, uri, text, number, where)
            if pull:
                client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
                when = time.perf_counter()
            else:
                when, _ = client.wait(_publishes(uri, number + 2))
            taken.append((when - started) * 1_000)
            used.append((client.cpu() - before) * 1_000)
            time.sleep(0.03)
    return _spread(f"keystroke to diagnostics{where}, {'pull' if pull else 'push'}", 15, taken, used)


def _spread(what: str, reach: float, taken: list[float], used: list[float]) -> Row:
    p95, half = percentile(taken, 0.95), percentile(taken, 0.5)
    detail = (
        f"p95 of {len(taken)}; median {half:.1f} ms, least {min(taken):.1f} ms;"
        f" processor time: p95 {percentile(used, 0.95):.1f} ms, median {percentile(used, 0.5):.1f} ms"
    )
    return Row(what, "ms", reach, p95, detail, {"taken": taken, "used": used})


def _features(root: Path) -> Iterator[Row]:
    with Client([KOZE], root) as client:
        uri, text = _opened(client, root, pull=True)
        asked = {
            "completion in the name": ("textDocument/completion", _at(uri, text, "workflowStatus('", 16)),
            "completion of a status's fields": ("textDocument/completion", _at(uri, text, "{status.status}", 8)),
            "hover": ("textDocument/hover", _at(uri, text, "workflowStatus(", 3)),
        }
        for number, (what, (method, params)) in enumerate(asked.items()):
            taken: list[float] = []
            used: list[float] = []
            for key in range(_KEYS // 2):
                _type(client, uri, text, number * 1_000 + key)
                client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
                before = client.cpu()
                seconds, result = client.ask(method, params)
                assert result, f"{what}: no answer"
                taken.append(seconds * 1_000)
                used.append((client.cpu() - before) * 1_000)
            yield _spread(what, 10, taken, used)


def _many_changes(root: Path) -> Iterator[Row]:
    """1,000 pages change on disk; the client asks for the workspace's diagnostics and hovers meanwhile."""
    with Client([KOZE], root) as client:
        uri, text = _opened(client, root, pull=True)
        _, report = client.ask("workspace/diagnostic", {"previousResultIds": []})
        previous = [{"uri": item["uri"], "value": item["resultId"]} for item in report["items"] if item.get("resultId")]
        pages = sorted((root / "src/routes").rglob("index.html"))[-_CHANGED:]
        for page in pages:
            page.write_text(page.read_text().replace("params.id", "params.other"), encoding="utf-8")
        hovers: list[float] = []
        over = threading.Event()
        before, started = client.cpu(), time.perf_counter()
        client.notify(
            "workspace/didChangeWatchedFiles",
            {"changes": [{"uri": page.as_uri(), "type": 2} for page in pages]},
        )
        asked = client.request("workspace/diagnostic", {"previousResultIds": previous})
        found: Message = {}
        when = 0.0
        while not over.is_set():
            sent = time.perf_counter()
            hover = client.request("textDocument/hover", _at(uri, text, "workflowStatus(", 3))
            waiting = True
            while waiting:
                at, message = client.wait(lambda message: "method" not in message)
                if message["id"] == hover:
                    hovers.append((at - sent) * 1_000)
                    waiting = False
                elif message["id"] == asked:
                    when, found = at, message
                    over.set()
            time.sleep(0.01)
        used = client.cpu() - before
    right = sum(bool(item.get("items")) for item in found["result"]["items"])
    detail = f"{right} reports with findings; {len(hovers)} hovers meanwhile; {used:.2f} s of processor time"
    yield Row("1,000 files changed until the diagnostics are right", "s", 1, when - started, detail)
    yield Row("… slowest hover meanwhile", "ms", 50, max(hovers), f"median {percentile(hovers, 0.5):.1f} ms")
