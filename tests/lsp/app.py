"""A small application on disk for protocol tests."""

from __future__ import annotations

from pathlib import Path

WORKFLOW = """\
import {{ WorkflowEntrypoint }} from 'cloudflare:workers';
export class {name} extends WorkflowEntrypoint {{
  async run(event, step) {{
    await step.do('first', async () => 1);
    return {{ done: true }};
  }}
}}
"""
ENTRY = '{{ "name": "{name}-workflow", "binding": "{binding}_WORKFLOW", "class_name": "{class_name}" }}'

ROUTE = """\
<script>
import {{ workflowStatus }} from 'koze:workflow';
import {{ params }} from 'koze:request';
/* \U0001f600 */ const status = await workflowStatus('{name}', params.id, {{ poll: '2s' }});
</script>
<p>{{status.status}}</p>
"""
NAME_LINE = 3


def name_column(name: str, encoding: str = "utf-16") -> int:
    """Where the workflow's name starts on its line, behind an emoji."""
    before = ROUTE.format(name=name).splitlines()[NAME_LINE].split(f"'{name}'")[0] + "'"
    if encoding == "utf-8":
        return len(before.encode())
    return len(before) + (1 if encoding == "utf-16" else 0)


def route(name: str = "migration") -> str:
    """A page that reads a workflow's status."""
    return ROUTE.format(name=name)


def make_app(root: Path, *workflows: str) -> Path:
    """An application with some workflows, in sync, and one page, ``src/routes/[id].html``."""
    workflows = workflows or ("migration",)
    (root / "src" / "routes").mkdir(parents=True)
    (root / "src" / "server").mkdir()
    (root / "package.json").write_text('{ "name": "app" }\n')
    write_wrangler(root, *workflows)
    for name in workflows:
        add_workflow(root, name)
    (root / "src" / "routes" / "[id].html").write_text(route(workflows[0]))
    return root


def write_wrangler(root: Path, *workflows: str) -> None:
    """wrangler.jsonc with the entries of some workflows."""
    entries = ",\n    ".join(
        ENTRY.format(name=name, binding=name.upper().replace("-", "_"), class_name=class_name(name))
        for name in workflows
    )
    (root / "wrangler.jsonc").write_text(
        f'{{\n  "name": "app",\n  "main": "src/worker.ts",\n  "compatibility_date": "2025-06-01",\n'
        f'  "workflows": [\n    {entries}\n  ]\n}}\n'
    )


def add_workflow(root: Path, name: str) -> Path:
    """A workflow file."""
    path = root / "src" / "server" / f"{name}.workflow.ts"
    path.write_text(WORKFLOW.format(name=class_name(name)))
    return path


def class_name(name: str) -> str:
    """``data-sync`` → ``DataSync``."""
    return "".join(part.capitalize() for part in name.split("-"))
