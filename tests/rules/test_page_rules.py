"""What the tables of rules about pages can't say: configuration, and findings that another file explains."""

from __future__ import annotations

from koze_lsp.project.config import Config
from koze_lsp.rules.engine import check_document
from tests.rules.rows import KOZE, W, options
from tests.rules.support import codes, found, page, project


def test_a_sibling_that_names_the_level_first_wins() -> None:
    other = "src/routes/jobs/[aa]/z.html"
    finding = found(page(), **{other: "<p>x</p>\n"})[0]
    assert finding.code == "param-mismatch"
    assert finding.related[0].path == other


def test_levels_and_ignores_of_the_configuration() -> None:
    text = options("{ poll: '500' }")
    assert codes(text, config=Config(rules={"poll-unit": "off"})) == []
    assert found(text, config=Config(rules={"poll-unit": "error"}))[0].severity.value == "error"
    assert codes(text, config=Config(ignore=("src/routes/jobs/**",))) == []
    assert codes(options("{ poll: 900 }"), config=Config(poll_minimum=1000)) == ["poll-too-fast"]


def test_a_promise_is_streamed_in_the_newer_generation_only_and_never_polled() -> None:
    template = "if (status.pending) {\n<p>Loading</p>\n} else {\n<p>{status.status}</p>\n}"
    streamed, polled = (page(f"let status = {W}{more});", template) for more in ("", ", { poll: '2s' }"))
    assert "missing-await" not in codes(streamed, KOZE)
    assert "missing-await" in codes(polled, KOZE)
    assert "missing-await" in codes(streamed)


def test_nothing_is_said_about_bindings_where_no_wrangler_file_tells() -> None:
    path = "src/server/start.ts"
    module = "import { env } from 'cloudflare:workers';\nexport const start = () => env.X_WORKFLOW.create();\n"
    assert codes(module, path) == ["unknown-binding"]
    assert codes(module, path, **{"wrangler.jsonc": '{ "name": '}) == []
    assert check_document(project({path: module}, path, bare=True), path) == []
