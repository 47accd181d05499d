"""Suppression comments that suppress nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from koze_lsp.project.document import SCRIPT_KINDS, TEMPLATE_KINDS, Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Fix, Fixable, Rule, Severity, Tag, edit_fix, register, registry
from koze_lsp.rules.status_calls import page
from koze_lsp.rules.suppression import Ignore
from koze_lsp.text import Span, TextEdit

_COMMA_BEHIND = re.compile(r"[ \t]*,[ \t]*(?=[\w])")
_COMMA_BEFORE = re.compile(r"[ \t]*,[ \t]*\Z")


@register
class UnusedIgnore(Rule):
    """The comment suppresses nothing.

    `// koze-ignore code -- reason` (in a template `<!-- koze-ignore code -->`) accepts the findings of that code on the next
    line. Where there is none any more, the comment would hide the next one. Remove it.
    """

    code = "unused-ignore"
    severity = Severity.HINT
    fixable = Fixable.SAFE
    kinds = TEMPLATE_KINDS | SCRIPT_KINDS | {FileKind.WRANGLER}
    source = "koze-lsp itself."
    wrong = page(
        "// koze-ignore invalid-poll\nconst status = await workflowStatus('migration', params.id, { poll: '2s' });"
    )
    right = page("const status = await workflowStatus('migration', params.id, { poll: '2s' });")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Nothing by itself: the engine calls `unused` once all other findings are known."""
        yield from ()

    def unused(self, document: Document, project: Project, ignores: list[Ignore]) -> list[Diagnostic]:
        """The comments that accepted no finding, except for rules that are switched off."""
        found: list[Diagnostic] = []
        codes_of = Counter(ignore.comment for ignore in ignores)
        for ignore in ignores:
            if ignore.used or ignore.code == self.code or project.config.rules.get(ignore.code) == "off":
                continue
            known = ignore.code in registry()
            message = (
                f"No {ignore.code} on the next line: this comment suppresses nothing. Remove it."
                if known
                else f"There is no rule '{ignore.code}'. Remove it, or write the code as the finding shows it."
            )
            alone = codes_of[ignore.comment] == 1
            fixes = (self._removal(document, ignore) if alone else self._without(document, ignore),)
            found.append(self.found(document, ignore.span, message, fixes=fixes, tags=(Tag.UNNECESSARY,)))
        return found

    @staticmethod
    def _without(document: Document, ignore: Ignore) -> Fix:
        """Take one code out of several, with the comma that it needed."""
        source, (start, end) = document.source, ignore.span
        behind = _COMMA_BEHIND.match(source, end)
        before = _COMMA_BEFORE.search(source[ignore.comment.start : start])
        if behind is not None:
            end = behind.end()
        elif before is not None:
            start = ignore.comment.start + before.start()
        edit = TextEdit(Span(start, end), "")
        return edit_fix(document.path, f"Remove {ignore.code} from the comment", edit, safe=True)

    @staticmethod
    def _removal(document: Document, ignore: Ignore) -> Fix:
        line = document.text.line_at(ignore.comment.start)
        starts = document.text.line_starts
        end = starts[line + 1] if line + 1 < len(starts) else len(document.source)
        return edit_fix(document.path, "Remove the comment", TextEdit(Span(starts[line], end), ""), safe=True)
