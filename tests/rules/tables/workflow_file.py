"""Where a workflow file is, and what it is called."""

from __future__ import annotations

from tests.rules.rows import At, Rows
from tests.rules.workflow_project import PATH, workflow

TEXT = workflow("return 1;")
MARKED = TEXT.replace("class MigrationWorkflow", "class «MigrationWorkflow»")
OTHER = TEXT.replace("MigrationWorkflow", "OtherWorkflow")


def server(name: str, text: str = TEXT) -> At:
    return At(f"src/server/{name}", text)


ROWS = {
    "plural-suffix": Rows(
        speaks=(
            server("a.workflows.ts", MARKED),
            server("deep/a.workflows.ts", MARKED),
            server("a.agents.ts", "«export default 1;»\n"),
        ),
        quiet=(
            server("a.workflow.ts"),
            server("workflows.ts", "export const a = 1;\n"),
            server("queues.ts", "export default 1;\n"),
            At("src/lib/mail.queues.ts", "export default 1;\n"),
        ),
        fixed=(
            (server("a.workflows.ts"), server("a.workflow.ts")),
            (server("a.agents.ts", ""), server("a.agent.ts", "")),
        ),
    ),
    "outside-server": Rows(
        speaks=(
            At("src/lib/a.workflow.ts", MARKED),
            At("src/routes/a.workflow.ts", MARKED),
            server("a.workflow.js", MARKED),
            server("a.workflow.tsx", MARKED),
            server("a.workflow.mts", MARKED),
            server("a.Workflow.ts", MARKED),
            *(server(f"a.workflow.{extension}", MARKED) for extension in ("jsx", "cjs", "mjs", "cts", "TSX")),
            At("src/lib/a.workflow.tsx", MARKED),
        ),
        quiet=(
            server("migration.workflow.ts"),
            server("jobs/nightly-cleanup.workflow.ts"),
            server("a.workflow.test.ts"),
            server("c-workflow.ts", "export const a = 1;\n"),
            At("src/lib/order.workflow.ts", "export const machine = createMachine({});\n"),
            At("src/lib/order.workflow.tsx", "export const machine = createMachine({});\n"),
            server("a.workflow.tsx.snap.ts"),
        ),
    ),
    "invalid-binding-name": Rows(
        speaks=tuple(server(f"{name}.workflow.ts", MARKED) for name in ("2fa", "a.b", "a b", "-a", "é", "__proto__")),
        quiet=tuple(
            server(f"{name}.workflow.ts") for name in ("a-b", "import-2024", "_private", "aB", "$a", "constructor")
        ),
    ),
    "duplicate-workflow": Rows(
        path=PATH,
        more={"src/server/data-sync.workflow.ts": OTHER},
        speaks=(
            server("data_sync.workflow.ts", MARKED),
            server("Data-Sync.workflow.ts", MARKED),
            server("deep/data-sync.workflow.ts", MARKED),
            server("b.workflow.ts", OTHER.replace("class OtherWorkflow", "class «OtherWorkflow»")),
        ),
        quiet=(
            server("migration.workflow.ts"),
            server("data-sync-2.workflow.ts"),
            server("datasync.workflow.ts"),
            server("data-sync.ts", "export const a = 1;\n"),
        ),
    ),
}
