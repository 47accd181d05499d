"""Faults that V8 answers by ending the process: here they end the isolate alone.

A page can ask for more than V8 is able to refuse: `'x'.repeat(2 ** 28).split('')` is "Fatal JavaScript invalid size
error", and V8 stops the process by a trap. Each isolate has a thread of its own, so it is enough that this thread never
goes on: the time limit then ends the isolate as it ends an endless loop, and other pages and the server know nothing
of it. The thread is parked by the C library's `pause`, with every signal masked, since no Python code may run there.

On Linux only; elsewhere such a fault still ends the process.
"""

from __future__ import annotations

import ctypes
import signal
import sys

__all__ = ["park_faulty_threads"]


class _Action(ctypes.Structure):
    """`struct sigaction` of Linux's C libraries."""

    _fields_ = (
        ("handler", ctypes.c_void_p),
        ("mask", ctypes.c_ubyte * 128),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )


def park_faulty_threads() -> bool:
    """From now on a thread that traps stops for ever; False where that cannot be had. A handler that somebody has set
    for traps stays."""
    if sys.platform != "linux" or signal.getsignal(signal.SIGTRAP) is not signal.SIG_DFL:
        return False
    try:
        libc = ctypes.CDLL(None)
        action = _Action(handler=ctypes.cast(libc.pause, ctypes.c_void_p).value)
        libc.sigfillset(ctypes.byref(action, _Action.mask.offset))
        return bool(libc.sigaction(int(signal.SIGTRAP), ctypes.byref(action), None) == 0)
    except (OSError, AttributeError):
        return False
