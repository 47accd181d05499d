"""Pages that try to break the preview: stopped with a message that names the limit, and the next render works."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from koze_lsp.preview.session import Limits, PreviewSession
from tests.preview.helpers import app

FAST = Limits(memory=64 << 20, time_ms=400)

# One parameter decides whether the page misbehaves, so that the same session renders again.
PAGE = "<script>\nimport {{ params }} from 'koze:request';\n</script>\n{body}\n<p>fine {{params.id}}</p>\n"

HOSTILE = {
    "endless loop in the template": ("while (params.id === 'bad') {\n}", "time"),
    "endless loop in an expression": ("{params.id === 'bad' ? (() => { for (;;); })() : ''}", "time"),
    "endless microtasks": (
        "const f = params.id === 'bad' ? await (async () => { for (;;) await null; })() : 0;",
        "time",
    ),
    "catastrophic regular expression": ("{params.id === 'bad' && /^(a+)+$/.test('a'.repeat(64) + 'b')}", "time"),
    "memory bomb": (
        "const bomb = [];\nwhile (params.id === 'bad') {\nconst _ = bomb.push(new Array(100000).fill(bomb.length));\n}",
        "memory",
    ),
}


def open_page(tmp_path: Path, body: str, **files: str) -> PreviewSession:
    sources = {"src/routes/[id].koze": PAGE.format(body=body), **files}
    return PreviewSession.open("src/routes/[id].koze", files=app(tmp_path, sources), limits=FAST)


@pytest.mark.parametrize("name", HOSTILE)
def test_limits(name: str, tmp_path: Path) -> None:
    body, limit = HOSTILE[name]
    session = open_page(tmp_path, body)
    try:
        session.params = {"id": "bad"}
        started = time.monotonic()
        response = session.render()
        assert time.monotonic() - started < 8
        assert response.status == 500
        assert response.error is not None
        assert response.error.limit == limit
        assert ("400 ms" if limit == "time" else "64 MiB") in response.error.message
        session.params = {"id": "good"}
        again = session.render()
        assert again.error is None
        assert "fine good" in again.body
    finally:
        session.close()


def test_deep_recursion_is_an_error_with_a_place(tmp_path: Path) -> None:
    session = open_page(tmp_path, "const f = (n) => f(n + 1);\n{params.id === 'bad' ? f(0) : ''}")
    try:
        session.params = {"id": "bad"}
        response = session.render()
        assert response.error is not None
        assert response.error.message == "Maximum call stack size exceeded"
        assert response.error.place is not None
        session.params = {"id": "good"}
        assert session.render().error is None
    finally:
        session.close()


@pytest.mark.parametrize(
    "attack",
    [
        "Object.prototype.toJSON = () => 'spoilt'",
        "Array.prototype.push = () => 0",
        "String.prototype.replace = () => { throw new Error('spoilt'); }",
        "JSON.stringify = () => 'spoilt'",
        "JSON.parse = () => { throw new Error('spoilt'); }",
        "Promise.prototype.then = () => { throw new Error('spoilt'); }",
        "Object.defineProperty(Object.prototype, 'html', { get() { throw new Error('spoilt'); } })",
        "globalThis.Promise = undefined, globalThis.Array = undefined, globalThis.Object = undefined",
        "Object.setPrototypeOf(Object.prototype.__proto__ ?? Array.prototype, null)",
    ],
)
def test_changed_built_ins_stop_neither_the_process_nor_the_next_session(attack: str, tmp_path: Path) -> None:
    session = open_page(tmp_path, f"const _ = params.id === 'bad' ? ({attack}) : 0;")
    try:
        session.params = {"id": "bad"}
        response = session.render()
        assert response.status in (200, 500)
        assert isinstance(response.body, str)
    finally:
        session.close()
    session.params = {"id": "good"}
    try:
        assert "fine good" in session.render().body
    finally:
        session.close()


def test_console_flood_is_bounded(tmp_path: Path) -> None:
    session = open_page(tmp_path, "for (let i = 0; i < 3000; i++) {\nconst _ = console.log('x'.repeat(2000));\n}")
    try:
        session.params = {"id": "good"}
        response = session.render()
        assert response.status in (200, 500)
        if response.error is not None:
            assert response.error.limit == "console"
        session.close()
    finally:
        session.close()


def test_no_way_out(tmp_path: Path) -> None:
    body = "{typeof fetch} {typeof require} {typeof process} {typeof Deno} {typeof WebAssembly}"
    session = open_page(tmp_path, body)
    try:
        words = session.render().body.split("<p>")[0].split()
        assert words[1:4] == ["undefined"] * 3
    finally:
        session.close()


def test_a_file_outside_the_application_is_not_read(tmp_path: Path) -> None:
    outside = tmp_path / "secret.ts"
    outside.write_text("export const secret = 'told';")
    root = tmp_path / "app"
    root.mkdir()
    page = "<script>\nimport { secret } from '../../../secret';\n</script>\n<p>{secret}</p>\n"
    session = PreviewSession.open("src/routes/index.koze", files=app(root, {"src/routes/index.koze": page}))
    try:
        response = session.render()
        assert response.status == 500
        assert "told" not in response.html
    finally:
        session.close()
