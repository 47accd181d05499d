"""Finding applications and their files on disk.

Never enters node_modules, .git, .koze, dist and their like, nor what .gitignore excludes, nor a symlinked
folder, nor another application that lies inside this one.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from koze_lsp.project.document import FileKind
from koze_lsp.project.kinds import WRANGLER_FILES, kind_of
from koze_lsp.project.parallel import chunk_count, share, without_collector
from koze_lsp.project.reading import read_bytes

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NEVER_ENTERED = frozenset(
    {"node_modules", ".git", ".hg", ".svn", ".koze", ".kuratchi", ".wrangler", "dist", ".venv", "__pycache__"}
)
_MARKERS = ("package.json", *WRANGLER_FILES)
_ENDINGS = (".html", ".koze", ".kuratchi", "ts", "js", "tsx", "jsx", ".json", ".jsonc", ".toml", ".json5", "TS")
_LARGE = 200
"""So many folders are listed before the rest, if it is more than that, is shared between processes."""
_KINDS = tuple(FileKind)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_Part = tuple[list[tuple[bytes, str, int]], dict[str, str]]
"""Files in their order, each with its place in it and the number of its kind; the folders that can't be listed."""


@dataclass
class Listing:
    """The files of one application; ``unreadable`` holds folders that could not be listed, and why."""

    files: dict[str, FileKind] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


def is_root(folder: str) -> bool:
    """Whether a folder is an application's: src/server or src/routes, and a package.json or wrangler file."""
    has_source = os.path.isdir(f"{folder}/src/routes") or os.path.isdir(f"{folder}/src/server")
    return has_source and any(os.path.isfile(f"{folder}/{marker}") for marker in _MARKERS)


def find_root(path: str) -> str | None:
    """The nearest application that holds a path (absolute, POSIX); the path itself may be its folder."""
    folder = path
    while True:
        if is_root(folder):
            return folder
        parent = folder.rsplit("/", 1)[0]
        if not parent or parent == folder:
            return "/" if parent != folder and is_root("") else None
        folder = parent


def find_apps(folder: str) -> list[str]:
    """The applications in and below a folder, in byte order."""
    found: list[str] = []
    walker = _Walker(folder, lambda name: name in _MARKERS)
    for relative, names in walker.folders():
        absolute = f"{folder}/{relative}" if relative else folder
        if any(name in _MARKERS for name in names) and is_root(absolute):
            found.append(absolute)
    return sorted(found)


def list_files(root: str) -> Listing:
    """The files of an application that koze-lsp looks at, in byte order of their paths."""
    listing = Listing()
    found: list[tuple[bytes, str, int]] = []
    with without_collector():
        for files, unreadable in _list_all(root):
            listing.unreadable.update(unreadable)
            found += files
        found.sort()  # in parts it is already
        listing.files = {path: _KINDS[number] for _, path, number in found}
    present = [name for name in WRANGLER_FILES if name in listing.files]
    for name in present[1:]:
        del listing.files[name]  # wrangler reads one file only
    return listing


def would_list(root: str, path: str) -> bool:
    """Whether `list_files` gives a file (relative) of a kind it looks at; only the folders on the way are read."""
    walker = _Walker(root, _may_matter, inside_app=True, towards=path)
    first: list[str] = []
    for folder, names in walker.folders():
        if not folder:
            first = names
        if folder == path.rpartition("/")[0] and path.rpartition("/")[2] in names:
            return path not in WRANGLER_FILES or path == next(name for name in WRANGLER_FILES if name in first)
    return False


def order(path: str) -> bytes:
    """The framework's order of discovery: folder by folder, each in byte order of its names."""
    return os.fsencode(path).replace(b"/", b"\0")


def _list_all(root: str) -> list[_Part]:
    """The files below a root that matter and the folders that can't be listed, in parts."""
    unreadable: dict[str, str] = {}
    walker = _Walker(root, _may_matter, unreadable, inside_app=True)
    first = list(_files_of(walker, deque([""]), _LARGE))
    waiting = walker.waiting
    if len(waiting) < _LARGE:
        first += _files_of(walker, waiting)
        return [(_sorted(first), unreadable)]
    chunks = chunk_count(len(waiting), 4)
    folders = list(waiting)

    def work(numbers: Iterable[int]) -> _Part:
        walker.unreadable = {}
        mine = _sorted(path for number in numbers for path in _files_of(walker, deque(folders[number::chunks])))
        return mine, walker.unreadable

    return [(_sorted(first), unreadable), *share(work, chunks)]


