"""What an expression is, as far as its text shows: literals, objects, functions.

A name that a ``const`` of the same text defines is followed to its value; anything computed is
``unknown`` and no rule guesses at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from koze_lsp.syntax.node_kinds import TRANSPARENT
from koze_lsp.syntax.scope import Binding, Names
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.text import Span

ValueKind = Literal[
    "string",
    "number",
    "bigint",
    "boolean",
    "null",
    "undefined",
    "object",
    "array",
    "function",
    "new",
    "regex",
    "unknown",
]
PropertyKind = Literal["pair", "shorthand", "method", "spread", "computed"]

_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "function_declaration"})
_ESCAPE = re.compile(r"\\(u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[0-7]{1,3}|\r\n|[\s\S])")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_NUMERIC = re.compile(r"(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]+)")
_MAX_HOPS = 8


@dataclass(frozen=True, slots=True)
class Function:
    """A function as a value.

    Attributes:
        parameters: the span of each parameter, its type and default included.
        names: the name of each parameter that is a plain identifier, else None.
        body: the block, or the expression of an arrow function.
        body_is_block: whether ``body`` is a block.
    """

    is_async: bool
    is_generator: bool
    parameters: tuple[Span, ...]
    names: tuple[str | None, ...]
    body: Span
    body_is_block: bool
    node: Node = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Property:
    """One member of an object literal. ``key`` is None for spreads and computed keys."""

    kind: PropertyKind
    key: str | None
    key_span: Span
    value: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Value:
    """An expression's value as far as the text shows it.

    Attributes:
        span: the expression where it is used.
        literal: the value of a string, number or boolean; a bigint as text.
        definition: the span of the literal itself where ``const`` names were followed, else equal to ``span``.
        properties: an object's members.
        items: an array's elements; a hole or a spread is ``unknown``.
        function: set for functions.
        class_name: the constructor's name for ``new X(…)``.
        node: the expression that was looked at (after following names); private to the syntax layer.
    """

    kind: ValueKind
    span: Span
    definition: Span
    literal: str | float | bool | None = None
    properties: tuple[Property, ...] = ()
    items: tuple[Value, ...] = ()
    function: Function | None = None
    class_name: str | None = None
    node: Node | None = field(default=None, repr=False, compare=False)

    @property
    def string(self) -> str | None:
        """The text of a string literal."""
        return self.literal if isinstance(self.literal, str) and self.kind == "string" else None

    @property
    def number(self) -> float | None:
        """The value of a number literal (NaN and infinities included)."""
        return float(self.literal) if self.kind == "number" and self.literal is not None else None

    @property
    def inner(self) -> Span:
        """The text between the quotes of a string literal; of anything else its whole span."""
        return Span(self.definition.start + 1, self.definition.end - 1) if self.kind == "string" else self.definition

    @property
    def followed(self) -> bool:
        """Whether the value stands elsewhere, in a ``const``."""
        return self.definition != self.span

    def member(self, key: str) -> Property | None:
        """The last member of that name, which is the one that counts."""
        return next((member for member in reversed(self.properties) if member.key == key), None)

    @property
    def complete(self) -> bool:
        """Whether all members of an object are known by name (no spread, no computed key)."""
        return self.kind == "object" and all(member.key is not None for member in self.properties)


def evaluate(tree: SyntaxTree, names: Names, node: Node) -> Value:
    """The value of an expression node."""
    span = tree.span(node)
    found = _follow(names, node)
    if found is None:
        return Value("unknown", span, span, node=node)
    definition = tree.span(found)
    read = _READERS.get(found.type)
    if read is None:
        return Value("unknown", span, definition, node=found)
    return read(tree, names, found, span, definition)


def _follow(names: Names, node: Node) -> Node | None:
    """Strip parentheses and types, and follow names to what a ``const`` gives them."""
    for _ in range(_MAX_HOPS * 4):
        if node.type in TRANSPARENT and node.named_children:
            node = node.named_children[0]
        elif node.type in ("identifier", "shorthand_property_identifier"):
            binding = names.binding_of(node)
            if binding is None:
                return node  # undefined, NaN and Infinity are read below; a global is unknown
            target = _constant(binding)
            if target is None:
                return None
            node = target
        else:
            return node
    return None


def _constant(binding: Binding) -> Node | None:
    if binding.kind == "function":
        return binding.declaration if binding.declaration.type == "function_declaration" else None
    if binding.kind != "const" or binding.path != () or binding.default:
        return None
    return binding.init


def _string(tree: SyntaxTree, _: Names, node: Node, span: Span, definition: Span) -> Value:
    return Value("string", span, definition, decode_string(tree.text(node)[1:-1]), node=node)


def _template(tree: SyntaxTree, names: Names, node: Node, span: Span, definition: Span) -> Value:
    if any(child.type == "template_substitution" for child in node.named_children):
        return Value("unknown", span, definition, node=node)
    return _string(tree, names, node, span, definition)


def _number(tree: SyntaxTree, _: Names, node: Node, span: Span, definition: Span) -> Value:
    text = tree.text(node).replace("_", "")
    if text.endswith("n"):
        return Value("bigint", span, definition, text[:-1], node=node)
    value = _parse_number(text)
    if value is None:
        return Value("unknown", span, definition, node=node)
    return Value("number", span, definition, value, node=node)


def _parse_number(text: str) -> float | None:
    try:
        if _NUMERIC.fullmatch(text):
            return float(int(text, 0) if text[1:2].isalpha() else int(text, 8))
        return float(text)
    except (ValueError, OverflowError):
        return None


def _unary(tree: SyntaxTree, names: Names, node: Node, span: Span, definition: Span) -> Value:
    operator, argument = node.child_by_field_name("operator"), node.child_by_field_name("argument")
    if operator is not None and argument is not None and operator.type in "+-" and argument.type == "number":
        value = _number(tree, names, argument, span, definition)
        if value.kind == "number" and value.number is not None:
            return Value("number", span, definition, -value.number if operator.type == "-" else value.number, node=node)
    if operator is not None and argument is not None and operator.type == "-":
        name = tree.text(argument)
        if name == "Infinity" and names.binding_of(argument) is None:
            return Value("number", span, definition, float("-inf"), node=node)
    if operator is not None and operator.type == "void":
        return Value("undefined", span, definition, node=node)
    return Value("unknown", span, definition, node=node)


def _global(tree: SyntaxTree, _: Names, node: Node, span: Span, definition: Span) -> Value:
    match tree.text(node):
        case "undefined":
            return Value("undefined", span, definition, node=node)
        case "NaN" | "Infinity" as name:
            return Value("number", span, definition, float(name.lower()[:3]), node=node)
    return Value("unknown", span, definition, node=node)


def _boolean(_: SyntaxTree, __: Names, node: Node, span: Span, definition: Span) -> Value:
    return Value("boolean", span, definition, node.type == "true", node=node)


def _null(_: SyntaxTree, __: Names, node: Node, span: Span, definition: Span) -> Value:
    return Value("null", span, definition, node=node)


def _undefined(_: SyntaxTree, __: Names, node: Node, span: Span, definition: Span) -> Value:
    return Value("undefined", span, definition, node=node)


def _regex(_: SyntaxTree, __: Names, node: Node, span: Span, definition: Span) -> Value:
    return Value("regex", span, definition, node=node)


def _new(tree: SyntaxTree, _: Names, node: Node, span: Span, definition: Span) -> Value:
    constructor = node.child_by_field_name("constructor")
    name = tree.text(constructor) if constructor is not None else None
    return Value("new", span, definition, class_name=name, node=node)


def _array(tree: SyntaxTree, names: Names, node: Node, span: Span, definition: Span) -> Value:
    items = tuple(_shallow(tree, names, child) for child in node.named_children if child.type != "comment")
    return Value("array", span, definition, items=items, node=node)


def _object(tree: SyntaxTree, names: Names, node: Node, span: Span, definition: Span) -> Value:
    members = tuple(_member(tree, names, child) for child in node.named_children if child.type != "comment")
    return Value("object", span, definition, properties=members, node=node)


def _shallow(tree: SyntaxTree, names: Names, node: Node) -> Value:
    """A member's value. Nesting is as deep as the text; what is deeper than sixty levels is unknown."""
    depth, parent = 0, tree.parent(node)
    while parent is not None and depth < 120 and parent.type in ("object", "array", "pair", "parenthesized_expression"):
        depth, parent = depth + 1, tree.parent(parent)
    if depth >= 120:
        return Value("unknown", tree.span(node), tree.span(node), node=node)
    return evaluate(tree, names, node)


