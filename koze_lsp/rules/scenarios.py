"""Scenario files of the preview."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Example, Rule, Severity, register
from koze_lsp.syntax.scenario import ScenarioError, parse_scenario
from koze_lsp.text import Position, Span

_PATH = "src/routes/jobs/[id]/index.preview.json5"


@register
class InvalidScenario(Rule):
    """The preview can't use this scenario.

    A page's scenario is JSON5: `url`, `params`, `ticks`, `run`, `server`, `hidden`, `offline` and `expired`. An unknown key,
    a workflow that does not exist or a value of the wrong type stops the preview with this message.
    """

    code = "invalid-scenario"
    severity = Severity.WARNING
    kinds = frozenset({FileKind.SCENARIO})
    source = "koze-lsp itself."
    wrong = Example(_PATH, {_PATH: "{\n  tick: [{ migration: { '*': { status: 'queued' } } }],\n}\n"})
    right = Example(_PATH, {_PATH: "{\n  ticks: [{ migration: { '*': { status: 'queued' } } }],\n}\n"})

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """The first thing that the preview's own reader refuses."""
        if document.unreadable is not None:
            return
        workflows = {workflow.name: workflow.binding for workflow in project.workflows.workflows}
        try:
            parse_scenario(document.source, document.path, workflows)
        except ScenarioError as error:
            start = document.text.offset(Position(error.line - 1, error.column - 1))
            end = start
            while end < len(document.source) and (document.source[end].isalnum() or document.source[end] in "_$-'\""):
                end += 1
            message = error.message[:1].upper() + error.message[1:]
            stop = "" if message.endswith(("?", ".")) else "."
            yield self.found(document, Span(start, end), f"The preview can't use this: {message}{stop}")
