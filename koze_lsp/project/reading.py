"""Reading files from disk: bytes in, a document out, whatever the file is."""

from __future__ import annotations

import errno
import os
import stat

from koze_lsp.project.document import Document, FileKind, Unreadable
from koze_lsp.text import Text

SIZE_LIMIT = 10_000_000
"""Bytes; a longer file is not a page or a module that a person wrote."""

_EMPTY = Text("")


def read_document(root: str, path: str, kind: FileKind, previous: Document | None = None) -> Document:
    """The document at a path relative to a root. Never raises: a document can say why it is unreadable."""
    try:
        data = read_bytes(f"{root}/{path}")
    except TooLargeError as error:
        remedy = "exclude it in .gitignore or in koze-lsp's `ignore` setting"
        return Document(path, kind, _EMPTY, unreadable=Unreadable(error.reason, remedy))
    except OSError as error:
        reason = f"can't be read: {error.strerror or error}"
        return Document(path, kind, _EMPTY, unreadable=Unreadable(reason, "check that it exists and its permissions"))
    try:
        return Document(path, kind, Text(data.decode("utf-8")), previous=previous)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"is not UTF-8: byte 0x{data[error.start]:02x} on line {line}"
        return Document(path, kind, _EMPTY, unreadable=Unreadable(reason, "save it as UTF-8"))


class TooLargeError(OSError):
    """A file is longer than `SIZE_LIMIT`; ``reason`` says so."""

    def __init__(self, size: int) -> None:
        self.reason = f"is {size / 1e6:.0f} MB; koze-lsp reads files up to {SIZE_LIMIT // 1_000_000} MB"
        super().__init__(errno.EFBIG, self.reason)


def read_text(path: str) -> str:
    """The text of a file that is no part of a snapshot; never waits, as `read_bytes`.

    Raises:
        OSError: it can't be read; `TooLargeError` if it is longer than `SIZE_LIMIT`.
        UnicodeDecodeError: it is not UTF-8.
    """
    return read_bytes(path).decode("utf-8")


def read_bytes(path: str) -> bytes:
    """The bytes of a regular file. A pipe would make us wait, and a device never ends: they are refused.

    Raises:
        OSError: it can't be read; `TooLargeError` if it is longer than `SIZE_LIMIT`.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "Is a directory" if stat.S_ISDIR(status.st_mode) else "Not a regular file")
        if status.st_size > SIZE_LIMIT:
            raise TooLargeError(status.st_size)
        parts = []
        while part := os.read(descriptor, max(status.st_size + 1, 1 << 16)):
            parts.append(part)
            if len(parts) == 1 and len(part) == status.st_size:
                break  # the whole file, in one call
        return b"".join(parts)
    finally:
        os.close(descriptor)
