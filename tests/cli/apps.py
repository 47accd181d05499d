"""Small applications that the command line's tests check."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.support import write_tree

WORKFLOW = (
    "import { WorkflowEntrypoint } from 'cloudflare:workers';\n"
    "export class CLASS extends WorkflowEntrypoint {\n  async run(event, step) {\n"
    "    return await step.do('a', async () => 1);\n  }\n}\n"
)
PAGE = (
    "<script>\n  import { params } from 'koze:request';\n  import { workflowStatus } from 'koze:workflow';\n"
    "  const status = await workflowStatus('NAME', params.id);\n</script>\n<p>{status.status}</p>\n"
)
GOOD = PAGE.replace("NAME", "job")
BAD = PAGE.replace("NAME", "jobb")
WARNED = GOOD.replace("params.id)", "params.id, { poll: '500' })")
PLAIN = "<p>Nothing here reads a workflow.</p>\n"
ROUTE = "src/routes/[id]/index.html"


def workflows(*names: str) -> dict[str, str]:
    """The files of an application with these workflows and no routes; one word each."""
    entries = ", ".join(
        f'{{ "name": "{name}-workflow", "binding": "{name.upper()}_WORKFLOW", "class_name": "{name.capitalize()}" }}'
        for name in names
    )
    return {
        "package.json": '{ "name": "app" }\n',
        "wrangler.jsonc": f'{{ "name": "app", "workflows": [{entries}] }}\n',
        **{f"src/server/{name}.workflow.ts": WORKFLOW.replace("CLASS", name.capitalize()) for name in names},
    }


def app(root: Path, page: str = GOOD, **others: str) -> Path:
    """An application with the workflow ``job`` and one route."""
    return write_tree(root, {**workflows("job"), ROUTE: page, **others})


def git(root: Path, *arguments: str) -> str:
    """Run git in a scratch repository; a machine without git skips the test."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


def commit_all(root: Path) -> None:
    """Commit everything in a folder, which becomes a repository if it is none."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "state")
