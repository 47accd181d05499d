"""One preview: a route, its files, the world it reads, and its poll loop. The terminal and the browser page use it.

session = PreviewSession.open("src/routes/jobs/[id].koze")
for tick in session.ticks():
    print(tick.at_ms, tick.text)
session.close()
"""

from __future__ import annotations

import os
import posixpath
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from koze_lsp.preview.appfiles import AppFiles, find_root
from koze_lsp.preview.html import body_of, swap_streamed, visible_text
from koze_lsp.preview.isolate import LimitExceeded, ScriptError
from koze_lsp.preview.poll import (
    Answer,
    NetworkFailure,
    PollOptions,
    StatusSource,
    directive_ms,
    run_poll,
)
from koze_lsp.preview.resolving import ModuleResolver
from koze_lsp.preview.routes import PAGE_EXTENSIONS, ROOT, Router, discover_routes, layouts_for, pattern_of
from koze_lsp.preview.runtime.host import (
    Limits,
    PageHost,
    RenderError,
    RenderRequest,
    RenderResult,
    StatusCall,
    strip_mapped,
)
from koze_lsp.preview.runtime.page import compile_page
from koze_lsp.preview.scenario import Scenario, ScenarioSource, parse_scenario
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.world import DefaultSource
from koze_lsp.project.naming import binding_name, status_name
from koze_lsp.project.reading import read_text

__all__ = ["Limits", "PreviewSession", "Response", "SessionTick", "UsageError", "scenario_beside"]

ALL_EXTENSIONS = (*PAGE_EXTENSIONS, ".html")
ORIGIN = "http://localhost"


class UsageError(Exception):
    """A preview that cannot be opened: there is no such route, no application, no such scenario."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response as the browser gets it. `html` is the whole document with the poll tag; `body` the inside of its
    body without framework tags; `data` what the framework writes into the page for the browser's script."""

    status: int
    html: str
    body: str
    directive: str | None
    done: bool
    calls: tuple[StatusCall, ...] = ()
    data: Any = None
    chunks: tuple[tuple[str, str], ...] = ()
    error: RenderError | None = None
    redirect: str | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class SessionTick:
    """One event of the poll loop. `html` and `text` are what the tab shows after it; `interval` is the wait before
    the next request in ms, None when the page stops polling."""

    at_ms: float
    event: Literal["load", "fetch", "hidden"]
    http: int | None
    html: str
    text: str
    calls: tuple[StatusCall, ...]
    directive: str | None
    done: bool
    swapped: bool
    ok: bool
    interval: float | None
    error: RenderError | None = None
    redirect: str | None = None
    failure: str = ""


def scenario_beside(route: str) -> str:
    """The scenario file that belongs to a route's file: `index.koze` → `index.preview.json5`."""
    return os.path.splitext(route)[0] + ".preview.json5"


