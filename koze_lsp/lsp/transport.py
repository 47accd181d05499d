"""Bytes in, messages out: the base protocol's headers and the loops over stdio and TCP.

Reads whatever arrives. Headers that make no sense, and a length that nobody can mean, are reported and skipped: the
next well-formed header is found again, wherever it stands.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

LENGTH_LIMIT = 256_000_000
"""Bytes; more than any document that an editor would send."""

_HEADER_LIMIT = 65_536
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"Content-Length:[ \t]*(\d{1,18})[ \t]*(?=\r?\n|\Z)", re.IGNORECASE)
_MARK = b"Content-Length:"
_CHUNK = 1 << 18

Read = Callable[[int], bytes]
Write = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something that is no message, in words for the log."""

    reason: str


class Framer:
    """Splits a stream of bytes into the bodies of messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes | Malformed]:
        """Take bytes; gives the bodies that are complete by now."""
        self._buffer += data
        while (found := self._next()) is not None:
            yield found

    def give_back(self, body: bytes) -> None:
        """A body was no JSON: if its length was wrong, it holds the headers of the messages behind it."""
        at = body.find(_MARK)
        if at >= 0:
            self._buffer[:0] = body[at:]

    def _next(self) -> bytes | Malformed | None:
        end = _HEADER_END.search(self._buffer, 0, _HEADER_LIMIT)
        if end is None:
            return self._too_long()
        lengths = _LENGTH.findall(self._buffer, 0, end.start())
        if not lengths:
            del self._buffer[: end.end()]
            return Malformed("headers without a Content-Length")
        length = int(lengths[-1])
        if length > LENGTH_LIMIT:
            del self._buffer[: end.end()]
            return Malformed(f"a message of {length} bytes; the limit is {LENGTH_LIMIT}")
        stop = end.end() + length
        if len(self._buffer) < stop:
            return None
        body = bytes(memoryview(self._buffer)[end.end() : stop])
        del self._buffer[:stop]
        return body

    def _too_long(self) -> Malformed | None:
        if len(self._buffer) <= _HEADER_LIMIT:
            return None
        at = self._buffer.find(_MARK, 1)
        del self._buffer[: at if at > 0 else len(self._buffer) - len(_MARK)]
        return Malformed("bytes without headers")


def listen(host: str, port: int, announce: Callable[[str, int], None]) -> socket.socket:
    """Wait for one client on a TCP port (0: any free one); ``announce`` is told the address.

    Raises:
        OSError: the address can't be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, reuse_port=False) as server:
        address = server.getsockname()
        announce(address[0], address[1])
        client, _ = server.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def chunks(read: Read) -> Iterator[bytes]:
    """What arrives, until the stream ends or breaks."""
    while True:
        try:
            data = read(_CHUNK)
        except (OSError, ValueError):  # ValueError: closed by another thread
            return
        if not data:
            return
        yield data
