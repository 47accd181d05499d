"""The nearest of several names: what a person probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def distance(left: str, right: str, limit: int | None = None) -> int:
    """The number of insertions, deletions, replacements and swaps of neighbours between two strings.

    With a ``limit``, whatever is more may be told as ``limit + 1``, which costs far less.
    """
    bound = max(len(left), len(right)) if limit is None else limit
    if abs(len(left) - len(right)) > bound:
        return bound + 1
    left, right = _without_common_ends(left, right)
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, character in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            cost = min(above[column] + 1, current[-1] + 1, above[column - 1] + (character != other))
            swapped = row > 1 and column > 1 and character == right[column - 2] and left[row - 2] == other
            current.append(min(cost, before[column - 2] + 1) if swapped else cost)
        if min(current) > bound and min(above) > bound:  # a swap reaches back two rows
            return bound + 1
        before, above = above, current
    return above[-1]


def _without_common_ends(left: str, right: str) -> tuple[str, str]:
    start, most = 0, min(len(left), len(right))
    while start < most and left[start] == right[start]:
        start += 1
    end = 0
    while end < most - start and left[-1 - end] == right[-1 - end]:
        end += 1
    return left[start : len(left) - end], right[start : len(right) - end]


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names that are near enough to be meant, nearest first; case and ``-``/``_`` hardly count."""
    wanted = _plain(name)
    letters = [(letter, wanted.count(letter)) for letter in set(wanted)]
    ranked = []
    for candidate in known:
        plain = _plain(candidate)
        allowed = max(1, min(len(wanted), len(plain)) // 3)
        if abs(len(plain) - len(wanted)) <= allowed:
            count = plain.count
            if sum([times - count(letter) for letter, times in letters if count(letter) < times]) > allowed:
                continue  # each letter that is not there needs an edit: most names are dismissed so
            gap = distance(wanted, plain, allowed)
            if gap <= allowed:
                ranked.append((gap, candidate != name and plain != wanted, candidate))
        elif len(wanted) >= 3 and (plain.startswith(wanted) or wanted.startswith(plain)) and len(plain) >= 3:
            ranked.append((allowed + 1, True, candidate))
    return [candidate for _, _, candidate in sorted(ranked)][:limit]


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
