"""The stateful machine can fail: it finds a fault that was built into the server. ``make mutants`` tries them all."""

from __future__ import annotations

import pytest

from tests.hardening import test_session_changes
from tests.hardening.mutants import MUTANTS, NONE, Mutant, killed_by, killed_by_plain, times_in_source

QUICK = ("files that come or go tell no open page",)


def test_without_a_fault_nothing_is_found() -> None:
    assert killed_by(NONE, states=15) == ""


@pytest.mark.parametrize("mutant", [mutant for mutant in MUTANTS if mutant.name in QUICK], ids=lambda one: one.name)
def test_a_fault_is_found(mutant: Mutant) -> None:
    assert killed_by(mutant, states=80)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_fault_can_be_built_in(mutant: Mutant) -> None:
    assert times_in_source(mutant) == 1, "the server was rewritten: write the mutant anew"
    assert not mutant.test or hasattr(test_session_changes, mutant.test)


def test_a_plain_test_finds_its_fault() -> None:
    (mutant,) = (mutant for mutant in MUTANTS if mutant.name == "deleted folders are overlooked")
    assert killed_by_plain(mutant)
