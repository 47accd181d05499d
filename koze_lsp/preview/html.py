"""Small questions to a rendered document: the inside of its body, its visible text, what a first load swaps in."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["body_of", "is_document", "swap_streamed", "visible_text"]

_BODY = re.compile(r"<body(?:\s[^>]*)?>", re.IGNORECASE)
_BODY_CLOSE = re.compile(r"</body\s*>", re.IGNORECASE)
_HIDDEN = frozenset({"script", "style", "template", "head", "title", "noscript"})


def is_document(html: str) -> bool:
    """True if there is a `<body>`."""
    return _BODY.search(html) is not None


def body_of(html: str) -> str:
    """The inside of `<body>`, trimmed; the whole text if there is no body."""
    opened = _BODY.search(html)
    if opened is None:
        return html.strip()
    closes = list(_BODY_CLOSE.finditer(html, opened.end()))
    return html[opened.end() : closes[-1].start() if closes else len(html)].strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _HIDDEN:
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and tag == self.hidden[-1]:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def visible_text(html: str) -> str:
    """The text that a reader sees, white space collapsed; scripts, styles and templates hold none."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.parts).split())


def swap_streamed(html: str, chunks: tuple[tuple[str, str], ...]) -> str:
    """The page after its streamed regions arrived: on a first load the browser puts each in its place."""
    for name, chunk in chunks:
        marker = f'<div id="__ssr_boundary_{name}" data-kuratchi-boundary="{name}">'
        start = html.find(marker)
        end = _element_end(html, start + len(marker)) if start != -1 else -1
        if end != -1:
            html = html[: start + len(marker)] + chunk + html[end:]
    return html


def _element_end(html: str, start: int) -> int:
    """Offset of the `</div>` that closes a div whose inside begins at `start`."""
    depth = 1
    for match in re.finditer(r"<(/?)div(?=[\s>/])", html[start:], re.IGNORECASE):
        depth += -1 if match.group(1) else 1
        if depth == 0:
            return start + match.start()
    return -1
