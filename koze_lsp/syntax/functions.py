"""What a small predicate such as ``until`` gives, as far as its text shows."""

from __future__ import annotations

from koze_lsp.syntax.node_kinds import FUNCTIONS
from koze_lsp.syntax.tree import Node, unwrapped
from koze_lsp.syntax.values import Function, decode_string


def returns_nothing(function: Function) -> bool:
    """Whether a block body surely gives no value: no ``return x`` and no ``throw`` in it."""
    body = function.node.child_by_field_name("body")
    if body is None or not function.body_is_block:
        return False
    stack = [body]
    while stack:
        node = stack.pop()
        if (
            node.type == "throw_statement"
            or node.has_error
            or (node.type == "return_statement" and node.named_children)
        ):
            return False
        stack.extend(child for child in node.named_children if child.type not in FUNCTIONS)
    return True


def says_true_for(function: Function, parameter: str | None, status: str) -> bool | None:
    """What a predicate over ``parameter.status`` gives for one status; None where that can't be told."""
    body = function.node.child_by_field_name("body")
    if body is None or parameter is None:
        return None
    if function.body_is_block:
        statements = [child for child in body.named_children if child.type != "comment"]
        if len(statements) != 1 or statements[0].type != "return_statement" or not statements[0].named_children:
            return None
        body = statements[0].named_children[0]
    return _truth(body, parameter, status, 0)


def _truth(node: Node, parameter: str, status: str, depth: int) -> bool | None:
    if depth > 50:
        return None
    node = unwrapped(node)
    if node.type == "unary_expression" and _operator(node) == "!":
        argument = node.child_by_field_name("argument")
        inner = _truth(argument, parameter, status, depth + 1) if argument is not None else None
        return None if inner is None else not inner
    if node.type == "binary_expression":
        return _binary(node, parameter, status, depth)
    return _includes(node, parameter, status)


def _binary(node: Node, parameter: str, status: str, depth: int) -> bool | None:
    left, right, operator = node.child_by_field_name("left"), node.child_by_field_name("right"), _operator(node)
    if left is None or right is None:
        return None
    if operator in ("||", "&&"):
        one = _truth(left, parameter, status, depth + 1)
        two = _truth(right, parameter, status, depth + 1)
        decisive = operator == "||"
        if decisive in (one, two):
            return decisive
        return None if None in (one, two) else not decisive
    if operator in ("===", "==", "!==", "!="):
        literal = (
            _string(right) if _is_status(left, parameter) else _string(left) if _is_status(right, parameter) else None
        )
        if literal is None:
            return None
        return (literal == status) is not operator.startswith("!")
    return None


def _includes(node: Node, parameter: str, status: str) -> bool | None:
    """``['complete', 'errored'].includes(s.status)``"""
    callee = node.child_by_field_name("function") if node.type == "call_expression" else None
    arguments = node.child_by_field_name("arguments")
    if callee is None or arguments is None or len(arguments.named_children) != 1:
        return None
    owner, name = callee.child_by_field_name("object"), callee.child_by_field_name("property")
    if owner is None or owner.type != "array" or name is None or name.text != b"includes":
        return None
    items = [_string(item) for item in owner.named_children]
    if None in items or not _is_status(arguments.named_children[0], parameter):
        return None
    return status in items


def _operator(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else ""


def _is_status(node: Node, parameter: str) -> bool:
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("property")
    if node.type != "member_expression" or owner is None or name is None or name.text != b"status":
        return False
    return owner.type == "identifier" and owner.text == parameter.encode()


def _string(node: Node) -> str | None:
    if node.type != "string" or node.text is None:
        return None
    return decode_string(node.text.decode("utf-8", "surrogatepass")[1:-1])
