"""The stateful machine can fail: it finds a fault that was built into the server. ``make mutants`` tries them all."""

from __future__ import annotations

import pytest

from tests.hardening.mutants import MUTANTS, NONE, Mutant, killed_by, times_in_source

QUICK = ("files that come or go tell no open page",)


def test_without_a_fault_nothing_is_found() -> None:
    assert killed_by(NONE, states=15) == ""


@pytest.mark.parametrize("mutant", [mutant for mutant in MUTANTS if mutant.name in QUICK], ids=lambda one: one.name)
def test_a_fault_is_found(mutant: Mutant) -> None:
    assert times_in_source(mutant) == 1, "the server was rewritten: write the mutant anew"
    assert killed_by(mutant, states=80)
