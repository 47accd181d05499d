"""Small projects in memory for the tests of editor features.

A ``|`` in one of the files marks the cursor; ``||`` stands for one that is meant. Nothing here touches a disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from koze_lsp.ide.types import Location, Rename
from koze_lsp.project.document import Document
from koze_lsp.project.project import Project
from koze_lsp.rules import examples
from koze_lsp.rules.base import Change, CreateFile, FileEdit, RenameFile
from koze_lsp.rules.engine import check_project
from koze_lsp.text import apply_edits

Tree = Mapping[str, str]


@dataclass(frozen=True)
class At:
    """A project with a cursor in one of its files."""

    project: Project
    document: Document
    offset: int


def project_of(files: Tree) -> Project:
    """A snapshot of an application with some files."""

    return examples.project_of(files, root="/app")


def at(files: Tree) -> At:
    """The project and the cursor that the one ``|`` of its files marks."""
    plain = {path: text.replace("||", "\0") for path, text in files.items()}
    (where,) = [path for path, text in plain.items() if "|" in text]
    offset = plain[where].index("|")
    plain[where] = plain[where].replace("|", "", 1)
    project = project_of({path: text.replace("\0", "|") for path, text in plain.items()})
    document = project.document(where)
    assert document is not None
    return At(project, document, offset)


def cursor(files: Tree, path: str, needle: str, into: int = 1) -> At:
    """The project with the cursor some characters into the first occurrence of a text."""
    project = project_of(files)
    document = project.document(path)
    assert document is not None
    return At(project, document, document.source.index(needle) + into)


def findings(files: Tree) -> list[str]:
    """The errors and warnings of a tree, as the check reports them."""
    project = project_of(files)
    return [
        f"{path}: {found.code}: {found.message}"
        for path, diagnostics in check_project(project)
        for found in diagnostics
        if found.severity.fails
    ]


def shown(project: Project, locations: Iterable[Location]) -> list[str]:
    """``path:line: text`` of each location, lines counted from 1; the selection where there is one."""
    found = []
    for location in locations:
        span = location.selection or location.span
        document = project.document(location.path)
        text = document.source[span.start : span.end] if document is not None else "?"
        line = document.text.line_at(span.start) + 1 if document is not None else 0
        found.append(f"{location.path}:{line}: {text}")
    return found


def after(files: Tree, changes: Rename | Iterable[Change]) -> dict[str, str]:
    """The files after a set of changes, made as an editor makes them: in order, each file's edits at once."""
    if isinstance(changes, Rename):
        changes = [change for group in changes.groups for change in group.changes]
    tree, edited = dict(files), set()
    for change in changes:
        match change:
            case FileEdit(path, edits):
                assert path not in edited, f"{path} is edited in two changes"
                edited.add(path)
                tree[path] = apply_edits(tree[path], edits)
            case CreateFile(path, content):
                assert path not in tree, f"{path} exists"
                tree[path] = content
            case RenameFile(path, new_path):
                assert new_path not in tree, f"{new_path} exists"
                tree[new_path] = tree.pop(path)
    return tree


WORKFLOW = """\
import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';

export class MigrationWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent, step: WorkflowStep) {
    const data = await step.do('fetch-data', async () => {
      return [1, 2, 3];
    });
    await step.sleep('cool-down', '10 seconds');
    return { migrated: data.length };
  }
}
"""

PAGE = """\
<script>
  import { params } from 'koze:request';
  import { workflowStatus } from 'koze:workflow';

  const status = await workflowStatus('migration', params.id, { poll: '2s' });
</script>

if (status.error) {
  <p>{status.error}</p>
} else if (status.status === 'complete') {
  <p>Done: {status.output?.migrated}</p>
} else if (status.status === 'errored' || status.status === 'terminated') {
  <p>Failed</p>
} else {
  <p>{status.status}</p>
}
"""

APP: dict[str, str] = {
    "package.json": '{ "name": "app" }\n',
    "src/app.d.ts": (
        "declare module 'koze:workflow' {\n  export type WorkflowName = 'data-sync' | 'migration';\n}\n"
        "declare module 'kuratchi:workflow' {\n  export type WorkflowName = 'data-sync' | 'migration';\n}\n"
    ),
    "src/routes/index.html": "<p>Home</p>\n",
    "src/routes/migrations/[id].html": PAGE,
    "src/routes/migrations/two/[id].html": PAGE.replace("'migration'", '"migration"'),
    "src/server/actions.ts": """\
import { env } from 'cloudflare:workers';
import { workflowStatus } from 'koze:workflow';

const NAME = 'migration';

export async function startMigration({ formData }: { formData: FormData }) {
  const instance = await env.MIGRATION_WORKFLOW.create({ params: { sourceId: formData.get('sourceId') } });
  return instance.id;
}

export async function again(id: string) {
  const { MIGRATION_WORKFLOW } = env;
  await MIGRATION_WORKFLOW.get(id);
  return workflowStatus(NAME, id);
}
""",
    "src/server/data-sync.workflow.ts": WORKFLOW.replace("MigrationWorkflow", "DataSyncWorkflow"),
    "src/server/migration.workflow.ts": WORKFLOW,
    "src/worker.ts": "export { MigrationWorkflow } from './server/migration.workflow';\n",
    "wrangler.jsonc": """\
{
  // The Worker
  "name": "app",
  "workflows": [
    { "name": "data-sync-workflow", "binding": "DATA_SYNC_WORKFLOW", "class_name": "DataSyncWorkflow" },
    {
      "name": "migration-workflow", // kept
      "binding": "MIGRATION_WORKFLOW",
      "class_name": "MigrationWorkflow"
    }
  ]
}
""",
}
"""A small application that is clean: two workflows, two pages, server code that starts one of them."""