@dataclass(slots=True)
class PreviewSession:
    """A route of an application, ready to be rendered. Make it with `open`."""

    files: AppFiles
    route: str
    """The route's file, relative to the application's root."""
    url: str
    """Path and query, with the fragment if one was given."""
    params: dict[str, str]
    workflows: dict[str, str]
    """Status name → binding."""
    source: StatusSource
    scenario: Scenario = field(default_factory=Scenario)
    limits: Limits = field(default_factory=Limits)
    legacy: bool = False
    started_ms: float = 0.0
    """The virtual time of the first load, in milliseconds since the epoch."""
    _host: PageHost | None = None
    _broken: RenderError | None = None

    @classmethod
    def open(
        cls,
        route: str,
        *,
        root: str | None = None,
        scenario: str | None = None,
        files: AppFiles | None = None,
        source: StatusSource | None = None,
        limits: Limits | None = None,
        use_scenario: bool = True,
        now_ms: float | None = None,
    ) -> PreviewSession:
        """Open the preview of a route: a file of src/routes, or a path such as `/jobs/42`.

        `scenario` is the path of a scenario file; without one the file beside the route counts. `source` replaces
        the scenario's ticks and the default world. `now_ms` is the virtual time of the first load (default: the
        real time).

        Raises:
            UsageError: there is no such route or scenario file.
            ScenarioError: the scenario cannot be used.
        """
        files = files or _app(route, root)
        file, url, params = _find_route(files, route)
        workflows = {status_name(path): binding_name(status_name(path)) for path in files.workflows}
        chosen = _scenario(files, file, scenario, workflows) if use_scenario or scenario else Scenario()
        url, params = _address(file, chosen, url, params)
        if source is None:
            source = ScenarioSource(chosen.ticks, workflows) if chosen.ticks else _default_source(files, workflows)
        legacy = file.endswith(".html")
        started = time.time() * 1000 if now_ms is None else now_ms
        return cls(files, file, url, params, workflows, source, chosen, limits or Limits(), legacy, started)

    def close(self) -> None:
        """Free the isolate; the session can be rendered again, from the start."""
        if self._host is not None:
            self._host.close()
            self._host = None
        self._broken = None

    # Rendering

    def _ready(self) -> PageHost | None:
        if self._host is None and self._broken is None:
            try:
                self._host = self._compile()
                self._host.start()
            except CompileError as error:
                self._broken = RenderError(_with_hint(error), error.place)
            except LimitExceeded as error:
                self._broken = RenderError(f"The page was stopped while it was loaded: {error}.", limit=error.limit)
            except ScriptError as error:
                self._broken = RenderError(error.message)
            if self._broken is not None:
                self._host = None
        return self._host

    def _compile(self) -> PageHost:
        extensions = ALL_EXTENSIONS if self.legacy else PAGE_EXTENSIONS
        layouts = layouts_for(self.route, self.files, extensions)
        shell = next((f"src/app{end}" for end in extensions if self.files.read(f"src/app{end}") is not None), None)
        page = compile_page(
            self.route, layouts, None if self.legacy else shell, self.files, strip_mapped, legacy=self.legacy
        )
        registry = {name: {"binding": binding} for name, binding in self.workflows.items()}
        resolver = ModuleResolver(self.files, self.scenario.server, frozenset(self.workflows.values()))
        return PageHost(page, registry, resolver, self.limits, self.started_ms, self.legacy)

    def render(self, request: int = 0, at_ms: float = 0.0) -> Response:
        """Render request number `request` at a virtual time.

        Raises:
            NetworkFailure: the world says that this request does not arrive.
        """
        bindings = self.source.begin(request, at_ms)
        host = self._ready()
        if host is None:
            return _error_response(self._broken or RenderError("The page is not loaded."))
        result = host.render(
            RenderRequest(
                ORIGIN + self.url.partition("#")[0],
                self.params,
                bindings,
                self.source.world(request, at_ms),
                headers={"x-koze-poll": "1"} if request else {},
                at_ms=self.started_ms + at_ms,
            ),
            lambda binding, identity: self._status(binding, identity, at_ms),
        )
        return self._response(result)

    def _status(self, binding: str, identity: str, at_ms: float) -> tuple[Any, float]:
        answer = self.source.status(binding, identity, at_ms)
        if answer.throws is not None:
            raise ScriptError(answer.throws)
        return answer.value, answer.delay_ms

    def _response(self, result: RenderResult) -> Response:
        if result.error is not None:
            return _error_response(result.error, result.calls)
        if result.redirect is not None:
            return Response(
                result.status or 303, "", "", None, False, result.calls, result.data, redirect=result.redirect
            )
        html = result.html
        body = body_of(html)
        name = "__kuratchi_poll" if self.legacy else "__koze_poll"
        if result.directive is not None and not self.legacy:
            html += f'\n<script type="application/json" id="{name}">{result.directive}</script>'
        if result.chunks:
            chunks = "".join(_chunk(identity, chunk) for identity, chunk in result.chunks)
            body += "\n" + chunks
            close = html.rfind("</body")
            html = html + chunks if close == -1 else html[:close] + chunks + html[close:]
        return Response(200, html, body, result.directive, result.done, result.calls, result.data, result.chunks)

    # Polling

    def _options(self, given: PollOptions) -> PollOptions:
        """When the loop stops, with what the scenario says about it."""
        runs = (self.scenario.run or {}).values()
        ends = [float(run["stop_after_ms"]) for run in runs if "stop_after_ms" in run]
        until = min(ends, default=None) if given.until_ms is None else given.until_ms
        return PollOptions(given.max_fetches, until, given.hidden or self.scenario.hidden, given.skips)

    def ticks(self, options: PollOptions | None = None) -> Iterator[SessionTick]:
        """The story of the page: its load and every poll, until it stops by itself or by `options`."""
        chosen = self._options(options or PollOptions())
        responses: dict[int, Response] = {}

        def fetch(request: int, at_ms: float) -> Answer:
            if self.scenario.holds("offline", at_ms):
                raise NetworkFailure(OFFLINE)
            response = EXPIRED if self.scenario.holds("expired", at_ms) else self.render(request, at_ms)
            responses[0] = response
            return Answer(response.ok, response.done, response.directive, response.body)

        html = text = ""
        for tick in run_poll(fetch, chosen):
            response = responses.pop(0, None)
            if response is not None and (tick.swapped or tick.event == "load"):
                html = response.body
                shown = swap_streamed(html, response.chunks) if tick.event == "load" else html
                text = visible_text(shown)
            yield SessionTick(
                tick.at_ms,
                "fetch" if tick.event == "fetch-failed" else tick.event,
                response.status if response else None,
                html,
                text,
                response.calls if response else (),
                response.directive if response else None,
                response.done if response else False,
                tick.swapped,
                tick.event == "hidden" or (response is not None and (response.ok or response.redirect is not None)),
                tick.interval,
                response.error if response else None,
                response.redirect if response else None,
                tick.failure,
            )


