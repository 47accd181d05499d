"""URIs and paths."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koze_lsp.lsp import uris

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the paths of these tests are POSIX")


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b.html", "/a/b.html"),
        ("file:///a/%5Bid%5D.html", "/a/[id].html"),
        ("file:///a/[id].html", "/a/[id].html"),
        ("file:///a/../b//c/./d", "/b/c/d"),
        ("file:/a/b", "/a/b"),
        ("FILE:///a/b", "/a/b"),
        ("file://localhost/a", "/a"),
        ("file:///C:/app", "/c:/app"),
        ("file:///c%3A/app", "/c:/app"),
        ("file:///c%3a/app/", "/c:/app"),
        ("file:///a/%FF.html", "/a/\udcff.html"),
        ("file:///a/%F0%9F%98%80", "/a/\U0001f600"),
        ("file:///a/100%25", "/a/100%"),
        ("file:///a/%zz", "/a/%zz"),
    ],
)
def test_file_uris(uri: str, path: str) -> None:
    assert uris.to_path(uri) == path


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "git:/a/b.html?x", "vscode-notebook-cell:/a", "", "/a/b", "file://host/a",
            "file:///a%00b", "http://a/b", "zipfile:///a::b"]
)  # fmt: skip
def test_what_is_no_file_here(uri: str) -> None:
    assert uris.to_path(uri) is None
    assert uris.key(uri) == uri


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=4))
def test_every_path_survives(parts: list[bytes]) -> None:
    clean = [part.replace(b"/", b"_").replace(b"\0", b"_") for part in parts]
    path = "/x/" + "/".join(os.fsdecode(part) for part in clean if part not in (b".", b".."))
    path = path.rstrip("/")
    assert uris.to_path(uris.from_path(path)) == path


def test_encoding_is_vs_codes() -> None:
    assert uris.from_path("/a/[id] (1)@x.html") == "file:///a/%5Bid%5D%20%281%29%40x.html"
    assert uris.from_path("c:/a") == "file:///c%3A/a"
