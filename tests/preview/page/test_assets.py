"""The style sheets, scripts and pictures that a page links: the application's own, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from koze_lsp.preview.server import PreviewServer
from koze_lsp.preview.server.assets import find_asset
from koze_lsp.preview.server.linking import link_page, link_style
from tests.preview.page.conftest import Serve
from tests.preview.page.test_server import answer_of, ask, frames_of

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a730000001049444154789c63f8cfc0"
    "000420050600187f02fe8b28d6040000000049454e44ae426082"
)
SHELL = """<!doctype html>
<html><head><link rel="stylesheet" href="/assets/site.css?v=2"><script src="/client.js"></script></head>
<body><slot></slot></body></html>
"""
PAGE = """<h1 class="title">Styled</h1>
<img id="absolute" src="/logo@2x.png" alt="">
<img id="relative" src="../my%20logo.png" alt="">
<p id="inline" style="background: url('/logo@2x.png')">text</p>
<p id="script">waiting</p>
"""


@pytest.fixture
def linked(app: Path) -> Path:
    files: dict[str, bytes] = {
        "src/app.koze": SHELL.encode(),
        "src/routes/styled/page.koze": PAGE.encode(),
        "src/assets/site.css": b"@import '/assets/more/colours.css';\n.title { font-size: 41px; background: url(/logo@2x.png) }",
        "src/assets/more/colours.css": b".title { color: rgb(1, 2, 3) } #script { background: url(../../logo@2x.png) }",
        "public/client.js": b"addEventListener('DOMContentLoaded', () => { document.getElementById('script').textContent = 'run'; });",
        "public/logo@2x.png": PIXEL,
        "public/my logo.png": PIXEL,
        "public/.secret.txt": b"hidden",
        "public/page.php": b"nobody may read this",
        "public/large.txt": b"x" * (10_000_001),
    }
    for name, data in files.items():
        path = app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return app


@pytest.fixture
def server(serve: Serve, linked: Path) -> PreviewServer:
    return serve("src/routes/styled/page.koze")


def test_a_page_looks_as_it_is_meant(opened: Callable[..., Any], linked: Path) -> None:
    del linked
    page = opened("src/routes/styled/page.koze", paused=False)
    frame = page.frame_locator("#frame")
    frame.locator("#script").filter(has_text="run").wait_for()
    title = frame.locator("h1").evaluate("e => { const s = getComputedStyle(e); return [s.fontSize, s.color]; }")
    assert title == ["41px", "rgb(1, 2, 3)"]
    for picture in ("#absolute", "#relative"):
        assert frame.locator(picture).evaluate("async (e) => { await e.decode(); return e.naturalWidth; }") == 2


def test_a_changed_style_sheet_shows(opened: Callable[..., Any], linked: Path) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    page = opened("src/routes/styled/page.koze", paused=False)
    frame = page.frame_locator("#frame")
    frame.locator("h1").wait_for()
    sheet = linked / "src/assets/site.css"
    sheet.write_text(".title { font-size: 17px }", encoding="utf-8")
    expect(frame.locator("h1")).to_have_css("font-size", "17px")


def test_types_and_headers(server: PreviewServer) -> None:
    for path, kind in (
        ("assets/site.css", "text/css; charset=utf-8"),
        ("client.js", "text/javascript; charset=utf-8"),
        ("logo@2x.png", "image/png"),
        ("my%20logo.png", "image/png"),
    ):
        response = answer_of(server, f"{frames_of(server)}a/{path}")
        assert (response.status, response.headers["content-type"]) == (200, kind)
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    "path",
    [
        "secret.txt",
        "package.json",
        "wrangler.jsonc",
        "src/server/migration.workflow.ts",
        "src/assets/site.css",
        "../secret.txt",
        "%2e%2e/secret.txt",
        "%2e%2e%2fsecret.txt",
        "assets/%2e%2e/%2e%2e/secret.txt",
        "assets/..%2f..%2f..%2fsecret.txt",
        "..%5c..%5csecret.txt",
        "%252e%252e/secret.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "etc%2fpasswd%00.txt",
        ".secret.txt",
        "page.php",
        "large.txt",
        "folder.css",
        "out.txt",
        "linked/secret.txt",
        "assets/pipe.css",
    ],
)
def test_nothing_else_is_read(server: PreviewServer, linked: Path, path: str) -> None:
    (linked / "public/folder.css").mkdir()
    os.symlink(linked / "secret.txt", linked / "public/out.txt")
    os.symlink(linked, linked / "public/linked")
    os.mkfifo(linked / "src/assets/pipe.css")
    status, body = ask(server, f"{frames_of(server)}a/{path}")
    assert status in (400, 404)
    assert b"nobody may read this" not in body
    assert b"root:" not in body


def test_a_folder_that_is_a_link_elsewhere(tmp_path: Path) -> None:
    root, outside = tmp_path / "app", tmp_path / "outside"
    for folder in (root, outside):
        folder.mkdir()
    (outside / "a.txt").write_text("told")
    os.symlink(outside, root / "public")
    assert find_asset(str(root), "/a.txt") is None


def test_the_secret_is_needed(server: PreviewServer) -> None:
    path = f"{frames_of(server)}a/client.js"
    secret = path.split("/")[2]
    assert ask(server, path.replace(secret, "x" * len(secret)))[0] == 403
    assert ask(server, path, method="POST", body=b"")[0] == 405
    panel = urlsplit(server.url).path
    assert ask(server, f"{panel}a/client.js")[0] == 404


HAVE = frozenset({"/a.css", "/jobs/a.png", "/b c.png"})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<link href="/a.css">', '<link href="a/a.css">'),
        ("<link href=/a.css rel=stylesheet>", '<link href="a/a.css" rel=stylesheet>'),
        ('<img src="a.png">', '<img src="a/jobs/a.png">'),
        ('<img src="./a.png?x=1&amp;y=2#f">', '<img src="a/jobs/a.png?x=1&amp;y=2#f">'),
        ("<img src='/b%20c.png'>", '<img src="a/b%20c.png">'),
        ('<img srcset="a.png 1x, /none.png 2x">', '<img srcset="a/jobs/a.png 1x, /none.png 2x">'),
        ('<p style="background: url(/a.css)">', '<p style="background: url(a/a.css)">'),
        ("<style>p { background: url('/b c.png') }</style>", "<style>p { background: url('a/b%20c.png') }</style>"),
        ('<video poster="/jobs/a.png">', '<video poster="a/jobs/a.png">'),
        # what stays as it is
        ('<a href="/a.css">', None),
        ('<img src="/none.png">', None),
        ('<img src="//host/a.png"><img src="https://host/a.png"><img src="data:a.png">', None),
        ("<script>const text = '<img src=\"/jobs/a.png\">';</script>", None),
        ('<!-- <img src="a.png"> --><textarea></textarea>', None),
        ('<p title="src=/a.css">a < b src="/a.css"</p>', None),
        ('<img src="a.png', None),
        ('<img src="">', None),
    ],
)
def test_addresses_in_a_page(before: str, after: str | None) -> None:
    assert link_page(before, "/jobs/1", "a/", HAVE.__contains__) == (before if after is None else after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("@import '/a.css'; p { background: url(/jobs/a.png) }", "@import '../a.css'; p { background: url(a.png) }"),
        ('p { background: url( "/b c.png" ) }', 'p { background: url( "../b%20c.png" ) }'),
        ("p { background: url(a.png), url(/none.png), url(data:x) }", None),
    ],
)
def test_addresses_in_a_style_sheet(before: str, after: str | None) -> None:
    assert link_style(before, "/jobs/site.css", HAVE.__contains__) == (before if after is None else after)
