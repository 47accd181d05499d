"""Every case, asked directly and through the real server in each encoding, with LF and CRLF line ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import kinds  # noqa: F401 - registers every kind of marker
from .backend import Backend
from .case import parse
from .client import Client
from .direct import Direct
from .harness import Run, rewrite
from .protocol import Protocol

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
NEWLINES = {"lf": "\n", "crlf": "\r\n"}
MODES = ("utf-8 lf", "utf-16 lf", "utf-32 lf", "utf-16 crlf")


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Client]]:
    """One server an encoding, started when it is first needed."""
    started: dict[str, Client] = {}
    yield started
    for client in started.values():
        assert client.stop() == 0


def check(path: Path, backend: Backend, newline: str) -> None:
    mismatches = Run(parse(path), backend, newline).run()
    assert not mismatches, "\n".join(mismatch.message for mismatch in mismatches)


@pytest.mark.parametrize("newline", NEWLINES)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_direct(path: Path, newline: str, request: pytest.FixtureRequest) -> None:
    if newline == "lf" and request.config.getoption("--update", default=False):
        case = parse(path)
        mismatches = Run(case, Direct()).run()
        if mismatches:
            path.write_text(rewrite(case, mismatches), encoding="utf-8")
    check(path, Direct(), NEWLINES[newline])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_server(path: Path, mode: str, clients: dict[str, Client]) -> None:
    encoding, newline = mode.split()
    if encoding not in clients:
        clients[encoding] = Client(encoding)
    check(path, Protocol(clients[encoding]), NEWLINES[newline])


def test_there_are_enough_markers() -> None:
    assert sum(len(parse(path).markers) for path in CASES) >= 150
