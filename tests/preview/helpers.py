"""Helpers for the preview's tests: an application made of texts, and the comparison of rendered pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from koze_lsp.preview.appfiles import AppFiles
from koze_lsp.preview.poll import NetworkFailure, StatusAnswer
from koze_lsp.preview.session import PreviewSession

_FRAMEWORK_COMMENT = re.compile(r"<!--(?:/?k-|component client script|swap bootstrap|bridge)[\s\S]*?-->")
_FRAMEWORK_ATTRIBUTE = re.compile(r"\s(?:data-k-|data-client-|data-cc)[\w-]*(?:=\"[^\"]*\")?")


def normal(html: str) -> str:
    """A page as the conformance files compare it: framework attributes, comments and scope classes do not count,
    nor do runs of white space between tags."""
    html = _FRAMEWORK_ATTRIBUTE.sub("", _FRAMEWORK_COMMENT.sub("", html))
    html = re.sub(r"dz-[0-9A-Za-z]+", "dz", html)
    html = re.sub(r">\s+<", "><", html)
    return re.sub(r"\s+<", "<", re.sub(r">\s+", ">", html)).strip()


def app(tmp_path: Path, files: dict[str, str]) -> AppFiles:
    """An application that lives in memory only; `tmp_path` is its (empty) root."""
    (tmp_path / "src" / "routes").mkdir(parents=True, exist_ok=True)
    return AppFiles(str(tmp_path), dict(files))


def session(
    tmp_path: Path, files: dict[str, str], route: str = "src/routes/index.koze", **options: Any
) -> PreviewSession:
    """The preview of a route of an application made of texts."""
    return PreviewSession.open(route, files=app(tmp_path, files), **options)


class TickSource:
    """The world of a conformance case: binding → instance id → status, per request."""

    def __init__(self, ticks: list[dict[str, Any]]) -> None:
        self.ticks = ticks

    def _tick(self, request: int) -> dict[str, Any]:
        return self.ticks[min(request, len(self.ticks) - 1)]

    def begin(self, request: int, at_ms: float) -> tuple[str, ...]:
        tick = self._tick(request)
        if "$network" in tick:
            raise NetworkFailure(tick["$network"])
        return tuple(tick)

    def world(self, request: int, at_ms: float) -> dict[str, Any]:
        return self._tick(request)

    def status(self, binding: str, instance_id: str, at_ms: float) -> StatusAnswer:
        raise AssertionError("the whole world is known beforehand")
