"""The statuses that a scenario's ticks give to the poll loop; `koze_lsp.syntax.scenario` reads the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koze_lsp.preview.poll import NetworkFailure, StatusAnswer
from koze_lsp.syntax.scenario import CONDITIONS, Scenario, ScenarioError, parse_scenario

__all__ = ["CONDITIONS", "Scenario", "ScenarioError", "ScenarioSource", "parse_scenario"]


class ScenarioSource:
    """Statuses from a scenario's ticks."""

    def __init__(self, ticks: tuple[Mapping[str, Any], ...], workflows: Mapping[str, str]) -> None:
        self._ticks = ticks
        self._workflows = workflows

    def _tick(self, request: int) -> Mapping[str, Any]:
        return self._ticks[min(request, len(self._ticks) - 1)]

    def begin(self, request: int, at_ms: float) -> tuple[str, ...]:
        """The bindings that the tick names: what it does not name is not there."""
        del at_ms
        tick = self._tick(request)
        if "$network" in tick:
            raise NetworkFailure(str(tick["$network"]))
        for instances in tick.values():
            for status in instances.values():
                if "$network" in status:
                    raise NetworkFailure(str(status["$network"]))
        return tuple(self._workflows.get(name, name) for name in tick)

    def world(self, request: int, at_ms: float) -> dict[str, Any]:
        del at_ms
        return {self._workflows.get(name, name): instances for name, instances in self._tick(request).items()}

    def status(self, binding: str, instance_id: str, at_ms: float) -> StatusAnswer:
        del binding, instance_id, at_ms
        return StatusAnswer(throws="instance.not_found")
