"""``koze-lsp types``: WorkflowName in src/app.d.ts, as the framework writes it."""

from __future__ import annotations

import argparse

from koze_lsp.cli.exits import CLEAN, FINDINGS, UsageError
from koze_lsp.cli.fix import write
from koze_lsp.cli.selection import relative_to_here, select_in
from koze_lsp.project.workspace import Workspace
from koze_lsp.rules.fixing import fix_project

CODE = "types-stale"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of types."""
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help="the application's folder (default: here)")
    parser.add_argument("--check", action="store_true", help="only tell; exit status 1 if it is out of date")


def main(arguments: argparse.Namespace) -> int:
    """Bring the line up to date in both module declarations; nothing else in the file changes."""
    workspace = Workspace()
    stale = False
    for selection in select_in(workspace, [arguments.path]):
        show = relative_to_here(selection.project.root)
        if selection.project.app_dts is None:
            raise UsageError(
                f"{show('src/app.d.ts')} does not exist: start the framework's dev server once, it writes it"
            )
        outcome = fix_project(workspace, selection.project.root, codes=lambda code: code == CODE)
        where = show("src/app.d.ts")
        if not outcome.texts:
            print(f"{where} is up to date.")
        elif arguments.check:
            stale = True
            print(f"{where} is out of date: run koze-lsp types.")
        else:
            write(outcome)
            print(f"{where} updated.")
    return FINDINGS if stale else CLEAN
