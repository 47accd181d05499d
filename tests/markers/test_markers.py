"""Every case, asked directly and through the real server in each encoding, with LF and CRLF line ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from .case import parse
from .direct import Direct
from .harness import Run, rewrite

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_direct(path: Path, newline: str, request: pytest.FixtureRequest) -> None:
    case = parse(path)
    mismatches = Run(case, Direct(), newline).run()
    if mismatches and request.config.getoption("--update", default=False) and newline == "\n":
        path.write_text(rewrite(case, mismatches), encoding="utf-8")
        mismatches = Run(parse(path), Direct(), newline).run()
    assert not mismatches, "\n".join(mismatch.message for mismatch in mismatches)


def test_there_are_enough_markers() -> None:
    assert sum(len(parse(path).markers) for path in CASES) >= 150
