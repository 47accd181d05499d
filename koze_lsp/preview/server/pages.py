"""Starting and stopping the page server: from the command line for one page, from a language server for many."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from koze_lsp.preview.server.stage import Stage
from koze_lsp.preview.session import UsageError
from koze_lsp.project.document import FileKind
from koze_lsp.project.project import Project
from koze_lsp.project.workspace import Workspace
from koze_lsp.text import Text

__all__ = ["PreviewServer", "changed", "open_page", "shutdown", "start", "stop"]

_START_S = 10.0


class PreviewServer:
    """A running server. `url` is the address of its first page; `stop` ends it and frees everything."""

    def __init__(self, *, embedded: bool = False, port: int = 0) -> None:
        """Listen on 127.0.0.1.

        Raises:
            OSError: the port is taken.
        """
        import uvicorn  # noqa: PLC0415 - only a page that is served needs it

        from koze_lsp.preview.server.app import PageApplication  # noqa: PLC0415
        from koze_lsp.preview.server.bounds import MAX_BODY, BoundedProtocol  # noqa: PLC0415
        from koze_lsp.preview.server.guard import Guard  # noqa: PLC0415

        self.url = ""
        self._secret = secrets.token_urlsafe(24)
        frame_secret = secrets.token_urlsafe(24)
        self._pages = PageApplication(frame_secret, embedded=embedded)
        self._guard = Guard(self._pages.asgi, self._secret, frame_secret, MAX_BODY)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._guard.port = self.port
        config = uvicorn.Config(
            self._guard,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=1,
            backlog=128,
            h11_max_incomplete_event_size=16 << 10,
        )
        self._server = uvicorn.Server(config)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="koze-preview", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_S):
            raise OSError("the page server did not start")
        self._watchers: list[Any] = []

    def _run(self) -> None:
        async def serve() -> None:
            self._pages.loop = asyncio.get_running_loop()
            self._pages.loop.call_soon(self._ready.set)
            await self._server.serve(sockets=[self._socket])

        asyncio.run(serve())

    # -- pages

    def add(self, stage: Stage) -> str:
        """Show a stage; gives its page's address."""
        name = secrets.token_hex(6)
        self._pages.stages[name] = stage
        stage.changed = lambda: self._pages.notify(name)
        return f"http://127.0.0.1:{self.port}/{self._secret}/p/{name}/"

    def remove(self, stage: Stage) -> None:
        """Show a stage no longer, and free it."""
        for name, known in list(self._pages.stages.items()):
            if known is stage:
                del self._pages.stages[name]
                self._pages.notify(name)
        stage.close()

    def allow(self, hosts: Iterable[str]) -> None:
        """Accept requests that come under further hosts: an editor forwards the port."""
        self._guard.allow(hosts)

    def watch(self, stage: Stage, workspace: Workspace) -> None:
        """Show what is saved to disk as soon as it is."""
        from koze_lsp.preview.live import DiskWatcher  # noqa: PLC0415

        self._watchers.append(DiskWatcher(stage, workspace))

    def stop(self) -> None:
        """End the server, its pages and its thread."""
        for watcher in self._watchers:
            watcher.stop()
        self._pages.closing = True
        loop = self._pages.loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._pages.wake_all)
        self._server.should_exit = True
        self._thread.join(5)
        for stage in list(self._pages.stages.values()):
            self.remove(stage)

    def wait(self, seconds: float) -> bool:
        """Wait so long for the server's end; True if it has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()


def start(
    project_root: str,
    route: str,
    *,
    scenario: str | None = None,
    overlays: Mapping[str, str] | None = None,
    use_scenario: bool = True,
    production: bool = True,
    port: int = 0,
    embedded: bool = False,
) -> PreviewServer:
    """Serve the preview of one route and watch its files.

    `route` is a file of src/routes or a path such as `/jobs/42`; `overlays` are texts by their path from the root
    that count instead of the disk's.

    Raises:
        UsageError, ScenarioError: there is nothing to show.
        OSError: the port is taken.
    """
    workspace = Workspace()
    root = os.path.realpath(project_root)
    workspace.load(root)
    for path, text in (overlays or {}).items():
        workspace.open(f"{root}/{path}", Text(text), 0)
    stage = Stage.open(
        workspace.project(root), route, scenario=scenario, use_scenario=use_scenario, production=production
    )
    try:
        server = PreviewServer(embedded=embedded, port=port)
    except OSError:
        stage.close()
        raise
    server.url = server.add(stage)
    server.watch(stage, workspace)
    return server


# For a language server: one server for all applications of the process

_lock = threading.RLock()
_shared: PreviewServer | None = None
_opened: dict[tuple[str, str, bool], tuple[Stage, str]] = {}


def open_page(project: Project, path: str, *, run: bool = False, hosts: Iterable[str] = ()) -> dict[str, Any]:
    """The page of a route, or of a run of a workflow file: `{url, title}`. A page that is open is used again; `run`
    begins a new run in it. `hosts` are further hosts under which the page will be asked for.

    Raises:
        UsageError, ScenarioError: there is nothing to show, in the words of the command line.
    """
    global _shared  # noqa: PLW0603 - one server for the process
    with _lock:
        if _shared is None:
            _shared = PreviewServer(embedded=True)
        _shared.allow(hosts)
        key = (project.root, path, project.files.get(path) is FileKind.WORKFLOW)
        known = _opened.get(key)
        if known is None:
            stage = _stage(project, path)
            known = _opened[key] = (stage, _shared.add(stage))
        else:
            known[0].update(project)
            if run:
                known[0].restart()
                _shared._pages.notify(known[1].rstrip("/").rsplit("/", 1)[1])
        return {"url": known[1], "title": f"Preview {path.removeprefix('src/routes/').removeprefix('src/server/')}"}


def _stage(project: Project, path: str) -> Stage:
    if project.files.get(path) is not FileKind.WORKFLOW:
        return Stage.open(project, path)
    found = next((item for item in project.workflows.workflows if item.path == path), None)
    if found is None:
        raise UsageError(f"{path} is no workflow that the framework finds")
    return Stage.open(project, path, workflow=found.binding)


def stop(project: Project, path: str) -> None:
    """Close a page; with the last one the server ends."""
    with _lock:
        for key in [key for key in _opened if key[:2] == (project.root, path)]:
            stage, _ = _opened.pop(key)
            if _shared is not None:
                _shared.remove(stage)
        if not _opened:
            shutdown()


def changed(project: Project) -> None:
    """A new snapshot of an application: its open pages show it. Cheap when there is none; call it on any thread, for
    edits as for changes on disk."""
    with _lock:
        stages = [stage for key, (stage, _) in _opened.items() if key[0] == project.root]
    from koze_lsp.preview.live import update_later  # noqa: PLC0415

    for stage in stages:
        update_later(stage, project)


def shutdown() -> None:
    """End the shared server and all its pages, as when the language server ends."""
    global _shared  # noqa: PLW0603
    with _lock:
        _opened.clear()
        if _shared is not None:
            _shared.stop()
            _shared = None
