"""What a cursor stands in, from the tokens before it: whole texts, torn texts, and every cut of a text."""

from __future__ import annotations

import random

import pytest

from koze_lsp.ide import glance, imports
from koze_lsp.ide.context import Region, cursor_at
from koze_lsp.project.document import Document
from koze_lsp.project.kinds import kind_of
from koze_lsp.text import Text, apply_edits
from tests.conformance import load_cases


def document(path: str, source: str) -> Document:
    return Document(path, kind_of(path), Text(source))


def split(text: str) -> tuple[str, int]:
    offset = text.index("|")
    return text[:offset] + text[offset + 1 :], offset


ARGUMENTS = {
    "f(|)": ("f", 0, (), False),
    "f('a|')": ("f", 0, (), False),
    "f('a', |)": ("f", 1, (), False),
    "f('a', b, {|": ("f", 2, (), True),
    "f('a', b, { p|": ("f", 2, (), True),
    "f('a', b, { poll: '|' })": ("f", 2, ("poll",), False),
    "f('a, b', b, { poll: |": ("f", 2, ("poll",), False),
    "f('a', b, { x: 1, retries: { backoff: '|": ("f", 2, ("retries", "backoff"), False),
    "f('a', b, { list: [1, |": ("f", 2, ("list", "[]"), False),
    "f(g(1, 2), |": ("f", 1, (), False),
    "f<T, U>(|": ("f", 0, (), False),
    "a.b?.c!.d(|": ("a.b.c.d", 0, (), False),
    "f(/[(,]'/, |": ("f", 1, (), False),
    "f(1 / 2, 3 / |": ("f", 1, (), False),
    "f(`a, ${g(1, 2)} (`, |": ("f", 1, (), False),
    "f(`${h(|": ("h", 0, (), False),
    "f('it\\'s', /* , */ // ,\n |": ("f", 1, (), False),
    "f('unclosed\n, |": ("f", 1, (), False),
    "f(() => { x|": None,
    "if (x|": None,
    "f(1)|": None,
    "({ a: | })": None,
    "// f(|": None,
}


@pytest.mark.parametrize("text", ARGUMENTS)
def test_the_call_around_a_cursor(text: str) -> None:
    source, offset = split(text)
    cursor = cursor_at(document("src/server/a.ts", source), offset)
    found = cursor.argument() if not cursor.in_comment else None
    expected = ARGUMENTS[text]
    assert (found and (found.call.callee, found.index, found.path, found.at_key)) == expected


SPANS = {
    "f('mig|r')": "migr",
    "f('mig|r', 'x')": "migr",
    "f('mi|g, x, { poll: '2s' })": "mig",
    "f('data-sy|nc)": "data-sync",
    "f('|": "",
    'f("a b|c d")': "a b" + "c d",
    "f(mi|gr)": "migr",
    "f(`mi|gr`)": "migr",
    "a.b|c": "bc",
}


@pytest.mark.parametrize("text", SPANS)
def test_what_a_completion_replaces(text: str) -> None:
    source, offset = split(text)
    cursor = cursor_at(document("src/server/a.ts", source), offset)
    assert source[cursor.span.start : cursor.span.end] == SPANS[text]
    assert cursor.span.start <= offset <= cursor.span.end


@pytest.mark.parametrize(
    ("text", "path", "at_key"),
    [
        ("{|", (), True),
        ('{ "a": |', ("a",), False),
        ('{ "a": [ 1, { "b|": 2 } ] }', ("a", "#1"), True),
        ('{ "a": [ 1, { "b": "|" } ] }', ("a", "#1", "b"), False),
        ("{ a: { 'b-c': | /* x } */ } }", ("a", "b-c"), False),
        ("{ // {\n a: 1, |", (), True),
    ],
)
def test_the_place_in_data(text: str, path: tuple[str, ...], at_key: bool) -> None:
    source, offset = split(text)
    cursor = cursor_at(document("src/routes/a.preview.json5", source), offset)
    assert cursor.region is Region.DATA
    assert cursor.data_path() == (path, at_key)


REGIONS = {
    "<p>|x</p>": Region.TEXT,
    "<p>{|x}</p>": Region.EXPRESSION,
    "<p>{a.|</p>": Region.EXPRESSION,
    "<p title={a|}>": Region.EXPRESSION,
    '<p title="x {a|} y">': Region.EXPRESSION,
    "<p cla|ss>": Region.NONE,
    "if (a|) {": Region.CODE_LINE,
    "} else if (a|) {": Region.CODE_LINE,
    "<!-- {a|} -->": Region.NONE,
    "<style>p { color: |": Region.NONE,
    "<p>{a\n  .b|}</p>": Region.EXPRESSION,
    "<script>\n|</script>": Region.SCRIPT,
    "<script>\nx|": Region.SCRIPT,
    "<scr|ipt>x</script>": Region.NONE,
    "<script>x</scri|pt>": Region.NONE,
    "<!-- c --><script>a|</script>": Region.SCRIPT,
}


@pytest.mark.parametrize("text", REGIONS)
def test_the_region(text: str) -> None:
    source, offset = split(text)
    assert cursor_at(document("src/routes/a.html", source), offset).region is REGIONS[text]


