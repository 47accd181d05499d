"""Examples of rules as whole projects in memory."""

from __future__ import annotations

from collections.abc import Mapping

from koze_lsp.project import config as configuration
from koze_lsp.project.config import Config, Settings
from koze_lsp.project.discovery import order
from koze_lsp.project.document import Document, FileKind, Unreadable
from koze_lsp.project.kinds import WRANGLER_FILES, kind_of
from koze_lsp.project.naming import SUFFIX, binding_name, status_name, wrangler_name
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Example
from koze_lsp.rules.scaffold import workflow_source
from koze_lsp.text import Text

ROOT = "/example"
_PACKAGE = '{\n  "name": "example",\n  "private": true\n}\n'


def project_of(files: Mapping[str, str], config: Config | None = None, root: str = ROOT) -> Project:
    """A project in memory of path → text. A text with lone surrogates stands for a file that is not UTF-8."""
    kinds = {path: kind_of(path) for path in sorted(files, key=order)}
    present = [name for name in WRANGLER_FILES if name in kinds]
    known = {path: kind for path, kind in kinds.items() if kind is not FileKind.OTHER and path not in present[1:]}

    def read(path: str, kind: FileKind) -> Document:
        text = files[path]
        try:
            text.encode()
        except UnicodeEncodeError:
            broken = Unreadable("is not UTF-8", "save it as UTF-8")
            return Document(path, kind, Text(""), unreadable=broken)
        return Document(path, kind, Text(text))

    if config is None:
        package = read("package.json", FileKind.PACKAGE) if "package.json" in files else None
        config = configuration.resolve(package, Settings())
    return Project(root, known, config, read)


def complete(example: Example) -> dict[str, str]:
    """An example's files with what a project needs besides, where the example does not give it."""
    files = dict(example.files)
    if not any(path.endswith(SUFFIX) for path in files) and not any(".workflow" in path for path in files):
        files["src/server/migration.workflow.ts"] = workflow_source("migration")
    files.setdefault("package.json", _PACKAGE)
    if not example.bare and not any(name in files for name in WRANGLER_FILES):
        files["wrangler.jsonc"] = _wrangler(files)
    return files


def _wrangler(files: Mapping[str, str]) -> str:
    project = project_of({path: text for path, text in files.items() if path.endswith(SUFFIX)}, Config())
    entries: dict[str, str] = {}
    for workflow in project.workflows.workflows:
        name, binding = wrangler_name(binding_name(status_name(workflow.path))), workflow.binding
        if workflow.class_name is not None:
            entry = f'    {{ "name": "{name}", "binding": "{binding}", "class_name": "{workflow.class_name}" }}'
            entries.setdefault(binding, entry)
    listed = ",\n".join(entries.values())
    return f'{{\n  "name": "example",\n  "workflows": [\n{listed}\n  ]\n}}\n'
