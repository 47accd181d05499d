"""Who may ask the page server, and what every answer says about itself.

Before any other code sees a request: its Host must be ours (no DNS rebinding), an Origin must be ours (no foreign
site), the path must be plain and begin with the secret, and the body must be small.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Any

__all__ = ["Guard"]

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-_.")
# File names have more than that: what may be read is decided by where the file really is.
_IN_NAMES = _PLAIN | frozenset("%@~+,=!()&'")
_ASSET = re.compile(r"/f/[^/]+/[0-9a-f]+/a/")
_HEADERS = (
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Guard:
    """An ASGI application around another. `hosts` are further authorities under which the page is reached."""

    def __init__(self, application: Any, secret: str, frame_secret: str, max_body: int) -> None:
        self._application = application
        self._prefix = f"/{secret}/"
        self._frame_prefix = f"/f/{frame_secret}/"
        self._max_body = max_body
        self.port = 0
        self.hosts: set[str] = set()

    def allow(self, hosts: Iterable[str]) -> None:
        """Accept further authorities (`host` or `host:port`): an editor forwards the port."""
        self.hosts.update(host.lower() for host in hosts if 0 < len(host) < 256)

    def _is_own(self, authority: str) -> bool:
        authority = authority.lower()
        return authority in self.hosts or any(authority == f"{name}:{self.port}" for name in _LOOPBACK)

    def refusal(self, scope: Any) -> tuple[int, str] | None:
        """Why a request is refused; None if it may pass."""
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value)
        hosts = headers.get(b"host", [])
        if len(hosts) != 1 or not self._is_own(hosts[0].decode("latin-1")):
            return 421, "this host is not served here"
        path = scope["raw_path"].decode("latin-1").partition("?")[0] if scope.get("raw_path") else scope["path"]
        characters = _IN_NAMES if _ASSET.match(path) else _PLAIN
        if not characters.issuperset(path) or ".." in path or "//" in path:
            return 400, "no such path"
        known = hmac.compare_digest(path[: len(self._prefix)].encode(), self._prefix.encode())
        framed = hmac.compare_digest(path[: len(self._frame_prefix)].encode(), self._frame_prefix.encode())
        if not known and not framed:
            return 403, "this address lacks its secret"
        if scope["method"] not in ("GET", "POST") or (framed and scope["method"] != "GET"):
            return 405, "this method is not served here"
        if not framed and not self._same_origin(headers, scope["method"]):
            return 403, "this origin may not ask here"
        lengths = headers.get(b"content-length", [])
        if lengths and (not lengths[0].isdigit() or int(lengths[0]) > self._max_body):
            return 413, "the body is too large"
        return None

    def _same_origin(self, headers: dict[bytes, list[bytes]], method: str) -> bool:
        origins = [value.decode("latin-1") for value in headers.get(b"origin", [])]
        if not origins:
            return method == "GET"  # browsers send it with every POST
        scheme, _, authority = origins[0].partition("://")
        return len(origins) == 1 and scheme in ("http", "https") and self._is_own(authority)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse a request, or pass it on with bounds and headers."""
        if scope["type"] != "http":
            return
        refusal = self.refusal(scope)
        if refusal is not None:
            await _answer(send, *refusal)
            return
        taken = 0

        async def bounded() -> Any:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self._max_body:
                    return {"type": "http.disconnect"}
            return message

        async def headed(message: Any) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                added = [pair for pair in _HEADERS if pair[0] not in present]
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        await self._application(scope, bounded, headed)


async def _answer(send: Any, status: int, text: str) -> None:
    body = f"{text}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        (b"content-security-policy", b"default-src 'none'"),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
