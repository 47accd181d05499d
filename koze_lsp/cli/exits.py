"""Exit statuses and the error that a wrong command line gives."""

from __future__ import annotations

CLEAN = 0
FINDINGS = 1
USAGE = 2
INTERNAL = 2
INTERRUPTED = 130


class UsageError(Exception):
    """The command line can't be carried out; the message says what to do about it."""
