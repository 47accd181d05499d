"""The browser's tab, as far as it concerns the page: hidden, without network, with a session that has expired."""

from __future__ import annotations

import math
from dataclasses import dataclass

from koze_lsp.preview.scenario import CONDITIONS, Scenario

__all__ = ["CONDITIONS", "QUIET", "Span", "Tab"]

QUIET = "quiet"
"""Not a condition: a time whose polls were left out, since they would have said nothing new."""


@dataclass(slots=True)
class Span:
    """A time in virtual milliseconds during which something held; `to` is infinite while nobody has ended it."""

    condition: str
    start: float
    to: float = math.inf
    switched_on: bool = False
    switched_off: bool = False

    def as_planned(self) -> tuple[float, float]:
        """From when to when, for a scenario that tells it again. What people switch is switched after the poll of that
        moment, while a plan holds for the poll as well: it has to begin, and end, a millisecond later."""
        return self.start + self.switched_on, self.to + self.switched_off


class Tab:
    """When which of `CONDITIONS` held: as the scenario plans it, and as people switch it."""

    def __init__(self, scenario: Scenario | None = None) -> None:
        self.spans: list[Span] = []
        if scenario is not None:
            self.spans += [Span(name, *times) for name in CONDITIONS for times in scenario.spans(name)]

    def holds(self, condition: str, at_ms: float) -> bool:
        """Whether a condition holds at a moment."""
        return any(span.condition == condition and span.start <= at_ms < span.to for span in self.spans)

    def conditions(self, at_ms: float) -> dict[str, bool]:
        """Which conditions hold at a moment."""
        return {name: self.holds(name, at_ms) for name in CONDITIONS}

    def switch(self, condition: str, at_ms: float, *, on: bool) -> None:
        """Let a condition begin or end at a moment."""
        if on and not self.holds(condition, at_ms):
            self.spans.append(Span(condition, at_ms, switched_on=True))
        elif not on:
            for span in self.spans:
                if span.condition == condition and span.start <= at_ms < span.to:
                    span.to, span.switched_off = at_ms, True
            self.spans = [span for span in self.spans if span.to > span.start]

    def starts_after(self, at_ms: float) -> list[float]:
        """When something is yet to begin."""
        return [span.start for span in self.spans if span.start > at_ms]

    def leave_out(self, start: float, to: float) -> None:
        """Remember that the polls of a time were left out."""
        self.spans.append(Span(QUIET, start, to))
