"""A call's options: what is known of them, and edits."""

from __future__ import annotations

from koze_lsp.project.document import Document
from koze_lsp.rules.base import Fix, edit_fix
from koze_lsp.syntax.calls import StatusCall
from koze_lsp.syntax.poll import parse_poll
from koze_lsp.syntax.values import Property, Value
from koze_lsp.text import Span, TextEdit

LITERALS = frozenset({"string", "number", "boolean", "null", "undefined"})
"""The kinds of value that tell an interval."""


def surely(call: StatusCall, key: str) -> Property | None:
    """An option that counts as it is written: no spread or computed key behind it can give another one."""
    option = call.option(key)
    if option is None or call.options is None:
        return None
    behind = call.options.properties[call.options.properties.index(option) + 1 :]
    return None if any(other.key is None for other in behind) else option


def is_off(value: Value) -> bool:
    """Whether an interval is a literal that switches polling off."""
    return value.kind in LITERALS and parse_poll(value.literal).off


def may_poll(call: StatusCall) -> bool:
    """Whether a call has an interval that is not surely off, or options that are not known in full."""
    if call.options is None or call.options.kind == "undefined":
        return False
    if not call.options.complete:
        return True
    option = call.option("poll")
    return option is not None and not is_off(option.value)


def remove_option(document: Document, call: StatusCall, option: Property, title: str) -> tuple[Fix, ...]:
    """The safe fix that takes one option away, and the whole options argument with its last option.

    None where the options stand in a ``const``: others may use it too.
    """
    options = call.options
    if options is None or options.followed or option not in options.properties:
        return ()
    source = document.source
    if len(options.properties) == 1:
        start = call.instance.span.end if call.instance is not None else call.arguments.start
        return (edit_fix(document.path, title, TextEdit(Span(start, options.span.end), ""), safe=True),)
    line = document.text.line_span(document.text.line_at(option.span.start))
    if source[line.start : line.end].strip() in (source[slice(*option.span)], source[slice(*option.span)] + ","):
        whole = Span(line.start, min(document.text.line_starts[document.text.line_at(line.start) + 1], len(source)))
        return (edit_fix(document.path, title, TextEdit(whole, ""), safe=True),)
    end = option.span.end
    while end < len(source) and source[end] in " \t":
        end += 1
    if source[end : end + 1] == ",":
        end += 1
        while end < len(source) and source[end] in " \t\r\n":
            end += 1
        return (edit_fix(document.path, title, TextEdit(Span(option.span.start, end), ""), safe=True),)
    start = option.span.start
    while start > 0 and source[start - 1] in " \t\r\n":
        start -= 1
    if source[start - 1] == ",":
        start -= 1
    return (edit_fix(document.path, title, TextEdit(Span(start, option.span.end), ""), safe=True),)


def add_option(document: Document, call: StatusCall, text: str, title: str) -> tuple[Fix, ...]:
    """The fix, for the user to pick, that adds an option to the options written in the call."""
    options = call.options
    if options is None or options.kind != "object" or options.followed:
        return ()
    if options.properties:
        at = options.properties[0].span.start
        return (edit_fix(document.path, title, TextEdit(Span(at, at), f"{text}, ")),)
    return (edit_fix(document.path, title, TextEdit(options.span, f"{{ {text} }}")),)
