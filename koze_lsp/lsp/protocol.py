"""Messages in and out: JSON-RPC and the protocol's life cycle, on top of pygls.

pygls gives the typed messages, the requests to the client and their answers. What it can't do alone is here: requests
go to the worker instead of being run while they are read, so that those that wait can be cancelled; what is malformed
gets the error that the specification names, with the request's own id; and writing is safe from any thread.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from koze_lsp.lsp.queue import Job, RequestId, Worker
from koze_lsp.lsp.transport import Write

logger = logging.getLogger(__name__)

_WITHOUT_PARAMS = frozenset({types.SHUTDOWN, types.EXIT, types.INITIALIZED})


class State(Enum):
    """Where the connection is in its life."""

    NEW = "new"
    RUNNING = "running"
    SHUT_DOWN = "shut down"


class RequestError(Exception):
    """What a handler raises to answer with an error that is not a fault: not logged, shown to the user."""

    def __init__(self, message: str, code: int = types.LSPErrorCodes.RequestFailed.value, data: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.data = data


@dataclass(frozen=True, slots=True)
class Plain:
    """A handler's result that is JSON already: large answers are made so, since pygls' conversion takes long."""

    value: Any


Handler = Callable[[Any], object]
"""Takes a message's parameters; a request's gives its result, or a generator of steps that ends with it."""


class Protocol(LanguageServerProtocol):
    """The connection to one client. ``receive`` is called by the reading thread only."""

    def __init__(self, server: LanguageServer, converter: Any) -> None:
        super().__init__(server, converter)
        self.state = State.NEW
        self.worker = Worker()
        self.initialize: Callable[[types.InitializeParams], types.InitializeResult]
        self.initialized: Callable[[], None] = lambda: None
        self.find: Callable[[str], Handler | None] = lambda _method: None
        self.received: Callable[[str, Any], None] = lambda _method, _params: None
        self._write: Write | None = None
        self._writing = threading.Lock()

    # --- in

    def receive(self, body: bytes) -> bool:
        """Take one message; False if it is not JSON at all. Never raises."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._fail(None, types.ErrorCodes.ParseError, f"not JSON: {error}")
            return False
        if not isinstance(data, dict):
            self._fail(None, types.ErrorCodes.InvalidRequest, "a message is a JSON object")
            return True
        data.setdefault("jsonrpc", "2.0")
        method = data.get("method")
        if method is None and ("result" in data or "error" in data):
            self._response(data)
        elif not isinstance(method, str):
            self._fail(_id(data), types.ErrorCodes.InvalidRequest, "a message has a method")
        elif "id" in data:
            self._request(data, method)
        else:
            self._notification(data, method)
        return True

    def malformed(self, reason: str) -> None:
        """Bytes arrived that are no message."""
        logger.warning("skipped %s", reason)
        self._fail(None, types.ErrorCodes.ParseError, f"skipped {reason}")

    def _response(self, data: dict[str, Any]) -> None:
        if data.get("id") not in self._request_futures:
            return
        try:
            message = self.structure_message(data)
            error = getattr(message, "error", None)
            self._handle_response(data["id"], getattr(message, "result", None), error)
        except Exception:
            logger.exception("an answer of the client could not be read")

    def _request(self, data: dict[str, Any], method: str) -> None:
        request_id = _id(data)
        if request_id is None:
            self._fail(None, types.ErrorCodes.InvalidRequest, "a request's id is a number or a string")
        elif self.state is State.NEW and method != types.INITIALIZE:
            self._fail(request_id, types.ErrorCodes.ServerNotInitialized, "the server is not initialized yet")
        elif self.state is State.SHUT_DOWN:
            self._fail(request_id, types.ErrorCodes.InvalidRequest, "the server has been shut down")
        elif method == types.INITIALIZE:
            self._initialize(data, request_id)
        elif method == types.SHUTDOWN:
            self.state = State.SHUT_DOWN
            self.enqueue(method, lambda _params: None, None, request_id)
        elif (handler := self.find(method)) is None:
            self._fail(request_id, types.ErrorCodes.MethodNotFound, f"unknown method {method!r}")
        else:
            try:
                params = self._params(data, method)
            except JsonRpcException:
                self._fail(request_id, types.ErrorCodes.InvalidParams, f"wrong parameters for {method}")
                return
            self.enqueue(method, handler, params, request_id)

    def _initialize(self, data: dict[str, Any], request_id: RequestId) -> None:
        if self.state is not State.NEW:
            self._fail(request_id, types.ErrorCodes.InvalidRequest, "the server is initialized already")
            return
        try:
            params = self._initialize_params(data)
        except JsonRpcException:
            self._fail(request_id, types.ErrorCodes.InvalidParams, "wrong parameters for initialize")
            return
        try:
            result = self.initialize(params)
        except Exception as error:
            logger.exception("initialize failed")
            self._fail(request_id, types.ErrorCodes.InternalError, f"initialize failed: {describe(error)}")
            return
        self.state = State.RUNNING
        self._answer(request_id, result)
        self.initialized()

    def _initialize_params(self, data: dict[str, Any]) -> types.InitializeParams:
        copy = json.dumps(data)
        try:
            params = self._params(data, types.INITIALIZE)
        except JsonRpcException:
            # A newer client may know kinds that this server does not: they are no reason to refuse it.
            params = self._params(_without(json.loads(copy), "valueSet"), types.INITIALIZE)
        assert isinstance(params, types.InitializeParams)
        return params

    def _notification(self, data: dict[str, Any], method: str) -> None:
        if method == types.EXIT:
            raise Exit(0 if self.state is State.SHUT_DOWN else 1)
        if self.state is not State.RUNNING:
            return
        if method == types.CANCEL_REQUEST:
            params = data.get("params")
            self.cancel(params.get("id") if isinstance(params, dict) else None)
            return
        handler = self.find(method)
        if handler is None:
            return  # the specification lets a server ignore what it does not know
        try:
            params = self._params(data, method)
        except JsonRpcException:
            return  # logged by pygls, with the reason
        self.received(method, params)
        self.enqueue(method, handler, params, None)

    def _params(self, data: dict[str, Any], method: str) -> Any:
        if method in _WITHOUT_PARAMS:
            return None
        return self.structure_message(data).params

    def cancel(self, request_id: object) -> None:
        """The client no longer wants an answer: it gets the error that says so at once."""
        if isinstance(request_id, int | str) and self.worker.cancel(request_id) is not None:
            self._fail(request_id, types.LSPErrorCodes.RequestCancelled, "cancelled by the client")

    def enqueue(self, name: str, handler: Handler, params: Any = None, request_id: RequestId | None = None) -> None:
        """Run something on the worker's thread, behind all messages that came before."""

        def answer(result: object, error: BaseException | None) -> None:
            if error is not None:
                self._report(name, request_id, error)
            elif request_id is not None:
                self._answer(request_id, result)

        self.worker.put(Job(name, lambda: handler(params), answer, request_id))

    # --- out

    def connect(self, write: Write) -> None:
        """Write messages with this function from now on."""
        self._write = write

    def _send_data(self, data: Any) -> None:
        """Write one message of pygls' (called by it for requests and notifications)."""
        if data:
            self._send(self._converter.unstructure(data))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
        with self._writing:
            if self._write is None:
                return
            try:
                self._write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            except (OSError, ValueError):
                self._write = None  # the client has gone; the end of its messages ends the server

    def plain(self, value: object) -> Any:
        """Protocol types as JSON."""
        return self._converter.unstructure(value)

    def _answer(self, request_id: RequestId, result: object) -> None:
        value = result.value if isinstance(result, Plain) else self._converter.unstructure(result)
        self._send({"jsonrpc": "2.0", "id": request_id, "result": value})

    def _fail(self, request_id: RequestId | None, code: int | Enum, message: str, data: object = None) -> None:
        error = {"code": code.value if isinstance(code, Enum) else code, "message": message}
        if data is not None:
            error["data"] = self._converter.unstructure(data)
        self._send({"jsonrpc": "2.0", "id": request_id, "error": error})

    def _report(self, method: str, request_id: RequestId | None, error: BaseException) -> None:
        """A handler raised: the request is answered with an error, and a fault is logged with its cause."""
        if isinstance(error, RequestError):
            code, message, data = error.code, error.message, error.data
        else:
            code, message, data = types.ErrorCodes.InternalError.value, f"{method} failed: {describe(error)}", None
            logger.error("%s failed", method, exc_info=error)
            self._log_to_client(f"{message} (the server's error output has the details)")
        if request_id is not None:
            self._fail(request_id, code, message, data)

    def _log_to_client(self, message: str) -> None:
        self.notify(types.WINDOW_LOG_MESSAGE, types.LogMessageParams(types.MessageType.Error, message))

    def ask(self, method: str, params: object, then: Callable[[Any], None] | None = None) -> None:
        """Send a request to the client; ``then`` gets its result on the worker's thread, unless it refuses."""
        future = self.send_request(method, params)

        def done(answered: Any) -> None:
            error = answered.exception()
            if error is not None:
                logger.info("the client refused %s: %s", method, error)
            elif then is not None:
                self.enqueue(f"answer to {method}", then, answered.result())

        future.add_done_callback(done)


class Exit(BaseException):
    """The client said exit: the reading loop ends with this exit status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def describe(error: BaseException) -> str:
    """An exception in one line."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _id(data: dict[str, Any]) -> RequestId | None:
    value = data.get("id")
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def _without(value: Any, name: str) -> Any:
    """JSON without the members of one name, at any depth."""
    if isinstance(value, dict):
        return {key: _without(item, name) for key, item in value.items() if key != name}
    return [_without(item, name) for item in value] if isinstance(value, list) else value
