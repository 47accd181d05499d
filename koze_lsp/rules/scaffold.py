"""Texts of new files that fixes and completions offer."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^A-Za-z0-9]+")


def class_name(name: str) -> str:
    """The class that people give a workflow: ``data-sync`` → ``DataSyncWorkflow``."""
    words = [word for word in _WORD.split(name) if word]
    return "".join(word[:1].upper() + word[1:] for word in words) + "Workflow"


def workflow_source(name: str) -> str:
    """The text of a new workflow file."""
    return (
        "import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';\n\n"
        f"export class {class_name(name)} extends WorkflowEntrypoint {{\n"
        "  async run(event: WorkflowEvent, step: WorkflowStep) {\n"
        "    const result = await step.do('first-step', async () => {\n"
        "      return { ok: true };\n"
        "    });\n\n"
        "    return result;\n"
        "  }\n"
        "}\n"
    )
