"""Which files are pages, and which page answers a path.

Source: the Koze framework, route discovery and router. Static routes first, then parameters, then rest parameters,
with backtracking; nothing in a path is decoded.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

__all__ = ["PAGE_EXTENSIONS", "Match", "Route", "Router", "discover_routes", "layouts_for", "pattern_of"]

ROOT = "src/routes"
PAGE_EXTENSIONS = (".koze", ".kuratchi")
"""What the newer framework takes for pages; its oldest generation took `.html`."""
_PARAMETER = re.compile(r"\[([^\]]+)\]\Z")
_REST = re.compile(r"\[\.\.\.([^\]]+)\]\Z")


@dataclass(frozen=True, slots=True)
class Route:
    """A page. `pattern` is `/users/:id/*rest`; `file` is relative to the application's root."""

    pattern: str
    file: str


@dataclass(frozen=True, slots=True)
class Match:
    """The page for a path, with its parameters as they stand in the path."""

    route: Route
    params: dict[str, str]


def pattern_of(file: str) -> str:
    """The pattern of a page's file."""
    stem = posixpath.splitext(file.removeprefix(ROOT + "/"))[0]
    segments = []
    for segment in stem.split("/"):
        if segment == "index":
            continue
        if rest := _REST.match(segment):
            segments.append("*" + rest.group(1))
        elif parameter := _PARAMETER.match(segment):
            segments.append(":" + parameter.group(1))
        else:
            segments.append(segment)
    return "/" + "/".join(segments)


def discover_routes(files: Iterable[str], extensions: tuple[str, ...] = PAGE_EXTENSIONS) -> list[Route]:
    """The pages among an application's files (POSIX paths from its root), in the framework's order."""
    pages = []
    for file in files:
        if not file.startswith(ROOT + "/") or not file.endswith(extensions) or file.startswith(ROOT + "/api/"):
            continue
        if posixpath.splitext(posixpath.basename(file))[0] not in ("layout", "error"):
            pages.append(file)
    pages.sort(key=lambda file: file.split("/"))
    routes = [Route(pattern_of(file), file) for file in pages]
    routes.sort(key=lambda route: (route.pattern.count(":"), -len(route.pattern)))
    return routes


def layouts_for(page: str, files: Container[str], extensions: tuple[str, ...] = PAGE_EXTENSIONS) -> list[str]:
    """The layouts around a page, innermost first."""
    found = []
    folder = posixpath.dirname(page)
    while folder == ROOT or folder.startswith(ROOT + "/"):
        layout = next((name for end in extensions if (name := f"{folder}/layout{end}") in files), None)
        if layout:
            found.append(layout)
        folder = posixpath.dirname(folder)
    return found


@dataclass(slots=True)
class _Node:
    name: str = ""
    route: Route | None = None
    children: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    rest: _Node | None = None


class Router:
    """Finds the page for a path. Of several parameter names on one level the first counts, for all siblings."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._static: dict[str, Route] = {}
        self._root = _Node()
        for route in routes:
            if ":" in route.pattern or "*" in route.pattern:
                self._add(route)
            else:
                self._static[route.pattern] = route

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in filter(None, route.pattern.split("/")):
            if segment.startswith("*"):
                node.rest = node.rest or _Node(segment[1:])
                node = node.rest
                break
            if segment.startswith(":"):
                node.parameter = node.parameter or _Node(segment[1:])
                node = node.parameter
            else:
                node = node.children.setdefault(segment, _Node())
        node.route = route

    def match(self, path: str) -> Match | None:
        """The page for a path without its query; None is the framework's 404."""
        if len(path) > 1 and path.endswith("/"):
            path = path[:-1]
        if path in self._static:
            return Match(self._static[path], {})
        params: dict[str, str] = {}
        route = self._search(self._root, [segment for segment in path.split("/") if segment], 0, params)
        return Match(route, params) if route else None

    def _search(self, node: _Node, segments: list[str], index: int, params: dict[str, str]) -> Route | None:
        if index >= len(segments):
            return node.route
        segment = segments[index]
        child = node.children.get(segment)
        if child and (found := self._search(child, segments, index + 1, params)):
            return found
        if node.parameter:
            name = node.parameter.name
            before = params.get(name)
            params[name] = segment
            if found := self._search(node.parameter, segments, index + 1, params):
                return found
            if before is None:
                del params[name]
            else:
                params[name] = before
        if node.rest:
            params[node.rest.name] = "/".join(segments[index:])
            return node.rest.route
        return None
