"""The shape of routes, layouts and components."""

from __future__ import annotations

from tests.rules.rows import CALL, SHOWN, At, Rows, page, shows

BAR = f"import Bar from '$lib/bar';\n{CALL}"
LAYOUT = "src/routes/layout.html"

ROWS = {
    "script-placement": Rows(
        speaks=(
            "<h1>x</h1>\n" + page().replace("<script>", "«<script»>"),
            page() + "«<script»>\nlet a = 1;\n</script>\n",
            page() + "«<script» src=\"/workflowStatus.js\"></script>\n",
            page().replace("<script>", "«<script>»").replace("</script>", ""),
        ),
        quiet=(
            page(),
            f"<!-- <script> -->\n{page()}",
            f"\n<!doctype html>\n{page()}",
            page().replace("<script>", "<script lang=\"ts\">"),
            page() + "<!-- <script></script> -->\n",
            shows(f"{SHOWN}\n<style>a::after {{ content: '<script>' }}</style>"),
            shows(f"{SHOWN}\n<p>&lt;script&gt;</p>"),
        ),
        also=("missing-import",),
    ),
    "control-flow-shape": Rows(
        speaks=(
            shows("if (status.error) {\n<p>x</p>\n}\n«else {»\n<p>{status.status}</p>\n}"),
            shows("if (status.error) {\n<p>x</p>\n}\n«else if (status.status) {»\n<p>y</p>\n}"),
            shows("if (status.status === 'errored') {\n<p>x</p>\n«} // done»"),
            shows("if (status.status === 'errored') {\n<p>x</p>\n«};»"),
            shows("«for (const a of b) { <li>{a}</li> }»\n<p>{status.status}</p>"),
            shows("«if (status.status === 'errored') { <p>x</p> }»"),
            shows("«if (status.error)»\n{\n<p>x</p>\n}"),
        ),
        quiet=(
            shows("if (status.error) { <p>x</p> } else { <p>{status.status}</p> }"),
            shows("  if (status.error) {\n    <p>x</p>\n  } else if (status.status === 'a') {\n    <p>y</p>\n  } else {\n    <p>z</p>\n  }"),
            shows("<p>or else {status.status}</p>"),
            shows("<pre>\nelse\n</pre>\n{status.status}"),
            shows(f"<style>\np {{\n}} // x\n</style>\n{SHOWN}"),
            shows(f"<!--\nelse {{\n-->\n{SHOWN}"),
            page("const a = 1;", "if (a) {\n<p>x</p>\n}\nelse {\n<p>y</p>\n}", ""),
        ),
        also=("template-syntax",),
    ),
    "template-syntax": Rows(
        speaks=(
            shows("«if (status.error) {»\n<p>{status.status}</p>"),
            shows("<p>«{»status.status</p>"),
            shows("<p class=\"«{»status.status\">x</p>"),
            shows(f"{SHOWN}\n«}}»"),
            shows("for (const a of b) {\n<p>x</p>\n}\n«for (const a of b) {»\n<p>{status.status}</p>"),
        ),
        quiet=(
            page(),
            shows("<p>{`}`}{'{'}{status.status}</p>"),
            shows("<p>{status.status\n}</p>"),
            shows("<p>{/* } */ status.status}</p>"),
            shows(f"<!-- {{ -->\n{SHOWN}"),
            shows(f"<style>\na {{\ncolor: red;\n}}\n</style>\n{SHOWN}"),
        ),
    ),
    "layout-slot": Rows(
        path=LAYOUT,
        speaks=("«<»main></main>\n", "«<slot>»Nothing</slot>\n", "«<»!-- <slot></slot> -->\n<main></main>\n", At("src/routes/a/layout.koze", "«<»main></main>\n")),
        quiet=("<main>\n<slot></slot>\n</main>\n", "<slot/>\n", "<slot>\n</slot>\n", "<slot />\n", At("src/lib/layout.html", "<main></main>\n"), At("src/routes/index.html", "<main></main>\n")),
    ),
    "component-placement": Rows(
        speaks=(
            page(BAR, f"{SHOWN}\n<p><«Bar» /></p>"),
            page(BAR, "<p>{status.status}</p> <«Bar» />"),
            page(BAR, f"{SHOWN}\n<«Baz» />"),
        ),
        quiet=(
            page(BAR, f"{SHOWN}\n  <Bar a={{status}} />"),
            page(BAR, f"{SHOWN}\n<Bar>x</Bar>"),
            page(BAR, f"{SHOWN}\n<Bar>\n<p>x</p>\n</Bar>"),
            page(BAR, f"{SHOWN}\n<!-- <p><Bar /></p> -->"),
            shows(f"{SHOWN}\n<ErrorBanner />"),
        ),
    ),
}  # fmt: skip