def _sorted(paths: Iterable[str]) -> list[tuple[bytes, str, int]]:
    known = ((order(path), path, kind_of(path)) for path in paths)
    return sorted((place, path, _NUMBERS[kind]) for place, path, kind in known if kind is not FileKind.OTHER)


def _files_of(walker: _Walker, waiting: deque[str], limit: int | None = None) -> Iterator[str]:
    for relative, names in walker.folders(waiting, limit):
        prefix = f"{relative}/" if relative else ""
        for name in names:
            yield prefix + name


def _may_matter(name: str) -> bool:
    return name.endswith(_ENDINGS)


class _Walker:
    """Walks a tree folder by folder, honouring .gitignore files on the way down."""

    def __init__(
        self,
        root: str,
        wanted: Callable[[str], bool],
        unreadable: dict[str, str] | None = None,
        *,
        inside_app: bool = False,
        towards: str | None = None,
    ) -> None:
        self.root = root
        self.wanted = wanted
        self.unreadable = unreadable if unreadable is not None else {}
        self.inside_app = inside_app
        self.towards = towards
        self.waiting: deque[str] = deque()
        self.ignores: list[tuple[str, GitIgnoreSpec]] = _ignores_above(root)

    def folders(self, waiting: deque[str] | None = None, limit: int | None = None) -> Iterator[tuple[str, list[str]]]:
        """Each folder (relative, POSIX; '' for the root) with the names of its wanted files.

        ``waiting`` are the folders to begin with; after ``limit`` folders, those still to be entered are in it.
        """
        waiting = self.waiting = deque([""]) if waiting is None else waiting
        while waiting and limit != 0:
            relative = waiting.popleft()
            limit = None if limit is None else limit - 1
            files, folders, has_ignore = self.list(relative)
            if has_ignore:
                self.add_ignore(relative)
            prefix = f"{relative}/" if relative else ""
            if self.inside_app and relative and "src" in folders and is_root(f"{self.root}/{relative}"):
                continue
            if self.ignores:
                files = [name for name in files if not self.ignored(prefix + name)]
                folders = [name for name in folders if not self.ignored(prefix + name + "/")]
            yield relative, files
            if self.towards is not None:
                folders = [name for name in folders if self.towards.startswith(f"{prefix}{name}/")]
            waiting.extend([prefix + name for name in folders])

    def list(self, relative: str) -> tuple[list[str], list[str], bool]:
        """Wanted files, folders to enter, and whether there is a .gitignore."""
        files: list[str] = []
        folders: list[str] = []
        has_ignore = False
        wanted = self.wanted
        try:
            with os.scandir(f"{self.root}/{relative}" if relative else self.root) as entries:
                for entry in entries:
                    name = entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if name not in NEVER_ENTERED:
                            folders.append(name)
                    elif name == ".gitignore":
                        has_ignore = True
                    elif wanted(name) and not entry.is_symlink():
                        files.append(name)
        except OSError as error:
            self.unreadable[relative] = error.strerror or str(error)
        return files, folders, has_ignore

    def add_ignore(self, relative: str) -> None:
        spec = _read_ignore(f"{self.root}/{relative}/.gitignore" if relative else f"{self.root}/.gitignore")
        if spec is not None:
            self.ignores.append((f"{self.root}/{relative}/" if relative else f"{self.root}/", spec))

    def ignored(self, path: str) -> bool:
        absolute = f"{self.root}/{path}"
        verdict = False
        for base, spec in self.ignores:
            if absolute.startswith(base):
                found = spec.check_file(absolute[len(base) :]).include
                verdict = verdict if found is None else found
        return verdict


def _ignores_above(root: str) -> list[tuple[str, GitIgnoreSpec]]:
    """The .gitignore files between the repository's top and a folder, outermost first."""
    found: list[tuple[str, GitIgnoreSpec]] = []
    folder = root
    while not os.path.exists(f"{folder}/.git"):
        parent = folder.rsplit("/", 1)[0]
        if not parent or parent == folder:
            return []
        folder = parent
        if os.path.lexists(f"{folder}/.gitignore") and (spec := _read_ignore(f"{folder}/.gitignore")) is not None:
            found.insert(0, (f"{folder}/", spec))
    # An application that a repository around it ignores was opened or named all the same: it is meant.
    ignored = any(spec.match_file(f"{root[len(base) :]}/") for base, spec in found)
    return [] if ignored else found


def _read_ignore(path: str) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - costs 20 ms, and many trees have no .gitignore

    try:
        lines = read_bytes(path).decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd pattern is git's business, and nothing to print
            return GitIgnoreSpec.from_lines(lines)
    except (OSError, ValueError):
        return None
