"""``--check --watch``: the check again whenever a file changes, on a screen that redraws."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import cache

from koze_lsp.cli.exits import INTERRUPTED, UsageError
from koze_lsp.cli.selection import absolute, select
from koze_lsp.project.discovery import NEVER_ENTERED, find_root
from koze_lsp.project.document import FileKind
from koze_lsp.project.kinds import kind_of
from koze_lsp.project.watching import changes

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"
_QUIET = 100
"""Milliseconds without a change that end a burst."""
_LOOK = 200
"""Milliseconds that a look for changes waits."""


def watch(arguments: argparse.Namespace) -> int:
    """Check until Ctrl-C.

    Raises:
        UsageError: there is nothing to check at the start.
    """
    select([path for path in arguments.paths if not arguments.no_error_on_unmatched or os.path.exists(path)])
    try:
        while True:
            _watch_folders(arguments, _folders(arguments.paths))
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        sys.stdout.flush()
        return INTERRUPTED


def _watch_folders(arguments: argparse.Namespace, folders: frozenset[str]) -> None:
    """Check on every change, until a folder comes or goes.

    Each folder is watched by itself: node_modules and its like are not, since they can exhaust the system's watches.
    """
    present = [folder for folder in folders if os.path.isdir(folder)]
    looks = changes(present, _say, recursive=False, quiet=_QUIET, look=_LOOK)
    next(looks)  # starts watching, so that no change during the first check is lost
    _draw(arguments)
    for changed in looks:
        paths = [path.replace(os.sep, "/") for path in changed]
        if any(path in folders or _is_new_folder(path) for path in paths):
            return
        if any(_matters(path) for path in paths):
            _draw(arguments)


@cache
def _say(problem: str) -> None:
    """Tell a problem of watching once, however often the folders change."""
    print(f"koze-lsp: {problem}", file=sys.stderr, flush=True)


def _draw(arguments: argparse.Namespace) -> None:
    """One screen: the report, and what goes on. What is wrong for the moment is told, and does not end the watch."""
    from koze_lsp.cli.check import run_once  # noqa: PLC0415 - the check imports this module

    if sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
    try:
        run_once(arguments)
    except UsageError as error:
        print(f"koze-lsp: {error}")
    print(f"{datetime.now().astimezone():%H:%M:%S}  Watching for changes; Ctrl-C ends.", flush=True)


def _folders(paths: list[str]) -> frozenset[str]:
    """The folders of the applications at or below some paths, and those on the way to them."""
    found: set[str] = set()
    for given in paths:
        path = absolute(given)
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        found.update(_below(find_root(folder) or folder))
    return frozenset(found)


def _below(top: str) -> Iterator[str]:
    for folder, names, _ in os.walk(top):
        names[:] = [name for name in names if name not in NEVER_ENTERED]
        yield folder.replace(os.sep, "/")


def _is_new_folder(path: str) -> bool:
    return os.path.isdir(path) and path.rsplit("/", 1)[-1] not in NEVER_ENTERED


def _matters(path: str) -> bool:
    """Whether the check looks at a path, wherever its application begins."""
    name = path.rsplit("/", 1)[-1]
    if name == ".gitignore":
        return True
    root = find_root(path.rsplit("/", 1)[0])
    return kind_of(path[len(root) + 1 :] if root else name) is not FileKind.OTHER
