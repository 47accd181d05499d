"""``koze-lsp workflows --graph``: the step graphs as text or SVG, to the terminal, a file or a folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from koze_lsp.cli.exits import UsageError
from koze_lsp.cli.writing import write_atomically, write_through
from koze_lsp.ide import graph as graphs
from koze_lsp.ide.graph_svg import svg
from koze_lsp.project.index import Workflow

FORMATS = ("text", "svg")
Listed = Sequence[tuple[Workflow, str]]
"""Workflows with the paths under which they are shown."""


def drawn(workflow: Workflow, form: str) -> str:
    """One workflow's graph, without a line end after the text."""
    graph = graphs.graph_of(workflow.document.workflow, f"{workflow.name} ({workflow.class_name or 'no class'})")
    return svg(graph) if form == "svg" else graphs.text(graph)


def write(listed: Listed, form: str, output: str | None) -> None:
    """Print the graphs, or write them: to a file that ends in ``.svg`` or ``.txt``, else as files of a folder.

    Raises:
        UsageError: several pictures and one place, or a file can't be written.
    """
    suffix = ".svg" if form == "svg" else ".txt"
    if output is None:
        if form == "svg" and len(listed) > 1:
            raise UsageError(
                f"{len(listed)} workflows make {len(listed)} pictures: name one with --name "
                f"({_some(listed)}), or give a folder with --output"
            )
        shown = "\n\n".join(drawn(workflow, form).rstrip("\n") for workflow, _ in listed)
        sys.stdout.write(f"{shown}\n")
        return
    to_file = not os.path.isdir(output) and output.lower().endswith((".svg", ".txt"))
    if to_file or (os.path.exists(output) and not os.path.isdir(output)):
        if len(listed) > 1 and form == "svg":
            raise UsageError(
                f"{output}: {len(listed)} workflows make {len(listed)} pictures: give a folder, "
                f"or name one with --name ({_some(listed)})"
            )
        text = "\n\n".join(drawn(workflow, form).rstrip("\n") for workflow, _ in listed) + "\n"
        regular = not os.path.lexists(output) or os.path.isfile(output)
        (write_atomically if regular else write_through)(output, text)
        return
    for path, workflow in _names(listed, suffix).items():
        write_atomically(os.path.join(output, path), drawn(workflow, form).rstrip("\n") + "\n")
    print(f"{len(listed)} {'graph' if len(listed) == 1 else 'graphs'} written to {output}", file=sys.stderr)


def _names(listed: Listed, suffix: str) -> dict[str, Workflow]:
    """File names: the workflow's name; where two applications share one, with the folders of its application."""
    names = [workflow.name for workflow, _ in listed]
    found: dict[str, Workflow] = {}
    for workflow, shown in listed:
        name = workflow.name
        if names.count(name) > 1:
            folder = shown.removesuffix(workflow.path).strip("/").replace("../", "")
            name = f"{folder}/{name}" if folder else name
        path, number = f"{name}{suffix}", 2
        while path in found:
            path, number = f"{name}-{number}{suffix}", number + 1
        found[path] = workflow
    return found


def _some(listed: Listed) -> str:
    names = list(dict.fromkeys(workflow.name for workflow, _ in listed))
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
