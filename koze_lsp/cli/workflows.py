"""``koze-lsp workflows``: what the index knows."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from koze_lsp.cli.exits import CLEAN
from koze_lsp.cli.selection import relative_to_here, select
from koze_lsp.project.index import Workflow
from koze_lsp.syntax.workflow_shapes import Shape


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of workflows."""
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="an application or a folder of several (default: here)")
    parser.add_argument("--output-format", choices=("table", "json"), default="table", help="default: table")


def main(arguments: argparse.Namespace) -> int:
    """Print the workflows of every application at or below the path."""
    rows = []
    for selection in select([arguments.path]):
        show = relative_to_here(selection.project.root)
        rows += [record(workflow, show(workflow.path)) for workflow in selection.project.workflows.workflows]
    if arguments.output_format == "json":
        json.dump(rows, sys.stdout, indent=1, ensure_ascii=False)
        print()
    else:
        _table(rows)
    return CLEAN


def record(workflow: Workflow, file: str) -> dict[str, Any]:
    """One workflow as JSON: lines are 1-based; a shape is field → type, or null where it is not known."""
    document = workflow.document
    facts = document.workflow
    return {
        "name": workflow.name,
        "file": file,
        "binding": workflow.binding,
        "wrangler_name": workflow.wrangler_name,
        "class_name": workflow.class_name,
        "export": workflow.export,
        "steps": [
            {"kind": step.kind, "name": step.name, "line": document.text.line_at(step.span.start) + 1} for step in facts.steps
        ],
        "payload": shape(facts.payload),
        "output": shape(facts.output),
    }


def shape(found: Shape | None) -> dict[str, Any] | None:
    """The fields of a shape by name; nested objects are objects, optional ones end in ``?``."""
    if found is None:
        return None
    return {
        item.name: shape(item.shape) if item.shape is not None else item.type + ("?" if item.optional else "")
        for item in found.fields
    }


def _table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only for people
    from rich.table import Table  # noqa: PLC0415

    console = Console(soft_wrap=False)
    if not rows:
        console.print("No workflows: there is no src/server/*.workflow.ts.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Name", "Binding", "Class", "Steps", "Output", "File"):
        table.add_column(column, overflow="fold")
    for row in rows:
        steps = ", ".join(step["name"] or f"({step['kind']})" for step in row["steps"])
        output = ", ".join(row["output"]) if row["output"] else "-"
        table.add_row(row["name"], row["binding"], row["class_name"] or "-", steps or "-", output, row["file"])
    console.print(table)
