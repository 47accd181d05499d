"""What is checked in a template before it is compiled: braces in attributes, bindings, and each expression's syntax.

Syntax is the JavaScript engine's business: this module only says *which* texts have to be expressions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.nodes import Attribute, Node, NodeKind, parse_nodes
from koze_lsp.syntax.template_lines import JS_SPACE_RANGES, closing_brace, js_trim
from koze_lsp.syntax.tree import Node as TreeNode
from koze_lsp.syntax.tree import descendants, parse

__all__ = ["ExpressionCheck", "expression_checks", "looks_wrong", "syntax_error"]

IN_TEXT = "KUR_TEMPLATE_EXPRESSION_SYNTAX"
IN_ATTRIBUTE = "KUR_TEMPLATE_ATTRIBUTE_SYNTAX"
_HINT = "Braces hold one JavaScript expression; `if`, `for` and the like stand on lines of their own, without braces."

_MARKUP = re.compile(f"</?[A-Za-z][\\w:-]*(?:[>{JS_SPACE_RANGES}]|/>)", re.ASCII)
_BIND_TARGET = re.compile(r"(?:this|[A-Za-z_$][\w$-]*)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExpressionCheck:
    """A text that has to be a JavaScript expression, and the framework's code for one that is not.

    `brace` is the source offset of its `{`, `later` tells that it begins on a later line. The framework does not
    check an expression with `markup` in it; that is kept to name the right place when the page turns out to be no
    JavaScript. `reported` is the text behind the brace, as long as the expression: the framework counts the place of
    an error from the brace, without the white space before the expression.
    """

    expression: Mapped
    code: str
    brace: int = -1
    later: bool = False
    markup: bool = False
    reported: Mapped | None = None

    def place_of(self, offset: int) -> int:
        """Where to report an error at a source offset: an expression that begins on another line than its `{` is
        most often none, but the block of something that only looks like code."""
        return self.brace if self.later and self.brace >= 0 else offset

    def covers(self, offset: int) -> bool:
        """True if a source offset lies in the expression."""
        return bool(self.expression) and self.brace <= offset <= max(self.expression.at)


def expression_checks(template: Mapped, path: str) -> Iterator[ExpressionCheck]:
    """The expressions of a template, in the order in which the framework checks them.

    Raises:
        CompileError: a brace or a `bind:` in an attribute is malformed.
    """
    nodes = parse_nodes(template.text)
    for node in nodes:
        if node.kind is NodeKind.EXPRESSION:
            yield from _text(template, node, path)
    for node in nodes:
        if node.kind is NodeKind.TAG and not node.closing:
            for attribute in node.attributes:
                _check_binding(template, attribute, path)
                yield from _attribute(template, attribute, path)


def syntax_error(check: ExpressionCheck, message: str, path: str, wrong: int) -> CompileError:
    """The refusal for an expression that the JavaScript engine did not take at its offset `wrong`."""
    expression = check.expression
    offset = (check.reported or expression).origin(max(0, min(wrong, len(expression) - 1)))
    return CompileError(message, path=path, offset=offset, code=check.code, hint=_HINT)


def looks_wrong(expression: str) -> bool:
    """True if a text may be no expression. A type in parentheses, which the grammar takes, is none either."""
    tree = parse(f"({expression}\n)")
    if tree.root.has_error:
        return True
    return ":" in expression and any(_is_typed(node) for node in descendants(tree.root))


def _is_typed(node: TreeNode) -> bool:
    return node.type == "parenthesized_expression" and any(child.type == "type_annotation" for child in node.children)


def _text(template: Mapped, node: Node, path: str) -> Iterator[ExpressionCheck]:
    inner = template[node.start + 1 : node.end - 1].trim()
    if inner.text.startswith("=html "):
        message = "`{=html ...}` has been removed. Use `{@raw ...}` instead."
        raise CompileError(message, path=path, offset=inner.start, code=IN_TEXT, hint="Write {@html …} or {@raw …}.")
    behind = node.start + 1
    for prefix in ("@html ", "@raw "):
        if inner.text.startswith(prefix):
            behind += len(inner) - len(inner[len(prefix) :].trim())
            inner = inner[len(prefix) :].trim()
            break
    if inner:
        lead = template.text[node.start + 1 : node.end].partition(inner.text[:1])[0]
        markup = _MARKUP.search(inner.text) is not None
        reported = template[behind : behind + len(inner)]
        yield ExpressionCheck(inner, IN_TEXT, template.origin(node.start), "\n" in lead, markup, reported)


def _check_binding(template: Mapped, attribute: Attribute, path: str) -> None:
    if not attribute.name.startswith("bind:"):
        return
    target = attribute.name[5:]
    value = None if attribute.value is None else js_trim(attribute.value)
    hint = f"Use bind:{target}={{{target}}}."
    if not _BIND_TARGET.match(target):
        message = f'Unsupported bind target: "{target}".'
        hint = "Use bind:value, bind:checked, bind:open, bind:this={element} or another property."
    elif target == "this" and value is None:
        message = "Invalid bind:this value."
        hint = "Use bind:this={element}."
    elif value is not None and not (value.startswith("{") and value.endswith("}")):
        message = f"Invalid bind:{target} value."
    else:
        return
    raise CompileError(message, path=path, offset=template.origin(attribute.start), code=IN_ATTRIBUTE, hint=hint)


def _attribute(template: Mapped, attribute: Attribute, path: str) -> Iterator[ExpressionCheck]:
    if not attribute.value:
        return
    value = template[attribute.value_start : attribute.value_start + len(attribute.value)].trim()
    text = value.text
    if text.startswith("{") and text.endswith("}"):
        if inner := value[1:-1].trim():
            yield ExpressionCheck(inner, IN_ATTRIBUTE, reported=value[1 : 1 + len(inner)])
    elif text and text[0] in "\"'" and text[-1] == text[0] and len(text) > 1:
        yield from _quoted(value[1:-1], path)


def _quoted(value: Mapped, path: str) -> Iterator[ExpressionCheck]:
    cursor = 0
    while (brace := value.text.find("{", cursor)) != -1:
        close = closing_brace(value.text, brace)
        if close == -1:
            raise CompileError(
                "Unmatched `{` in quoted attribute interpolation.",
                path=path,
                offset=value.origin(brace),
                code=IN_ATTRIBUTE,
                hint="Close it with `}` before the quote; inside, use the other kind of quote.",
            )
        if inner := value[brace + 1 : close].trim():
            yield ExpressionCheck(inner, IN_ATTRIBUTE)
        cursor = close + 1
