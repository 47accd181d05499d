"""Programs that never end, flood, or eat memory are stopped by name; long and wide ones are not."""

from __future__ import annotations

import time

import pytest

from koze_lsp.preview.engine.session import Limits
from koze_lsp.preview.isolate import MIB, LimitExceeded
from tests.preview.engine.programs import run

SHORT = Limits(memory=64 * MIB, timeout_ms=1500)
DAY = 86_400_000


@pytest.mark.parametrize(
    ("body", "limit", "where"),
    [
        ("for (;;) await step.sleep('tick', '1 hour');", "time", "run()"),
        ("await step.do('spin', async () => { for (;;); });", "time", 'step "spin-1"'),
        ("await step.do('spin', async () => { await 0; for (;;); });", "time", 'step "spin-1"'),
        ("await step.do('spin', async () => { for (;;) await 0; });", "time", 'step "spin-1"'),
        ("await step.do('a', async () => 1); for (;;);", "time", "run()"),
        ("await step.do('regex', async () => /^(a+)+$/.test('a'.repeat(40) + 'b'));", "time", 'step "regex-1"'),
        ("await step.do('chatty', async () => { for (;;) console.log('x'); });", "console", 'step "chatty-1"'),
        ("await step.do('eater', async () => { const a = []; for (;;) a.push({}); });", "memory", 'step "eater-1"'),
        (
            "await step.do('eater', async () => { const a = []; for (;;) { a.push({}); await 0; } });",
            "memory",
            'step "eater-1"',
        ),
        (
            "await step.do('buffers', async () => { const a = []; for (;;) a.push(new Uint8Array(1e7).fill(1)); });",
            "memory",
            'step "buffers-1"',
        ),
    ],
)
def test_stopped(body: str, limit: str, where: str) -> None:
    started = time.monotonic()
    with pytest.raises(LimitExceeded) as stopped:
        run(body, limits=SHORT)
    assert stopped.value.limit == limit
    assert where in str(stopped.value)
    assert time.monotonic() - started < 10
    assert run("return 1")["output"] == 1  # the process goes on


def test_step_limit() -> None:
    result = run("for (let i = 0; i < 9; i++) await step.do('s', async () => i);", limit=8)
    assert result["status"] == "errored"
    assert "The limit of 8 steps has been reached" in result["error"]["message"]


def test_never_settles_is_told() -> None:
    result = run("await new Promise(() => {});")
    assert (result["status"], result["virtual_ms"]) == ("running", 0)


@pytest.mark.parametrize(
    ("body", "output", "virtual_ms"),
    [
        ("await step.sleep('a', '24 hours'); await step.sleep('b', '365 days'); return 1;", 1, 366 * DAY),
        ("let s = 0; for (let i = 0; i < 10000; i++) s += await step.do(`s${i}`, async () => 1); return s;", 10_000, 0),
        (
            "return (await Promise.all(Array.from({ length: 500 }, (_, i) => step.do(`s${i}`, async () => i)))).length;",
            500,
            0,
        ),
        (
            "return await step.do('r', { retries: { limit: 10000, delay: '1 second', backoff: 'constant' } },"
            " async ({ attempt }) => { if (attempt <= 10000) throw new Error('x'); return attempt; });",
            10_001,
            10_000_000,
        ),
    ],
    ids=["years", "steps", "parallel", "retries"],
)
def test_scale(body: str, output: int, virtual_ms: int) -> None:
    started = time.process_time()
    result = run(body, limits=Limits(memory=128 * MIB))
    assert result["status"] == "complete", result["error"]
    assert (result["output"], result["virtual_ms"]) == (output, virtual_ms)
    assert time.process_time() - started < 15, "processor time, which other load on the machine does not add to"
