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

_COLUMNS = ("name", "binding", "class_name")


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
    """One block a workflow: its names, then what it does and gives."""
    if not rows:
        print("No workflows: there is no src/server/*.workflow.ts.")
        return
    widths = [max(len(str(row[key] or "-")) for row in rows) for key in _COLUMNS]
    for row in rows:
        names = [f"{row[key] or '-':<{width}}" for key, width in zip(_COLUMNS, widths, strict=True)]
        print("  ".join([*names, row["file"]]))
        print("  steps   " + (" → ".join(step["name"] or f"({step['kind']})" for step in row["steps"]) or "none"))
        if row["payload"]:
            print("  payload " + ", ".join(f"{name}: {_type(kind)}" for name, kind in row["payload"].items()))
        if row["output"]:
            print("  output  " + ", ".join(row["output"]))


def _type(kind: object) -> str:
    return kind if isinstance(kind, str) else "object"
