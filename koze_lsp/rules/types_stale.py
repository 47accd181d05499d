"""Whether src/app.d.ts knows the workflows that there are."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.naming import in_union
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Example, Fixable, Rule, Severity, edit_fix, register
from koze_lsp.syntax.app_dts import union_text
from koze_lsp.text import TextEdit


def expected_names(project: Project) -> tuple[str, ...]:
    """The names that the framework lists in `WorkflowName`, in its order."""
    return tuple(name for name in project.workflows.names if in_union(name))


def _example(union: str) -> Example:
    text = (
        "declare module 'koze:workflow' {\n"
        f"  export type WorkflowName = {union};\n"
        "  export function workflowStatus(name: WorkflowName, id: string): Promise<unknown>;\n}\n"
    )
    return Example("src/app.d.ts", {"src/app.d.ts": text})


@register
class TypesStale(Rule):
    """`WorkflowName` in src/app.d.ts does not list the workflows that there are.

    TypeScript then refuses the name of a new workflow and accepts that of one that is gone. The framework
    writes the file when its development server starts; in a fresh checkout or in CI it may be old.

    Run `koze-lsp types`, which changes only that line.
    """

    code = "types-stale"
    severity = Severity.WARNING
    fixable = Fixable.SAFE
    kinds = frozenset({FileKind.APP_DTS})
    needs = ("WorkflowName",)
    wrong = _example("'old-job'")
    right = _example("'migration'")
    source = "Koze framework, type generator"

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        names = expected_names(project)
        union = union_text(names)
        for declared in document.app_dts.types:
            if declared.names is None or set(declared.names) == set(names):
                continue
            message = f"{_difference(declared.names, names)} Write {_shown(union)}."
            edit = TextEdit(declared.span, union)
            fix = edit_fix(document.path, "Bring WorkflowName up to date", edit, safe=True)
            yield self.found(document, declared.span, message, fixes=(fix,))


def _difference(declared: tuple[str, ...], names: tuple[str, ...]) -> str:
    missing = [name for name in names if name not in declared]
    gone = [name for name in dict.fromkeys(declared) if name not in names]
    parts = []
    if missing:
        kind, names_ = ("is a workflow", "name") if len(missing) == 1 else ("are workflows", "names")
        parts.append(f"{_list(missing)} {kind}, but TypeScript refuses the {names_}.")
    if gone:
        kind, names_ = ("is no workflow", "name") if len(gone) == 1 else ("are no workflows", "names")
        parts.append(f"{_list(gone)} {kind}, but TypeScript accepts the {names_}.")
    return " ".join(parts)


def _list(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _shown(union: str) -> str:
    return union if len(union) <= 80 else union[:80].rsplit(" | ", 1)[0] + " | …"
