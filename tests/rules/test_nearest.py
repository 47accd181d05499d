"""What a person probably meant: the quick dismissals change no answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from koze_lsp.rules.nearest import distance, nearest

_NAMES = st.text("abcD-_", min_size=1, max_size=12)


def near_the_slow_way(name: str, known: list[str]) -> set[str]:
    """Every name that is within a third of the shorter one's length, or begins like it."""
    wanted, found = name.lower().replace("_", "-"), set()
    for candidate in known:
        plain = candidate.lower().replace("_", "-")
        allowed = max(1, min(len(wanted), len(plain)) // 3)
        if abs(len(plain) - len(wanted)) <= allowed:
            if distance(wanted, plain) <= allowed:
                found.add(candidate)
        elif min(len(wanted), len(plain)) >= 3 and (plain.startswith(wanted) or wanted.startswith(plain)):
            found.add(candidate)
    return found


@given(_NAMES, st.lists(_NAMES, max_size=20, unique=True))
def test_no_near_name_is_dismissed(name: str, known: list[str]) -> None:
    assert set(nearest(name, known, limit=len(known) + 1)) == near_the_slow_way(name, known)


def test_the_nearest_comes_first() -> None:
    assert nearest("migratoin", ["migrations", "import", "migration"]) == ["migration", "migrations"]
