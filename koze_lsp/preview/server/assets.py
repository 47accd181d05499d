"""The style sheets, scripts, pictures and fonts that a page links, out of the application's own folders.

`public/x` is served as `/x`, as Vite does, and `src/assets/x` as `/assets/x`, as the Koze framework does. Nothing else
of the application can be asked for: no other folder, no hidden file, no link that leads out of the folder, no kind of
file that a page does not show, and nothing above 10 MB.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass

from koze_lsp.preview.appfiles import inside
from koze_lsp.project.reading import read_bytes

__all__ = ["TYPES", "Asset", "find_asset", "read_asset"]

FOLDERS = (("assets/", "src/assets"), ("", "public"))
"""What an address begins with → the folder. The first that holds the file counts."""
_TEXT = "; charset=utf-8"
TYPES = {
    ".css": "text/css" + _TEXT,
    ".js": "text/javascript" + _TEXT,
    ".mjs": "text/javascript" + _TEXT,
    ".json": "application/json" + _TEXT,
    ".txt": "text/plain" + _TEXT,
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".otf": "font/otf",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
"""Ending → type. A file that ends otherwise is not served."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a page may link: where it is, and its type."""

    file: str
    type: str


def find_asset(root: str, address: str) -> Asset | None:
    """The file for an address without its query, decoded, such as `/assets/site.css`."""
    path = address.removeprefix("/")
    kind = TYPES.get(posixpath.splitext(path)[1].lower())
    parts = path.split("/")
    if kind is None or "\\" in path or any(part in ("", "..") or part.startswith(".") for part in parts):
        return None
    for start, folder in FOLDERS:
        if not path.startswith(start):
            continue
        base = os.path.join(root, *folder.split("/"))
        # A folder that is itself a link elsewhere is not the application's.
        if inside(os.path.realpath(root), folder) is None:
            continue
        full = inside(os.path.realpath(base), path[len(start) :])
        if full is not None and os.path.isfile(full):
            return Asset(full, kind)
    return None


def read_asset(asset: Asset) -> bytes | None:
    """Its bytes; None if it cannot be read, or is above 10 MB."""
    try:
        return read_bytes(asset.file)
    except OSError:
        return None