def _member(tree: SyntaxTree, names: Names, node: Node) -> Property:
    span = tree.span(node)
    unknown = Value("unknown", span, span, node=node)
    if node.type == "shorthand_property_identifier":
        return Property("shorthand", tree.text(node), span, evaluate(tree, names, node), span)
    if node.type == "method_definition":
        key = node.child_by_field_name("name")
        if key is not None and any(child.type in ("get", "set") for child in node.children):
            return Property("method", property_name(tree, key), tree.span(key), unknown, span)
        if key is not None:
            value = _function(tree, names, node, span, span)
            return Property("method", property_name(tree, key), tree.span(key), value, span)
    if node.type == "pair":
        key, inner = node.child_by_field_name("key"), node.child_by_field_name("value")
        if key is not None and inner is not None:
            name = property_name(tree, key)
            kind: PropertyKind = "pair" if name is not None else "computed"
            return Property(kind, name, tree.span(key), _shallow(tree, names, inner), span)
    return Property("spread", None, span, unknown, span)


def property_name(tree: SyntaxTree, key: Node) -> str | None:
    """The name that an object key or a class member has; None for a computed one."""
    match key.type:
        case "property_identifier" | "private_property_identifier":
            return tree.text(key)
        case "string":
            return decode_string(tree.text(key)[1:-1])
        case "number":
            value = _parse_number(tree.text(key))
            return None if value is None else (str(int(value)) if value == int(value) else str(value))
    return None


