"""A compiled page inside an isolate: loading its modules, rendering it request by request, placing its errors.

One isolate serves all requests of a preview, so that a module's own state lives from request to request as on a
server. When a limit stops the page, the isolate is gone; the next render starts a new one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from koze_lsp.preview.isolate import DEFAULT_MEMORY, MIB, Isolate, LimitExceeded, ScriptError
from koze_lsp.preview.modules import Resolver, Source, install_linker, link
from koze_lsp.preview.runtime.checking import first_refusal
from koze_lsp.preview.runtime.page import CompiledPage
from koze_lsp.preview.runtime.sources import Place
from koze_lsp.preview.runtime.stripping import strip_mapped
from koze_lsp.preview.template.attributes import BOOLEAN_ATTRIBUTES
from koze_lsp.preview.template.blocks import check_blocks, hint_for
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.syntax.template_lines import classify_line, js_trim

__all__ = [
    "Limits",
    "PageHost",
    "RenderError",
    "RenderRequest",
    "RenderResult",
    "StatusCall",
    "kernel_source",
    "strip_mapped",
]

PROGRAM = "(page)"
"""The name under which the compiled program stands in stacks, until its frames are mapped."""
_JS = Path(__file__).resolve().parent / "js"
# One scope, in this order: each uses what the ones before it define.
_KERNEL = ("kernel", "printing", "environment", "koze", "modules", "request")
_FRAME = re.compile(r"\(page\):(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one render may use: bytes of memory for the whole isolate, and milliseconds of real time."""

    memory: int = DEFAULT_MEMORY
    time_ms: float = 1000.0


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One request. `world` answers statuses: binding → instance id or `*` → status; a binding that is in
    `bindings` but not there is asked of the host. `bindings` None: no environment at all."""

    url: str
    params: Mapping[str, str]
    bindings: tuple[str, ...] | None = ()
    world: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    at_ms: float = 0.0
    """The virtual time of the request, in milliseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class StatusCall:
    """One call of workflowStatus. `terminal` is None for a call without `poll`."""

    workflow: Any
    id: Any
    poll: Any
    status: Any
    error: str | None
    terminal: bool | None


@dataclass(frozen=True, slots=True)
class RenderError:
    """Why a page was not rendered. `limit` names the limit that stopped it, else ''; `place` is in a user's file."""

    message: str
    place: Place | None = None
    limit: str = ""
    stack: str = ""
    status: int = 500


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What a request gave: the document before any framework tags, or an error, or a redirect."""

    html: str
    directive: str | None
    done: bool
    calls: tuple[StatusCall, ...]
    data: Any
    chunks: tuple[tuple[str, str], ...] = ()
    error: RenderError | None = None
    redirect: str | None = None
    status: int = 200


StatusHost = Callable[[str, str], "tuple[Any, float]"]
"""(binding, instance id) → raw status and the virtual milliseconds until it is there; raises ScriptError for an
instance that is not there."""


@lru_cache(maxsize=1)
def kernel_source() -> str:
    """The page's runtime, as `Isolate.install` takes it."""
    kernel = "\n".join((_JS / f"{name}.js").read_text(encoding="utf-8") for name in _KERNEL)
    workflow = (_JS / "workflow.js").read_text(encoding="utf-8")
    body = workflow[workflow.index("(function (kernel)") :].rstrip().removesuffix(";")
    return kernel.replace("/*WORKFLOW*/", body)


