"""Quick fixes, fix-all and refactorings."""

from __future__ import annotations

import pytest

from koze_lsp.ide.actions import actions, fix_all
from koze_lsp.ide.types import Action, ActionKind
from koze_lsp.rules.base import CreateFile, FileEdit
from koze_lsp.rules.engine import check_document
from koze_lsp.text import Span
from tests.ide.support import APP, after, cursor, findings, project_of

PATH = "src/routes/migrations/[id].html"


def offered(files: dict[str, str], needle: str, into: int = 1, length: int = 0, path: str = PATH) -> dict[str, Action]:
    where = cursor(files, path, needle, into)
    span = Span(where.offset, where.offset + length)
    near = [
        found
        for found in check_document(where.project, path)
        if found.span.start <= span.end and span.start <= found.span.end
    ]
    listed = actions(where.project, where.document, span, near)
    assert len({action.title for action in listed}) == len(listed)
    return {action.title: action for action in listed}


def page(script: str, template: str = "<p>{a.status}</p>") -> dict[str, str]:
    head = "<script>\n  import { params } from 'koze:request';\n  import { workflowStatus } from 'koze:workflow';\n\n"
    return {**APP, PATH: f"{head}  {script}\n</script>\n\n{template}\n"}


def script_of(files: dict[str, str]) -> str:
    return files[PATH].split("koze:workflow';\n\n  ")[1].split("\n</script>")[0]


# Quick fixes ----------------------------------------------------------------------------------------------


def test_creating_the_workflow_of_an_unknown_name() -> None:
    files = page("const a = await workflowStatus('nightly', params.id);")
    action = offered(files, "nightly")["Create src/server/nightly.workflow.ts"]
    assert action.kind is ActionKind.QUICK_FIX
    assert action.preferred, "it is the only answer"
    assert [found.code for found in action.diagnostics] == ["unknown-workflow"]
    tree = after(files, action.changes)
    assert set(tree) - set(files) == {"src/server/nightly.workflow.ts"}
    assert "'migration' | 'nightly'" in tree["src/app.d.ts"]
    assert '"binding": "NIGHTLY_WORKFLOW"' in tree["wrangler.jsonc"]
    assert findings(tree) == []


def test_a_new_file_has_the_line_breaks_of_the_page() -> None:
    files = page("const a = await workflowStatus('nightly', params.id);")
    files[PATH] = files[PATH].replace("\n", "\r\n")
    action = offered(files, "nightly")["Create src/server/nightly.workflow.ts"]
    (content,) = [change.content for change in action.changes if isinstance(change, CreateFile)]
    assert content.count("\n") == content.count("\r\n")


def test_several_answers() -> None:
    found = offered(page("const a = await workflowStatus('migratoin', params.id);"), "migratoin")
    assert found["Change to 'migration'"].preferred
    assert not found["Create src/server/migratoin.workflow.ts"].preferred


def test_no_findings_no_fixes() -> None:
    where = cursor(page("const a = await workflowStatus('nightly', params.id);"), PATH, "nightly")
    listed = actions(where.project, where.document, Span(where.offset, where.offset), [])
    assert [action for action in listed if action.kind is ActionKind.QUICK_FIX] == []


def test_fix_all_of_a_wrangler_file_takes_several_rounds() -> None:
    files = {**APP, "wrangler.jsonc": '{\n  // kept\n  "workflows": []\n}\n'}
    project = project_of(files)
    document = project.document("wrangler.jsonc")
    assert document is not None
    action = fix_all(project, document)
    assert action is not None
    assert action.kind is ActionKind.FIX_ALL
    tree = after(files, action.changes)
    assert findings(tree) == []
    assert "// kept" in tree["wrangler.jsonc"]


def test_fix_all_of_types_and_of_a_page() -> None:
    files = {**APP, "src/app.d.ts": APP["src/app.d.ts"].replace("'data-sync' | ", "")}
    files["src/routes/two.html"] = (
        "<script>\n  const a = workflowStatus('migration', params.id);\n</script>\n\n<p>{a.status}</p>\n"
    )
    for path in ("src/app.d.ts", "src/routes/two.html"):
        project = project_of(files)
        document = project.document(path)
        assert document is not None
        action = fix_all(project, document)
        assert action is not None
        files = after(files, action.changes)
        project = project_of(files)
        document = project.document(path)
        assert document is not None
        assert fix_all(project, document) is None, "once is enough"
    assert "await workflowStatus" in files["src/routes/two.html"]
    assert "import { workflowStatus } from 'koze:workflow'" in files["src/routes/two.html"]
    assert "import { params } from 'koze:request'" in files["src/routes/two.html"]


