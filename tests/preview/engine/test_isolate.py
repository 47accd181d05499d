"""The isolate: nothing of the host, a virtual clock, errors with places, limits that hold."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from koze_lsp.preview.isolate import Isolate, LimitExceeded, ScriptError

CALL = "kernel.api.run = (f) => f(); kernel.api.ask = (x) => kernel.request('op', [x]);"


@pytest.fixture
def isolate() -> Iterator[Isolate]:
    with Isolate(now_ms=1e12) as made:
        made.install(CALL)
        yield made


def evaluate(isolate: Isolate, expression: str, **options: Any) -> Any:
    return isolate.script(f"async () => {expression}", "run", filename="src/a.js", **options)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("new URL('../x?y=1#z', 'https://ex.com/a/b').href", "https://ex.com/x?y=1#z"),
        ("[...new URLSearchParams('a=1&a=2').getAll('a')]", ["1", "2"]),
        ("new TextDecoder().decode(new TextEncoder().encode('hé😀'))", "hé😀"),
        ("new TextDecoder().decode(new Uint8Array([0x61, 0xf0, 0x9f, 0x62]))", "a\ufffdb"),
        ("atob(btoa('h\\xe9'))", "hé"),
        ("structuredClone(new Map([[1, new Date(5)]])).get(1).getTime()", 5),
        ("new Date().toISOString()", "2001-09-09T01:46:40.000Z"),
        ("new Date(0).getHours()", 0),
        ("new Intl.DateTimeFormat('en-GB').format()", "09/09/2001"),
        ("typeof fetch + typeof require + typeof process + typeof WebAssembly + typeof Atomics", "undefined" * 5),
        ("AbortSignal.abort().reason.name", "AbortError"),
        ("{ const c = new AbortController(); let n = 0; c.signal.onabort = () => n++; c.abort(); return n; }", 1),
        ("(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'))).byteLength", 32),
        ("await new Promise((r) => { const t = Date.now(); setTimeout(() => r(Date.now() - t), 86400000); })", 86400000),
        ("await new Promise((r) => { const o = []; setTimeout(() => r(o), 2); setTimeout(() => o.push(1), 1); queueMicrotask(() => o.push(0)); })", [0, 1]),
        ("performance.now()", 0),
    ],
)  # fmt: skip
def test_platform(isolate: Isolate, expression: str, expected: Any) -> None:
    assert evaluate(isolate, expression if expression.startswith("{") else f"({expression})") == expected


@pytest.mark.parametrize("code", ["eval('1')", "new Function('return 1')()", "(async () => {}).constructor('1')"])
def test_no_code_from_strings(isolate: Isolate, code: str) -> None:
    with pytest.raises(ScriptError, match="Code generation from strings"):
        evaluate(isolate, code)


def test_errors_name_their_place(isolate: Isolate) -> None:
    with pytest.raises(ScriptError) as thrown:
        evaluate(isolate, "{\n  const x = null;\n  return x.foo;\n}")
    assert (thrown.value.file, thrown.value.line, thrown.value.column) == ("src/a.js", 3, 12)
    assert "Cannot read properties of null" in thrown.value.message
    with pytest.raises(ScriptError) as parsed:
        evaluate(isolate, "{\n  const x = ;\n}")
    assert (parsed.value.name, parsed.value.line, parsed.value.column) == ("SyntaxError", 2, 13)


def test_an_endless_loop_ends_only_its_isolate(isolate: Isolate) -> None:
    for body in ("{ for (;;); }", "{ for (;;) await 0; }", "{ await 0; for (;;); }"):
        with Isolate() as other:
            other.install(CALL)
            for _ in range(2):  # the second call tells the same, at once
                with pytest.raises(LimitExceeded) as stopped:
                    evaluate(other, body, timeout_ms=300)
                assert stopped.value.limit == "time"
    assert evaluate(isolate, "1") == 1


def test_recursion_and_prototypes_are_the_codes_own_problem(isolate: Isolate) -> None:
    with pytest.raises(ScriptError, match="Maximum call stack"):
        evaluate(isolate, "{ const f = () => f(); f(); }")
    attack = "{ JSON.stringify = () => 'x'; Array.prototype.push = null; Promise.prototype.then = null; Map.prototype.get = null; return 5; }"
    assert isolate.script(f"() => {attack}", "run", filename="a.js") == 5
    assert isolate.script("() => 6", "run", filename="a.js") == 6


def test_a_promise_that_never_settles(isolate: Isolate) -> None:
    with pytest.raises(ScriptError, match="never settles"):
        evaluate(isolate, "await new Promise(() => {})")


def test_console_is_kept_with_its_time(isolate: Isolate) -> None:
    evaluate(isolate, "{ await new Promise((r) => setTimeout(r, 50)); console.warn('a', { b: undefined }); }")
    (entry,) = isolate.take_console()
    assert (entry.level, entry.args, entry.at_ms) == ("warn", ("a", {"b": {"$undefined": True}}), 50)


def test_host_requests(isolate: Isolate) -> None:
    assert isolate.call("ask", 5, host=lambda operation, args: [operation, args]) == ["op", [5]]
    with pytest.raises(ScriptError, match="op is not available"):
        isolate.call("ask", 5)


def test_inside_a_running_event_loop() -> None:
    async def use() -> Any:
        with Isolate() as made:
            made.install(CALL)
            return evaluate(made, "1 + 1")

    assert asyncio.run(use()) == 2


def test_the_machines_time_zone_is_not_seen() -> None:
    code = "from koze_lsp.preview.isolate import Isolate\nwith Isolate() as i: print(i.eval('new Date(0).getHours()'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == "0"
