"""The result of a run as JSON text, piece by piece: one line a step or event, never the whole text in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def pieces(result: Mapping[str, Any]) -> Iterator[str]:
    """The text of a JSON object; its lists (steps, history, events…) have one item a line."""
    encode = json.JSONEncoder().encode  # ASCII: a lone surrogate is no text that a stream could take
    yield "{"
    for index, (key, value) in enumerate(result.items()):
        yield f"{',' if index else ''}\n {encode(key)}: "
        if isinstance(value, list) and value:
            yield "["
            for place, item in enumerate(value):
                yield f"{',' if place else ''}\n  {encode(item)}"
            yield "\n ]"
        else:
            yield encode(value)
    yield "\n}\n"
