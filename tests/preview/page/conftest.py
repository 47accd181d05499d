"""An application to show, a server for it, and Debian's Chromium to look at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from koze_lsp.preview.server import PreviewServer, start

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

WORKFLOW = """
import { WorkflowEntrypoint, WorkflowEvent, WorkflowStep } from 'cloudflare:workers';

export class MigrationWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{ sourceId?: string }>, step: WorkflowStep) {
    const rows = await step.do('fetch-data', async () => [1, 2, 3]);
    const migrated = await step.do('import-data', async () => rows.length);
    return { migrated, from: event.payload.sourceId ?? 'legacy' };
  }
}
"""
APPROVAL = """
import { WorkflowEntrypoint, WorkflowEvent, WorkflowStep } from 'cloudflare:workers';

export class ApprovalWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{ name?: string }>, step: WorkflowStep) {
    await step.do('prepare', { retries: { limit: 1, delay: '4 seconds' } }, async () => 1);
    await step.sleep('cool-down', '24 hours');
    const answer = await step.waitForEvent<{ by: string }>('wait', { type: 'approved', timeout: '2 days' });
    return { by: answer.payload.by, name: event.payload.name ?? 'nobody' };
  }
}
"""
# As the documentation shows it: nothing is said about an errored instance.
ROUTE = """<script>
  import { params } from 'koze:request';
  import { workflowStatus } from 'koze:workflow';

  const status = await workflowStatus('migration', params.id, { poll: '2s' });
</script>

if (status.error) {
  <p class="error">{status.error}</p>
} else if (status.status === 'complete') {
  <p class="done">{status.output.migrated} rows from {status.output.from}</p>
} else if (status.status === 'running') {
  <p class="phase">Now running</p>
  <input name="comment" aria-label="Comment">
} else if (status.status === 'queued') {
  <p class="phase">Now queued</p>
  <input name="comment" aria-label="Comment">
}
"""
SEVERAL = """<script>
  import { workflowStatus } from 'koze:workflow';

  const quick = await workflowStatus('migration', 'a', { poll: '1s' });
  const slow = await workflowStatus('approval', 'b', { poll: '3s' });
</script>

<p id="quick">{quick.status}</p>
<p id="slow">{slow.status}</p>
"""
APPROVALS = """<script>
  import { params } from 'koze:request';
  import { workflowStatus } from 'koze:workflow';

  const status = await workflowStatus('approval', params.id, { poll: '5s' });
</script>

if (status.status === 'complete') {
  <p>By {status.output.by} for {status.output.name}</p>
} else {
  <p>It is {status.status}</p>
}
<p><a href="/migrations/7">the migration</a> <a href="https://example.com/">elsewhere</a></p>
"""
FILES = {
    "package.json": '{ "name": "shown", "dependencies": { "@kuratchi/js": "^0.0.9" } }',
    "wrangler.jsonc": """{ "name": "shown", "workflows": [
  { "name": "approval-workflow", "binding": "APPROVAL_WORKFLOW", "class_name": "ApprovalWorkflow" },
  { "name": "migration-workflow", "binding": "MIGRATION_WORKFLOW", "class_name": "MigrationWorkflow" }
] }
""",
    "src/server/migration.workflow.ts": WORKFLOW,
    "src/server/approval.workflow.ts": APPROVAL,
    "src/routes/migrations/[id].html": ROUTE,
    "src/routes/several.html": SEVERAL,
    "src/routes/approvals/[id].html": APPROVALS,
    "secret.txt": "nobody may read this",
}

Serve = Callable[..., PreviewServer]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """The application on disk."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def serve(app: Path) -> Iterator[Serve]:
    """Starts servers for the application and stops them."""
    started: list[PreviewServer] = []

    def go(route: str, **options: Any) -> PreviewServer:
        started.append(start(str(app), route, **options))
        return started[-1]

    yield go
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without its first-run business."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as running:
        # Debian's chromium of a container's root needs no sandbox of its own; ours is what is tested.
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Any, serve: Serve) -> Iterator[Callable[..., Any]]:
    """Opens the preview of a route in a page of its own, paused at 0; fails on any error or foreign request."""
    contexts: list[Any] = []
    wrong: list[str] = []

    def go(route: str, *, paused: bool = True, width: int = 1280, **options: Any) -> Any:
        server = serve(route, **options)
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda sent: wrong.append(sent.url) if not sent.url.startswith(_own(server)) else None)
        page.preview = server
        page.wrong = wrong
        page.goto(server.url)
        page.locator("#polling, #instance-status").first.wait_for()
        if paused:
            page.get_by_role("button", name="Pause", exact=True).click()
            again(page)
        return page

    yield go
    for context in contexts:
        context.close()
    assert wrong == []


def _own(server: PreviewServer) -> str:
    return server.url[: server.url.index("/", len("http://"))]


def again(page: Any) -> None:
    """Back to 0, paused."""
    page.locator("#speed").select_option("0.25")
    page.get_by_role("button", name="From start").click()
    page.get_by_role("button", name="Pause", exact=True).click()
    page.locator("#speed").select_option("1")
