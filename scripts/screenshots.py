#!/usr/bin/env python3
"""The pictures of the preview page: docs/images/preview-light.png, preview-dark.png and preview-narrow.png.

    python scripts/screenshots.py [FOLDER]

Needs `pip install playwright` and a Chromium (Debian: apt-get install chromium; another by CHROMIUM=/path). The
application that is shown is written to a temporary folder; virtual time makes every picture the same.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from koze_lsp.preview.server import start

ROOT = Path(__file__).resolve().parent.parent
ROUTE = "src/routes/imports/[id].html"
LAYOUT = """<style>
  :root { color-scheme: light; }
  body { margin: 0; font: 15px/1.55 "Inter", system-ui, sans-serif; color: #20242e; background: #fbfaf8; }
  header { padding: 14px 28px; border-bottom: 1px solid #ece9e3; font-weight: 650; display: flex; gap: 18px; }
  header a { color: inherit; text-decoration: none; } header a + a { color: #8a8577; font-weight: 450; }
  main { padding: 26px 28px; max-width: 34rem; }
  h1 { font-size: 25px; letter-spacing: -.02em; margin: 0 0 4px; }
  .lead { color: #77726a; margin: 0 0 22px; }
  .panel { border: 1px solid #ece9e3; border-radius: 12px; background: #fff; padding: 18px 20px; }
  .bar { height: 8px; border-radius: 9px; background: #f0ede7; overflow: hidden; margin: 10px 0 14px; }
  .bar i { display: block; height: 100%; width: 62%; border-radius: 9px; background: #ff7a5c; }
  .bar.done i { width: 100%; background: #1fa971; }
  button { font: inherit; font-weight: 600; border: 0; border-radius: 8px; padding: 8px 16px; }
  button { background: #20242e; color: #fff; }
  p { margin: 0 0 6px; } .hint { color: #77726a; font-size: 13.5px; margin-top: 16px; }
</style>
<header><a href="/">Orchard</a><a href="/imports">Imports</a></header>
<main>
  <slot></slot>
</main>
"""
PAGE = """<script>
  import { params } from 'koze:request';
  import { workflowStatus } from 'koze:workflow';

  const status = await workflowStatus('catalog-import', params.id, { poll: '2s' });
  const nightly = await workflowStatus('nightly-sync', 'tonight', { poll: '30s' });
</script>

<h1>Import {params.id}</h1>
<p class="lead">Spring catalogue, 3 suppliers</p>
<div class="panel">
  if (status.status === 'complete') {
    <p><b>{status.output.products} products are live</b></p>
    <div class="bar done"><i></i></div>
    <p>Approved by {status.output.by}.</p>
  } else if (status.status === 'waiting') {
    <p><b>Waiting for your approval</b></p>
    <div class="bar"><i></i></div>
    <button>Review 128 changes</button>
  } else {
    <p><b>The import is {status.status}…</b></p>
    <div class="bar"><i></i></div>
  }
</div>
<p class="hint">Tonight's sync is {nightly.status}.</p>
"""
IMPORT = """
import { WorkflowEntrypoint, WorkflowEvent, WorkflowStep } from 'cloudflare:workers';

export class CatalogImportWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{ catalogue?: string }>, step: WorkflowStep) {
    const rows = await step.do('fetch-suppliers', async () => ['a', 'b', 'c']);
    const matched = await step.do(
      'match-products', { retries: { limit: 3, delay: '2 seconds', backoff: 'constant' } },
      async () => rows.length * 128,
    );
    await step.sleep('let-caches-expire', '3 seconds');
    const approval = await step.waitForEvent<{ by: string }>('wait-for-approval', {
      type: 'approved', timeout: '2 days',
    });
    await step.do('publish', async () => matched);
    return { products: matched, by: approval.payload.by };
  }
}
"""
NIGHTLY = """
import { WorkflowEntrypoint, WorkflowEvent, WorkflowStep } from 'cloudflare:workers';

export class NightlySyncWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{}>, step: WorkflowStep) {
    await step.do('read-changes', async () => 12);
    await step.sleep('until-night', '8 hours');
    return { changed: 12 };
  }
}
"""
FILES = {
    "package.json": '{ "name": "orchard", "dependencies": { "@kuratchi/js": "^0.0.9" } }',
    "wrangler.jsonc": """{ "name": "orchard", "workflows": [
  { "name": "catalog-import-workflow", "binding": "CATALOG_IMPORT_WORKFLOW", "class_name": "CatalogImportWorkflow" },
  { "name": "nightly-sync-workflow", "binding": "NIGHTLY_SYNC_WORKFLOW", "class_name": "NightlySyncWorkflow" }
] }""",
    "src/routes/layout.html": LAYOUT,
    ROUTE: PAGE,
    "src/routes/imports/[id].preview.json5": """{
  params: { id: '42' },
  run: {
    'catalog-import': { steps: { 'match-products': { error: 'the shop answered 503', times: 1 } } },
  },
}""",
    "src/server/catalog-import.workflow.ts": IMPORT,
    "src/server/nightly-sync.workflow.ts": NIGHTLY,
}
# A frame in a process of its own is drawn at one pixel to the point, and blurred in a picture.
ARGUMENTS = ["--no-sandbox", "--disable-features=IsolateSandboxedIframes"]
PICTURES = {
    "preview-light": {"color_scheme": "light", "viewport": {"width": 1400, "height": 880}},
    "preview-dark": {"color_scheme": "dark", "viewport": {"width": 1400, "height": 880}},
    "preview-narrow": {"color_scheme": "dark", "viewport": {"width": 400, "height": 1000}},
}


def main() -> int:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    out.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = Path(folder) / "orchard"
        for name, text in FILES.items():
            path = app / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for name, options in PICTURES.items():
            server = start(str(app), ROUTE)
            page = browser.new_page(device_scale_factor=2, **options)
            page.goto(server.url)
            play(page)
            page.screenshot(path=out / f"{name}.png")
            print(out / f"{name}.png")
            page.close()
            server.stop()
        browser.close()
    return 0


def play(page: Any) -> None:
    """To the moment at which everything can be seen: a failed attempt, a sleep, and the wait for the approval."""
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="From start").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    for at in (2, 4, 6, 8, 10, 12):
        page.get_by_role("button", name="Next tick").click()
        page.locator("#clock", has_text=f"{at}.0 s").wait_for()
    page.locator("#payload").fill('{ "by": "Ada" }')
    page.locator("h2").first.click()
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(300)


if __name__ == "__main__":
    raise SystemExit(main())
