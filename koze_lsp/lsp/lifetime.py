"""Ends the server when the process that started it is gone, even if it left the pipes open."""

from __future__ import annotations

import os
import threading
import time

INTERVAL = 2.0
"""Seconds between two looks."""


def end_with(process_id: int) -> None:
    """Watch a process from now on; when it ends, so does this one, with exit status 1.

    A process that is not there to begin with (the client may live in another container) is not watched.
    """
    if process_id <= 0 or not is_alive(process_id):
        return
    threading.Thread(target=_watch, args=(process_id, os.getppid()), name="koze-lifetime", daemon=True).start()


def _watch(process_id: int, parent: int) -> None:
    while is_alive(process_id):
        time.sleep(INTERVAL)
        if parent == process_id and os.getppid() != parent:
            break  # it ended, though nobody has taken note of its status yet
    os._exit(1)


def is_alive(process_id: int) -> bool:
    """Whether a process exists."""
    if os.name == "nt":
        return _is_alive_on_windows(process_id)
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _is_alive_on_windows(process_id: int) -> bool:
    import ctypes  # noqa: PLC0415

    synchronize, timed_out = 0x00100000, 0x102
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - mypy knows it on Windows only
    handle = kernel.OpenProcess(synchronize, False, process_id)
    if not handle:
        return False
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == timed_out)
    finally:
        kernel.CloseHandle(handle)
