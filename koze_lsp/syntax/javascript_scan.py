"""Where a JavaScript expression ends: strings, nested template literals, comments and regular expressions are read.

For what a *person* meant (hover, completion, diagnostics); what the framework makes of it is in ``template_scan``.
"""

from __future__ import annotations

import re

from koze_lsp.syntax.template_scan import JS_SPACE

_REGEX_AFTER_WORD = re.compile(r"(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|await|yield|do|else)\Z")
_PAIRS = {"{": "}", "(": ")", "[": "]"}


def expression_end(text: str, start: int, limit: int | None = None) -> int:
    """Offset of the `}` that ends the JavaScript beginning at `start` (just behind the `{`), or -1.

    Understands strings, template literals with nested `${}`, both kinds of comments, and regular expressions.
    `limit` bounds the scan (default: the end of `text`).
    """
    stop = len(text) if limit is None else limit
    stack: list[str] = []  # open brackets by their closer; "`" for a template literal around a `${`
    index = start
    while index < stop:
        char = text[index]
        if char in "\"'":
            index = _string_end(text, index, stop)
            continue
        if char == "`":
            index, opened = _template_end(text, index + 1, stop)
            if opened:
                stack.append("`")
            continue
        if char == "/":
            index = _slash_end(text, start, index, stop)
            continue
        if char in _PAIRS:
            stack.append(_PAIRS[char])
        elif char in "})]":
            if not stack:
                return index if char == "}" else -1
            top = stack.pop()
            if top == "`" and char == "}":
                index, opened = _template_end(text, index + 1, stop)
                if opened:
                    stack.append("`")
                continue
            if top != char:
                return -1
        index += 1
    return -1


def _string_end(text: str, index: int, stop: int) -> int:
    """Behind the string that opens at `index`; an unfinished one ends with its line."""
    quote = text[index]
    index += 1
    while index < stop and text[index] not in "\n\r":
        if text[index] == "\\":
            index += 2
        elif text[index] == quote:
            return index + 1
        else:
            index += 1
    return min(index, stop)


def _template_end(text: str, index: int, stop: int) -> tuple[int, bool]:
    """From inside a template literal: behind its end (False) or behind the next `${` (True)."""
    while index < stop:
        char = text[index]
        if char == "\\":
            index += 2
        elif char == "`":
            return index + 1, False
        elif char == "$" and text.startswith("${", index):
            return index + 2, True
        else:
            index += 1
    return stop, False


def _slash_end(text: str, start: int, index: int, stop: int) -> int:
    """Behind the comment, the regular expression or the division sign at `index`."""
    if text.startswith("//", index):
        end = text.find("\n", index, stop)
        return stop if end == -1 else end
    if text.startswith("/*", index):
        end = text.find("*/", index + 2, stop)
        return stop if end == -1 else end + 2
    before = text[max(start, index - 24) : index].rstrip(JS_SPACE)
    if before and before[-1] not in "(,=:[!&|?{};+-*%~^<>" and not _REGEX_AFTER_WORD.search(before):
        return index + 1
    in_class = False
    cursor = index + 1
    while cursor < stop and text[cursor] not in "\n\r":
        char = text[cursor]
        if char == "\\":
            cursor += 2
            continue
        if char == "[":
            in_class = True
        elif char == "]":
            in_class = False
        elif char == "/" and not in_class:
            return cursor + 1
        cursor += 1
    return index + 1  # no end on this line: it was a division after all
