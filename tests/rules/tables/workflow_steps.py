"""Steps: names, configs, promises and results."""

from __future__ import annotations

from tests.rules.rows import Rows
from tests.rules.workflow_project import PATH, workflow

W = "extends WorkflowEntrypoint"
NON_RETRYABLE = "import { NonRetryableError } from 'cloudflare:workflows';\n"

ROWS = {
    "invalid-step-name": Rows(
        path=PATH,
        speaks=(
            workflow(f"await step.do(«'{'x' * 257}'», async () => 1);"),
            workflow(
                "await step.do(«'🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉'», async () => 1);"
            ),
            workflow("await step.do(«'a\\nb'», async () => 1);"),
            workflow("await step.do(«undefined», async () => 1);"),
        ),
        quiet=(
            workflow(f"await step.do('{'x' * 256}', async () => 1);"),
            workflow(f"await step.do('{'🎉' * 128}', async () => 1); await step.do('', async () => 1);"),
            workflow(f"await step.sleep('{'x' * 300}', 5); await step.waitForEvent('a\\n', {{ type: 't' }});"),
            workflow(
                r"await step.do('a\\n', async () => 1); await step.do('del\x7f', async () => 1); await step.do(name, f);"
            ),
        ),
    ),
    "duplicate-step-name": Rows(
        path=PATH,
        speaks=(
            workflow("await step.do('a', async () => 1); await step.do(«'a'», async () => 2);"),
            workflow("await step.sleep('a', 5); await step.sleep(«'a'», 5);"),
        ),
        quiet=(
            workflow("for (const x of [1, 2]) await step.do('a', async () => x);"),
            workflow(
                "if (event.payload) { await step.do('a', async () => 1); } else { await step.do('a', async () => 2); }"
            ),
            workflow(
                "if (event.payload) { await step.do('a', async () => 1); return; } await step.do('a', async () => 2);"
            ),
            workflow("switch (1) { case 1: await step.do('a', f); break; default: await step.do('a', g); }"),
            workflow(
                "await step.do('a', async () => 1); await step.sleep('a', 5); await step.waitForEvent('a', { type: 't' });"
            ),
            workflow("await step.sleep('a', 5); await step.sleep('a', 6);"),
            workflow("await Promise.all([1, 2].map((n) => step.do('a', async () => n)));"),
            workflow("const f = async () => await step.do('a', h); const g = async () => await step.do('a', h);"),
        ),
    ),
    "invalid-step-config": Rows(
        path=PATH,
        speaks=(
            workflow("await step.do('a', { retries: «{ limit: 3 }» }, async () => 1);"),
            workflow("await step.do('a', { «retry»: { limit: 3, delay: 1 } }, async () => 1);"),
            workflow("await step.do('a', { retries: { limit: 3, delay: 1, backoff: «'expo'» } }, async () => 1);"),
            workflow("await step.do('a', { timeout: «0» }, async () => 1);"),
        ),
        quiet=(
            workflow(
                "await step.do('a', { retries: { limit: 3, delay: '10 seconds' }, timeout: '1 minute' }, async () => 1);"
            ),
            workflow("await step.do('a', config, async () => 1); await step.do('b', { ...config }, async () => 1);"),
            workflow("await step.do('a', null, async () => 1); await step.do('b', {}, async () => 1);"),
            workflow(
                "await step.waitForEvent('a', { type: 't', foo: 1 }); await step.do('c', async () => ({ foo: 1 }));"
            ),
            workflow("await step.do('a', async () => 1, { rollback: async () => {} });"),
            workflow("await db.do('a', { foo: 1 }, async () => 1);"),
        ),
        fixed=(
            (
                workflow("await step.do('a', { retry: { limit: 3, delay: 1 } }, async () => 1);"),
                workflow("await step.do('a', { retries: { limit: 3, delay: 1 } }, async () => 1);"),
            ),
            (
                workflow("await step.do('a', { retries: { limit: 3, delay: 1, backoff: 'expo' } }, async () => 1);"),
                workflow(
                    "await step.do('a', { retries: { limit: 3, delay: 1, backoff: 'exponential' } }, async () => 1);"
                ),
            ),
        ),
    ),
    "step-not-awaited": Rows(
        path=PATH,
        speaks=(
            workflow("«step.do»('a', async () => 1);"),
            workflow("«step.sleep»('a', 5);"),
            workflow("if (event.payload) event.payload && «step.do»('a', async () => 1);"),
            workflow("const unused = «step.do»('a', async () => 1);"),
            workflow("(() => { «step.do»('a', async () => 1); })();"),
        ),
        quiet=(
            workflow("await Promise.all([1].map((n) => step.do(`a ${n}`, async () => n)));"),
            workflow("const p = step.do('a', async () => 1); await step.sleep('b', 5); return await p;"),
            workflow("return step.do('a', async () => 1);"),
            workflow("step.do('a', async () => 1).then((n) => n); void step.do('b', async () => 1);"),
            workflow("const tasks = []; tasks.push(step.do('a', async () => 1)); await Promise.all(tasks);"),
            workflow("const [a, b] = await Promise.all([step.do('a', f), step.do('b', f)]); return [a, b];"),
            workflow("await helper(step); const x = event.payload ? await step.do('a', f) : 0; return x;"),
            workflow("const go = () => step.do('a', async () => 1); await go();"),
            workflow("let p; p = step.do('a', async () => 1); await p;"),
            workflow("await step.do<number>('a', async () => 1); return await step.do<string>('b', async () => 'x');"),
            workflow("store.do('a', async () => 1);"),
            workflow("for await (const x of xs) { await step.do('a', async () => x); }"),
            workflow(
                "await (event.payload && step.do('a', async () => 1)); (await step.do('b', async () => [1])).pop();"
            ),
        ),
        fixed=(
            (workflow("step.do('a', async () => 1);"), workflow("await step.do('a', async () => 1);")),
            (workflow("step.sleep('a', 5);"), workflow("await step.sleep('a', 5);")),
            (
                workflow("if (event.payload) event.payload && step.do('a', async () => 1);"),
                workflow("if (event.payload) event.payload && await step.do('a', async () => 1);"),
            ),
            (
                workflow("const unused = step.do('a', async () => 1);"),
                workflow("const unused = await step.do('a', async () => 1);"),
            ),
        ),
    ),
    "unserializable-step-result": Rows(
        path=PATH,
        speaks=(
            workflow("await step.do('a', async () => «() => 1»);"),
            workflow("await step.do('a', async () => ({ «run»() { return 1; } }));"),
            workflow("await step.do('a', async () => [{ f: «() => 1» }]);"),
            workflow("await step.do('a', async () => { return «fetch('/x')»; });"),
            workflow("await step.do('a', async () => «new Response('x')»);"),
            workflow("await step.do('a', async () => «new Cart()»);", top="class Cart {}\n"),
            workflow("await step.do('a', async () => ({ u: «new URL('https://x')» }));"),
            workflow("await step.do('a', async () => «Object.create(null)»);"),
            workflow("await step.do('a', async () => ({ p: «Promise.resolve(1)» }));"),
            workflow("await step.do('a', async () => { const response = await fetch('/x'); return «response»; });"),
        ),
        quiet=(
            workflow("await step.do('a', async () => { const r = await fetch('/x'); return await r.json(); });"),
            workflow(
                "await step.do('a', async () => (await fetch('/x')).text());"
                "await step.do('b', async () => fetch('/x').then((r) => r.text()));"
            ),
            workflow(
                "await step.do('a', async () => ({ d: new Date(), m: new Map(), s: new Set() }));"
                "await step.do('b', async () => [new Error('x'), new Headers()]);"
            ),
            workflow(
                "await step.do('a', async () => Promise.resolve(1)); await step.do('b', async () => Promise.all([]));"
            ),
            workflow(
                "await step.do('a', async () => ({ get x() { return 5; } })); await step.do('b', async () => new Cart());",
                top="import { Cart } from './cart';\n",
            ),
            workflow("await step.do('a', async () => new Bad('x'));", top="class Bad extends Error {}\n"),
            workflow(
                "await step.do('a', async () => ({ status: (await fetch('/x')).status, list: [1].map((n) => n) }));"
            ),
            workflow("await step.do('a', async () => { const f = () => 1; return f(); });"),
            workflow("await step.do('a', async () => fetch());", top="const fetch = async () => 1;\n"),
        ),
    ),
    "nested-step": Rows(
        path=PATH,
        speaks=(workflow("await step.do('a', async () => { await «step.sleep»('b', 5); });"),),
        quiet=(
            workflow("await step.do('a', async () => 1); await step.do('b', async () => 2);"),
            workflow("const f = async () => { await step.sleep('b', 5); }; await f();"),
            workflow("await db.do('a', async () => { await step.sleep('b', 5); });"),
            workflow("await step.do('a', { timeout: await step.do('t', async () => 5) }, async () => 1);"),
        ),
    ),
}
