"""The files of one application, as a preview may read them: inside its folder only, and not too large."""

from __future__ import annotations

import os
import posixpath
from functools import cached_property

__all__ = ["AppFiles", "find_root"]

_MAX_CHARACTERS = 2 << 20
_FOLDERS = ("src/routes", "src/server")


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


class AppFiles:
    """Reads files by their path from the root, with `/`; remembers nothing, so that each preview sees what is
    on disk. `overlay` holds texts that an editor has and the disk has not."""

    def __init__(self, root: str, overlay: dict[str, str] | None = None) -> None:
        self.root = os.path.realpath(root)
        self.overlay = overlay or {}

    def read(self, path: str) -> str | None:
        """The text of a file; None if it is missing, too large, outside the root or no file."""
        path = posixpath.normpath(path)
        if path in self.overlay:
            return self.overlay[path]
        if path.startswith(("../", "/")) or path == "..":
            return None
        full = os.path.realpath(os.path.join(self.root, *path.split("/")))
        if os.path.commonpath([full, self.root]) != self.root:
            return None
        try:
            if not os.path.isfile(full):
                return None
            with open(full, encoding="utf-8", errors="replace", newline="") as file:
                text = file.read(_MAX_CHARACTERS + 1)
        except OSError:
            return None
        return text if len(text) <= _MAX_CHARACTERS else None

    @cached_property
    def listing(self) -> tuple[str, ...]:
        """The files under src/routes and src/server, sorted; links to folders are not followed."""
        found = [path for path in self.overlay if path.startswith(_FOLDERS)]
        for folder in _FOLDERS:
            base = os.path.join(self.root, *folder.split("/"))
            for current, folders, names in os.walk(base):
                folders[:] = sorted(name for name in folders if name not in ("node_modules", ".git"))
                inside = os.path.relpath(current, self.root).replace(os.sep, "/")
                found += [f"{inside}/{name}" for name in names if not os.path.islink(os.path.join(current, name))]
        return tuple(sorted(set(found)))
