"""``koze-lsp fix``: apply what is safe, or show it."""

from __future__ import annotations

import argparse
import difflib
import io
import sys
from collections.abc import Callable, Iterator

from koze_lsp.cli.exits import CLEAN, FINDINGS
from koze_lsp.cli.selection import Selection, relative_to_here, select_in
from koze_lsp.cli.writing import write_atomically
from koze_lsp.project.reading import read_document
from koze_lsp.project.workspace import Workspace
from koze_lsp.rules.fixing import Fixed, fix_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of fix."""
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="files or folders (default: here)")
    parser.add_argument("--unsafe", action="store_true", help="also apply fixes that are the only answer, but not safe")
    parser.add_argument(
        "--diff", action="store_true", help="show the changes, write nothing; exit status 1 if there are any"
    )
    add_codes(parser)


def add_codes(parser: argparse.ArgumentParser) -> None:
    """Options that choose rules, for every command that runs them."""
    parser.add_argument(
        "--select", action="append", default=[], metavar="CODE", help="only these rules (repeat, or a,b)"
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODE", help="not these rules (repeat, or a,b)"
    )


def chosen_codes(arguments: argparse.Namespace) -> Callable[[str], bool]:
    """Which codes ``--select`` and ``--ignore`` leave.

    Raises:
        UsageError: a code that no rule has.
    """
    from koze_lsp.cli.codes import codes_of  # noqa: PLC0415

    selected, ignored = codes_of(arguments.select), codes_of(arguments.ignore)
    return lambda code: (not selected or code in selected) and code not in ignored


def main(arguments: argparse.Namespace) -> int:
    """Fix, then write or show."""
    workspace = Workspace()
    outcomes = [
        (selection, fix(workspace, selection, arguments)) for selection in select_in(workspace, arguments.paths)
    ]
    if arguments.diff:
        lines = [line for _, outcome in outcomes for line in diff(outcome)]
        sys.stdout.writelines(lines)
        return FINDINGS if lines else CLEAN
    for _, outcome in outcomes:
        write(outcome)
    count = sum(outcome.count for _, outcome in outcomes)
    files = sum(len(outcome.texts) + len(outcome.created) for _, outcome in outcomes)
    print(
        f"Fixed {count} problem{'' if count == 1 else 's'} in {files} file{'' if files == 1 else 's'}."
        if count
        else "Nothing to fix."
    )
    return CLEAN


def fix(workspace: Workspace, selection: Selection, arguments: argparse.Namespace) -> Fixed:
    """Fix one application in memory."""
    codes = chosen_codes(arguments)
    return fix_project(workspace, selection.project.root, selection.holds, unsafe=arguments.unsafe, codes=codes)


def write(outcome: Fixed) -> None:
    """Write what was fixed, each file whole or not at all."""
    for path, text in {**outcome.texts, **outcome.created}.items():
        write_atomically(f"{outcome.root}/{path}", text)


def _lines(text: str) -> list[str]:
    """The lines as patch knows them: a line feed alone ends one, not a form feed or U+2028."""
    return list(io.StringIO(text, newline="\n"))


def diff(outcome: Fixed) -> Iterator[str]:
    """A unified diff of what was fixed, with paths from the working directory."""
    show = relative_to_here(outcome.root)
    workspace = Workspace()
    workspace.load(outcome.root)
    project = workspace.project(outcome.root)
    for path, text in sorted({**outcome.texts, **outcome.created}.items()):
        kind = project.files.get(path)
        old = read_document(outcome.root, path, kind).source if kind is not None else ""
        before, after = _lines(old), _lines(text)
        for line in difflib.unified_diff(before, after, show(path), show(path)):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
