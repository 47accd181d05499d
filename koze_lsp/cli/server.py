"""``koze-lsp`` without a command: the language server, on stdio or for one client on a TCP port."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from koze_lsp.project.parallel import without_collector

if TYPE_CHECKING:
    from koze_lsp.lsp.server import Server

USAGE_ERROR = 2


def main(args: Sequence[str] | None) -> int:
    """Serve one client to its end; gives the exit status (0 after shutdown and exit, 1 if the client vanished)."""
    parser = argparse.ArgumentParser(prog="koze-lsp", description="Language server for Koze Workflows.")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--stdio", action="store_true", help="talk over standard input and output (the default)")
    where.add_argument("--tcp", metavar="HOST:PORT", help="wait for one client on a TCP port")
    parser.add_argument("--log-level", default="warning", choices=("debug", "info", "warning", "error"))
    options = parser.parse_args([] if args is None else args)
    logging.basicConfig(
        level=options.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if options.tcp is None:
        return _serve_stdio()
    host, _, port = options.tcp.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        print(f"koze-lsp: --tcp takes HOST:PORT, such as 127.0.0.1:2087, not {options.tcp!r}", file=sys.stderr)
        return USAGE_ERROR
    return _serve_tcp(host.strip("[]") or "127.0.0.1", int(port))


def _server() -> Server:
    """The server; making the protocol's converter fills the memory with what stays, of which nothing is garbage."""
    with without_collector():
        from koze_lsp.lsp.server import Server  # noqa: PLC0415 - the other commands must not import pygls

        server = Server()
        gc.freeze()  # or the first collection looks through all of it, in the first request
    return server


def _serve_stdio() -> int:
    server = _server()
    # Whatever prints from now on must not end up between the messages.
    source, target = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(target, view) :]

    return server.serve(lambda size: os.read(source, size), write)


def _serve_tcp(host: str, port: int) -> int:
    from koze_lsp.lsp.transport import listen  # noqa: PLC0415

    def announce(name: str, number: int) -> None:
        print(f"koze-lsp: waiting for a client on {name}:{number}", file=sys.stderr, flush=True)

    server = _server()
    try:
        client = listen(host, port, announce)
    except OSError as error:
        print(f"koze-lsp: can't listen on {host}:{port}: {error.strerror or error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    with client:
        return server.serve(client.recv, client.sendall)
