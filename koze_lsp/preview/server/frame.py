"""The user's page as the frame gets it: in an origin of its own, without a way out.

The frame is sandboxed without `allow-same-origin`, by its own header as well, so that its scripts run in an opaque
origin: they can't read the panel, its address or its secret, and the policy lets them ask nobody for anything but the
application's own style sheets, scripts, pictures and fonts (`assets`). What they can do is send messages, of which the
panel believes nothing but that a field was typed into or a link clicked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

__all__ = ["ASSET_HEADERS", "FRAME_HEADERS", "frame_document"]

_HERE = Path(__file__).resolve().parent.parent / "page"
_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'self'; style-src 'unsafe-inline' 'self'; "
    "img-src data: 'self'; font-src data: 'self'; media-src data: 'self'; "
    "connect-src 'none'; form-action 'none'; base-uri 'none'"
)
FRAME_HEADERS = {
    "content-security-policy": _POLICY,
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
}
# A file of the application, which somebody may also open by itself: then it may do nothing either. A font is asked for
# from the frame's own origin, which is none: everybody who knows the secret address may have it.
ASSET_HEADERS = {
    **FRAME_HEADERS,
    "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "access-control-allow-origin": "*",
}
_REFRESH = re.compile(r"<meta[^>]+http-equiv\s*=\s*[\"']?refresh[^>]*>", re.IGNORECASE)


@lru_cache(maxsize=1)
def _client() -> str:
    return (_HERE / "frame.js").read_text(encoding="utf-8")


def frame_document(html: str) -> str:
    """The document of a load with our client behind it, where the framework has its own."""
    html = _REFRESH.sub("", html)
    head = _HEAD.search(html)
    at = head.end() if head is not None else (doctype.end() if (doctype := _DOCTYPE.match(html)) else 0)
    return f"{html[:at]}{_PAPER}{html[at:]}\n<script>{_client()}</script>"


_HEAD = re.compile(r"<head(?:\s[^>]*)?>", re.IGNORECASE)
_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)
# What a page says itself wins over this, whatever it says.
_PAPER = "<style>:where(html){font:16px/1.5 system-ui,sans-serif}:where(body){margin:1.25rem}</style>"
