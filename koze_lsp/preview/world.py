"""The world of a preview without a scenario: every workflow is queued, then runs, then is complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from koze_lsp.preview.poll import StatusAnswer

if TYPE_CHECKING:
    from koze_lsp.syntax.workflow_shapes import Field, Shape

__all__ = ["DefaultSource", "sample_output"]

_STATUSES = ("queued", "running")
_MAX_DEPTH = 6


class DefaultSource:
    """Queued at the first request, running at the second, complete from the third on. `files` maps a binding to its
    workflow's file, and `read` gives the text, which tells what the output looks like: it is read when a page asks
    for that workflow, since an application may have hundreds."""

    def __init__(self, files: Mapping[str, str], read: Callable[[str], str]) -> None:
        self._files = files
        self._read = read
        self._outputs: dict[str, Any] = {}
        self._request = 0

    def begin(self, request: int, at_ms: float) -> tuple[str, ...]:
        """Every workflow has a binding."""
        del at_ms
        self._request = request
        return tuple(self._files)

    def world(self, request: int, at_ms: float) -> dict[str, Any]:
        """Nothing beforehand: `status` is asked for what the page reads."""
        del request, at_ms
        return {}

    def status(self, binding: str, instance_id: str, at_ms: float) -> StatusAnswer:
        """The same for every instance."""
        del instance_id, at_ms
        if binding not in self._files:
            return StatusAnswer(throws="instance.not_found")
        if self._request < len(_STATUSES):
            return StatusAnswer({"status": _STATUSES[self._request], "error": None, "output": None})
        if binding not in self._outputs:
            self._outputs[binding] = sample_output(self._read(self._files[binding]))
        return StatusAnswer({"status": "complete", "error": None, "output": self._outputs[binding]})


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
