"""Bounds for what a stranger on this machine can do to the page server: connections, their idling, sizes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["MAX_BODY", "MAX_CONNECTIONS", "BoundedProtocol"]

MAX_CONNECTIONS = 128
"""More open connections than that: the one that has been idle longest is closed."""
MAX_BODY = 1 << 20
"""Bytes of a request's body."""
FIRST_REQUEST_S = 5.0
"""How long a connection may be silent before its first request is complete."""

_idle: OrderedDict[BoundedProtocol, None] = OrderedDict()
_open: set[BoundedProtocol] = set()


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 by h11, with a bound on connections and on the wait for a request."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """A connection was opened: make room for it, and do not wait for its request for ever."""
        super().connection_made(transport)
        _open.add(self)
        _idle[self] = None
        if len(_open) > MAX_CONNECTIONS:
            oldest = next(iter(_idle))
            oldest.transport.abort()
            oldest._forget()
        self._deadline = self.loop.call_later(FIRST_REQUEST_S, self._give_up)

    def _give_up(self) -> None:
        if self.cycle is None:
            self.transport.abort()

    def _forget(self) -> None:
        _open.discard(self)
        _idle.pop(self, None)
        if self._deadline is not None:
            self._deadline.cancel()

    def handle_events(self) -> None:
        """Bytes arrived; a connection with a request is not idle."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            _idle.pop(self, None)

    def on_response_complete(self) -> None:
        """An answer is sent: the connection is idle again."""
        super().on_response_complete()
        if self in _open:
            _idle[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._forget()
        super().connection_lost(exc)