def test_nothing_to_fix() -> None:
    project = project_of(APP)
    for path in APP:
        document = project.document(path)
        assert document is not None
        assert fix_all(project, document) is None


# Polling --------------------------------------------------------------------------------------------------

POLL, ONCE = "Poll every 2 seconds", "Read once, without polling"


@pytest.mark.parametrize(
    ("before", "title", "then"),
    [
        ("f('migration', id)", POLL, "f('migration', id, { poll: '2s' })"),
        ('f("migration", id)', POLL, 'f("migration", id, { poll: "2s" })'),
        ("f('migration', id, {})", POLL, "f('migration', id, { poll: '2s' })"),
        ("f('migration', id, { until: u })", POLL, "f('migration', id, { poll: '2s', until: u })"),
        ("f('migration', id, { poll: 500 })", ONCE, "f('migration', id)"),
        ("f('migration', id, {\n    poll: '1m',\n    until: (s) => done(s),\n  })", ONCE, "f('migration', id)"),
        ("f('migration', id, { poll: '2s', other: 1 })", ONCE, "f('migration', id, { other: 1 })"),
    ],
)
def test_polling_on_and_off(before: str, title: str, then: str) -> None:
    def call(text: str) -> str:
        return f"const a = await {text.replace('f(', 'workflowStatus(', 1).replace('id', 'params.id', 1)};"

    files = page(call(before))
    tree = after(files, _at_call(files)[title].changes)
    assert script_of(tree) == call(then)


def _at_call(files: dict[str, str]) -> dict[str, Action]:
    return offered(files, "await workflowStatus(", 8)


@pytest.mark.parametrize(
    "call",
    [
        "workflowStatus()",
        "workflowStatus('migration')",
        "workflowStatus(...all)",
        "workflowStatus('migration', params.id, options)",
        "workflowStatus('migration', params.id, { ...options, poll: '2s' })",
    ],
)
def test_no_change_of_polling_where_it_is_not_certain(call: str) -> None:
    found = _at_call(page(f"const a = await {call};"))
    assert POLL not in found
    assert ONCE not in found


# Extracting -----------------------------------------------------------------------------------------------


def test_extracting_takes_all_equal_literals() -> None:
    files = page(
        "const a = await workflowStatus('migration', params.id, { poll: '2s' });\n"
        "  const b = await workflowStatus('data-sync', params.id, { poll: '2s' });\n"
        "  const c = await workflowStatus('data-sync', params.id, { poll: 2000 });",
        "<p>{a.status}{b.status}{c.status}</p>",
    )
    action = offered(files, "poll: '2s'", 8)["Extract '2s' to the constant POLL_INTERVAL"]
    assert action.kind is ActionKind.REFACTOR_EXTRACT
    tree = after(files, action.changes)
    assert script_of(tree) == (
        "const POLL_INTERVAL = '2s';\n\n"
        "  const a = await workflowStatus('migration', params.id, { poll: POLL_INTERVAL });\n"
        "  const b = await workflowStatus('data-sync', params.id, { poll: POLL_INTERVAL });\n"
        "  const c = await workflowStatus('data-sync', params.id, { poll: 2000 });"
    )
    assert findings(tree) == []


def test_extracting_avoids_a_name_that_is_taken() -> None:
    files = page("const POLL_INTERVAL = 1;\n  const a = await workflowStatus('migration', params.id, { poll: 500 });")
    assert "Extract 500 to the constant POLL_INTERVAL_2" in offered(files, "poll: 500", 8)


@pytest.mark.parametrize("poll", ["poll", "poll: every", "poll: 1 + 1", "poll: `${n}s`"])
def test_nothing_to_extract(poll: str) -> None:
    files = page(f"const a = await workflowStatus('migration', params.id, {{ {poll} }});")
    assert not [title for title in offered(files, f"{{ {poll}", 4) if title.startswith("Extract")]


# Side by side ---------------------------------------------------------------------------------------------

ONE = "const a = await workflowStatus('migration', params.id);"
TOGETHER = "Read 2 statuses at once with Promise.all"
TWO = (
    "const a = await workflowStatus('migration', params.id);\n"
    "  const b = await workflowStatus('data-sync', params.id, {\n    poll: '2s',\n  });"
)


def test_promise_all() -> None:
    files = page(TWO, "<p>{a.status}{b.status}</p>")
    tree = after(files, offered(files, "const a", 2)[TOGETHER].changes)
    assert script_of(tree) == (
        "const [a, b] = await Promise.all([\n"
        "    workflowStatus('migration', params.id),\n"
        "    workflowStatus('data-sync', params.id, {\n      poll: '2s',\n    }),\n  ]);"
    )
    assert findings(tree) == []


