"""What comes from the framework's virtual modules: missing, unknown and misplaced imports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Example, Fix, Fixable, Rule, Severity, edit_fix, register
from koze_lsp.rules.import_edits import add_import
from koze_lsp.rules.nearest import nearest
from koze_lsp.rules.status_calls import CALLERS, NEWER, page
from koze_lsp.syntax import koze_modules
from koze_lsp.syntax.script import Import, Undeclared
from koze_lsp.text import TextEdit

_OWNED = {"workflowStatus": "workflow", **dict.fromkeys(sorted(koze_modules.REQUEST), "request")}
_MAY_USE = {name: re.compile(rf"\b{name}\b") for name in _OWNED}
_NAMED_IMPORT = re.compile(r"import\s*\{([^}]*)\}\s*from\s*['\"](?:koze|kuratchi):(?:request|workflow)['\"]")
_TYPE_NAME = re.compile(r"[A-Z]")
_TYPEOF = re.compile(r"\btypeof\s*\(?\s*\Z")


@register
class MissingImport(Rule):
    """The name is used without being imported.

    `workflowStatus`, `params`, `url` and their kin are no globals: without the import the page fails at run time with
    `workflowStatus is not defined` (HTTP 500). Import it beside the file's other `koze:` imports.
    """

    code = "missing-import"
    severity = Severity.ERROR
    fixable = Fixable.SAFE
    kinds = CALLERS - {FileKind.COMPONENT}
    needs = tuple(_OWNED)
    source = "Koze framework: virtual modules are ordinary imports; an undeclared name is a ReferenceError."
    wrong = Example(
        "src/routes/jobs/[id]/index.html",
        {
            "src/routes/jobs/[id]/index.html": "<script>\n  import { params } from 'koze:request';\n\n"
            "  const status = await workflowStatus('migration', params.id);\n</script>\n\n<p>{status.status}</p>\n"
        },
    )
    right = page("const status = await workflowStatus('migration', params.id);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """The first use of each name; in modules only a called workflowStatus."""
        wanted = self._candidates(document)
        if not wanted:
            return
        told: set[str] = set()
        for use in document.script.undeclared:
            if use.name in wanted and use.name not in told and self._counts(document, use):
                told.add(use.name)
                prefix = koze_modules_prefix(document)
                module = f"{prefix}{_OWNED[use.name]}"
                message = (
                    f"{use.name} is not imported: {_what(document)} fails with '{use.name} is not defined'. "
                    f"Write import {{ {use.name} }} from '{module}'."
                )
                fix = add_import(document, module, use.name)
                fixes = (edit_fix(document.path, f"Import {use.name} from '{module}'", fix, safe=True),) if fix else ()
                yield self.found(document, use.span, message, fixes=fixes)

    @staticmethod
    def _candidates(document: Document) -> set[str]:
        """The names that the text may use unimported; most files have none and are never parsed for it."""
        source = document.source
        names = set(_OWNED) if document.kind.has_template else {"workflowStatus"}
        imported = {part.strip() for match in _NAMED_IMPORT.finditer(source) for part in match[1].split(",")}
        return {name for name in names - imported if name in source and _MAY_USE[name].search(source)}

    @staticmethod
    def _counts(document: Document, use: Undeclared) -> bool:
        if use.name == "workflowStatus":
            return use.called
        if _TYPEOF.search(document.source, max(use.span.start - 20, 0), use.span.start):
            return False  # asks whether there is one
        if document.kind.has_template and not (
            document.route.in_script(use.span.start) or _in_expression(document, use)
        ):
            return False
        return not use.called


def _what(document: Document) -> str:
    return "the page" if document.kind.has_template else "this call"


def _in_expression(document: Document, use: Undeclared) -> bool:
    """Whether a use in the template stands in a real expression or code line (not in a comment)."""
    route = document.route
    if any(line.span.start <= use.span.start < line.span.end for line in route.code):
        return True
    return any(
        expression.span.start <= use.span.start < expression.span.end and not expression.commented
        for expression in route.expressions
    )


def koze_modules_prefix(document: Document) -> str:
    """The module prefix that a file uses already; ``koze:`` if it uses none."""
    for imported in document.script.imports:
        found = koze_modules.split(imported.module)
        if found is not None:
            return found[0]
    return "koze:"


@register
class UnknownExport(Rule):
    """The virtual module does not export that name.

    The framework's modules export different names to routes and to server code: `koze:request` gives `request`,
    `headers` and `locals` to server modules only, and `koze:cookies` nothing to a route. They have named exports only,
    so there is neither a default nor a namespace to import. The build stops at such an import.
    """

    code = "unknown-export"
    severity = Severity.ERROR
    fixable = Fixable.USER
    kinds = CALLERS - {FileKind.COMPONENT}
    needs = ("koze:", "kuratchi:")
    source = "Koze framework: the virtual modules, as the compiler resolves them per kind of file."
    wrong = page("import { param } from 'koze:request';\nconst status = await workflowStatus('migration', params.id);")
    right = page("const status = await workflowStatus('migration', params.id);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Value imports of modules whose exports are known in full."""
        if not self._suspicious(document):
            return
        context: koze_modules.Context = "route" if document.kind.has_template else "server"
        for imported in document.script.imports:
            found = koze_modules.split(imported.module)
            exports = _exports(context, found[1]) if found is not None else None
            if found is None or exports is None or imported.type_only:
                continue
            if imported.imported in ("*", "default"):
                if found[0] == "koze:" or document.path.endswith(NEWER):  # the older generation took them
                    yield self._whole(document, imported, exports)
            elif imported.imported not in exports and not _TYPE_NAME.match(imported.imported):
                yield self._report(document, imported, exports, context)

    @staticmethod
    def _suspicious(document: Document) -> bool:
        """A look at the import lines alone: nearly all files are dismissed here."""
        context: koze_modules.Context = "route" if document.kind.has_template else "server"
        listed = 0
        for match in _KOZE_IMPORT.finditer(document.source):
            listed += 1
            exports = _exports(context, match[2])
            if exports is not None and not exports.issuperset(part.strip() for part in match[1].split(",")):
                return True
        return listed < document.source.count("koze:") + document.source.count("kuratchi:")

    def _whole(self, document: Document, imported: Import, exports: frozenset[str]) -> Diagnostic:
        what = "no default export" if imported.imported == "default" else "named exports only"
        write = f"{{ {', '.join(sorted(exports))} }}" if exports else "a module that this file may import"
        message = f"'{imported.module}' has {what}, so the build stops. Import {write}."
        return self.found(document, imported.imported_span, message)

    def _report(
        self, document: Document, imported: Import, exports: frozenset[str], context: koze_modules.Context
    ) -> Diagnostic:
        other: koze_modules.Context = "server" if context == "route" else "route"
        module = koze_modules.split(imported.module)
        elsewhere = koze_modules.MODULES[other].get(module[1] if module else "") or frozenset()
        near = nearest(imported.imported, sorted(exports), 1)
        if module is not None and module[1] not in koze_modules.MODULES[context]:
            hint = "Only server modules can import it."
        elif imported.imported in elsewhere:
            hint = "Only server modules can import it." if other == "server" else "Only routes can import it."
        elif near:
            hint = f"Write {near[0]}."
        elif exports:
            hint = f"It exports {', '.join(sorted(exports))}."
        else:
            hint = "It exports nothing to this kind of file."
        fixes: tuple[Fix, ...] = ()
        if near and imported.imported not in elsewhere:
            fixes = (edit_fix(document.path, f"Change to {near[0]}", TextEdit(imported.imported_span, near[0])),)
        message = f"'{imported.module}' does not export {imported.imported} here, so the build stops. {hint}"
        return self.found(document, imported.imported_span, message, fixes=fixes)


