"""What SECURITY.md promises of the preview: a page that eats memory ends itself only, the host's environment stays
with the host, and nothing outside the application is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from koze_lsp.preview.engine.app import Application
from koze_lsp.preview.joined import join
from koze_lsp.preview.session import PreviewSession
from koze_lsp.preview.warm import warm_up
from koze_lsp.project.workspace import Workspace
from tests.preview.page.conftest import FILES

BOMBS = {
    "heap": "const a = []; for (;;) a.push(new Array(1000).fill(a.length));",
    "buffers": "const a = []; for (;;) a.push(new ArrayBuffer(2 ** 26));",
    "copies": "const a = []; for (;;) a.push(new Uint8Array(2 ** 22).with(0, 1));",
    "transfers": "const a = []; for (;;) a.push(new ArrayBuffer(1).transfer(2 ** 26));",
    "text": "const a = []; for (let i = 0; ; i++) a.push(('y' + i).repeat(2 ** 24).toUpperCase());",
    "one builtin": "new Array(2 ** 27).fill(1.5);",
    "microtasks": "const f = async () => { for (;;) f(); }; f();",
}
if sys.platform == "linux":
    # V8 answers this one by ending the process; see isolate_fatal.
    BOMBS["what V8 cannot refuse"] = "'x'.repeat(2 ** 28).split('');"
PAGE = "<script>\nconst go = () => {{ {bomb} }};\n</script>\n<p>{{go()}}</p>\n"
_SERVE = """
import json, sys, urllib.request
from koze_lsp.preview.server import open_page, shutdown
from koze_lsp.project.workspace import Workspace
root = sys.argv[1]
workspace = Workspace()
workspace.load(root)
project = workspace.project(root)
good = open_page(project, "src/routes/migrations/[id].html")["url"]
told = {}
def state(url):
    with urllib.request.urlopen(url + "state") as answer:
        return json.load(answer)["state"]
for path in project.files:
    if path.startswith("src/routes/bomb-"):
        moment = state(open_page(project, path)["url"])["moments"][0]
        other = state(good)["moments"][0]
        told[path] = [moment["http"], (moment["error"] or {}).get("message"), other["http"], other["empty"]]
