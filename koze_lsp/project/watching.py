"""Changes on disk as they happen, for the server, for ``check --watch`` and for previews.

The system tells them. Where it has no watches left (Linux: ``fs.inotify.max_user_watches`` and
``max_user_instances``, which all programs of a user share), the folders are looked at twice a second instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

POLL_DELAY = 500
"""Milliseconds between two looks where the system's watches are exhausted."""

Say = Callable[[str], None]


def changes(
    folders: Sequence[str],
    say: Say,
    *,
    recursive: bool = True,
    stop: threading.Event | None = None,
    quiet: int = 50,
    burst: int = 1600,
    look: int = 300,
) -> Iterator[set[str]]:
    """The paths that changed in some folders (as the system writes them), burst by burst, until ``stop`` is set.

    The first set comes as soon as it is watching, and an empty one whenever nothing has happened for a while.

    Args:
        folders: those to watch; all of them must exist.
        say: is told, in words for a user, when the system can't watch and the folders are looked at instead.
        recursive: whether the folders inside count.
        stop: ends the watching.
        quiet: milliseconds without a change that end a burst.
        burst: milliseconds after which a burst that goes on is told in parts.
        look: milliseconds until an empty set is given, and until ``stop`` is seen.

    Raises:
        FileNotFoundError: a folder is not there.
        OSError, RuntimeError: looking is impossible too.
    """
    import watchfiles  # noqa: PLC0415 - few runs watch

    has_begun = False
    polling: bool | None = None  # what the environment says (WATCHFILES_FORCE_POLLING), or whether it is WSL
    while True:
        try:
            for found in watchfiles.watch(
                *folders,
                watch_filter=None,
                stop_event=stop,
                step=quiet,
                debounce=burst,
                recursive=recursive,
                rust_timeout=look,
                yield_on_timeout=True,
                force_polling=polling,
                poll_delay_ms=POLL_DELAY,
                raise_interrupt=stop is None,
            ):
                has_begun = True
                yield {path for _, path in found}
        except FileNotFoundError:
            raise
        except (OSError, RuntimeError) as error:  # RuntimeError: the library's own, when no instance can be had
            if has_begun or polling:
                raise
            reason = str(error).partition(". about [")[0]
            say(f"can't watch for changes on disk ({reason}); looking for them every {POLL_DELAY} ms instead")
            polling = True
        else:
            return
