"""The language server: one session over one connection, from the first byte to the exit status."""

from __future__ import annotations

import logging
import sys
from typing import Any, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

import koze_lsp
from koze_lsp.lsp import capabilities, lifetime, preview_commands
from koze_lsp.lsp.features import FEATURES, Feature
from koze_lsp.lsp.protocol import Exit, Handler, Protocol, State
from koze_lsp.lsp.queue import Parked
from koze_lsp.lsp.session import Session
from koze_lsp.lsp.transport import Framer, Malformed, Read, Write, chunks

logger = logging.getLogger(__name__)

NAME = "koze-lsp"
_DRAIN = 2.0
"""Seconds that the jobs which wait may take after the client said exit."""
_SWITCH = 0.0001
"""Seconds after which a busy worker lets the reading thread see what has arrived.

Shorter than the time between two system calls of the worker: each gives Python's lock away for a moment and takes it
back before the other thread is awake, which then begins to count anew. With 1 ms a hover waited for up to 250.
"""


class Server:
    """Serves one client."""

    def __init__(self) -> None:
        self._pygls = LanguageServer(
            NAME, koze_lsp.__version__, protocol_cls=Protocol, converter_factory=default_converter
        )
        self.protocol = cast(Protocol, self._pygls.protocol)
        self.protocol.initialize = self._initialize
        self.protocol.initialized = self._initialized
        self.protocol.find = self._find
        self.protocol.received = self._received
        self.session: Session | None = None

    # --- messages

    def _initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        """Answer ``initialize``. Nothing heavy is imported before this answer."""
        client = capabilities.resolve(params)
        self.session = session = Session(self.protocol, client)
        for folder in _folders(params):
            session.folders.note(folder)
        if params.process_id is not None:
            lifetime.end_with(params.process_id)
        return types.InitializeResult(
            capabilities=capabilities.server_capabilities(client),
            server_info=types.ServerInfo(NAME, koze_lsp.__version__),
        )

    def _initialized(self) -> None:
        session = self.session
        assert session is not None
        self.protocol.enqueue("preparation", lambda _params: _prepare(session))

    def _find(self, method: str) -> Handler | None:
        feature = FEATURES.get(method)
        return None if feature is None else lambda params: self._run(feature, params)

    def _run(self, feature: Feature, params: Any) -> object:
        session = self.session
        assert session is not None  # nothing but initialize comes through before it
        if (feature.needs_folders or feature.needs_index) and session.folders.are_loading:
            return Parked("load")
        if feature.needs_index and session.folders.is_refreshing:
            return Parked("disk")
        if feature.needs_index and not session.indexer.is_ready() and session.workspace.roots():
            return Parked("index")
        try:
            return feature.load()(session, params)
        finally:
            session.let_go()
            session.collector.used()

    def _received(self, method: str, params: Any) -> None:
        if method == types.TEXT_DOCUMENT_DID_CHANGE and self.session is not None:
            self.session.expect_change(params.text_document.uri)

    # --- the loop

    def serve(self, read: Read, write: Write) -> int:
        """Read messages until the client says exit or goes away; gives the exit status."""
        protocol = self.protocol
        protocol.connect(write)
        protocol.worker.start()
        sys.setswitchinterval(_SWITCH)
        framer = Framer()
        status = 1  # the stream ended without an exit
        try:
            for data in chunks(read):
                for body in framer.feed(data):
                    if isinstance(body, Malformed):
                        protocol.malformed(body.reason)
                    elif not protocol.receive(body):
                        framer.give_back(body)
        except Exit as request:
            status = request.status
        except KeyboardInterrupt:
            status = 130
        if status == 1 and protocol.state is State.SHUT_DOWN:
            status = 0
        self._end(status)
        return status

    def _end(self, status: int) -> None:
        if self.session is not None:
            if self.session.watcher is not None:
                self.session.watcher.stop()
            preview_commands.end(self.session)
        self.protocol.worker.stop(_DRAIN if status == 0 else 0.0)


def _folders(params: types.InitializeParams) -> list[str]:
    """The client's folders as URIs, in whichever of its three ways it tells them."""
    from koze_lsp.lsp import uris  # noqa: PLC0415

    if params.workspace_folders is not None:
        return [folder.uri for folder in params.workspace_folders]
    if params.root_uri is not None:
        return [params.root_uri]
    return [uris.from_path(uris.from_native(params.root_path))] if params.root_path else []


def _prepare(session: Session) -> None:
    """Import what the first request needs, while the client reads the answer to ``initialize``."""
    import koze_lsp.project.workspace  # noqa: PLC0415
    import koze_lsp.rules.engine  # noqa: F401, PLC0415

    session.collector.keep()
