"""``koze-lsp workflows``: what the index knows."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from koze_lsp.cli.exits import CLEAN, UsageError
from koze_lsp.cli.selection import relative_to_here, select
from koze_lsp.project.index import Workflow
from koze_lsp.syntax.workflow_shapes import Shape

_COLUMNS = ("name", "binding", "class_name")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of workflows."""
    parser.add_argument(
        "path",
        nargs="?",
        default=None,
        metavar="PATH",
        help="an application, a folder of several, or a .workflow.ts file (default: here)",
    )
    parser.add_argument("--name", metavar="NAME", help="only the workflow of this status name, binding or class")
    parser.add_argument(
        "--graph",
        nargs="?",
        const="text",
        metavar="text|svg",
        help="the order of the steps, with loops, branches, parallel parts and try (default: text)",
    )
    parser.add_argument(
        "-o", "--output", metavar="PATH", help="with --graph: a file ending in .svg or .txt, or a folder for all"
    )
    parser.add_argument("--output-format", choices=("table", "json"), default="table", help="default: table")


def main(arguments: argparse.Namespace) -> int:
    """Print the workflows of every application at or below the path."""
    form = _graph_form(arguments)
    found = _named(_found(arguments.path or "."), arguments.name)
    if form is not None and arguments.output_format == "table":
        from koze_lsp.cli.workflow_graphs import write  # noqa: PLC0415 - only when it is asked for

        if found:
            write(found, form, arguments.output)
        else:
            _table([])
        return CLEAN
    rows = [record(workflow, path) for workflow, path in found]
    if form is not None:
        from koze_lsp.cli.workflow_graphs import drawn  # noqa: PLC0415

        for row, (workflow, _) in zip(rows, found, strict=True):
            row["graph"] = drawn(workflow, form)
    if arguments.output_format == "json":
        json.dump(rows, sys.stdout, indent=1, ensure_ascii=False)
        print()
    else:
        _table(rows)
    return CLEAN


def _graph_form(arguments: argparse.Namespace) -> str | None:
    """The form of --graph; ``--graph PATH`` means the text of what is at the path."""
    form: str | None = arguments.graph
    if form not in (None, "text", "svg"):
        if arguments.path is not None:
            raise UsageError(f"--graph is text or svg, not {form}")
        arguments.path, form = form, "text"
    if arguments.output is not None and form is None:
        raise UsageError("--output goes with --graph")
    if arguments.output is not None and arguments.output_format == "json":
        raise UsageError("--output and --output-format json exclude each other: the JSON holds the graphs")
    return form


def _found(path: str) -> list[tuple[Workflow, str]]:
    """The workflows that a path means, with how to show their files."""
    found = []
    for selection in select([path]):
        show = relative_to_here(selection.project.root)
        for workflow in selection.project.workflows.workflows:
            if not os.path.isfile(path) or selection.holds(workflow.path):
                found.append((workflow, show(workflow.path)))
    return found


def _named(found: list[tuple[Workflow, str]], name: str | None) -> list[tuple[Workflow, str]]:
    if name is None:
        return found
    chosen = [item for item in found if name in (item[0].name, item[0].binding, item[0].class_name)]
    if not chosen:
        known = ", ".join(dict.fromkeys(workflow.name for workflow, _ in found)) or "none"
        raise UsageError(f"no workflow is called {name}; there are: {known}")
    return chosen


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
            {"kind": step.kind, "name": step.name, "line": document.text.line_at(step.span.start) + 1}
            for step in facts.steps
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
