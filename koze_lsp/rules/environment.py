"""Bindings that server code reads, and the framework's version."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.document import SCRIPT_KINDS, Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Example, Fixable, Rule, Severity, edit_fix, register
from koze_lsp.rules.nearest import nearest
from koze_lsp.text import Span, TextEdit

_SUFFIX = "_WORKFLOW"


@register
class UnknownBinding(Rule):
    """The binding is neither derived from a workflow file nor in the wrangler file.

    `env.X_WORKFLOW` is undefined at run time, so `.create()` fails with `Cannot read properties of undefined`. The binding of
    `src/server/data-sync.workflow.ts` is `DATA_SYNC_WORKFLOW`.
    """

    code = "unknown-binding"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = SCRIPT_KINDS
    needs = (_SUFFIX,)
    source = "Koze framework, convention discovery; Cloudflare Workers: an undeclared binding is undefined."
    wrong = Example(
        "src/server/start.ts",
        {
            "src/server/start.ts": "import { env } from 'cloudflare:workers';\n\nexport async function start() {\n"
            "  return await env.MIGRATON_WORKFLOW.create();\n}\n"
        },
    )
    right = Example(
        "src/server/start.ts",
        {
            "src/server/start.ts": "import { env } from 'cloudflare:workers';\n\nexport async function start() {\n"
            "  return await env.MIGRATION_WORKFLOW.create();\n}\n"
        },
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Reads of ``env`` from cloudflare:workers, ``this.env`` or a handler's ``env`` whose name ends in _WORKFLOW."""
        if not document.path.startswith("src/"):
            return
        known = self._known(project)
        if known is None:
            return
        for read in document.script.env_reads:
            if not read.name.endswith(_SUFFIX) or read.name in known:
                continue
            plain = {name.removesuffix(_SUFFIX): name for name in sorted(known)}  # what all end in makes nothing near
            near = [plain[name] for name in nearest(read.name.removesuffix(_SUFFIX), plain, 2)]
            hint = f"Did you mean {near[0]}?" if near else f"Add a workflow file or a binding '{read.name}'."
            fixes = tuple(
                edit_fix(document.path, f"Change to {name}", TextEdit(read.span, name), preferred=len(near) == 1)
                for name in near
            )
            yield self.found(
                document, read.span, f"env.{read.name} is undefined: nothing has this binding. {hint}", fixes=fixes
            )

    @staticmethod
    def _known(project: Project) -> set[str] | None:
        """Every binding there is; None where no wrangler file can tell."""
        if project.wrangler is None or project.wrangler.unreadable is not None:
            return None
        facts = project.wrangler.wrangler
        if not facts.readable:
            return None
        return {*project.workflows.by_binding, *(binding.name for binding in facts.bindings), *facts.vars}


@register
class KozeVersion(Rule):
    """The installed framework has no `koze:workflow` any more.

    From August 2026 on the framework leaves workflows to native bindings: `koze:workflow` and the `.workflow.ts` convention
    are gone, and these imports fail at build time. Stay on the version that has them, or read the status with
    `env.X_WORKFLOW.get(id)`.
    """

    code = "koze-version"
    severity = Severity.INFORMATION
    kinds = frozenset({FileKind.PACKAGE})
    source = "Koze framework, package contents of the installed version."
    wrong = Example(
        "package.json",
        {
            "package.json": '{\n  "name": "app",\n  "dependencies": { "@kuratchi/koze": "^0.1.0" }\n}\n',
            "node_modules/@kuratchi/koze/package.json": '{ "name": "@kuratchi/koze", "version": "0.1.0", "exports": {} }\n',
        },
    )
    right = Example(
        "package.json",
        {
            "package.json": '{\n  "name": "app",\n  "dependencies": { "@kuratchi/koze": "0.0.9" }\n}\n',
            "node_modules/@kuratchi/koze/package.json": '{ "name": "@kuratchi/koze", "version": "0.0.9",'
            ' "exports": { "./runtime/workflow.js": "./dist/runtime/workflow.js" } }\n',
        },
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Only where the application has workflow files and the installed package tells its exports."""
        installed = project.framework
        if installed is None or installed.has_workflows or not project.paths(FileKind.WORKFLOW):
            return
        at = document.source.find(f'"{installed.name}"')
        if at >= 0:
            message = (
                f"{installed.name} {installed.version} no longer has koze:workflow: imports of it fail. "
                "Stay on the version that has it, or use the native bindings."
            )
            yield self.found(document, Span(at, at + len(installed.name) + 2), message)
