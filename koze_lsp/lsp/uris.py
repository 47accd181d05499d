"""The client's URIs and our paths: the one place that turns the one into the other.

A path is absolute, POSIX and normalised: ``/home/a/app``, on Windows ``c:/app`` (the drive in lower case, so that
``file:///C:/app`` and ``file:///c%3A/app`` are one file) or ``//server/share``. Bytes of a file name that are no
UTF-8 travel as surrogate escapes, as in Python's own ``os`` functions.
"""

from __future__ import annotations

import os
import posixpath
import re
from urllib.parse import quote, unquote

_DRIVE = re.compile(r"/?([A-Za-z]):(?=/|$)")
_FILE = re.compile(r"file:(?://(?P<host>[^/]*))?(?P<path>/.*)", re.IGNORECASE | re.DOTALL)
_WINDOWS = os.name == "nt"


def to_path(uri: str) -> str | None:
    """The path that a ``file:`` URI names; None for every other scheme, and for what can be no file here."""
    match = _FILE.fullmatch(uri)
    if match is None:
        return None
    host = match["host"] or ""
    path = unquote(match["path"], errors="surrogateescape")
    if "\0" in path:
        return None
    if host and host.lower() != "localhost":
        return f"//{host}{posixpath.normpath(path)}" if _WINDOWS else None
    if _WINDOWS:
        path = path.replace("\\", "/")
    path = posixpath.normpath(path)
    if path.startswith("//"):  # POSIX keeps two leading slashes, which mean nothing here
        path = path[1:]
    drive = _DRIVE.match(path)
    if drive is None:
        return path
    letter, rest = drive[1].lower(), path[drive.end() :] or "/"
    return f"{letter}:{rest}" if _WINDOWS else f"/{letter}:{rest}"


def from_path(path: str) -> str:
    """The ``file:`` URI of a path, percent-encoded as VS Code does it."""
    if path.startswith("//"):
        host, _, rest = path[2:].partition("/")
        return f"file://{host}/{encode(rest)}"
    return f"file://{'' if path.startswith('/') else '/'}{encode(path)}"


def encode(path: str) -> str:
    """A path, or a part of one, as it stands in a URI."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def key(uri: str) -> str:
    """What identifies a document however its client spells the URI: the path, or the URI itself."""
    return to_path(uri) or uri


def from_native(path: str) -> str:
    """A path as the operating system writes it, as one of ours."""
    path = os.path.normpath(os.path.abspath(path))
    if not _WINDOWS:
        return path
    path = path.replace("\\", "/")
    return path[0].lower() + path[1:] if _DRIVE.match(path) else path
