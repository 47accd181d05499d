"""How long a change takes to show in the open page: saved to disk, and typed in an editor.

python -m tests.preview.page.live [COUNT]        milliseconds, as JSON: median and slowest of each way
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from koze_lsp.preview.server import changed, open_page, shutdown, start
from koze_lsp.project.workspace import Workspace
from koze_lsp.text import Text
from tests.preview.page.conftest import CHROMIUM, FILES

ROUTE = "src/routes/migrations/[id].html"
_LISTEN = """() => {
  window.shown = [];
  addEventListener('message', ({ data }) => { if (data?.koze && (data.ready || 'swapped' in data)) shown.push(Date.now()); });
}"""


def measure(page: Any, change: Callable[[int], None], count: int) -> list[float]:
    """Milliseconds from each of `count` changes to its being shown in the frame of the page."""
    page.evaluate(_LISTEN)
    found = []
    for number in range(count):
        page.evaluate("() => { window.shown.length = 0; }")
        before = time.time()
        change(number)
        page.wait_for_function("() => window.shown.length > 0", polling=5)
        found.append(page.evaluate("() => window.shown[0]") - before * 1000)
        page.wait_for_timeout(120)
    return found


def text_of(number: int) -> str:
    """The route with another word in it."""
    return FILES[ROUTE].replace("Now queued", f"Now queued, edit {number}")


def measure_saved(browser: Any, app: Path, count: int) -> list[float]:
    """Files that are saved, seen by the watcher."""
    server = start(str(app), ROUTE)
    page = _page(browser, server.url)
    try:
        return measure(page, lambda number: (app / ROUTE).write_text(text_of(number), "utf-8") and None, count)
    finally:
        page.close()
        server.stop()


def measure_typed(browser: Any, app: Path, count: int) -> list[float]:
    """Texts that an editor has, handed over by the language server."""
    workspace = Workspace()
    workspace.load(str(app))

    def type_text(number: int) -> None:
        workspace.open(f"{app}/{ROUTE}", Text(text_of(number)), number)
        changed(workspace.project(str(app)))

    page = _page(browser, open_page(workspace.project(str(app)), ROUTE)["url"])
    try:
        return measure(page, type_text, count)
    finally:
        page.close()
        shutdown()


def _page(browser: Any, url: str) -> Any:
    page = browser.new_page()
    page.goto(url)
    page.locator(".row.polls").wait_for()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.wait_for_timeout(500)
    return page


def main() -> int:
    from playwright.sync_api import sync_playwright

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = Path(folder).resolve()
        for name, text in FILES.items():
            path = app / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        told = {}
        for name, run in (("saved", measure_saved), ("typed", measure_typed)):
            times = run(browser, app, count)
            told[name] = {"median_ms": round(statistics.median(times), 1), "slowest_ms": round(max(times), 1)}
        browser.close()
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
