"""Durations of sleeps, timeouts and delays."""

from __future__ import annotations

from tests.rules.rows import Rows
from tests.rules.workflow_project import PATH, workflow

W = "extends WorkflowEntrypoint"
NON_RETRYABLE = "import { NonRetryableError } from 'cloudflare:workflows';\n"

ROWS = {
    "invalid-duration": Rows(
        path=PATH,
        speaks=(
            workflow("await step.sleep('a', «'5s'»);"),
            workflow('await step.sleep("a", «"1h30m"»);'),
            workflow("await step.sleep('a', «'500ms'»);"),
            workflow("await step.sleep('a', «`soon`»);"),
            workflow("await «step.sleep»('a');"),
            workflow("await step.sleep('a', «undefined»);"),
            workflow("await step.sleep('a', «NaN»);"),
            workflow("await step.sleep('a', «5n»);"),
            workflow("await step.sleep('a', «'5s'» as any);"),
            workflow("const pause = '5s'; await step.sleep('a', «pause»);"),
            workflow("await step.waitForEvent('a', { type: 't', timeout: «'1d'» });"),
            workflow("await step.do('a', { timeout: «'30s'» }, async () => 1);"),
            workflow("await step.do('a', { retries: { limit: 1, delay: «'1m'» } }, async () => 1);"),
            workflow("await step.sleepUntil('a', «'2030-01-01'»);"),
        ),
        quiet=(
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
        ),
        fixed=(
            (workflow("await step.sleep('a', '5s');"), workflow("await step.sleep('a', '5 seconds');")),
            (workflow('await step.sleep("a", "1h30m");'), workflow('await step.sleep("a", "90 minutes");')),
            (workflow("await step.sleep('a', '500ms');"), workflow("await step.sleep('a', 500);")),
            (workflow("await step.sleep('a', '5s' as any);"), workflow("await step.sleep('a', '5 seconds' as any);")),
            (
                workflow("const pause = '5s'; await step.sleep('a', pause);"),
                workflow("const pause = '5 seconds'; await step.sleep('a', pause);"),
            ),
            (
                workflow("await step.waitForEvent('a', { type: 't', timeout: '1d' });"),
                workflow("await step.waitForEvent('a', { type: 't', timeout: '1 day' });"),
            ),
            (
                workflow("await step.do('a', { timeout: '30s' }, async () => 1);"),
                workflow("await step.do('a', { timeout: '30 seconds' }, async () => 1);"),
            ),
            (
                workflow("await step.do('a', { retries: { limit: 1, delay: '1m' } }, async () => 1);"),
                workflow("await step.do('a', { retries: { limit: 1, delay: '1 minute' } }, async () => 1);"),
            ),
        ),
    ),
    "duration-unit": Rows(
        path=PATH,
        speaks=(
            workflow("await step.sleep('a', «'5 min'»);"),
            workflow("await step.sleep('a', «'5 ms'»);"),
            workflow("await step.do('a', { timeout: «'1 Hour'» }, async () => 1);"),
            workflow("await step.sleepUntil('a', «1893456000»);"),
            workflow("await step.sleepUntil('a', «Math.floor(Date.now() / 1000) + 60»);"),
        ),
        quiet=(
            workflow("await step.sleep('a', '5 minutes'); await step.sleep('a', '1 week'); await step.sleep('a', 5);"),
            workflow("await step.sleepUntil('a', 1893456000000); await step.sleepUntil('a', Date.now() + 1000);"),
            workflow("await step.sleepUntil('a', new Date(Math.floor(Date.now() / 1000) * 1000 + 5));"),
            workflow("await step.sleepUntil('a', (Date.now() / 1000 + 60) * 1000);"),
            workflow("await step.sleep('a', 1893456000);"),
        ),
        fixed=(
            (workflow("await step.sleep('a', '5 min');"), workflow("await step.sleep('a', '5 minutes');")),
            (workflow("await step.sleep('a', '5 ms');"), workflow("await step.sleep('a', 5);")),
            (
                workflow("await step.do('a', { timeout: '1 Hour' }, async () => 1);"),
                workflow("await step.do('a', { timeout: '1 hour' }, async () => 1);"),
            ),
            (
                workflow("await step.sleepUntil('a', 1893456000);"),
                workflow("await step.sleepUntil('a', 1893456000 * 1000);"),
            ),
            (
                workflow("await step.sleepUntil('a', Math.floor(Date.now() / 1000) + 60);"),
                workflow("await step.sleepUntil('a', (Math.floor(Date.now() / 1000) + 60) * 1000);"),
            ),
        ),
    ),
}