@dataclass(slots=True)
class PageHost:
    """Renders one compiled page. `resolve` finds its modules; see `modules.link`."""

    page: CompiledPage
    registry: Mapping[str, Mapping[str, str]]
    resolve: Resolver
    limits: Limits = field(default_factory=Limits)
    now_ms: float = 0.0
    legacy: bool = False
    _isolate: Isolate | None = field(default=None, init=False)

    def close(self) -> None:
        if self._isolate is not None:
            self._isolate.close()
            self._isolate = None

    def start(self) -> None:
        """Load the page.

        Raises:
            CompileError: its program is no JavaScript, or one of its modules cannot be loaded.
            LimitExceeded: loading it takes too long or too much memory.
        """
        if self._isolate is not None:
            return
        isolate = Isolate(memory_limit=self.limits.memory, now_ms=self.now_ms)
        try:
            self._load(isolate)
        except BaseException:
            isolate.close()
            raise
        self._isolate = isolate

    def _load(self, isolate: Isolate) -> None:
        install_linker(isolate)  # its table of built-in modules has to be there before ours
        isolate.install(kernel_source())
        options = {"registry": dict(self.registry), "booleans": sorted(BOOLEAN_ATTRIBUTES), "legacy": self.legacy}
        isolate.call("kozeSetup", options)
        refusal = first_refusal(self.page.checks, self.page.sources, lambda: isolate)
        if refusal is not None:
            raise refusal
        try:
            isolate.script(self.page.code.text, "kozePage", filename=PROGRAM, timeout_ms=self.limits.time_ms)
        except ScriptError as error:
            raise self._refusal(error) from None
        for path, code in self.page.modules.items():
            try:
                link(isolate, Source(f"imports of {path}", code, path), self.resolve, self.limits.time_ms)
            except ScriptError as error:
                refusal = CompileError(error.message, path=error.file or path)
                refusal.place = Place(error.file or path, error.line or 1, error.column or 1, -1)
                raise refusal from None

    def _refusal(self, error: ScriptError) -> CompileError:
        """Why the program is no JavaScript: most often a control line of a template, else where the engine stopped."""
        for template, path, components in self.page.templates:
            try:
                check_blocks(template, path, components)
            except CompileError as unpaired:
                unpaired.place = self.page.sources.place(unpaired.offset)
                return unpaired
        code = self.page.code
        index = code.offset_of(error.line or 1, error.column or 1)
        offset = code.origin(index)
        for _path, check in self.page.checks:
            if check.markup and check.covers(offset):
                offset = check.place_of(offset)
                break
        line_start = code.text.rfind("\n", 0, index) + 1
        end = code.text.find("\n", index)
        line = js_trim(code.text[line_start : len(code.text) if end == -1 else end])
        refusal = CompileError(error.message, offset=offset, hint=hint_for(line, classify_line(line)))
        refusal.place = self.page.sources.place(offset)
        return refusal

    def render(self, request: RenderRequest, statuses: StatusHost | None = None) -> RenderResult:
        """Render one request; whatever the page does wrong is in the result."""
        try:
            self.start()
            isolate = self._isolate
            if isolate is None:
                raise ScriptError("the page is not loaded")
            answer = isolate.call(
                "kozeRender",
                {
                    "url": request.url,
                    "params": dict(request.params),
                    "bindings": None if request.bindings is None else list(request.bindings),
                    "world": dict(request.world),
                    "vars": dict(request.vars),
                    "headers": dict(request.headers),
                    "at": request.at_ms,
                },
                timeout_ms=self.limits.time_ms,
                host=_host(statuses),
            )
        except LimitExceeded as error:
            self.close()
            return _failed(RenderError(self._limit_message(error), limit=error.limit))
        except ScriptError as error:
            return _failed(RenderError(error.message, self._place(error)))
        return self._result(answer)

    def _limit_message(self, error: LimitExceeded) -> str:
        if error.limit == "memory":
            return f"The page was stopped: it used more than {self.limits.memory / MIB:g} MiB of memory."
        if error.limit == "time":
            return f"The page was stopped: it ran for more than {self.limits.time_ms:g} ms."
        return f"The page was stopped: {error.message}."

    def _result(self, answer: object) -> RenderResult:
        try:
            raw = json.loads(answer) if isinstance(answer, str) else None
            if not isinstance(raw, dict):
                raise ValueError
            error = self._error(raw["error"])
            poll = raw["poll"] or {}
            calls = tuple(StatusCall(**call) for call in raw["calls"])
            chunks = tuple((str(name), str(html)) for name, html in raw["chunks"])
            redirect = raw["error"]["redirect"] if raw["error"] else None
            return RenderResult(
                str(raw["html"]),
                poll.get("directive") if error is None else None,
                bool(poll.get("done")) and error is None,
                calls,
                raw["data"],
                chunks,
                None if redirect else error,
                redirect,
                error.status if error else 200,
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            return _failed(RenderError("The page changed objects of JavaScript that its preview needs."))

    def _error(self, raw: dict[str, Any] | None) -> RenderError | None:
        if raw is None:
            return None
        stack = str(raw["stack"])
        match = _FRAME.search(stack)
        place = None
        if match:
            place = self.place(int(match[1]), int(match[2]))
        if place is None:
            first = re.search(r"^    at (?:.* \()?(.+):(\d+):(\d+)\)?$", stack, re.MULTILINE)
            if first and first[1] != PROGRAM:
                place = Place(first[1], int(first[2]), int(first[3]), -1)
        return RenderError(raw["message"], place, "", self._map_stack(stack), raw["status"] or 500)

    def _map_stack(self, stack: str) -> str:
        def named(match: re.Match[str]) -> str:
            return str(self.place(int(match[1]), int(match[2])) or "(preview)")

        return _FRAME.sub(named, stack)

    def place(self, line: int, column: int) -> Place | None:
        """The place in a user's file of a position in the program."""
        code = self.page.code
        return self.page.sources.place(code.origin(code.offset_of(line, column)))

    def _place(self, error: ScriptError) -> Place | None:
        if error.file is None or error.line is None:
            return None
        if error.file == PROGRAM:
            return self.place(error.line, error.column or 1)
        return Place(error.file, error.line, error.column or 1, -1)


def _failed(error: RenderError) -> RenderResult:
    return RenderResult("", None, False, (), None, error=error, status=error.status)


def _host(statuses: StatusHost | None) -> Callable[[str, list[Any]], Any]:
    def answer(operation: str, args: list[Any]) -> Any:
        if operation != "status" or statuses is None:
            raise ScriptError(f"{operation} is not available in the preview")
        value, delay = statuses(str(args[0]), str(args[1]))
        return {"value": value, "delay": delay}

    return answer
