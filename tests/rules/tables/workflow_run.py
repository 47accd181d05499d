"""The body of run()."""

from __future__ import annotations

from tests.rules.rows import Rows
from tests.rules.workflow_project import PATH, workflow

W = "extends WorkflowEntrypoint"
NON_RETRYABLE = "import { NonRetryableError } from 'cloudflare:workflows';\n"

ROWS = {
    "outside-step": Rows(
        path=PATH,
        speaks=(
            workflow("const n = «Math.random»(); return n;"),
            workflow("await Promise.all([1].map(async (n) => «fetch»(`/x/${n}`)));"),
            workflow("return «new Date()»;"),
        ),
        quiet=(
            workflow("await step.do('a', async () => Math.random() + Date.now());"),
            workflow("const now = () => Date.now(); await step.do('a', async () => now());"),
            workflow("await step.sleepUntil('a', Date.now() + 1000); return new Date(5);"),
            workflow("return fetch('/x');", top="const fetch = async (x: string) => x;\n"),
            workflow("return this.now();").replace("  async run", "  now() { return Date.now(); }\n  async run"),
        ),
    ),
    "non-retryable-renamed": Rows(
        path=PATH,
        speaks=(
            workflow(
                "await step.do('a', async () => { throw new NonRetryableError('no', «'Custom'»); });",
                top="import { NonRetryableError } from 'cloudflare:workflows';\n",
            ),
            workflow(
                "await step.do('a', async () => { throw new Fatal('no', «'Custom'»); });",
                top="import { NonRetryableError as Fatal } from 'cloudflare:workflows';\n",
            ),
        ),
        quiet=(
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
            workflow(
                "await step.do('a', async () => { throw new NonRetryableError('no', name); });", top=NON_RETRYABLE
            ),
        ),
    ),
    "payload-params": Rows(
        path=PATH,
        speaks=(
            workflow("return event.payload.«params».id;"),
            workflow("const { id } = event.payload?.«params»; return id;"),
            workflow("const { «params» } = event.payload; return params;"),
            workflow("const { payload } = event; return payload.«params»;", payload="<{ id: string }>"),
        ),
        quiet=(
            workflow("const { id } = event.payload; return id;"),
            workflow("return event.payload.params;", payload="<{ params: { a: 1 } }>"),
            workflow("return event.payload.params;", payload="<Imported>"),
            workflow("return event.payload.params;", payload="<{ [key: string]: string }>"),
            workflow("return event.payload.query.params;"),
            workflow("return event.params;"),
            workflow("const { params } = request.payload; return other.payload.params + params;"),
            workflow("return { params: event.payload };"),
        ),
        fixed=(
            (workflow("return event.payload.params.id;"), workflow("return event.payload.id;")),
            (
                workflow("const { id } = event.payload?.params; return id;"),
                workflow("const { id } = event.payload; return id;"),
            ),
            (
                workflow("const { payload } = event; return payload.params;", payload="<{ id: string }>"),
                workflow("const { payload } = event; return payload;", payload="<{ id: string }>"),
            ),
        ),
    ),
}