shutdown()
print(json.dumps(told))
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_a_page_that_eats_memory_ends_itself_only(app: Path) -> None:
    for number, bomb in enumerate(BOMBS.values()):
        (app / f"src/routes/bomb-{number}.html").write_text(PAGE.format(bomb=bomb), encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", _SERVE, str(app)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    told = json.loads(ran.stdout)
    assert len(told) == len(BOMBS)
    for http, message, other_http, other_empty in told.values():
        assert (other_http, other_empty) == (200, False)
        assert http == 500
        assert message.startswith("The page was stopped")


SEARCH = """
const seen = new Set();
const search = (value, path, depth) => {
  if (typeof value === 'string') return value.includes('told-by-the-host') ? path : null;
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value) || depth > 6) return null;
  seen.add(value);
  for (const key of Reflect.ownKeys(value)) {
    let inner;
    try { inner = value[key]; } catch { continue; }
    const found = search(inner, `${path}.${String(key)}`, depth + 1);
    if (found !== null) return found;
  }
  return search(Object.getPrototypeOf(value), `${path}.__proto__`, depth + 1);
};
export const told = (env) => search(globalThis, 'globalThis', 0) ?? search(env, 'env', 0) ?? `nothing, process is ${typeof process}`;
"""


def test_no_environment_of_the_host_reaches_user_code(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOZE_TEST_SECRET", "told-by-the-host")
    monkeypatch.setenv("MIGRATION_WORKFLOW", "told-by-the-host")
    (app / ".dev.vars").write_text("KOZE_TEST_SECRET=told-by-the-host\n", encoding="utf-8")
    (app / ".env").write_text("KOZE_TEST_SECRET=told-by-the-host\n", encoding="utf-8")
    (app / "src/lib").mkdir()
    (app / "src/lib/search.ts").write_text(SEARCH, encoding="utf-8")
    (app / "src/server/helper.ts").write_text(
        "import { env } from 'cloudflare:workers';\nimport { told } from '$lib/search';\n"
        "export const helper = () => told(env.MIGRATION_WORKFLOW);\n",
        encoding="utf-8",
    )
    (app / "src/server/migration.workflow.ts").write_text(
        "import { WorkflowEntrypoint, env } from 'cloudflare:workers';\nimport { told } from '../lib/search';\n"
        "export class MigrationWorkflow extends WorkflowEntrypoint {\n  async run(event, step) {\n"
        "    return { step: await step.do('look', async () => told(env)), run: told(this.env) };\n  }\n}\n",
        encoding="utf-8",
    )
    (app / "src/routes/look.koze").write_text(
        "<script>\nimport { workflowStatus } from 'koze:workflow';\nimport { told } from '$lib/search';\n"
        "import { helper } from '$server/helper';\n"
        "const status = await workflowStatus('migration', '1', { poll: '5s' });\n</script>\n"
        "<p>{told({})}; {helper()}; {status.output?.step}; {status.output?.run}</p>\n",
        encoding="utf-8",
    )
    session = PreviewSession.open("src/routes/look.koze", root=str(app))
    source = join(session)
    try:
        last = list(session.ticks())[-1]
    finally:
        session.close()
        source.close()
    assert last.calls[0].status == "complete"
    assert last.text == "; ".join(["nothing, process is undefined"] * 4)


@pytest.mark.parametrize("way", ["above", "absolute", "link", "linked folder", "package"])
def test_a_workflow_cannot_import_what_lies_outside(app: Path, tmp_path: Path, way: str) -> None:
    (tmp_path / "secret.ts").write_text("export default { rows: 'told' };", encoding="utf-8")
    (tmp_path / "secret.json").write_text('{ "rows": "told" }', encoding="utf-8")
    named = {
        "above": "../../../secret",
        "absolute": str(tmp_path / "secret.json"),
        "link": "./linked.json",
        "linked folder": "./folder/secret.json",
        "package": "thief",
    }[way]
    os.symlink(tmp_path / "secret.json", app / "src/server/linked.json")
    os.symlink(tmp_path, app / "src/server/folder")
    package = app / "node_modules/thief"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{ "type": "module", "exports": "../../../secret.json" }', encoding="utf-8")
    text = FILES["src/server/migration.workflow.ts"].replace("[1, 2, 3]", "[JSON.stringify(secret)]")
    (app / "src/server/migration.workflow.ts").write_text(f"import secret from '{named}';\n{text}", encoding="utf-8")
    session = PreviewSession.open("src/routes/migrations/[id].html", root=str(app))
    source = join(session)
    try:
        html = " ".join(tick.html for tick in session.ticks())
        told = [*source.problems.values(), json.dumps(source.reports())]
    finally:
        session.close()
        source.close()
    assert "told" not in html + " ".join(told)


def test_a_linked_package_of_a_workspace_runs(app: Path, tmp_path: Path) -> None:
    shared = tmp_path / "packages/shared"
    shared.mkdir(parents=True)
    (shared / "package.json").write_text('{ "type": "module", "exports": "./index.js" }', encoding="utf-8")
    (shared / "index.js").write_text("export const rows = [1, 2, 3, 4];", encoding="utf-8")
    (app / "node_modules/@org").mkdir(parents=True)
    os.symlink(shared, app / "node_modules/@org/shared")
    workspace = Workspace()
    workspace.load(str(app))
    application = Application(workspace.project(str(app)))
    workflow = application.find("migration")
    found = application.resolve("@org/shared", workflow.source)
    assert getattr(found, "code", "") == "export const rows = [1, 2, 3, 4];"


@pytest.mark.parametrize("module", ["../../secret", "$server/../../../secret", "/etc/passwd"])
def test_a_scenario_names_modules_and_reads_none(app: Path, tmp_path: Path, module: str) -> None:
    (tmp_path / "secret.ts").write_text("export const secret = () => 'told';", encoding="utf-8")
    scenario = json.dumps({"server": {module: {"other": 1}}})
    (app / "src/routes/steal.preview.json5").write_text(scenario, encoding="utf-8")
    (app / "src/routes/steal.koze").write_text(
        f"<script>\nimport {{ secret }} from {json.dumps(module)};\n</script>\n<p>{{secret()}}</p>\n", encoding="utf-8"
    )
    session = PreviewSession.open("src/routes/steal.koze", root=str(app))
    response = session.render()
    session.close()
    assert response.status == 500
    assert "told" not in response.html


def test_a_scenario_that_is_a_link_elsewhere_is_not_read(app: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json5").write_text("{ url: '/migrations/told' }", encoding="utf-8")
    os.symlink(tmp_path / "elsewhere.json5", app / "src/routes/migrations/[id].preview.json5")
    session = PreviewSession.open("src/routes/migrations/[id].html", root=str(app))
    session.close()
    assert session.url == "/migrations/1"


def test_a_head_start_changes_nothing() -> None:
    thread = warm_up(runs=True, table=True)
    thread.join(30)
    assert not thread.is_alive()
