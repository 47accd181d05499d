"""What a page reads of its request: route parameters, and guards that never run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.project.routing import segments
from koze_lsp.rules.base import Diagnostic, Example, Fix, Fixable, Related, Rule, Severity, edit_fix, register
from koze_lsp.rules.nearest import nearest
from koze_lsp.rules.status_calls import NEWER, page
from koze_lsp.syntax.redirects import dropped_redirects
from koze_lsp.syntax.script import PropertyRead
from koze_lsp.text import Span, TextEdit

# Words are looked behind after their letters: a pattern that begins with letters is found much quicker.
_PARAMS = re.compile(r"params(?<!\wparams)\b")
_OF_EVERY_OBJECT = frozenset(
    {"constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"}
)
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_PLAIN_READ = re.compile(r"params(?<!\wparams)\.(\w+)")
_LISTED = re.compile(r"\s*[,}]")
_GUARD_BEFORE = (
    "<script>\n  import { params } from 'koze:request';\n  import { redirect } from 'koze:navigation';\n"
    "  import { workflowStatus } from 'koze:workflow';\n\n"
)
_GUARD_AFTER = "  const status = await workflowStatus('migration', params.id);\n</script>\n\n<p>{status.status}</p>\n"


@register
class ParamMismatch(Rule):
    """The route has no such parameter.

    `params` holds the names of the `[x]` segments on the route's path. Any other name is undefined, so the status read
    with it is the error `Missing instanceId`. Where sibling routes name one level differently, the first registered
    name wins for all of them.
    """

    code = "param-mismatch"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = frozenset({FileKind.ROUTE})
    needs = ("params",)
    source = "Koze framework, router: parameters are the `[x]` and `[...x]` segments of the file's path."
    wrong = page("const status = await workflowStatus('migration', params.jobId);")
    right = page("const status = await workflowStatus('migration', params.id);")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Literal reads of the imported ``params``."""
        names = [segment.parameter for segment in segments(document.path) if segment.parameter]
        if self._plainly_right(document, project, names):
            return
        for read in document.script.params_reads:
            if read.name in _OF_EVERY_OBJECT:
                continue
            if read.name not in names:
                yield self._unknown(document, read, names)
            elif (winner := project.routing.winner(document.path, read.name)) is not None:
                message = (
                    f"params.{read.name} is undefined here: {winner.path} names this level "
                    f"'{winner.parameter}' first, and that name counts for all its siblings. Write params.{winner.parameter}."
                )
                first = next((path for path in project.files if f"{path}/".startswith(f"{winner.path}/")), None)
                label = f"registered first, as [{winner.parameter}]"
                related = (Related(first, Span(0, 0), label),) if first is not None else ()
                fix = edit_fix(
                    document.path, f"Change to {winner.parameter}", TextEdit(read.span, winner.parameter or "")
                )
                fixes = (fix,) if _IDENTIFIER.fullmatch(winner.parameter or "") else ()
                yield self.found(document, read.span, message, fixes=fixes, related=related)

    @staticmethod
    def _plainly_right(document: Document, project: Project, names: Sequence[str | None]) -> bool:
        """A look at the bare text: every ``params.x`` is a segment of the path, and nothing else is read of it."""
        reads = _PLAIN_READ.findall(document.source)
        whole = sum(not _is_listed(document.source, match) for match in _PARAMS.finditer(document.source))
        return len(reads) == whole and set(reads) <= set(names) and not project.routing.has_rivals

    def _unknown(self, document: Document, read: PropertyRead, names: Sequence[str | None]) -> Diagnostic:
        known = [name for name in names if name and _IDENTIFIER.fullmatch(name)]
        if not known:
            message = f"params.{read.name} is undefined: no folder or file on this route's path is [{read.name}]."
            return self.found(document, read.span, message)
        near = nearest(read.name, known, 1) or known[-1:]
        there = ", ".join(f"[{name}]" for name in known)
        message = f"params.{read.name} is undefined: this route has {there}. Write params.{near[0]}."
        fixes: tuple[Fix, ...] = (
            edit_fix(document.path, f"Change to {near[0]}", TextEdit(read.span, near[0]), preferred=len(known) == 1),
        )
        return self.found(document, read.span, message, fixes=fixes)


def _is_listed(source: str, name: re.Match[str]) -> bool:
    """Whether a name stands between braces and commas, as an import has it."""
    before = source[max(name.start() - 80, 0) : name.start()].rstrip()
    return before.endswith(("{", ",")) and _LISTED.match(source, name.end()) is not None


@register
class DroppedGuard(Rule):
    """The redirect never runs on the server.

    In `.koze` and `.kuratchi` files only declarations that the template needs are kept of a script. A `redirect(…)` at
    its top level, alone or in an `if`, is dropped, so the page that it should protect is rendered. It is kept where the
    statement also assigns to a name that the template needs. Guard the page in middleware or in a server function that
    the page calls.
    """

    code = "dropped-guard"
    severity = Severity.WARNING
    kinds = frozenset({FileKind.ROUTE, FileKind.LAYOUT})
    needs = ("redirect",)
    source = "Koze framework (Vite path): top-level statements that no template name depends on are not emitted."
    wrong = Example(
        "src/routes/jobs/[id]/index.koze",
        {"src/routes/jobs/[id]/index.koze": f"{_GUARD_BEFORE}  if (!params.id) redirect('/login');\n{_GUARD_AFTER}"},
    )
    right = Example(
        "src/routes/jobs/[id]/index.koze",
        {
            "src/routes/jobs/[id]/index.koze": f"{_GUARD_BEFORE}  const user = await requireUser();\n{_GUARD_AFTER}".replace(
                "  import { redirect } from 'koze:navigation';\n", "  import { requireUser } from '$server/auth';\n"
            ).replace("<p>{status", "<p>{user.name}</p>\n<p>{status"),
            "src/server/auth.ts": "export async function requireUser() {\n  return { name: 'Ada' };\n}\n",
        },
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Statements of the script's top level that call the imported redirect, and provide no name that is needed."""
        if not document.path.endswith(NEWER):
            return
        for span in dropped_redirects(document.script):
            message = "This redirect is dropped at build time: the page renders for everyone. Redirect in middleware or a server function."
            yield self.found(document, span, message)
