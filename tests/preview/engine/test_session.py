"""A world of instances whose clock its owner moves: what the joined preview and its page use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from koze_lsp.preview.engine.session import WorkflowWorld
from koze_lsp.preview.isolate import ScriptError
from tests.preview.engine.programs import run, workflow, world

ORDER = """
    const id = await step.do('create', async () => event.payload.id ?? 'none');
    await step.sleep('settle', '1 hour');
    const { payload } = await step.waitForEvent('approval', { type: 'approved', timeout: '1 day' });
    return await step.do('ship', { retries: { limit: 1, delay: '10 seconds' } }, async () => `${id} by ${payload.by}`);
"""
HOUR = 3_600_000


@pytest.fixture
def order() -> Iterator[WorkflowWorld]:
    with world(workflow(ORDER, "ORDER")) as made:
        yield made


def test_one_clock(order: WorkflowWorld) -> None:
    made = order.create("ORDER", id="o1", params={"id": 7})
    assert order.status("ORDER", made)["status"] == "queued"
    assert order.advance_to(0) == HOUR
    assert order.status("ORDER", "o1") == {"status": "waiting", "output": None}
    order.advance_to(HOUR)
    order.send_event("ORDER", "o1", "approved", {"by": "Ada"})
    order.advance_to(HOUR)
    assert order.status("ORDER", "o1") == {"status": "complete", "output": "7 by Ada"}
    assert order.now() == HOUR


def test_several_instances(order: WorkflowWorld) -> None:
    order.create("ORDER", id="a")
    order.advance_to(1000)
    order.create("ORDER", id="b")
    order.advance_to(HOUR)
    order.terminate("ORDER", "a")
    assert {item["id"]: item["status"] for item in order.instances()} == {"a": "terminated", "b": "waiting"}
    assert order.advance_to(HOUR) == HOUR + 1000
    with pytest.raises(ScriptError, match="finite state"):
        order.terminate("ORDER", "a")
    with pytest.raises(ScriptError, match="not_found"):
        order.status("ORDER", "c")
    with pytest.raises(ScriptError, match="already exists"):
        order.create("ORDER", id="a")


def test_skip_fail_and_restart_from_a_step(order: WorkflowWorld) -> None:
    order.create("ORDER", id="o", params={"id": 1})
    order.advance_to(0)
    order.skip_sleep("ORDER", "o", "settle-1")
    order.advance_to(1)
    order.send_event("ORDER", "o", "approved", {"by": "Bob"})
    order.fail_next_attempt("ORDER", "o", "ship-1")
    order.advance_to(20_000)
    assert order.status("ORDER", "o")["output"] == "1 by Bob"
    attempts = order.report("ORDER", "o")["steps"][-1]["attempts"]
    assert [attempt["outcome"] for attempt in attempts] == ["error", "ok"]
    order.restart("ORDER", "o", from_step={"name": "ship"})
    order.advance_to(20_001)
    assert order.status("ORDER", "o")["output"] == "1 by Bob"
    order.restart("ORDER", "o", params={"id": 2})
    order.advance_to(20_002)
    assert [step["name"] for step in order.report("ORDER", "o")["steps"]] == ["create", "settle"]
    with pytest.raises(ScriptError, match="not found in execution history"):
        order.restart("ORDER", "o", from_step={"name": "nope"})


def test_pause_and_resume(order: WorkflowWorld) -> None:
    order.create("ORDER", id="o")
    order.advance_to(1000)
    order.pause("ORDER", "o")
    order.advance_to(10 * HOUR)
    assert order.status("ORDER", "o")["status"] == "paused"
    order.resume("ORDER", "o")
    assert order.advance_to(10 * HOUR) == 11 * HOUR - 1000


def test_local_and_production_differ() -> None:
    body = "try { await step.do('s', async () => { throw new Error('x'); }); } catch {}"
    for production, delay, status in ((False, 1000, "running"), (True, 10_000, "waiting")):
        with world(workflow(body), production=production) as subject:
            made = subject.create("SUBJECT_WORKFLOW")
            subject.advance_to(1)
            assert subject.next_event_at() == delay
            assert subject.status("SUBJECT_WORKFLOW", made)["status"] == status


def test_workflows_call_each_other() -> None:
    parent = workflow(
        """
        const child = await step.do('start', async () => (await this.env.CHILD.create({ params: { n: 20 } })).id);
        await step.sleep('wait', 10);
        const handle = await this.env.CHILD.get(child);
        return await handle.status();
        """,
        "PARENT",
    )
    with world(parent, workflow("return event.payload.n + 1;", "CHILD")) as subject:
        made = subject.create("PARENT")
        subject.advance_to(100)
        assert subject.status("PARENT", made)["output"] == {"status": "complete", "output": 21}


def test_mocks() -> None:
    body = """
        const a = await step.do('a', async () => 'real');
        const b = await step.do('b', { retries: { limit: 2, delay: 5 } }, async ({ attempt }) => attempt);
        let c = 'no';
        const once = { timeout: '1 minute', retries: { limit: 0, delay: 0 } };
        try { await step.do('c', once, async () => 1); } catch (e) { c = e.message; }
        const d = await step.waitForEvent('d', { type: 't' }).then(() => 'event', () => 'timeout');
        return [a, b, c, d];
    """
    mocks = {"a": {"result": "mocked"}, "b": {"error": "down", "times": 2}, "c-1": {"timeout": True}}
    result = run(body, steps=mocks, waits={"d": {"timeout": True}})
    assert result["output"] == ["mocked", 3, "WorkflowTimeoutError: Execution timed out after 60000ms", "timeout"]


def test_bindings_and_fetch_come_from_the_scenario() -> None:
    body = """
        const kv = await step.do('kv', async () => [await this.env.CACHE.get('x'), await this.env.CACHE.get('y')]);
        const row = await step.do('d1', async () => await this.env.DB.prepare('select 1').bind(1).first());
        const api = await step.do('api', async () => (await fetch('https://api.test/v1?q=1')).json());
        try { await step.do('ai', { retries: { limit: 0, delay: 0 } }, async () => await this.env.AI.run('m', {})); }
        catch (e) { return [kv, row, api, e.message]; }
    """
    with world(
        workflow(body),
        env={"CACHE": {"x": "1"}, "DB": {"prepare.bind.first": {"n": 1}}},
        bindings={"CACHE": "kv", "DB": "d1", "AI": "AI"},
        fetch={"https://api.test/v1": {"json": {"ok": True}}},
    ) as subject:
        made = subject.create("SUBJECT_WORKFLOW")
        subject.advance_to(1000)
        output = subject.status("SUBJECT_WORKFLOW", made)["output"]
    assert output[:3] == [["1", None], {"n": 1}, {"ok": True}]
    assert output[3] == 'AI.run has no value in the scenario: add env.AI["run"]'
    result = run("await step.do('f', { retries: { limit: 0, delay: 0 } }, async () => await fetch('https://x.test/'));")
    assert (
        result["error"]["message"]
        == 'fetch("https://x.test/") has no answer in the scenario: add fetch["https://x.test/"]'
    )


def test_a_run_repeats_exactly() -> None:
    body = "return await step.do('r', async () => [Math.random(), crypto.randomUUID(), Date.now()]);"
    assert run(body)["output"] == run(body)["output"]


def test_actions_at_a_time() -> None:
    result = run("await step.sleep('nap', '1 day');", actions=[{"at": 5000, "do": "terminate"}])
    assert (result["status"], result["virtual_ms"]) == ("terminated", 5000)
    assert result["action_results"] == [{"do": "terminate", "result": "ok"}]
