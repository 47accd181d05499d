"""Addresses of a page's own files, turned into those under which the preview serves them.

A page says `/assets/site.css`; the preview's frame has it at `a/assets/site.css`, behind the secret in its address.
Only what is really there is changed: all else stays as the page says it, and the frame's policy lets it reach nobody.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import quote, unquote

__all__ = ["link_page", "link_style"]

Exists = Callable[[str], bool]
"""Whether the application has a file for an absolute address (decoded, with `/`)."""

_MAY_LINK = re.compile(r"(?i)\b(?:src|srcset|href|poster)\s*=|url\(|@import")
_ATTRIBUTE = re.compile(r"""(?i)(\s(src|srcset|href|poster|style)\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)""")
_SOURCES = frozenset({"img", "script", "source", "video", "audio", "track", "input", "embed"})
_HREFS = frozenset({"link", "image", "use"})
_CANDIDATE = re.compile(r"(^|,)(\s*)([^\s,]+)")
_STYLE_URL = re.compile(r"""(?i)(url\(\s*)("[^"\n]*"|'[^'\n]*'|[^'")\s]+)(\s*\))""")
_STYLE_IMPORT = re.compile(r"""(?i)(@import\s+)("[^"\n]*"|'[^'\n]*')""")
_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*:|//")


def link_page(text: str, page: str, prefix: str, exists: Exists) -> str:
    """A page (or the inside of its body) whose own files are asked for under `prefix`. `page` is its path."""
    if _MAY_LINK.search(text) is None:
        return text
    parser = _Page(text, lambda url: _served(url, posixpath.dirname(page) or "/", prefix, exists))
    parser.feed(text)
    parser.close()
    return parser.result()


def link_style(text: str, address: str, exists: Exists) -> str:
    """A style sheet whose absolute addresses lead to its neighbours. `address` is its own, `/assets/site.css`."""
    folder = posixpath.dirname(address)

    def change(url: str) -> str:
        if not url.startswith("/"):
            return url  # relative ones work as they are: the preview keeps the tree
        served = _served(url, folder, "/", exists)
        return url if served is None else posixpath.relpath(served, folder)

    return _style(text, change)


def _served(url: str, folder: str, prefix: str, exists: Exists) -> str | None:
    """The address under which a file of the application is served; None for anything else."""
    url = url.strip()
    if not url or url[0] in "#?" or _SCHEME.match(url):
        return None
    end = min((at for at in (url.find("?"), url.find("#")) if at != -1), default=len(url))
    path = posixpath.normpath(posixpath.join(folder, unquote(url[:end])))
    if not exists(path):
        return None
    return f"{prefix}{quote(path.lstrip('/'))}{url[end:]}"


def _style(text: str, change: Callable[[str], str]) -> str:
    def quoted(given: str) -> str:
        mark = given[0] if given[0] in "\"'" else ""
        return f"{mark}{change(given.strip(mark) if mark else given)}{mark}"

    text = _STYLE_URL.sub(lambda found: f"{found[1]}{quoted(found[2])}{found[3]}", text)
    return _STYLE_IMPORT.sub(lambda found: f"{found[1]}{quoted(found[2])}", text)


class _Page(HTMLParser):
    """Collects what to change in a page, by offsets: nothing else of it is written anew."""

    def __init__(self, text: str, served: Callable[[str], str | None]) -> None:
        super().__init__(convert_charrefs=False)
        self._text = text
        self._served = served
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._edits: list[tuple[int, int, str]] = []
        self._in_style = False

    def result(self) -> str:
        """The changed text."""
        out: list[str] = []
        cursor = 0
        for start, end, new in self._edits:
            out += [self._text[cursor:start], new]
            cursor = end
        return "".join([*out, self._text[cursor:]])

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._in_style = tag == "style"
        self._tag(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._tag(tag)

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._replace(data, _style(data, lambda url: self._served(url) or url))

    def _tag(self, tag: str) -> None:
        text = self.get_starttag_text() or ""
        self._replace(text, _ATTRIBUTE.sub(lambda found: self._attribute(tag, found), text))

    def _replace(self, old: str, new: str) -> None:
        at = self._offset()
        if new != old and self._text.startswith(old, at):
            self._edits.append((at, at + len(old), new))

    def _attribute(self, tag: str, found: re.Match[str]) -> str:
        head, name, given = found[1], found[2].lower(), found[3]
        mark = given[0] if given[0] in "\"'" else ""
        value = html.unescape(given[1:-1] if mark else given)
        new: str | None = None
        if name == "style":
            changed = _style(value, lambda url: self._served(url) or url)
            new = None if changed == value else changed
        elif name == "srcset" and tag in _SOURCES:
            new = _CANDIDATE.sub(lambda part: f"{part[1]}{part[2]}{self._served(part[3]) or part[3]}", value)
        elif (name in ("src", "poster") and tag in _SOURCES) or (name == "href" and tag in _HREFS):
            new = self._served(value)
        return found[0] if new is None else f'{head}"{html.escape(new)}"'