_KOZE_IMPORT = re.compile(r"import\s*\{([^}]*)\}\s*from\s*['\"](?:koze|kuratchi):([\w-]+)['\"]")


def _exports(context: koze_modules.Context, module: str) -> frozenset[str] | None:
    """What a module exports to a kind of file; None where that is not known in full.

    A module that only server code can import exports nothing to routes.
    """
    known = koze_modules.MODULES[context]
    if module not in known and module in koze_modules.MODULES["server"]:
        return frozenset()
    return known.get(module)


@register
class ComponentImport(Rule):
    """A component imports what only routes have.

    Components have no request and read no status: in them `koze:workflow` and `koze:request` do not exist, and the build
    stops. Read the status in the route and pass it to the component as a prop.
    """

    code = "component-import"
    severity = Severity.ERROR
    kinds = frozenset({FileKind.COMPONENT})
    needs = (":workflow", ":request")
    source = "Koze framework: the virtual modules of components."
    wrong = Example(
        "src/lib/progress.html",
        {
            "src/lib/progress.html": "<script>\n  import { workflowStatus } from 'koze:workflow';\n\n"
            "  const status = await workflowStatus('migration', 'm1');\n</script>\n\n<p>{status.status}</p>\n"
        },
    )
    right = Example(
        "src/lib/progress.html",
        {
            "src/lib/progress.html": "<script>\n  import { props } from 'koze:component';\n</script>\n\n<p>{props.status}</p>\n"
        },
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Each import of the two modules, in a component's own folder (src/lib or beside the routes)."""
        if not document.path.startswith("src/"):
            return
        told = set()
        for imported in document.script.imports:
            found = koze_modules.split(imported.module)
            if found is None or found[1] not in koze_modules.NOT_IN_COMPONENTS or imported.type_only:
                continue
            if imported.statement not in told:
                told.add(imported.statement)
                message = f"Components can't import '{imported.module}', so the build stops. Read it in the route and pass it as a prop."
                yield self.found(document, imported.module_span, message)
