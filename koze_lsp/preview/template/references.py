"""The names that a template needs from the script.

The framework keeps, on the server, only what the template needs; so which names it *sees* decides what runs. It
looks line by line: a name used only inside an expression that spans several lines is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from koze_lsp.preview.template.nodes import NodeKind, blank_out, parse_nodes
from koze_lsp.syntax.scope import resolve
from koze_lsp.syntax.template_lines import (
    LineKind,
    brace_delta,
    classify_line,
    closing_brace,
    inline_if_else,
    js_trim,
)
from koze_lsp.syntax.tree import descendants, parse

__all__ = ["brace_expressions", "declared_names", "free_names", "line_declares", "template_references"]

_ON_EVENT = re.compile(r"(?<![\w-])on[A-Za-z]+=\Z", re.ASCII)


def free_names(source: str) -> set[str]:
    """The names that a piece of JavaScript or TypeScript uses and does not declare."""
    return {use.name for use in resolve(parse(source)).undeclared}


def declared_names(source: str) -> set[str]:
    """The names that a piece of JavaScript or TypeScript declares, but for the parameters of functions in it."""
    return {binding.name for binding in resolve(parse(source)).bindings if binding.kind != "parameter"}


def brace_expressions(line: str) -> Iterator[str]:
    """The expressions of a text line without their directive; event handlers are left out."""
    cursor = line.find("{")
    while cursor != -1:
        close = closing_brace(line, cursor)
        if close == -1:
            return
        expression = js_trim(line[cursor + 1 : close])
        for prefix in ("@raw ", "@html ", "..."):
            if expression.startswith(prefix):
                expression = js_trim(expression[len(prefix) :])
                break
        if expression and not _ON_EVENT.search(line, max(0, cursor - 64), cursor):
            yield expression
        cursor = line.find("{", close + 1)


def template_references(template: str) -> set[str]:
    """The names that the template uses and does not declare itself, as the framework sees them."""
    nodes = parse_nodes(template)
    visible = blank_out(template, nodes, (NodeKind.COMMENT, NodeKind.RAW))
    found: set[str] = set()
    scopes: list[tuple[set[str], int]] = []
    depth = 0
    cache: dict[str, set[str]] = {}
    for raw in visible.split("\n"):
        line = js_trim(raw)
        if not line:
            continue
        local = set().union(*(names for names, _ in scopes))
        kind = classify_line(line)
        if not kind.is_code:
            for expression in brace_expressions(raw):
                names = cache.get(expression)
                if names is None:
                    names = cache[expression] = _expression_names(expression)
                found |= names - local
            continue
        found |= _control_names(line, kind) - local
        inside = depth + brace_delta(line)
        while scopes and scopes[-1][1] > inside:
            scopes.pop()
        declared = _declared_by(line, kind)
        if declared and (kind is not LineKind.FOR or inside > depth):
            scopes.append((declared, max(inside, depth) if kind is LineKind.DECLARATION else inside))
        depth = inside
    return found


def _control_names(line: str, kind: LineKind) -> set[str]:
    inline = inline_if_else(line) if kind is LineKind.IF else None
    if inline is None:
        return free_names(_complete(line, kind))
    found = free_names(f"({line[slice(*inline.condition)]})")
    for before, expression in _seen_in_markup(line[inline.then[0] - 1 :]):
        if not (before == ">" and _METHOD.match(expression)):
            found |= _expression_names(expression)
    return found


# The framework reads a one-line if/else as TypeScript, markup and all. So a quoted attribute is a string, `{f(x)}`
# behind a tag a method, and what lies between the `/` of `</p>` and the next `/` is a regular expression: names that
# stand only there are not seen, and their declarations do not run.
_REGEX_OF_TAGS = re.compile(r"(?<=<)/[^/]*/")
_QUOTED = re.compile(r"(?<==)(?:\"[^\"]*\"|'[^']*')")
_METHOD = re.compile(r"[\w$]+\([\w$,\s]*\)\Z", re.ASCII)


def _seen_in_markup(text: str) -> Iterator[tuple[str, str]]:
    """(the character before the brace, the expression) for what the framework sees of one-line branches."""
    text = _REGEX_OF_TAGS.sub("", _QUOTED.sub("", text))
    cursor = 0
    while (brace := text.find("{", cursor)) != -1:
        close = closing_brace(text, brace)
        inner = "" if close == -1 else js_trim(text[brace + 1 : close])
        if not inner or "<" in inner or "{" in inner:  # a branch: look inside
            cursor = brace + 1
            continue
        yield text[brace - 1 : brace], inner
        cursor = close + 1


def _expression_names(expression: str) -> set[str]:
    """The names that a brace's inside uses. The framework reads it as a statement: `{ a: b }` has a label."""
    tree = parse(expression)
    names = {use.name for use in resolve(tree).undeclared}
    if any(node.is_error or node.is_missing for node in descendants(tree.root)):
        names |= free_names(f"({expression}\n)")
    return names


def line_declares(line: str) -> set[str]:
    """The names that one line of a template declares, if it is a control line or a declaration."""
    text = js_trim(line)
    return _declared_by(text, classify_line(text))


def _declared_by(line: str, kind: LineKind) -> set[str]:
    if kind in (LineKind.FOR, LineKind.CATCH, LineKind.DECLARATION):
        return declared_names(_complete(line, kind))
    return set()


_HEADS = {
    LineKind.CATCH: "try {} ",
    LineKind.FINALLY: "try {} ",
    LineKind.DO_WHILE: "do {} ",
    LineKind.CASE: "switch (0) { ",
    LineKind.DEFAULT: "switch (0) { ",
}


def _complete(line: str, kind: LineKind) -> str:
    """The control line as a whole statement, so that it parses on its own."""
    body = line
    if kind is LineKind.ELSE_IF:
        body = re.sub(r"\A\}\s*else\s*", "", line)
    elif kind in (LineKind.CLOSE, LineKind.ELSE):
        return ""
    elif body.startswith("}"):
        body = js_trim(body[1:])
    if kind is LineKind.SWITCH:
        return body + "}" if body.endswith("{") else body
    text = _HEADS.get(kind, "") + body
    if text.endswith("{"):
        text += "}"
    return text + " }" if kind in (LineKind.CASE, LineKind.DEFAULT) else text
