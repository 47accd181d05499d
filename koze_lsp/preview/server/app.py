"""The page server's application: which address gives what. The secrets are checked before, by the guard.

/SECRET/p/STAGE/               the page
/SECRET/p/STAGE/state          the stage as JSON; ?after=N&generation=G leaves out what the page has
/SECRET/p/STAGE/body/N         what the tab showed from moment N on
/SECRET/p/STAGE/events         server-sent events: a line for every change
/SECRET/p/STAGE/do             POST: a command, answered with the new state
/SECRET/static/NAME            scripts and styles, bundled with the package
/f/FRAME_SECRET/STAGE/N        the user's page as loaded at moment N, for the sandboxed frame
/f/FRAME_SECRET/STAGE/a/PATH   a style sheet, picture, … of the application that the page asks for as /PATH
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from koze_lsp.preview.server.assets import find_asset, read_asset
from koze_lsp.preview.server.bounds import MAX_BODY
from koze_lsp.preview.server.commands import carry_out
from koze_lsp.preview.server.frame import ASSET_HEADERS, FRAME_HEADERS, frame_document
from koze_lsp.preview.server.linking import link_page, link_style
from koze_lsp.preview.server.stage import Stage, StageError
from koze_lsp.preview.server.view import state_of

__all__ = ["PageApplication"]

_PAGE = Path(__file__).resolve().parent.parent / "page"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_STATIC = {path.name: (path, _TYPES[path.suffix]) for path in sorted(_PAGE.glob("*")) if path.suffix in _TYPES}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# Where editors show pages: VS Code's webviews, on the desktop, in a browser and through its own hosts.
EDITORS = "'self' vscode-file: vscode-webview: https://*.vscode-cdn.net http://127.0.0.1:* http://localhost:* https:"
_HEARTBEAT_S = 15.0
_MAX_LISTENERS = 32


class PageApplication:
    """The stages of a server and the ASGI application that shows them. `embedded`: pages may stand in an editor."""

    def __init__(self, frame_secret: str, *, embedded: bool) -> None:
        self.stages: dict[str, Stage] = {}
        self.frame_secret = frame_secret
        self.policy = _POLICY.format(ancestors=EDITORS if embedded else "'none'")
        self.loop: asyncio.AbstractEventLoop | None = None
        self.closing = False
        self._listeners: dict[str, set[asyncio.Event]] = {}
        stage = "/{secret}/p/{stage}"
        self.asgi = Starlette(
            routes=[
                Route(f"{stage}/", self.page),
                Route(f"{stage}/state", self.state),
                Route(f"{stage}/body/{{index:int}}", self.body),
                Route(f"{stage}/events", self.events),
                Route(f"{stage}/do", self.do, methods=["POST"]),
                Route("/{secret}/static/{name}", self.static),
                Route("/f/{secret}/{stage}/{index:int}", self.frame),
                Route("/f/{secret}/{stage}/a/{path:path}", self.asset),
            ]
        )

    def notify(self, name: str) -> None:
        """Tell every page of a stage that it changed; from any thread."""
        loop = self.loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._wake, name)

    def wake_all(self) -> None:
        """Let every open stream look whether it is to end."""
        for name in list(self._listeners):
            self._wake(name)

    def _wake(self, name: str) -> None:
        for event in self._listeners.get(name, ()):
            event.set()

    # -- addresses

    async def page(self, request: Request) -> Response:
        """The page itself."""
        if request.path_params["stage"] not in self.stages:
            return _gone()
        html = (_PAGE / "index.html").read_bytes()
        return Response(html, media_type="text/html", headers={"content-security-policy": self.policy})

    async def static(self, request: Request) -> Response:
        """One of the package's own files: a table is asked, not the disk."""
        found = _STATIC.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("no such file\n", 404)
        return Response(found[0].read_bytes(), media_type=found[1])

    async def state(self, request: Request) -> Response:
        """The stage as it is."""
        stage = self.stages.get(request.path_params["stage"])
        if stage is None:
            return _gone()
        after, generation = _number(request, "after"), _number(request, "generation")
        return await _state(lambda: {"state": state_of(stage, after, generation)}, self._frames(request))

    async def body(self, request: Request) -> Response:
        """What the tab showed from a moment on."""
        stage = self.stages.get(request.path_params["stage"])
        moment = stage.moment(request.path_params["index"]) if stage is not None else None
        if stage is None or moment is None:
            return _gone()
        return _json({"body": await run_sync(_linker(stage), moment.body)})

    async def do(self, request: Request) -> Response:
        """Carry out a command; the answer holds the new state."""
        name = request.path_params["stage"]
        stage = self.stages.get(name)
        if stage is None:
            return _gone()
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _json({"error": "a command is application/json"}, 415)
        try:
            payload = json.loads(await request.body())
        except (ValueError, RecursionError):
            return _json({"error": "this is no JSON"}, 400)
        except ClientDisconnect:
            return _json({"error": f"a command has at most {MAX_BODY} bytes"}, 413)
        after, generation = _number(request, "after"), _number(request, "generation")

        def work() -> dict[str, Any]:
            try:
                told = carry_out(stage, payload)
            except StageError as error:
                told = {"error": str(error)}
            except Exception as error:  # a fault of ours must not end the page
                told = {"error": f"The preview could not do that: {type(error).__name__}: {error}"}
            return {**told, "state": state_of(stage, after, generation)}

        answer = await _state(work, self._frames(request))
        self.notify(name)
        return answer

    async def events(self, request: Request) -> Response:
        """A stream with a line for every change of the stage."""
        name = request.path_params["stage"]
        if name not in self.stages:
            return _gone()
        listeners = self._listeners.setdefault(name, set())
        if len(listeners) >= _MAX_LISTENERS:
            return PlainTextResponse("too many pages\n", 503)
        return StreamingResponse(self._stream(name, listeners), media_type="text/event-stream")

    async def _stream(self, name: str, listeners: set[asyncio.Event]) -> AsyncIterator[str]:
        event = asyncio.Event()
        listeners.add(event)
        try:
            yield ": open\n\n"
            while not self.closing and name in self.stages:
                try:
                    await asyncio.wait_for(event.wait(), _HEARTBEAT_S)
                except asyncio.TimeoutError:
                    yield ": still here\n\n"
                    continue
                event.clear()
                stage = self.stages.get(name)
                if stage is None or self.closing:
                    break
                yield f"data: {stage.version}\n\n"
        finally:
            listeners.discard(event)

    async def frame(self, request: Request) -> Response:
        """The user's page as it was loaded at a moment."""
        stage = self.stages.get(request.path_params["stage"])
        moment = stage.moment(request.path_params["index"]) if stage is not None else None
        if stage is None or moment is None:
            return _gone()
        html = moment.document if moment.document is not None else f"<!doctype html><body>{moment.body}</body>"
        # Lone surrogates can stand in a page's text, but not in UTF-8.
        document = frame_document(await run_sync(_linker(stage), html)).encode("utf-8", "replace")
        return Response(document, headers=FRAME_HEADERS)

    async def asset(self, request: Request) -> Response:
        """A file of the application that the page links."""
        stage = self.stages.get(request.path_params["stage"])
        return _gone() if stage is None else await run_sync(_asset, stage.root, request.path_params["path"])

    def _frames(self, request: Request) -> str:
        """Where the frames of a stage are, seen from its page."""
        return f"../../../f/{self.frame_secret}/{request.path_params['stage']}/"


