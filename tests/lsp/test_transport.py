"""Headers and bodies, however they arrive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koze_lsp.lsp.transport import LENGTH_LIMIT, Framer, Malformed


def message(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@given(st.lists(st.binary(max_size=60), max_size=5), st.lists(st.integers(1, 40), min_size=1))
def test_messages_survive_any_cutting(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(message, bodies))
    framer, found, at, turn = Framer(), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        found += framer.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert found == bodies


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_headers_as_clients_write_them(headers: bytes) -> None:
    found = [item for item in Framer().feed(headers + b"{}") if isinstance(item, bytes)]
    assert found == [b"{}"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"Content-Length: %d\r\n\r\n" % (LENGTH_LIMIT + 1),
        b"Content-Length: 99999999999999999999999\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: two\r\n\r\n",
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"Content-Le",
        b"\x00" * 100_000,
    ],
)
def test_garbage_is_skipped_up_to_the_next_message(garbage: bytes) -> None:
    found = [item for item in Framer().feed(garbage + message(b"{}")) if isinstance(item, bytes)]
    assert found == [b"{}"]


def test_a_huge_length_is_told() -> None:
    (found,) = Framer().feed(b"Content-Length: 999999999999\r\n\r\n")
    assert isinstance(found, Malformed)
    assert "999999999999" in found.reason


def test_a_length_that_is_too_long_gives_the_next_message_back() -> None:
    framer = Framer()
    swallowed = b'{"a":1}' + message(b'{"b":2}')
    stream = b"Content-Length: %d\r\n\r\n%b" % (len(swallowed), swallowed)
    found = []
    for body in framer.feed(stream):
        found.append(body)
        if body == swallowed:
            framer.give_back(swallowed)
    assert found[1:] == [b'{"b":2}']


@given(st.binary(max_size=300))
def test_any_bytes_end(data: bytes) -> None:
    list(Framer().feed(data))
