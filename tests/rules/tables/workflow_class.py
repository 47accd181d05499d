"""The class of a workflow file: its export, its base and run()."""

from __future__ import annotations

from tests.rules.rows import Rows
from tests.rules.workflow_project import IMPORT, PATH, klass

W = "extends WorkflowEntrypoint"
NON_RETRYABLE = "import { NonRetryableError } from 'cloudflare:workflows';\n"

ROWS = {
    "no-workflow-class": Rows(
        path=PATH,
        speaks=(
            klass("class A extends WorkflowEntrypoint", "export default «A»;\n"),
            klass("class A extends WorkflowEntrypoint", "export { «A» };\n"),
            klass("class A extends WorkflowEntrypoint", "export { «A» as default };\n"),
            klass("class A extends WorkflowEntrypoint", "const x = 1;\nexport { x, «A» };\n"),
            klass("class A extends WorkflowEntrypoint", "const x = 1;\nexport { «A», x };\n"),
            klass("class A extends WorkflowEntrypoint", "export { «A» as B };\n"),
            klass("export const «A» = class extends WorkflowEntrypoint"),
            klass("export const «A» = class B extends WorkflowEntrypoint"),
            IMPORT
            + "export const «A» = class extends WorkflowEntrypoint { async run(event, step) { return await step.do('copy', async () => 1); } };\n",
            klass("export abstract class «A» extends WorkflowEntrypoint"),
            klass("class «A» extends WorkflowEntrypoint"),
            klass("export default «class» extends WorkflowEntrypoint"),
            klass("// was: export class «Old»\nexport class A extends WorkflowEntrypoint"),
            klass("const text = 'export class «Old»';\nexport class A extends WorkflowEntrypoint"),
            klass("export class «$A» extends WorkflowEntrypoint"),
            klass("export class «Größe» extends WorkflowEntrypoint"),
            klass("export class «A$B» extends WorkflowEntrypoint"),
            "«export { A } from './a';»\n",
            "«export async function run() {}»\n",
            "«»",
        ),
        quiet=(
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
        ),
        fixed=(
            (
                klass("class A extends WorkflowEntrypoint", "export default A;\n"),
                klass("export default class A extends WorkflowEntrypoint"),
            ),
            (
                klass("class A extends WorkflowEntrypoint", "export { A };\n"),
                klass("export class A extends WorkflowEntrypoint"),
            ),
            (
                klass("class A extends WorkflowEntrypoint", "export { A as default };\n"),
                klass("export default class A extends WorkflowEntrypoint"),
            ),
            (
                klass("class A extends WorkflowEntrypoint", "const x = 1;\nexport { x, A };\n"),
                klass("export class A extends WorkflowEntrypoint", "const x = 1;\nexport { x };\n"),
            ),
            (
                klass("class A extends WorkflowEntrypoint", "const x = 1;\nexport { A, x };\n"),
                klass("export class A extends WorkflowEntrypoint", "const x = 1;\nexport { x };\n"),
            ),
            (
                klass("class A extends WorkflowEntrypoint", "export { A as B };\n"),
                klass("export class A extends WorkflowEntrypoint", "export { A as B };\n"),
            ),
            (
                klass("export const A = class extends WorkflowEntrypoint"),
                klass("export class A extends WorkflowEntrypoint"),
            ),
            (
                klass("export const A = class B extends WorkflowEntrypoint"),
                klass("export class A extends WorkflowEntrypoint"),
            ),
            (
                IMPORT
                + "export const A = class extends WorkflowEntrypoint { async run(event, step) { return await step.do('copy', async () => 1); } };\n",
                klass("export class A extends WorkflowEntrypoint"),
            ),
            (
                klass("export abstract class A extends WorkflowEntrypoint"),
                klass("export class A extends WorkflowEntrypoint"),
            ),
            (klass("class A extends WorkflowEntrypoint"), klass("export class A extends WorkflowEntrypoint")),
            (
                klass("export default class extends WorkflowEntrypoint"),
                klass("export default class MigrationWorkflow extends WorkflowEntrypoint"),
            ),
            (
                klass("// was: export class Old\nexport class A extends WorkflowEntrypoint"),
                klass("// was: class Old\nexport class A extends WorkflowEntrypoint"),
            ),
        ),
    ),
    "not-workflow-entrypoint": Rows(
        path=PATH,
        speaks=(
            "export class «A» { async run(event, step) { return await step.do('copy', async () => 1); } }\n",
            "class B {}\nexport class «A» extends B { async run(event, step) { return await step.do('copy', async () => 1); } }\n",
            "import { DurableObject } from 'cloudflare:workers';\nexport class A extends «DurableObject» { async run(event, step) { return await step.do('copy', async () => 1); } }\n",
            "export class A extends «WorkflowEntrypoint» { async run(event, step) { return await step.do('copy', async () => 1); } }\n",
            klass(
                "export class «Helper» { async run(event, step) { return await step.do('copy', async () => 1); } }\nexport class A extends WorkflowEntrypoint"
            ),
        ),
        quiet=(
            klass("import { Base } from './base';\nexport class A extends Base"),
            klass(f"abstract class Base<P> {W}<unknown, P> {{}}\nexport class A extends Base<string>"),
            klass("const Base = WorkflowEntrypoint;\nexport class A extends Base"),
            klass("export class A extends mixin(WorkflowEntrypoint)"),
            klass("import * as cf from 'cloudflare:workers';\nexport class A extends cf.WorkflowEntrypoint"),
            "import { WorkflowEntrypoint as WE } from 'cloudflare:workers';\nexport class A extends WE { run() {} }\n",
            klass(f"class Helper {{}}\nexport class A {W}"),
        ),
    ),
    "missing-run": Rows(
        path=PATH,
        speaks=(
            IMPORT + "export class «A» extends WorkflowEntrypoint {}\n",
            IMPORT + "export class A extends WorkflowEntrypoint { «run» = async () => 1; }\n",
            IMPORT + "export class «A» extends WorkflowEntrypoint { static async run() {} }\n",
        ),
        quiet=(
            f"{IMPORT}export class A {W} {{ async ['run'](event, step) {{}} }}\n",
            klass(f"class Base {W} {{ async run() {{}} }}\nexport class A extends Base {{}}\nclass C"),
            f"{IMPORT}import {{ Base }} from './base';\nexport class A extends Base {{}}\n",
            f"{IMPORT}export class A {W} {{ 'run'() {{}} }}\n",
            f"{IMPORT}export class A {W} {{ async ru",
            f"{IMPORT}export class A {W} {{ run(): Promise<void>; async run() {{}} }}\n",
        ),
    ),
}
