"""Whatever a file holds, the compiler gives a page or a refusal, never another exception."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from koze_lsp.preview.runtime.page import compile_page
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped

_WORDS = """
<p> </p> {a} {a.b {...o} {@html h} if(a){ } else {for(const\u00a0x\u00a0of\u00a0xs){ <Card <Card/> </Card> / >
< = " ' `
    class="a b" class={c} {id} bind:value={v} bind:value 
<select value={s}> <option> </option> </select> <textarea
    </textarea> value={x} onclick={go(1)} action={save} <style> </style> <!-- --> <script> </script> let\u00a0x=1; $:
    import\u00a0Card\u00a0from\u00a0'$lib/c.koze'; x.pending if(x.pending){ }\u00a0else\u00a0{ <slot></slot> ${ \\ é 😀
"""
PIECES = st.sampled_from(_WORDS.split())
TEXTS = st.lists(st.one_of(PIECES, st.sampled_from(["\n", " ", "\r\n"])), max_size=40).map("".join)


class OneFile:
    def __init__(self, text: str) -> None:
        self.files = {"src/routes/index.koze": text, "src/lib/c.koze": "<i><slot></slot></i>"}

    def read(self, path: str) -> str | None:
        return self.files.get(path)


def keep(code: Mapped, path: str) -> Mapped:
    return code


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_any_text(text: str) -> None:
    files = OneFile(text)
    refusal = page = None
    try:
        page = compile_page("src/routes/index.koze", ["src/routes/index.koze"], None, files, keep)
    except CompileError as error:
        refusal = error
    if page is not None:
        assert len(page.code.text) == len(page.code.at)
    if refusal is not None:
        assert refusal.message
        assert refusal.place is None or refusal.place.line >= 1
