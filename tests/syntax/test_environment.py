"""What a module reads of the Worker's environment."""

from __future__ import annotations

import pytest

from koze_lsp.syntax.script import parse

READS = (
    "export default { async fetch(request, env) { return env.A_WORKFLOW.create(); } };",
    "export default { async scheduled(event: Event, env: Env, ctx) { await env['A_WORKFLOW'].create(); } };",
    "export default { fetch: async (request, env) => env.A_WORKFLOW.create() };",
    "export default { queue: function (batch, bindings) { bindings.A_WORKFLOW; } };",
    "export default { fetch(request, { A_WORKFLOW }: Env) {} };",
    "export default { fetch(request, env) { const { A_WORKFLOW: w } = env; } };",
    "export default { fetch(request, env) { return go(() => env.A_WORKFLOW); } } satisfies ExportedHandler<Env>;",
    "const worker: ExportedHandler<Env> = { fetch(request, env) { env.A_WORKFLOW; } };\nexport default worker;",
    "import { env } from 'cloudflare:workers';\nexport default { fetch() { env.A_WORKFLOW; } };",
)
OTHERS = (
    "export default { fetch(env) { env.A_WORKFLOW; } };",
    "export default { helper(request, env) { env.A_WORKFLOW; } };",
    "export default { fetch(request, env) { const f = (env) => env.A_WORKFLOW; } };",
    "export const worker = { fetch(request, env) { env.A_WORKFLOW; } };",
    "function fetch(request, env) { env.A_WORKFLOW; }\nexport default { fetch: 1 };",
    "export default { ",
    "export default function (request, env) { env.A_WORKFLOW; }",
)


@pytest.mark.parametrize("source", READS)
def test_the_environment_is_followed_into_handlers(source: str) -> None:
    (read,) = parse(source).env_reads
    assert read.name == "A_WORKFLOW"
    assert source[slice(*read.span)] == "A_WORKFLOW"


@pytest.mark.parametrize("source", OTHERS)
def test_what_only_looks_like_it_is_not(source: str) -> None:
    assert parse(source).env_reads == ()
