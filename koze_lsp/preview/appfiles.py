"""The files of one application, as a preview may read them: inside its folder only, and not too large.

A preview looks at a page, its layouts, what they import, and the workflows. Only a path such as `/jobs/42` makes it
list the pages: of a large application that takes longer than the rest of its start.
"""

from __future__ import annotations

import os
import posixpath
from functools import cached_property

from koze_lsp.project.naming import SUFFIX

__all__ = ["MAX_CHARACTERS", "AppFiles", "find_root", "inside"]

MAX_CHARACTERS = 2 << 20
"""A longer text is not read."""
ROUTES = "src/routes"
SERVER = "src/server"


def find_root(path: str) -> str | None:
    """The application's folder for a file or folder in it: the nearest one that holds `src/routes`."""
    folder = os.path.abspath(path)
    while True:
        if os.path.isdir(os.path.join(folder, "src", "routes")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def inside(root: str, path: str) -> str | None:
    """The real place of a path (with `/`, from the root) of an application; None if that is not in the root, whether
    by `..`, by an absolute path or by a link. `root` is a real path."""
    path = posixpath.normpath(path)
    if path.startswith(("../", "/")) or path == ".." or "\0" in path or os.path.isabs(path):
        return None
    full = os.path.realpath(os.path.join(root, *path.split("/")))
    try:
        return full if os.path.commonpath([full, root]) == root else None
    except ValueError:  # another drive
        return None


class AppFiles:
    """Reads files by their path from the root, with `/`; remembers no text, so that each preview sees what is
    on disk. `overlay` holds texts that an editor has and the disk has not."""

    def __init__(self, root: str, overlay: dict[str, str] | None = None) -> None:
        self.root = os.path.realpath(root)
        self.overlay = overlay or {}

    def read(self, path: str) -> str | None:
        """The text of a file; None if it is missing, too large, outside the root or no file."""
        path = posixpath.normpath(path)
        if path in self.overlay:
            return self.overlay[path]
        full = inside(self.root, path)
        try:
            if full is None or not os.path.isfile(full):
                return None
            with open(full, encoding="utf-8", errors="replace", newline="") as file:
                text = file.read(MAX_CHARACTERS + 1)
        except OSError:
            return None
        return text if len(text) <= MAX_CHARACTERS else None

    def __contains__(self, path: object) -> bool:
        """Whether a page, a layout or a workflow is there; one that is a link does not count, as for the framework."""
        if not isinstance(path, str) or path != posixpath.normpath(path):
            return False
        if path in self.overlay:
            return True
        return inside(self.root, path) == os.path.join(self.root, *path.split("/")) and os.path.isfile(
            os.path.join(self.root, *path.split("/"))
        )

    @cached_property
    def pages(self) -> tuple[str, ...]:
        """The files under src/routes, sorted; links are not followed."""
        return self._below(ROUTES)

    @cached_property
    def workflows(self) -> tuple[str, ...]:
        """The workflow files under src/server, sorted; links are not followed."""
        return tuple(path for path in self._below(SERVER) if path.endswith(SUFFIX) and not path.endswith("/" + SUFFIX))

    def _below(self, folder: str) -> tuple[str, ...]:
        found = [path for path in self.overlay if path.startswith(folder + "/")]
        waiting = [folder]
        while waiting:
            current = waiting.pop()
            try:
                with os.scandir(os.path.join(self.root, *current.split("/"))) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            if entry.name not in ("node_modules", ".git"):
                                waiting.append(f"{current}/{entry.name}")
                        elif not entry.is_symlink():
                            found.append(f"{current}/{entry.name}")
            except OSError:
                continue  # a folder that cannot be listed holds nothing to show
        return tuple(sorted(set(found), key=lambda path: path.split("/")))