def test_a_far_cursor_is_found_from_a_safe_place() -> None:
    lines = "".join(f"  const v{number} = f({number}, 'it', {{ a: 1 }});\n" for number in range(2_000))
    source, offset = split(f"{lines}  const x = await g('a', b, {{ poll: '|\n")
    found = cursor_at(document("src/server/a.ts", source), offset).argument()
    assert found is not None
    assert (found.call.callee, found.index, found.path) == ("g", 2, ("poll",))


def test_a_glance_sees_the_expressions_that_the_parser_sees() -> None:
    """Only where an apostrophe in prose swallows the lines behind it do they differ."""
    seen = 0
    for case in load_cases("koze/templates"):
        for source in case["files"].values():
            page = document("src/routes/a.koze", source)
            if "<script" not in source or "'t " in source or page.route.script is None:
                continue
            assert glance.script_span(page) == page.route.script.content
            start = page.route.script.close.end
            for expression in page.route.expressions:
                if expression.commented or not expression.closed or "isn't" in source:
                    continue
                found = glance.template_at(source, start, expression.inner.end)
                assert found is None or found.kind in ("expression", "code line"), source
                seen += 1
    assert seen > 100


IMPORTS = {
    "import { a } from 'koze:workflow';\n": "import { a, workflowStatus } from 'koze:workflow';\n",
    "import { a, } from 'koze:workflow';\n": "import { a, workflowStatus } from 'koze:workflow';\n",
    "import { } from 'koze:workflow';\n": "import { workflowStatus } from 'koze:workflow';\n",
    'import { url } from "kuratchi:request"\nimport x from "y"\n': (
        'import { url } from "kuratchi:request"\n'
        'import { workflowStatus } from "kuratchi:workflow"\nimport x from "y"\n'
    ),
    "import x from 'y';\nx();\n": "import x from 'y';\nimport { workflowStatus } from 'koze:workflow';\nx();\n",
    "x();\n": "import { workflowStatus } from 'koze:workflow';\nx();\n",
    "import { workflowStatus } from 'koze:workflow';\n": None,
    "import { workflowStatus as w } from 'kuratchi:workflow';\n": None,
    "import * as w from 'koze:workflow';\n": None,
    "import type { workflowStatus } from 'koze:workflow';\n": (
        "import type { workflowStatus } from 'koze:workflow';\nimport { workflowStatus } from 'koze:workflow';\n"
    ),
    "  import {\n    a,\n    b\n  } from 'koze:workflow'\n": (
        "  import {\n    a,\n    b, workflowStatus\n  } from 'koze:workflow'\n"
    ),
}


@pytest.mark.parametrize("source", IMPORTS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_the_import_that_a_completion_adds(source: str, newline: str) -> None:
    given = source.replace("\n", newline)
    edits = imports.import_edit(document("src/server/a.ts", given), "workflow", "workflowStatus")
    wanted = IMPORTS[source]
    assert apply_edits(given, edits) == (source if wanted is None else wanted).replace("\n", newline)


STATUSES = {
    "const s = await ws('a', 1);": {"s": ((), "a")},
    "const { status, output: o } = await ws('a', 1);": {"status": (("status",), "a"), "o": (("output",), "a")},
    "const s = await ws(name, 1);": {"s": ((), None)},
    "const s = await ws('a', 1); f((s) => 1);": {},
    "const s = await ws('a', 1); f(s => 1);": {},
    "const s = await ws('a', 1); { const s = 1; }": {},
    "const s = await ws('a', 1); const { s: t } = x;": {"s": ((), "a")},
    "const s = ws('a', 1);": {},
    "const s = await other('a', 1);": {},
}


@pytest.mark.parametrize("source", STATUSES)
def test_the_statuses_that_a_glance_is_sure_of(source: str) -> None:
    found = glance.direct_statuses(source, frozenset({"ws"}))
    assert {name: (direct.path, direct.workflow) for name, direct in found.items()} == STATUSES[source]


def test_suspects_are_never_too_few() -> None:
    source = (
        "const a = await ws('x', 1);\nconst list = await Promise.all(\n  ids.map((id) => ws('x', id))\n);\n"
        "const [first, { output }] = list;\nconst other = 1, none = other;\n"
        "const chained = first;\nfor (const item of list) {\n}\n{list.map((each) => each)}\nlist.forEach((it) => it);\n"
    )
    found = glance.suspects(source, frozenset({"ws"}))
    assert {"a", "list", "first", "output", "chained", "item", "it"} <= found
    assert not {"other", "none"} & found


def test_any_cut_of_any_text_is_read() -> None:
    dice = random.Random(4)
    pieces = [
        "'",
        '"',
        "`",
        "${",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\\",
        "/",
        "//",
        "/*",
        "👋",
        "\r",
        "<!--",
        "<script>",
        "f",
        ",",
    ]
    for _ in range(600):
        source = "".join(dice.choice(pieces) for _ in range(dice.randrange(40)))
        for path in ("src/routes/a.html", "src/server/a.ts", "src/routes/a.preview.json5", "wrangler.jsonc"):
            cursor = cursor_at(document(path, source), dice.randrange(len(source) + 1))
            cursor.argument()
            cursor.path()
            cursor.data_path()
            cursor.keys_after()
            assert cursor.span.start <= cursor.offset <= cursor.span.end