async def _state(work: Callable[[], dict[str, Any]], frames: str) -> Response:
    answer = await run_sync(work)
    answer["state"]["frames"] = frames
    return _json(answer)


def _linker(stage: Stage) -> Callable[[str], str]:
    """Turns the addresses of a stage's page into those that the frame can ask for."""
    page = stage.session.url.partition("?")[0].partition("#")[0] if stage.session is not None else "/"
    return lambda html: link_page(html, page, "a/", lambda path: find_asset(stage.root, path) is not None)


def _asset(root: str, path: str) -> Response:
    found = find_asset(root, path)
    data = read_asset(found) if found is not None else None
    if found is None or data is None:
        return PlainTextResponse("The application serves no such file.\n", 404, headers=ASSET_HEADERS)
    if found.type.startswith("text/css"):
        text = data.decode("utf-8", "replace")
        data = link_style(text, f"/{path}", lambda other: find_asset(root, other) is not None).encode()
    return Response(data, headers={**ASSET_HEADERS, "content-type": found.type})


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def _json(value: object, status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # Lone surrogates can stand in a page's text, but not in UTF-8.
    return Response(text.encode("utf-8", "replace"), status, media_type="application/json")


def _gone() -> Response:
    return PlainTextResponse("This preview is no longer there: its server or its page was stopped.\n", 404)
