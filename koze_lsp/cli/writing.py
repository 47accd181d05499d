"""Writing files: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile

from koze_lsp.cli.exits import UsageError


def write_atomically(path: str, text: str) -> None:
    """Replace a file's content, or create it, in one step; its permissions stay.

    The text is written beside the file first, so that an interruption at any moment leaves the old file or the new.

    Raises:
        UsageError: the file can't be written; it is unchanged then.
    """
    path = os.path.realpath(path)
    if os.path.lexists(path) and not os.path.isfile(path):
        raise UsageError(f"{path} can't be written: it is no regular file; it is unchanged")
    folder = os.path.dirname(path)
    temporary = None
    try:
        os.makedirs(folder, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".koze-lsp-", suffix=".tmp", dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "surrogatepass"))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):
            os.chmod(temporary, os.stat(path).st_mode & 0o7777 if os.path.exists(path) else 0o666 & ~_umask())
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror or error}; it is unchanged") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def write_through(path: str, text: str) -> None:
    """Write to what is no regular file, such as a pipe or /dev/stderr.

    Raises:
        UsageError: it can't be written.
    """
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror or error}") from error


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
