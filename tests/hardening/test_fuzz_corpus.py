"""Replays the fuzzer's corpus, with small changes to each input, without the fuzzer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fuzz.targets import TARGETS

CORPUS = Path(__file__).resolve().parents[2] / "fuzz" / "corpus"
INPUTS = sorted(path for path in CORPUS.rglob("*") if path.is_file())
CHANGES = 12


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_replay(path: Path) -> None:
    target, data = TARGETS[path.parent.name], path.read_bytes()
    target(data)
    dice = random.Random(path.name)
    for _ in range(CHANGES):
        changed = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            at = dice.randint(0, len(changed))
            changed[at : at + dice.choice([0, 1, 5])] = dice.choice(
                [b"", b"{", b"'", b'"', b"\xff", b"\n", b"//", b"/*", b",", b"<"]
            )
        target(bytes(changed))


def test_every_target_has_a_corpus() -> None:
    assert {path.parent.name for path in INPUTS} == set(TARGETS)