def test_promise_all_of_a_selection() -> None:
    third = "\n  const c = await workflowStatus('data-sync', params.id);"
    files = page(TWO + third, "<p>{a.status}{b.status}{c.status}</p>")
    assert "Read 3 statuses at once with Promise.all" in offered(files, "const b", 2)
    assert TOGETHER in offered(files, "const a", 0, length=80)


@pytest.mark.parametrize(
    "script",
    [
        ONE,
        f"{ONE}\n  const b = await workflowStatus('data-sync', a.output.id);",
        f"{ONE}\n  let b = await workflowStatus('data-sync', params.id);",
        f"{ONE}\n  // b\n  const b = await workflowStatus('data-sync', 'x');",
        f"{ONE}\n  f();\n  const b = await workflowStatus('data-sync', 'x');",
        f"{ONE.replace('await ', '')}\n  const b = workflowStatus('data-sync', 'x');",
        f"{ONE.replace('const a', 'const { status }')}\n  const b = await workflowStatus('data-sync', 'x');",
    ],
)
def test_no_promise_all(script: str) -> None:
    assert not [title for title in offered(page(script), "workflowStatus(", 2) if "Promise.all" in title]


# Branches -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "added", "then"),
    [
        (
            "if (a.status === 'running') {\n  <p>run</p>\n}",
            "complete, errored, terminated, else",
            "if (a.status === 'running') {\n  <p>run</p>\n} else if (a.status === 'complete') {\n  <p>Complete</p>\n"
            "} else if (a.status === 'errored' || a.status === 'terminated') {\n  <p>Failed</p>\n"
            "} else {\n  <p>{a.status}</p>\n}",
        ),
        (
            "if (a.error) {\n\t<p>x</p>\n}",
            "complete, errored, terminated, else",
            "if (a.error) {\n\t<p>x</p>\n} else if (a.status === 'complete') {\n\t<p>Complete</p>\n"
            "} else if (a.status === 'errored' || a.status === 'terminated') {\n\t<p>Failed</p>\n"
            "} else {\n\t<p>{a.status}</p>\n}",
        ),
        (
            "if (a.status === 'complete') {\n  <p>x</p>\n} else if (['errored'].includes(a.status)) {\n  <p>y</p>\n}",
            "terminated, else",
            "if (a.status === 'complete') {\n  <p>x</p>\n} else if (['errored'].includes(a.status)) {\n  <p>y</p>\n"
            "} else if (a.status === 'terminated') {\n  <p>Failed</p>\n} else {\n  <p>{a.status}</p>\n}",
        ),
    ],
)
def test_missing_branches(block: str, added: str, then: str) -> None:
    files = page("const a = await workflowStatus('migration', params.id);", block)
    tree = after(files, offered(files, "if (", 2)[f"Add the missing branches: {added}"].changes)
    assert tree[PATH].split("</script>\n\n")[1] == then + "\n"
    assert findings(tree) == []
    if "\t" in block:
        return
    indented = page(
        "const a = await workflowStatus('migration', params.id);",
        f"<div>\n  {block.replace(chr(10), chr(10) + '  ')}\n</div>",
    )
    tree = after(indented, offered(indented, "if (", 2)[f"Add the missing branches: {added}"].changes)
    assert tree[PATH].split("</script>\n\n")[1] == f"<div>\n  {then.replace(chr(10), chr(10) + '  ')}\n</div>\n"


@pytest.mark.parametrize(
    "block",
    [
        "if (a.status === 'running') {\n  <p>run</p>\n} else {\n  <p>x</p>\n}",
        "if (other === 'running') {\n  <p>run</p>\n}",
        "if (a.status === 'running') {\n  <p>run</p>",
    ],
)
def test_no_missing_branches(block: str) -> None:
    files = page("const a = await workflowStatus('migration', params.id);", block)
    assert not [title for title in offered(files, "if (", 2) if "branches" in title]


def test_edits_keep_crlf() -> None:
    files = page(TWO, "if (a.error) {\n  <p>{b.status}</p>\n}")
    files[PATH] = files[PATH].replace("\n", "\r\n")
    for needle in ("const a", "poll: '2s'", "if (a"):
        for action in offered(files, needle, 3).values():
            for change in action.changes:
                if isinstance(change, FileEdit):
                    text = after(files, [change])[change.path]
                    assert text.count("\n") == text.count("\r\n") or change.path != PATH, action.title
