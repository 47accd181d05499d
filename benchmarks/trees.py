"""The applications that are measured: Koze ones of any size, and the Svelte counterpart of one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TREES = Path(tempfile.gettempdir()) / "koze-lsp-benchmarks"
"""Not in the checkout: koze-lsp and ripgrep leave out what git ignores there."""
GENERATOR = ROOT / "tests/data/make_project.py"


def koze(routes: int, workflows: int = 500) -> Path:
    """An application with planted faults, made once."""
    folder = TREES / f"koze-{routes}-{workflows}"
    if not (folder / "expected.json").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        sizes = ["--routes", str(routes), "--workflows", str(workflows), "--seed", "1"]
        subprocess.run([sys.executable, str(GENERATOR), str(folder), *sizes], check=True, capture_output=True)
    return folder


def copy(folder: Path, name: str) -> Path:
    """A copy that a benchmark may change."""
    target = TREES / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target)
    return target


def long_route(lines: int = 1_000) -> str:
    """A page that reads a status and has a number of lines."""
    head = (
        "<script>\n  import { params } from 'koze:request';\n  import { workflowStatus } from 'koze:workflow';\n"
        "  import { listRows } from '$server/rows';\n\n  const rows = await listRows(params.id);\n"
        "  const status = await workflowStatus('NAME', params.id, { poll: '2s' });\n</script>\n\n"
    )
    block = (
        "if (status.status === 'running') {\n"
        "  <p class=\"note {rows.length > 3 ? 'many' : ''}\">{status.status} of {rows.length}</p>\n"
        "} else if (status.status === 'errored') {\n  <p>{status.error ?? 'failed'}</p>\n} else {\n"
        "  for (const row of rows) {\n    <li><a href={`/rows/${row.id}`}>{row.name}</a></li>\n  }\n}\n"
    )
    return head + block * ((lines - head.count("\n")) // block.count("\n"))


_STATUS = """<script lang="ts">
  import { page } from '../lib/page';
  import { workflowStatus } from '../lib/workflow';

  const status = workflowStatus('NAME', page.params.id, { poll: '2s' });
</script>

<h1>NAME</h1>
{#if status.error}
  <p>{status.error}</p>
{:else if status.status === 'running'}
  <p>Working on it</p>
{:else if status.status === 'complete'}
  <p>{status.output?.handled} handled</p>
{:else if status.status === 'errored' || status.status === 'terminated'}
  <p>It did not finish</p>
{/if}
"""
_PLAIN = """<script lang="ts">
  import { page } from '../lib/page';
  import { listRows } from '../lib/rows';

  const rows = listRows(page.params.id);
  const active = rows.filter((row) => row.active && row.size > 3);
</script>

<section class="page {active.length > 0 ? 'live' : ''}">
  <h1>NAME list</h1>
NOTES
  {#if active.length === 0}
    <p>Nothing here</p>
  {:else}
    <ul>
      {#each active as row}
        <li><a href={`/rows/${row.id}`}>{row.name}</a></li>
      {/each}
    </ul>
  {/if}
</section>
"""
_LIBRARY = {
    "src/lib/page.ts": "export const page = { params: { id: '1' } };\n",
    "src/lib/rows.ts": "export function listRows(id: string) {\n"
    "  return [{ id, name: id, active: true, size: 4 }];\n}\n",
    "src/lib/workflow.ts": "export interface Status {\n"
    "  status: 'queued' | 'running' | 'complete' | 'errored' | 'terminated';\n"
    "  error: string | null;\n  output: { handled: number } | null;\n}\n"
    "export function workflowStatus(name: string, id: string, options?: { poll?: string }): Status {\n"
    "  return { status: 'running', error: name && id && options?.poll ? null : '', output: null };\n}\n",
    "tsconfig.json": '{ "compilerOptions": { "strict": true, "module": "esnext", "target": "esnext",'
    ' "moduleResolution": "bundler", "skipLibCheck": true, "types": [] }, "include": ["src"] }\n',
    "package.json": '{ "private": true, "type": "module" }\n',
}


def svelte(routes: int, modules: Path) -> Path:
    """The same pages as Svelte components, one in five of which reads a status."""
    folder = TREES / f"svelte-{routes}"
    if not (folder / "package.json").is_file():
        for name, text in _LIBRARY.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        for number in range(routes):
            note = '  <p class="note">Changes are saved when you press the button.</p>'
            notes = "\n".join([note] * (4 + number % 27))
            text = (_PLAIN if number % 5 else _STATUS).replace("NAME", f"p{number}").replace("NOTES", notes)
            path = folder / "src/routes" / f"Page{number}.svelte"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    link = folder / "node_modules"
    if not link.exists():
        link.symlink_to(modules, target_is_directory=True)
    return folder
