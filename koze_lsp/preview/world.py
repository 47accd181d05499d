"""The world of a preview without a scenario: every workflow is queued, then runs, then is complete."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from koze_lsp.preview.poll import StatusAnswer

if TYPE_CHECKING:
    from koze_lsp.syntax.workflow_shapes import Field, Shape

__all__ = ["DefaultSource", "sample_output"]

_STATUSES = ("queued", "running")
_MAX_DEPTH = 6


class DefaultSource:
    """Queued at the first request, running at the second, complete from the third on. `sources` maps a binding to
    its workflow's text, which tells what the output looks like."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources

    def begin(self, request: int, at_ms: float) -> tuple[str, ...]:
        del request, at_ms
        return tuple(self._sources)

    @cached_property
    def _outputs(self) -> dict[str, Any]:
        return {binding: sample_output(source) for binding, source in self._sources.items()}

    def world(self, request: int, at_ms: float) -> dict[str, Any]:
        del at_ms
        if request < len(_STATUSES):
            status = {"status": _STATUSES[request], "error": None, "output": None}
            return {binding: {"*": status} for binding in self._sources}
        return {
            binding: {"*": {"status": "complete", "error": None, "output": output}}
            for binding, output in self._outputs.items()
        }

    def status(self, binding: str, instance_id: str, at_ms: float) -> StatusAnswer:
        del binding, instance_id, at_ms
        return StatusAnswer(throws="instance.not_found")


def sample_output(source: str) -> Any:
    """A value of the shape that a workflow's run() returns, read from its text; None if that cannot be told."""
    from koze_lsp.syntax.workflow import parse  # noqa: PLC0415 — only a preview without a scenario needs it

    shape = parse(source).output
    return None if shape is None else _sample_object(shape, 0)


def _sample_object(shape: Shape, depth: int) -> dict[str, Any]:
    return {field.name: _sample(field, depth) for field in shape.fields}


def _sample(field: Field, depth: int) -> Any:
    """A value of the field's type; where the type is not known, the field's name in marks."""
    if field.shape is not None and depth < _MAX_DEPTH:
        return _sample_object(field.shape, depth + 1)
    samples: dict[str, Any] = {"number": 3, "boolean": True, "array": [], "object": {}, "null": None, "undefined": None}
    return samples.get(field.type.split(" | ")[0], f"‹{field.name}›")