def _function(tree: SyntaxTree, _: Names, node: Node, span: Span, definition: Span) -> Value:
    body = node.child_by_field_name("body")
    single = node.child_by_field_name("parameter")
    listed = node.child_by_field_name("parameters")
    parameters = [single] if single is not None else []
    if listed is not None:
        parameters = [child for child in listed.named_children if child.type.endswith("_parameter")]
    facts = Function(
        is_async=any(child.type == "async" for child in node.children),
        is_generator="generator" in node.type or any(child.type == "*" for child in node.children),
        parameters=tuple(tree.span(parameter) for parameter in parameters),
        names=tuple(_plain_name(tree, parameter) for parameter in parameters),
        body=tree.span(body) if body is not None else Span(definition.end, definition.end),
        body_is_block=body is not None and body.type == "statement_block",
        node=node,
    )
    return Value("function", span, definition, function=facts, node=node)


def _plain_name(tree: SyntaxTree, parameter: Node) -> str | None:
    pattern = parameter if parameter.type == "identifier" else parameter.child_by_field_name("pattern")
    return tree.text(pattern) if pattern is not None and pattern.type == "identifier" else None


_READERS = {
    "string": _string,
    "template_string": _template,
    "number": _number,
    "unary_expression": _unary,
    "identifier": _global,
    "true": _boolean,
    "false": _boolean,
    "null": _null,
    "undefined": _undefined,
    "regex": _regex,
    "object": _object,
    "array": _array,
    "new_expression": _new,
    **dict.fromkeys(_FUNCTIONS, _function),
}


def decode_string(raw: str) -> str:
    """The value of a JavaScript string literal, given the text between its quotes."""
    if "\\" not in raw:
        return raw
    text = _ESCAPE.sub(_decode_escape, raw)
    return _SURROGATES.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), text)


def _decode_escape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code in ("\n", "\r", "\r\n", "\u2028", "\u2029"):
        return ""  # a line continuation
    try:
        if code[0] == "u" and len(code) > 1:
            return chr(int(code.strip("u{}"), 16))
        if code[0] == "x" and len(code) > 1:
            return chr(int(code[1:], 16))
        if code[0] in "01234567":
            return chr(int(code, 8))
    except (ValueError, OverflowError):
        return ""
    return _ESCAPED.get(code, code)
