"""What a check looks at: the paths of its command line, standard input, or what a change can have broken."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass

from koze_lsp.cli.exits import UsageError
from koze_lsp.cli.selection import Selection, absolute, select_in
from koze_lsp.project.discovery import find_apps, find_root
from koze_lsp.project.workspace import Workspace
from koze_lsp.text import Text


@dataclass(frozen=True, slots=True)
class Chosen(Selection):
    """A selection of single files."""

    files: frozenset[str] = frozenset()

    def holds(self, path: str) -> bool:
        """Whether a file of the project (relative path) was asked for."""
        return path in self.files


def targets(arguments: argparse.Namespace, workspace: Workspace | None = None) -> list[Selection]:
    """The applications and files that the arguments of a check mean.

    Raises:
        UsageError: a path does not exist, no Koze application is there, git can't tell what changed, or
            standard input is no text.
    """
    workspace = workspace or Workspace()
    if arguments.paths == ["-"]:
        return _standard_input(workspace, arguments)
    paths = arguments.paths
    if arguments.no_error_on_unmatched:
        paths = [path for path in paths if _leads_somewhere(path)]
    selections = select_in(workspace, paths)
    if arguments.since is not None:
        from koze_lsp.cli.since import affected_since  # noqa: PLC0415 - only when it is asked for

        selections = [
            _narrowed(selection, affected_since(selection.project, arguments.since)) for selection in selections
        ]
    return selections


def _leads_somewhere(path: str) -> bool:
    path = absolute(path)
    if not os.path.exists(path):
        return False
    folder = path if os.path.isdir(path) else path.rsplit("/", 1)[0]
    return find_root(folder) is not None or (os.path.isdir(path) and bool(find_apps(path)))


def _narrowed(selection: Selection, files: frozenset[str]) -> Selection:
    return Chosen(selection.project, None, frozenset(path for path in files if selection.holds(path)))


def _standard_input(workspace: Workspace, arguments: argparse.Namespace) -> list[Selection]:
    """The one file, with the text of standard input over what is on disk."""
    path = absolute(arguments.stdin_filename)
    data = sys.stdin.buffer.read()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"standard input is not UTF-8: byte 0x{data[error.start]:02x} on line {line}; save it as UTF-8"
        ) from None
    workspace.open(path, Text(text))
    located = workspace.locate(path)
    if located is None:
        if arguments.no_error_on_unmatched:
            return []
        raise UsageError(f"{arguments.stdin_filename} lies in no Koze application, so nothing is known about it")
    project, relative = located
    return [Chosen(project, None, frozenset({relative}))]