EXPIRED = Response(401, "", "", None, False)
"""What a request gets whose session has expired: no page, and nothing of it runs."""
OFFLINE = "Failed to fetch"
"""What the browser says of a request that gets no answer."""


def interval_of(directive: str | None) -> float | None:
    """Milliseconds for a poll tag's text, None without one."""
    return None if directive is None else directive_ms(directive)


def _with_hint(error: CompileError) -> str:
    return f"{error.message} {error.hint}".rstrip() if error.hint else error.message


def _chunk(identity: str, html: str) -> str:
    return f'<template id="__ssr_chunk_{identity}">{html}</template><script>$_swap("{identity}")</script>'


def _error_response(error: RenderError, calls: tuple[StatusCall, ...] = ()) -> Response:
    message = error.message
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        message = message.replace(char, entity)
    body = f"<h1>{error.status}</h1><pre>{message}</pre>"
    head = '<!doctype html><html><head><meta charset="utf-8"><title>Error</title></head><body>'
    return Response(error.status, f"{head}{body}</body></html>", body, None, False, calls, error=error)


# Finding things


def _app(route: str, root: str | None) -> AppFiles:
    start = root or (os.path.dirname(os.path.abspath(route)) if os.path.exists(route) else os.path.abspath("."))
    found = find_root(start)
    if found is None:
        raise UsageError(f"{start} is in no Koze application: no folder above it holds src/routes")
    return AppFiles(found)


def _find_route(files: AppFiles, route: str) -> tuple[str, str | None, dict[str, str] | None]:
    """(file, url, params) for what the user named."""
    full = os.path.realpath(route)
    inside = os.path.relpath(full, files.root).replace(os.sep, "/") if os.path.exists(full) else route
    for candidate in (inside, route.replace(os.sep, "/").removeprefix("./"), f"{ROOT}/{route}"):
        if candidate.startswith(ROOT + "/") and candidate.endswith(ALL_EXTENSIONS) and candidate in files:
            stem = posixpath.splitext(posixpath.basename(candidate))[0]
            if stem in ("layout", "error"):
                raise UsageError(f"{candidate} is no page: a {stem} is shown with the pages around it")
            return candidate, None, None
    if route.startswith("/"):
        routes = discover_routes(files.pages, PAGE_EXTENSIONS) or discover_routes(files.pages, ALL_EXTENSIONS)
        match = Router(routes).match(route.partition("?")[0].partition("#")[0])
        if match:
            return match.route.file, route, match.params
    raise UsageError(f"there is no route {route} in {files.root}")


def _scenario(files: AppFiles, file: str, path: str | None, workflows: Mapping[str, str]) -> Scenario:
    if path is None:
        beside = scenario_beside(file)
        text = files.read(beside)
        return Scenario() if text is None else parse_scenario(text, beside, workflows, page=True)
    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"cannot read the scenario {path}: {reason}") from None
    # One of the application's own is named by its path in it, as in every other message.
    full, root = os.path.realpath(path), files.root + os.sep
    named = full.removeprefix(root).replace(os.sep, "/") if os.path.isabs(path) and full.startswith(root) else path
    return parse_scenario(text, named, workflows, page=True)


def _address(
    file: str, scenario: Scenario, url: str | None, params: dict[str, str] | None
) -> tuple[str, dict[str, str]]:
    """The URL and the parameters: the scenario's where it has them, else samples."""
    pattern = pattern_of(file)
    wanted = scenario.url or url
    if wanted is not None:
        path = wanted.partition("#")[0].partition("?")[0]
        match = Router(discover_routes([file], ALL_EXTENSIONS)).match(path)
        if match is None and not scenario.params:
            raise UsageError(f"{path} is no path of {file} ({pattern})")
        found = match.params if match else {}
        return wanted, {**(params or {}), **found, **scenario.params}
    values: dict[str, str] = {}
    segments = []
    for segment in pattern.split("/"):
        if segment[:1] in (":", "*"):
            values[segment[1:]] = scenario.params.get(segment[1:], "1")
            segments.append(values[segment[1:]])
        else:
            segments.append(segment)
    return "/".join(segments) or "/", {**values, **scenario.params}


def _default_source(files: AppFiles, workflows: Mapping[str, str]) -> DefaultSource:
    paths = {workflows[status_name(path)]: path for path in files.workflows}
    return DefaultSource(paths, lambda path: files.read(path) or "")


__all__ += ["NetworkFailure", "interval_of"]
