"""Every rule about workflow files: the plain case, what must stay quiet, the fix and what it leaves."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from koze_lsp.rules.base import Fixable, registry
from tests.conformance import load_cases
from tests.rules.workflow_project import IMPORT, PATH, apply, check, shown, workflow
from tests.syntax.test_step_config import javascript

RUN = "async run(event, step) { return await step.do('copy', async () => 1); }"


@dataclass(frozen=True)
class Case:
    """A wrong file, the text that the finding points at, and the text after the first fix."""

    code: str
    wrong: str
    token: str
    fixed: str | None = None
    path: str = PATH


def in_run(code: str, wrong: str, token: str, fixed: str | None = None, top: str = "", payload: str = "") -> Case:
    after = None if fixed is None else workflow(fixed, top=top, payload=payload)
    return Case(code, workflow(wrong, top=top, payload=payload), token, after)


def klass(before: str, after: str = "") -> str:
    return f"{IMPORT}{before} {{ {RUN} }}\n{after}"


NON_RETRYABLE = "import { NonRetryableError } from 'cloudflare:workflows';\n"
W = "extends WorkflowEntrypoint"

CASES = [
    # The class
    Case("no-workflow-class", klass(f"class A {W}", "export default A;\n"), "A", klass(f"export default class A {W}")),
    Case("no-workflow-class", klass(f"class A {W}", "export { A };\n"), "A", klass(f"export class A {W}")),
    Case(
        "no-workflow-class",
        klass(f"class A {W}", "export { A as default };\n"),
        "A",
        klass(f"export default class A {W}"),
    ),
    Case(
        "no-workflow-class",
        klass(f"class A {W}", "const x = 1;\nexport { x, A };\n"),
        "A",
        klass(f"export class A {W}", "const x = 1;\nexport { x };\n"),
    ),
    Case(
        "no-workflow-class",
        klass(f"class A {W}", "const x = 1;\nexport { A, x };\n"),
        "A",
        klass(f"export class A {W}", "const x = 1;\nexport { x };\n"),
    ),
    Case(
        "no-workflow-class",
        klass(f"class A {W}", "export { A as B };\n"),
        "A",
        klass(f"export class A {W}", "export { A as B };\n"),
    ),
    Case("no-workflow-class", klass(f"export const A = class {W}", ""), "A", klass(f"export class A {W}")),
    Case("no-workflow-class", klass(f"export const A = class B {W}", ""), "A", klass(f"export class A {W}")),
    Case(
        "no-workflow-class",
        f"{IMPORT}export const A = class {W} {{ {RUN} }};\n",
        "A",
        klass(f"export class A {W}"),
    ),
    Case("no-workflow-class", klass(f"export abstract class A {W}"), "A", klass(f"export class A {W}")),
    Case("no-workflow-class", klass(f"class A {W}"), "A", klass(f"export class A {W}")),
    Case(
        "no-workflow-class",
        klass(f"export default class {W}"),
        "class",
        klass(f"export default class MigrationWorkflow {W}"),
    ),
    Case(
        "no-workflow-class",
        klass(f"// was: export class Old\nexport class A {W}"),
        "Old",
        klass(f"// was: class Old\nexport class A {W}"),
    ),
    Case("no-workflow-class", klass(f"const text = 'export class Old';\nexport class A {W}"), "Old"),
    Case("no-workflow-class", klass(f"export class $A {W}"), "$A"),
    Case("no-workflow-class", klass(f"export class Größe {W}"), "Größe"),
    Case("no-workflow-class", klass(f"export class A$B {W}"), "A$B"),
    Case("no-workflow-class", "export { A } from './a';\n", "export { A } from './a';"),
    Case("no-workflow-class", "export async function run() {}\n", "export async function run() {}"),
    Case("no-workflow-class", "", ""),
    Case("not-workflow-entrypoint", f"export class A {{ {RUN} }}\n", "A"),
    Case("not-workflow-entrypoint", f"class B {{}}\nexport class A extends B {{ {RUN} }}\n", "A"),
    Case(
        "not-workflow-entrypoint",
        f"import {{ DurableObject }} from 'cloudflare:workers';\nexport class A extends DurableObject {{ {RUN} }}\n",
        "DurableObject",
    ),
    Case("not-workflow-entrypoint", f"export class A {W} {{ {RUN} }}\n", "WorkflowEntrypoint"),
    Case("not-workflow-entrypoint", klass(f"export class Helper {{ {RUN} }}\nexport class A {W}"), "Helper"),
    Case("missing-run", f"{IMPORT}export class A {W} {{}}\n", "A"),
    Case("missing-run", f"{IMPORT}export class A {W} {{ run = async () => 1; }}\n", "run"),
    Case("missing-run", f"{IMPORT}export class A {W} {{ static async run() {{}} }}\n", "A"),
    # The file
    Case(
        "plural-suffix", workflow("return 1;"), "MigrationWorkflow", workflow("return 1;"), "src/server/a.workflows.ts"
    ),
    Case("outside-server", workflow("return 1;"), "MigrationWorkflow", None, "src/lib/a.workflow.ts"),
    Case("outside-server", workflow("return 1;"), "MigrationWorkflow", None, "src/server/a.workflow.js"),
    Case("outside-server", workflow("return 1;"), "MigrationWorkflow", None, "src/server/a.Workflow.ts"),
    Case("invalid-binding-name", workflow("return 1;"), "MigrationWorkflow", None, "src/server/2fa.workflow.ts"),
    Case("invalid-binding-name", workflow("return 1;"), "MigrationWorkflow", None, "src/server/a.b.workflow.ts"),
    # Durations
    in_run("invalid-duration", "await step.sleep('a', '5s');", "'5s'", "await step.sleep('a', '5 seconds');"),
    in_run("invalid-duration", 'await step.sleep("a", "1h30m");', '"1h30m"', 'await step.sleep("a", "90 minutes");'),
    in_run("invalid-duration", "await step.sleep('a', '500ms');", "'500ms'", "await step.sleep('a', 500);"),
    in_run("invalid-duration", "await step.sleep('a', `soon`);", "`soon`"),
    in_run("invalid-duration", "await step.sleep('a');", "step.sleep"),
    in_run("invalid-duration", "await step.sleep('a', undefined);", "undefined"),
    in_run("invalid-duration", "await step.sleep('a', NaN);", "NaN"),
    in_run("invalid-duration", "await step.sleep('a', 5n);", "5n"),
    in_run(
        "invalid-duration", "await step.sleep('a', '5s' as any);", "'5s'", "await step.sleep('a', '5 seconds' as any);"
    ),
    in_run(
        "invalid-duration",
        "const pause = '5s'; await step.sleep('a', pause);",
        "pause",
        "const pause = '5 seconds'; await step.sleep('a', pause);",
    ),
    in_run(
        "invalid-duration",
        "await step.waitForEvent('a', { type: 't', timeout: '1d' });",
        "'1d'",
        "await step.waitForEvent('a', { type: 't', timeout: '1 day' });",
    ),
    in_run(
        "invalid-duration",
        "await step.do('a', { timeout: '30s' }, async () => 1);",
        "'30s'",
        "await step.do('a', { timeout: '30 seconds' }, async () => 1);",
    ),
    in_run(
        "invalid-duration",
        "await step.do('a', { retries: { limit: 1, delay: '1m' } }, async () => 1);",
        "'1m'",
        "await step.do('a', { retries: { limit: 1, delay: '1 minute' } }, async () => 1);",
    ),
    in_run("invalid-duration", "await step.sleepUntil('a', '2030-01-01');", "'2030-01-01'"),
    in_run("duration-unit", "await step.sleep('a', '5 min');", "'5 min'", "await step.sleep('a', '5 minutes');"),
    in_run("duration-unit", "await step.sleep('a', '5 ms');", "'5 ms'", "await step.sleep('a', 5);"),
    in_run(
        "duration-unit",
        "await step.do('a', { timeout: '1 Hour' }, async () => 1);",
        "'1 Hour'",
        "await step.do('a', { timeout: '1 hour' }, async () => 1);",
    ),
    in_run(
        "duration-unit",
        "await step.sleepUntil('a', 1893456000);",
        "1893456000",
        "await step.sleepUntil('a', 1893456000 * 1000);",
    ),
    in_run(
        "duration-unit",
        "await step.sleepUntil('a', Math.floor(Date.now() / 1000) + 60);",
        "Math.floor(Date.now() / 1000) + 60",
        "await step.sleepUntil('a', (Math.floor(Date.now() / 1000) + 60) * 1000);",
    ),
    # Steps
    in_run("invalid-step-name", f"await step.do('{'x' * 257}', async () => 1);", f"'{'x' * 257}'"),
    in_run("invalid-step-name", f"await step.do('{'🎉' * 129}', async () => 1);", f"'{'🎉' * 129}'"),
    in_run("invalid-step-name", r"await step.do('a\nb', async () => 1);", r"'a\nb'"),
    in_run("invalid-step-name", "await step.do(undefined, async () => 1);", "undefined"),
    in_run("duplicate-step-name", "await step.do('a', async () => 1); await step.do('a', async () => 2);", "'a'"),
    in_run("duplicate-step-name", "await step.sleep('a', 5); await step.sleep('a', 5);", "'a'"),
    in_run("invalid-step-config", "await step.do('a', { retries: { limit: 3 } }, async () => 1);", "{ limit: 3 }"),
    in_run(
        "invalid-step-config",
        "await step.do('a', { retry: { limit: 3, delay: 1 } }, async () => 1);",
        "retry",
        "await step.do('a', { retries: { limit: 3, delay: 1 } }, async () => 1);",
    ),
    in_run(
        "invalid-step-config",
        "await step.do('a', { retries: { limit: 3, delay: 1, backoff: 'expo' } }, async () => 1);",
        "'expo'",
        "await step.do('a', { retries: { limit: 3, delay: 1, backoff: 'exponential' } }, async () => 1);",
    ),
    in_run("invalid-step-config", "await step.do('a', { timeout: 0 }, async () => 1);", "0"),
    in_run(
        "step-not-awaited",
        "step.do('a', async () => 1);",
        "step.do",
        "await step.do('a', async () => 1);",
    ),
    in_run("step-not-awaited", "step.sleep('a', 5);", "step.sleep", "await step.sleep('a', 5);"),
    in_run(
        "step-not-awaited",
        "if (event.payload) event.payload && step.do('a', async () => 1);",
        "step.do",
        "if (event.payload) event.payload && await step.do('a', async () => 1);",
    ),
    in_run(
        "step-not-awaited",
        "const unused = step.do('a', async () => 1);",
        "step.do",
        "const unused = await step.do('a', async () => 1);",
    ),
    in_run("step-not-awaited", "(() => { step.do('a', async () => 1); })();", "step.do"),
    in_run("unserializable-step-result", "await step.do('a', async () => () => 1);", "() => 1"),
    in_run("unserializable-step-result", "await step.do('a', async () => ({ run() { return 1; } }));", "run"),
    in_run("unserializable-step-result", "await step.do('a', async () => [{ f: () => 1 }]);", "() => 1"),
    in_run("unserializable-step-result", "await step.do('a', async () => { return fetch('/x'); });", "fetch('/x')"),
    in_run("unserializable-step-result", "await step.do('a', async () => new Response('x'));", "new Response('x')"),
    in_run(
        "unserializable-step-result", "await step.do('a', async () => new Cart());", "new Cart()", top="class Cart {}\n"
    ),
    in_run(
        "unserializable-step-result",
        "await step.do('a', async () => ({ u: new URL('https://x') }));",
        "new URL('https://x')",
    ),
    in_run("unserializable-step-result", "await step.do('a', async () => Object.create(null));", "Object.create(null)"),
    in_run(
        "unserializable-step-result",
        "await step.do('a', async () => ({ p: Promise.resolve(1) }));",
        "Promise.resolve(1)",
    ),
    in_run(
        "unserializable-step-result",
        "await step.do('a', async () => { const response = await fetch('/x'); return response; });",
        "response",
    ),
    in_run("nested-step", "await step.do('a', async () => { await step.sleep('b', 5); });", "step.sleep"),
    # run()
    in_run("outside-step", "const n = Math.random(); return n;", "Math.random"),
    in_run("outside-step", "await Promise.all([1].map(async (n) => fetch(`/x/${n}`)));", "fetch"),
    in_run("outside-step", "return new Date();", "new Date()"),
    in_run(
        "non-retryable-renamed",
        "await step.do('a', async () => { throw new NonRetryableError('no', 'Custom'); });",
        "'Custom'",
        top=NON_RETRYABLE,
    ),
    in_run(
        "non-retryable-renamed",
        "await step.do('a', async () => { throw new Fatal('no', 'Custom'); });",
        "'Custom'",
        top="import { NonRetryableError as Fatal } from 'cloudflare:workflows';\n",
    ),
    in_run("payload-params", "return event.payload.params.id;", "params", "return event.payload.id;"),
    in_run(
        "payload-params",
        "const { id } = event.payload?.params; return id;",
        "params",
        "const { id } = event.payload; return id;",
    ),
    in_run("payload-params", "const { params } = event.payload; return params;", "params"),
    in_run(
        "payload-params",
        "const { payload } = event; return payload.params;",
        "params",
        "const { payload } = event; return payload;",
        payload="<{ id: string }>",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.wrong[-90:]}")
def test_finding_and_fix(case: Case) -> None:
    files = {case.path: case.wrong}
    found = check(files)
    assert [item.code for item in found if item.code == case.code or item.severity.fails] == [case.code]
    finding = next(item for item in found if item.code == case.code)
    assert shown(files, finding) == case.token
    if case.fixed is None:
        assert finding.fixes == ()
        return
    after = apply(files, finding.fixes[0])
    assert list(after.values()) == [case.fixed]
    left = [item.code for item in check(after) if item.code == case.code or item.severity.fails]
    assert left == []


def test_a_nameless_class_without_base() -> None:
    files = {PATH: klass("export default class")}
    (finding,) = check(files)
    assert shown(files, finding) == "class"
    assert apply(files, finding.fixes[0])[PATH] == klass("export default class MigrationWorkflow")


def test_the_second_duplicate_points_at_the_first() -> None:
    files = {PATH: workflow("await step.do('a', async () => 1); await step.do('a', async () => 2);")}
    (finding,) = check(files)
    assert finding.span.start > finding.related[0].span.start
    assert files[PATH][slice(*finding.related[0].span)] == "'a'"


QUIET = {
    "no-workflow-class": [
        klass(f"export class A {W}"),
        klass(f"export default class A {W}"),
        klass(f"export\n  class\n  A {W}"),
        klass(f"class Base {W} {{}}\nexport class A extends Base"),
        klass(f"export class A {W}", "export default { fetch() {} };\n"),
        klass(f"// the exported class\nexport class A {W}"),
        klass(f"/** `export class A` is found here first. */\nexport class A {W}"),
        klass(f"// export class A\nclass A {W}", "export { A };\n"),
        f"{IMPORT}export class A {W} {{ async run(event, step) {{ await step.do('a', ",
        f"{IMPORT}export class A {W} {{",
    ],
    "not-workflow-entrypoint": [
        klass("import { Base } from './base';\nexport class A extends Base"),
        klass(f"abstract class Base<P> {W}<unknown, P> {{}}\nexport class A extends Base<string>"),
        klass("const Base = WorkflowEntrypoint;\nexport class A extends Base"),
        klass("export class A extends mixin(WorkflowEntrypoint)"),
        klass("import * as cf from 'cloudflare:workers';\nexport class A extends cf.WorkflowEntrypoint"),
        "import { WorkflowEntrypoint as WE } from 'cloudflare:workers';\nexport class A extends WE { run() {} }\n",
        klass(f"class Helper {{}}\nexport class A {W}"),
    ],
    "missing-run": [
        klass(f"class Base {W} {{ async run() {{}} }}\nexport class A extends Base {{}}\nclass C"),
        f"{IMPORT}import {{ Base }} from './base';\nexport class A extends Base {{}}\n",
        f"{IMPORT}export class A {W} {{ 'run'() {{}} }}\n",
        f"{IMPORT}export class A {W} {{ async ru",
        f"{IMPORT}export class A {W} {{ run(): Promise<void>; async run() {{}} }}\n",
    ],
    "invalid-duration": [
        workflow("await step.sleep('a', '5 minutes'); await step.sleep('a', '1000'); await step.sleep('a', 0);"),
        workflow("await step.sleep('a', wait); await step.sleep('a', `${n} seconds`); await step.sleep('a', -1);"),
        workflow("await step.sleep(...args); await step.sleep('a', ...args);"),
        workflow(
            "await step.waitForEvent('a', { type: 't' }); await step.waitForEvent('a', { type: 't', timeout: '' });"
        ),
        workflow("await step.waitForEvent('a', { timeout: '5s', ...options });"),
        workflow("await step.sleepUntil('a', new Date('2030-01-01')); await step.sleepUntil('a', when);"),
        workflow("await other.sleep('a', '5s'); sleep('a', '5s');"),
        workflow("let pause = '5s'; pause = more(); await step.sleep('a', pause);"),
        workflow("await step.do('5s', async () => '5s');"),
    ],
    "duration-unit": [
        workflow("await step.sleep('a', '5 minutes'); await step.sleep('a', '1 week'); await step.sleep('a', 5);"),
        workflow("await step.sleepUntil('a', 1893456000000); await step.sleepUntil('a', Date.now() + 1000);"),
        workflow("await step.sleepUntil('a', new Date(Math.floor(Date.now() / 1000) * 1000 + 5));"),
        workflow("await step.sleepUntil('a', (Date.now() / 1000 + 60) * 1000);"),
        workflow("await step.sleep('a', 1893456000);"),
    ],
    "invalid-step-name": [
        workflow(f"await step.do('{'x' * 256}', async () => 1);"),
        workflow(f"await step.do('{'🎉' * 128}', async () => 1); await step.do('', async () => 1);"),
        workflow(f"await step.sleep('{'x' * 300}', 5); await step.waitForEvent('a\\n', {{ type: 't' }});"),
        workflow(
            r"await step.do('a\\n', async () => 1); await step.do('del\x7f', async () => 1); await step.do(name, f);"
        ),
    ],
    "duplicate-step-name": [
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
    ],
    "invalid-step-config": [
        workflow(
            "await step.do('a', { retries: { limit: 3, delay: '10 seconds' }, timeout: '1 minute' }, async () => 1);"
        ),
        workflow("await step.do('a', config, async () => 1); await step.do('b', { ...config }, async () => 1);"),
        workflow("await step.do('a', null, async () => 1); await step.do('b', {}, async () => 1);"),
        workflow("await step.waitForEvent('a', { type: 't', foo: 1 }); await step.do('c', async () => ({ foo: 1 }));"),
        workflow("await step.do('a', async () => 1, { rollback: async () => {} });"),
        workflow("await db.do('a', { foo: 1 }, async () => 1);"),
    ],
    "step-not-awaited": [
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
        workflow("await (event.payload && step.do('a', async () => 1)); (await step.do('b', async () => [1])).pop();"),
    ],
    "unserializable-step-result": [
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
        workflow("await step.do('a', async () => ({ status: (await fetch('/x')).status, list: [1].map((n) => n) }));"),
        workflow("await step.do('a', async () => { const f = () => 1; return f(); });"),
        workflow("await step.do('a', async () => fetch());", top="const fetch = async () => 1;\n"),
    ],
    "nested-step": [
        workflow("await step.do('a', async () => 1); await step.do('b', async () => 2);"),
        workflow("const f = async () => { await step.sleep('b', 5); }; await f();"),
        workflow("await db.do('a', async () => { await step.sleep('b', 5); });"),
        workflow("await step.do('a', { timeout: await step.do('t', async () => 5) }, async () => 1);"),
    ],
    "outside-step": [
        workflow("await step.do('a', async () => Math.random() + Date.now());"),
        workflow("const now = () => Date.now(); await step.do('a', async () => now());"),
        workflow("await step.sleepUntil('a', Date.now() + 1000); return new Date(5);"),
        workflow("return fetch('/x');", top="const fetch = async (x: string) => x;\n"),
        workflow("return this.now();").replace("  async run", "  now() { return Date.now(); }\n  async run"),
    ],
    "non-retryable-renamed": [
        workflow("await step.do('a', async () => { throw new NonRetryableError('no'); });", top=NON_RETRYABLE),
        workflow(
            "await step.do('a', async () => { throw new NonRetryableError('no', 'NonRetryableError'); });",
            top=NON_RETRYABLE,
        ),
        workflow(
            "await step.do('a', async () => { throw new NonRetryableError('no', 'X'); });",
            top="import { NonRetryableError } from './errors';\n",
        ),
        workflow("throw new NonRetryableError('no', 'Custom');", top=NON_RETRYABLE),
        workflow("await step.do('a', async () => { throw new NonRetryableError('no', name); });", top=NON_RETRYABLE),
    ],
    "payload-params": [
        workflow("const { id } = event.payload; return id;"),
        workflow("return event.payload.params;", payload="<{ params: { a: 1 } }>"),
        workflow("return event.payload.params;", payload="<Imported>"),
        workflow("return event.payload.params;", payload="<{ [key: string]: string }>"),
        workflow("return event.payload.query.params;"),
        workflow("return event.params;"),
        workflow("const { params } = request.payload; return other.payload.params + params;"),
        workflow("return { params: event.payload };"),
    ],
}


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in QUIET.items() for text in texts], ids=lambda item: item[-110:]
)
def test_near_misses_stay_quiet(code: str, text: str) -> None:
    found = check({PATH: text})
    assert [item for item in found if item.code == code] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/server/migration.workflow.ts", workflow("return 1;")),
        ("src/server/jobs/nightly-cleanup.workflow.ts", workflow("return 1;")),
        ("src/server/import-2024.workflow.ts", workflow("return 1;")),
        ("src/server/_private.workflow.ts", workflow("return 1;")),
        ("src/server/workflows.ts", "export const a = 1;\n"),
        ("src/server/c-workflow.ts", "export const a = 1;\n"),
        ("src/lib/order.workflow.ts", "export const machine = createMachine({});\n"),
        ("src/lib/mail.queues.ts", "export default 1;\n"),
        ("src/server/queues.ts", "export default 1;\n"),
    ],
)
def test_file_names_that_stay_quiet(path: str, text: str) -> None:
    assert check({path: text}) == []


def test_a_rename_never_overwrites() -> None:
    text = workflow("return 1;")
    files = {"src/server/a.workflows.ts": text, "src/server/a.workflow.ts": text}
    assert [(item.code, item.fixes) for item in check(files) if item.code == "plural-suffix"] == [("plural-suffix", ())]


@pytest.mark.parametrize(
    ("first", "second", "same_class"),
    [
        ("src/server/a/sync.workflow.ts", "src/server/b/sync.workflow.ts", False),
        ("src/server/data-sync.workflow.ts", "src/server/data_sync.workflow.ts", False),
        ("src/server/dataSync.workflow.ts", "src/server/DataSync.workflow.ts", True),
        ("src/server/a.workflow.ts", "src/server/b.workflow.ts", True),
    ],
)
def test_duplicates_name_each_other(first: str, second: str, same_class: bool) -> None:
    text = workflow("return 1;")
    other = text if same_class else text.replace("MigrationWorkflow", "OtherWorkflow")
    found = check({first: text, second: other})
    assert sorted((item.code, item.path, item.related[0].path) for item in found) == sorted(
        [("duplicate-workflow", first, second), ("duplicate-workflow", second, first)]
    )


def test_no_duplicates() -> None:
    text = workflow("return 1;")
    others = {f"src/server/{name}.workflow.ts": text.replace("Migration", name.upper()) for name in ("a", "b", "ab")}
    assert check({"src/server/migration.workflow.ts": text, **others}) == []


# Against the recorded answers ----------------------------------------------------------------------------


@pytest.mark.parametrize("case", load_cases("koze/binding_names"), ids=lambda case: case["id"])
def test_what_the_framework_refuses_is_reported(case: dict[str, Any]) -> None:
    expect = case["expect"]
    refused = "error" in expect or not expect.get("workerLoads", True)
    errors = [item for item in check(case["files"]) if item.severity.value == "error"]
    if refused:
        assert errors
    elif len({workflow["binding"] for workflow in expect["workflows"]}) == len(expect["workflows"]):
        assert errors == []


@pytest.mark.parametrize("case", load_cases("koze/binding_names"), ids=lambda case: case["id"])
def test_names_missing_from_the_type_are_reported(case: dict[str, Any]) -> None:
    if "error" in case["expect"]:
        return
    union = case["expect"]["workflowNameUnion"]
    registered = case["expect"]["runtimeRegistry"] or {}
    for entry in case["expect"]["workflows"]:
        name = entry["statusName"]
        bad = f"'{name}'" not in union or name not in registered
        codes = [item.code for item in check(case["files"]) if item.path == entry["file"]]
        assert ("invalid-binding-name" in codes) == bad


DURATIONS = [case for case in load_cases("cloudflare/durations") if isinstance(case["input"], str)]


@pytest.mark.parametrize("case", DURATIONS, ids=lambda case: repr(case["input"]))
def test_durations_in_every_place(case: dict[str, Any]) -> None:
    text = json.dumps(case["input"])
    sleep = {item.code for item in check({PATH: workflow(f"await step.sleep('a', {text});")})}
    wait = {
        item.code
        for item in check({PATH: workflow(f"await step.waitForEvent('a', {{ type: 't', timeout: {text} }});")})
    }
    timeout = {
        item.code for item in check({PATH: workflow(f"await step.do('a', {{ timeout: {text} }}, async () => 1);")})
    }
    retries = f"{{ retries: {{ limit: 1, delay: {text} }} }}"
    delay = {item.code for item in check({PATH: workflow(f"await step.do('a', {retries}, async () => 1);")})}
    assert ("invalid-duration" in sleep) == (not case["ok"])
    assert ("invalid-duration" in wait) == case["wait_for_event"].startswith("error")
    for codes in (sleep, wait, timeout, delay):
        assert ("duration-unit" in codes) == case["trap"]
    assert bool(timeout & {"invalid-duration", "invalid-step-config"}) == (not case["step_do_timeout_ok"])
    assert bool(delay & {"invalid-duration", "invalid-step-config"}) == (not case["retry_delay_ok"])


@pytest.mark.parametrize("case", load_cases("cloudflare/step-config"), ids=lambda case: javascript(case["input"]))
def test_step_configs(case: dict[str, Any]) -> None:
    found = check({PATH: workflow(f"await step.do('a', {javascript(case['input'])}, async () => 1);")})
    assert any(item.severity.fails for item in found) == (not case["ok"])


@pytest.mark.parametrize("case", load_cases("cloudflare/step-names"), ids=lambda case: repr(case["input"])[:60])
def test_step_names(case: dict[str, Any]) -> None:
    rest = {"step.do": "async () => 1", "step.sleep": "5", "step.waitForEvent": "{ type: 't' }"}[case["api"]]
    found = check({PATH: workflow(f"await {case['api']}({javascript(case['input'])}, {rest});")})
    assert [item.code for item in found] == ([] if case["ok"] else ["invalid-step-name"])


RETURNED = {
    "undef": "undefined",
    "nul": "null",
    "nan": "NaN",
    "str": "'s'",
    "date": "new Date(0)",
    "map": "new Map()",
    "set": "new Set()",
    "re": "/x/",
    "err": "new Error('x')",
    "typeerr": "new TypeError('x')",
    "fn": "() => 1",
    "sym": "Symbol('x')",
    "cls": "new Foo()",
    "promiseInObj": "{ p: Promise.resolve(1) }",
    "headers": "new Headers()",
    "response": "new Response('x')",
    "url": "new URL('https://x')",
    "wm": "new WeakMap()",
    "arrsparse": "[, , , 1]",
    "nullproto": "Object.create(null)",
    "getter": "{ get x() { return 5; } }",
    "boxed": "Object(5)",
}


@pytest.mark.parametrize("case", load_cases("cloudflare/step-returns"), ids=lambda case: case["kind"])
def test_step_returns(case: dict[str, Any]) -> None:
    source = RETURNED.get(case["kind"])
    if source is None:
        return  # streams and Blob: the two engines differ, and we say nothing
    text = workflow(f"await step.do('a', async () => ({source}));", top="class Foo {}\n")
    found = [item.code for item in check({PATH: text})]
    assert found == ([] if case["wrangler_4_164_0"]["ok"] else ["unserializable-step-result"])


CLASS_FORMS = {
    "d_plainclass": ("export class A { async run() {} }", "not-workflow-entrypoint"),
    "d_norun": (f"{IMPORT}export class A {W} {{}}", "missing-run"),
    "d_arrowrun": (f"{IMPORT}export class A {W} {{ run = async () => 1; }}", "missing-run"),
    "d_syncrun": (f"{IMPORT}export class A {W} {{ run() {{ return 5; }} }}", None),
    "d_function": ("export function A() {}", "no-workflow-class"),
}


@pytest.mark.parametrize("case", load_cases("cloudflare/class-forms"), ids=lambda case: case["case"])
def test_class_forms(case: dict[str, Any]) -> None:
    if case["case"] not in CLASS_FORMS:
        return  # a form of the Worker's entry or of wrangler's file
    text, code = CLASS_FORMS[case["case"]]
    assert (case["dev_status"] == "complete") == (code is None)
    assert [item.code for item in check({PATH: text})] == ([] if code is None else [code])


ALLOWED = {
    # What the recorded run shows: id → codes of errors and warnings.
    "ctx-argument": ["duration-unit"],  # config.delay recorded as '10 ms'
    "value-function": ["unserializable-step-result"],
    "value-object-with-function": ["unserializable-step-result"],
    "value-symbol": ["unserializable-step-result"],
    "value-weakmap": ["unserializable-step-result"],
    "run-missing": ["missing-run"],
    "run-not-a-function": ["missing-run"],
    "retry-module-counter": ["duration-unit"],
    "retry-nonretryable-named": ["non-retryable-renamed"],
    "sleep-bad-string": ["invalid-duration"],
    "sleep-between-steps": ["duration-unit"],
    "wait-bad-timeout": ["invalid-duration"],
    "name-undefined": ["invalid-step-name"],
    "config-unknown-key": ["invalid-step-config"],
    "config-unknown-key-caught": ["invalid-step-config"],
    "config-bad-backoff": ["invalid-step-config"],
    "config-bad-timeout": ["invalid-duration"],
    "config-infinite-limit": ["invalid-step-config"],
    "unawaited-step": ["step-not-awaited"],
    "unawaited-step-body": ["step-not-awaited"],
}


@pytest.mark.parametrize("case", load_cases("cloudflare/workflow_runs"), ids=lambda case: case["id"])
def test_recorded_runs(case: dict[str, Any]) -> None:
    found = check({PATH: case["source"]})
    failing = [item.code for item in found if item.severity.fails]
    if case["id"] in ALLOWED:
        assert failing == ALLOWED[case["id"]]
        return
    # A case that is not in the sample may have findings, but only of what its run shows.
    outcome = json.dumps(case["expect"])
    evidence = {
        "invalid-step-config": "is in a invalid format",
        "invalid-step-name": "Step name|reading 'length'",
        "invalid-duration": "NOT NULL constraint|is in a invalid format",
        "missing-run": "does not implement the method",
        "unserializable-step-result": "DataCloneError|not serialisable",
        "step-not-awaited": "complete|errored",
        "duration-unit": " ",
        "non-retryable-renamed": "attempt_errored",
    }
    for code in failing:
        assert re.search(evidence[code], outcome), code


# What rules say about themselves -------------------------------------------------------------------------

CODES = sorted({case.code for case in CASES} | {"duplicate-workflow"})


@pytest.mark.parametrize("code", CODES)
def test_examples_and_metadata(code: str) -> None:
    check({})
    rule = registry()[code]
    assert rule.__doc__
    assert len(rule.__doc__) > 150
    assert [item.code for item in check(rule.wrong.files) if item.path == rule.wrong.show] == [code]
    assert check(rule.right.files) == []
    offers = any(item.fixes for item in check(rule.wrong.files))
    if rule.fixable is Fixable.NO:
        assert not offers
    else:
        assert offers
        safe = any(fix.safe for item in check(rule.wrong.files) for fix in item.fixes)
        assert safe == (rule.fixable is Fixable.SAFE)


def test_every_rule_has_near_misses() -> None:
    named = {"plural-suffix", "outside-server", "invalid-binding-name", "duplicate-workflow"}  # in tests of their own
    assert set(CODES) == set(QUIET) | named
    assert all(len(texts) >= 3 for texts in QUIET.values())
