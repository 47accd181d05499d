"""Which applications and files the paths of a command line mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from koze_lsp.cli.exits import UsageError
from koze_lsp.project.config import Settings
from koze_lsp.project.discovery import find_apps, find_root
from koze_lsp.project.project import Project
from koze_lsp.project.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Selection:
    """One application and the part of it that was asked for: everything, or what lies at or below some paths."""

    project: Project
    within: tuple[str, ...] | None

    def holds(self, path: str) -> bool:
        """Whether a file of the project (relative path) was asked for."""
        if self.within is None:
            return True
        return any(path == part or path.startswith(f"{part}/") for part in self.within)


def absolute(path: str) -> str:
    """A path as the project layer has it: absolute, normalised, POSIX."""
    return os.path.abspath(path).replace(os.sep, "/") if os.sep != "/" else os.path.abspath(path)


def select(paths: Iterable[str], settings: Settings | None = None) -> list[Selection]:
    """The applications that the paths lie in, or that lie below them.

    Raises:
        UsageError: a path does not exist, or there is no Koze application at all.
    """
    return select_in(Workspace(settings), paths)


def select_in(workspace: Workspace, paths: Iterable[str]) -> list[Selection]:
    """The same, in a workspace of the caller's.

    Raises:
        UsageError: a path does not exist, or there is no Koze application at all.
    """
    wanted: dict[str, list[str] | None] = {}
    for given in paths:
        _add(wanted, given)
    for root in sorted(wanted):
        workspace.load(root)
    return [
        Selection(workspace.project(root), None if within is None else tuple(within))
        for root, within in sorted(wanted.items())
    ]


def _add(wanted: dict[str, list[str] | None], given: str) -> None:
    path = absolute(given)
    if not os.path.lexists(path):
        raise UsageError(f"{given}: no such file or folder")
    if not os.path.exists(path):
        raise UsageError(f"{given}: this symbolic link leads nowhere")
    folder = path if os.path.isdir(path) else path.rsplit("/", 1)[0]
    root = find_root(folder)
    if root is None:
        _add_below(wanted, given, path)
    elif root == path:
        wanted[root] = None
    else:
        within = wanted.setdefault(root, [])
        if within is not None:
            within.append(path[len(root) + 1 :])


def _add_below(wanted: dict[str, list[str] | None], given: str, path: str) -> None:
    roots = find_apps(path) if os.path.isdir(path) else []
    if not roots:
        raise UsageError(
            f"{given}: no Koze application here. One has src/routes or src/server, and package.json or wrangler.jsonc."
        )
    for root in roots:
        wanted[root] = None


def relative_to_here(root: str) -> Callable[[str], str]:
    """How to show a project's path: relative to the working directory, POSIX."""
    here = absolute(".")
    prefix = "" if root == here else os.path.relpath(root, here).replace(os.sep, "/") + "/"
    return lambda path: prefix + path
