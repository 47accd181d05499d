"""Inlay hints: what an interval is in milliseconds, the binding of a workflow file, what retries come to.

Each can be switched off (`koze_lsp.project.config.InlayHints`).
"""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.ide.describe import wrangler_state
from koze_lsp.ide.hover.script import interval
from koze_lsp.ide.hover.workflow import config_markdown
from koze_lsp.ide.types import InlayHint
from koze_lsp.project.document import SCRIPT_KINDS, Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.syntax.durations import human
from koze_lsp.syntax.step_config import retry_schedule
from koze_lsp.text import Span

__all__ = ["hints"]


def hints(project: Project, document: Document, span: Span) -> list[InlayHint]:
    """The hints in a span (offsets in code points), in source order."""
    wanted = project.config.inlay_hints
    found: list[InlayHint] = []
    if wanted.poll_milliseconds and (document.kind.has_template or document.kind in SCRIPT_KINDS):
        found += _polls(document)
    if document.kind is FileKind.WORKFLOW:
        if wanted.workflow_binding:
            found += _binding(project, document)
        if wanted.resolved_retries:
            found += _retries(document)
    return sorted((hint for hint in found if span.contains(hint.offset)), key=lambda hint: hint.offset)


def _polls(document: Document) -> Iterator[InlayHint]:
    """Milliseconds behind an interval that does not say them itself."""
    if "workflowStatus" not in document.source:
        return
    for call in document.script.status_calls:
        option, found = call.option("poll"), interval(call)
        if option is None or found is None:
            continue
        end = option.value.span.end
        if found.ms is None:
            yield InlayHint(end, "off", "A falsy interval: the status is read once.")
        elif isinstance(found.value, str) and not (found.readable and found.value.lower().endswith("ms")):
            unread = "" if found.readable else "The framework can't read this interval and polls every 30 seconds."
            yield InlayHint(end, f"{found.ms:,.10g} ms", unread or f"The page polls every {human(found.ms)}.")


def _binding(project: Project, document: Document) -> Iterator[InlayHint]:
    """The binding behind the class's name."""
    span = document.workflow.class_span
    workflow = next((item for item in project.workflows.workflows if item.path == document.path), None)
    if span is None or workflow is None:
        return
    tooltip = f"`env.{workflow.binding}` · status name `{workflow.name}` · {wrangler_state(project, workflow)}"
    yield InlayHint(span.end, f"env.{workflow.binding}", tooltip, "type")


def _retries(document: Document) -> Iterator[InlayHint]:
    """What the retries of a config come to, behind it."""
    for step in document.workflow.steps:
        config = step.config
        if config is None or config.kind != "object" or config.member("retries") is None:
            continue
        schedule = retry_schedule(config)
        if schedule is None or schedule.delays is None:
            continue
        if schedule.limit < 1:
            label = "no retries"
        elif schedule.limit > len(schedule.delays):
            label = f"{schedule.limit:,.10g} retries"
        else:
            label = f"{len(schedule.delays)}× over {human(sum(schedule.delays))}"
        yield InlayHint(config.span.end, label, config_markdown(config))
