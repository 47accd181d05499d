"""The expressions of a page, checked before anything else is made of it, as the framework does.

A page that is refused for its shape (a block that is never closed, a name that is not there) may hold a broken
expression too; the framework names that one, since it looks at expressions first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from koze_lsp.preview.isolate import Isolate, ScriptError
from koze_lsp.preview.runtime.sources import Sources
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.validate import ExpressionCheck, looks_wrong, syntax_error

__all__ = ["first_refusal"]

Checks = Iterable[tuple[str, ExpressionCheck]]


def first_refusal(checks: Checks, sources: Sources, isolate: Callable[[], Isolate]) -> CompileError | None:
    """The refusal of the first text that is no JavaScript expression, with its place.

    `isolate` gives an engine to ask; it is called only for a text that looks wrong.
    """
    for path, check in checks:
        if check.markup or not looks_wrong(check.expression.text):
            continue
        try:
            isolate().eval(f"async () => (\n{check.expression.text}\n)")
        except ScriptError as error:
            wrong = check.expression.offset_of((error.line or 2) - 1, error.column or 1)
            refusal = syntax_error(check, error.message, path, wrong)
            refusal.place = sources.place(refusal.offset)
            return refusal
    return None
