"""The payload that a workflow declares and the output that run() returns, as far as the literals show."""

from __future__ import annotations

from dataclasses import dataclass, replace

from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import Value, property_name
from koze_lsp.text import Span

_MAX_DEPTH = 12
_MAX_FIELDS = 400


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a shape.

    Attributes:
        type: the type's text for a payload; for an output ``string``, ``number``, ``object``, … or ``unknown``.
        text: the source of the value for an output, shortened; else the type's text.
        optional: it may be missing.
        span: the key where it is declared or returned.
        shape: the fields of a nested object.
    """

    name: str
    type: str
    optional: bool
    span: Span
    text: str = ""
    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of an object. ``complete`` is False where there may be more that the text does not show."""

    fields: tuple[Field, ...]
    span: Span
    complete: bool = True

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((item for item in self.fields if item.name == name), None)


# Types ---------------------------------------------------------------------------------------------------


class Types:
    """The interfaces and type aliases at the top level of a file."""

    def __init__(self, tree: SyntaxTree) -> None:
        self.tree = tree
        self.nodes: dict[str, Node] = {}
        for statement in tree.root.named_children:
            node: Node | None = statement
            if statement.type == "export_statement":
                node = statement.child_by_field_name("declaration")
            if node is not None and node.type in ("interface_declaration", "type_alias_declaration"):
                name = node.child_by_field_name("name")
                if name is not None:
                    self.nodes.setdefault(tree.text(name), node)

    def shape(self, node: Node, depth: int = 0) -> Shape | None:
        """The fields of a type; None where they are not all in this file."""
        if depth > _MAX_DEPTH:
            return None
        match node.type:
            case "parenthesized_type" | "readonly_type":
                return self.shape(node.named_children[-1], depth + 1) if node.named_children else None
            case "object_type":
                return self._members(node, depth)
            case "generic_type":
                name, given = node.child_by_field_name("name"), node.child_by_field_name("type_arguments")
                transparent = name is not None and self.tree.text(name) in ("Readonly", "Required")
                if transparent and given is not None and given.named_children:
                    return self.shape(given.named_children[0], depth + 1)
                return None
            case "intersection_type":
                parts = [self.shape(child, depth + 1) for child in node.named_children]
                known = [part for part in parts if part is not None]
                return _joined(known, self.tree.span(node)) if len(known) == len(parts) else None
            case "type_identifier":
                return self._named(self.tree.text(node), depth)
        return None

    def _named(self, name: str, depth: int) -> Shape | None:
        node = self.nodes.get(name)
        if node is None or node.child_by_field_name("type_parameters") is not None:
            return None
        if node.type == "type_alias_declaration":
            value = node.child_by_field_name("value")
            return self.shape(value, depth + 1) if value is not None else None
        body = node.child_by_field_name("body")
        if body is None:
            return None
        parts: list[Shape] = []
        for child in node.named_children:
            if child.type == "extends_type_clause":
                for base in child.named_children:
                    inherited = self.shape(base, depth + 1)
                    if inherited is None:
                        return None
                    parts.append(inherited)
        own = self._members(body, depth)
        return _joined([*parts, own], own.span) if own is not None else None

    def _members(self, node: Node, depth: int) -> Shape | None:
        fields: list[Field] = []
        complete = True
        for member in node.named_children:
            if member.type == "comment":
                continue
            key = member.child_by_field_name("name")
            name = property_name(self.tree, key) if key is not None else None
            if name is None or key is None or len(fields) >= _MAX_FIELDS:
                complete = False  # an index signature, a computed key
                continue
            optional = any(child.type == "?" for child in member.children)
            annotation = member.child_by_field_name("type")
            inner = annotation.named_children[0] if annotation is not None and annotation.named_children else None
            text = self.tree.text(inner) if inner is not None else "any"
            nested = self.shape(inner, depth + 1) if inner is not None else None
            fields.append(Field(name, text, optional, self.tree.span(key), text, nested))
        return Shape(tuple(fields), self.tree.span(node), complete)


def _joined(parts: list[Shape], span: Span) -> Shape:
    fields: dict[str, Field] = {}
    for part in parts:
        fields.update({item.name: item for item in part.fields})
    return Shape(tuple(fields.values()), span, all(part.complete for part in parts))


# Values --------------------------------------------------------------------------------------------------


def shape_of(tree: SyntaxTree, value: Value, depth: int = 0) -> Shape | None:
    """The fields of an object literal."""
    if value.kind != "object" or depth > _MAX_DEPTH:
        return None
    fields: dict[str, Field] = {}
    for member in value.properties[:_MAX_FIELDS]:
        if member.key is None:
            continue
        inner = member.value
        text = tree.source[inner.span.start : inner.span.end] if member.kind == "pair" else member.key
        nested = shape_of(tree, inner, depth + 1)
        fields[member.key] = Field(member.key, _type(tree, inner), False, member.key_span, _short(text), nested)
    return Shape(tuple(fields.values()), value.definition, value.complete)


_TEMPLATE = ("template_string",)


def _type(tree: SyntaxTree, value: Value) -> str:
    if value.kind == "new":
        return value.class_name or "object"
    if value.kind != "unknown":
        return value.kind
    node = value.node
    if node is not None and node.type in _TEMPLATE:
        return "string"
    if node is not None and node.type == "member_expression":
        name = node.child_by_field_name("property")
        if name is not None and tree.text(name) == "length":
            return "number"
    return "unknown"


def _short(text: str) -> str:
    text = " ".join(text[:200].split())
    return text if len(text) <= 60 else text[:59] + "…"


def merged(shapes: list[Shape | None]) -> Shape | None:
    """The fields of several returns as one; a field that one of them lacks is optional.

    None stands for a return whose value does not show: the result is then not complete.
    """
    known = [shape for shape in shapes if shape is not None]
    if not known:
        return None
    fields: dict[str, Field] = {}
    for shape in known:
        for item in shape.fields:
            earlier = fields.get(item.name)
            fields[item.name] = item if earlier is None else _either(earlier, item)
    everywhere = [{item.name for item in shape.fields} for shape in known]
    found = tuple(
        replace(
            item, optional=item.optional or any(name not in names for names in everywhere) or len(known) < len(shapes)
        )
        for name, item in fields.items()
    )
    complete = len(known) == len(shapes) and all(shape.complete for shape in known)
    return Shape(found, known[0].span, complete)


def _either(first: Field, second: Field) -> Field:
    types = dict.fromkeys([*first.type.split(" | "), *second.type.split(" | ")])
    joined = "unknown" if "unknown" in types else " | ".join(types)
    nested = merged([first.shape, second.shape]) if first.shape or second.shape else None
    return replace(first, type=joined, optional=first.optional or second.optional, shape=nested)
