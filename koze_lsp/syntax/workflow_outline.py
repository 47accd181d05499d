"""The order in which run() comes to its steps: sequences, loops, branches, parallel parts, try, helper functions.

Made from the tree alone. Names are followed to functions of the same file and to promises that ``Promise.all`` awaits
later; what can't be followed stays where it is written, and a step that run() does not visibly reach is listed at the
end. Only what holds a step, or ends run() early, is kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from koze_lsp.syntax.node_kinds import CLASSES, COMBINATORS, EXITS, FUNCTIONS, ITERATORS
from koze_lsp.syntax.scope import Names, Use
from koze_lsp.syntax.tree import Node, SyntaxTree, descendants, unwrapped
from koze_lsp.syntax.workflow_flow import (
    Block,
    Exit,
    Flow,
    Held,
    Join,
    Lane,
    Out,
    Role,
    StepAt,
    lanes_of,
    matters,
    sealed,
)
from koze_lsp.syntax.workflow_steps import Steps

_MAX_DEPTH = 60
_MAX_STEPS = 2000  # helpers that call helpers, each several times, would make a graph without end
_LOGICAL: dict[str, Role] = {"&&": "and", "||": "or", "??": "nullish"}


@dataclass(frozen=True, slots=True)
class _Scope:
    depth: int = 0
    returns: Literal["return", "leave", ""] = "return"
    throws: bool = True
    around: Literal["", "loop", "switch"] = ""

    def deeper(self) -> _Scope:
        return replace(self, depth=self.depth + 1)


def outline(tree: SyntaxTree, names: Names, steps: Steps, run: Node | None) -> tuple[Flow, ...]:
    """What run() does, in order; steps that it does not visibly reach follow in blocks of kind ``elsewhere``."""
    builder = _Builder(tree, names, steps)
    found = list(builder.body(run, _Scope())) if run is not None else []
    for index, call in enumerate(steps.raw):
        if index in builder.placed:
            continue
        function = call.frame.function
        nodes = builder.body(function.node, _Scope(returns="leave")) if function is not None else ()
        if index not in builder.placed:  # nested too deeply
            builder.placed.add(index)
            nodes = (*nodes, StepAt(index))
        label = (function.label or function.iterator) if function is not None else ""
        found.append(Block("elsewhere", label, (Lane("", "", nodes),)))
    return tuple(found)


class _Builder:
    def __init__(self, tree: SyntaxTree, names: Names, steps: Steps) -> None:
        self.tree = tree
        self.names = names
        self.steps = steps
        self.at = {(call.node.start_byte, call.node.end_byte): index for index, call in enumerate(steps.raw)}
        self.placed: set[int] = set()
        self.open: list[int] = []
        self.left = _MAX_STEPS
        self.marks = self._marks()
        self.handlers: dict[str, Callable[[Node, Out, _Scope], None]] = {
            "if_statement": self.condition,
            "switch_statement": self.switch,
            "ternary_expression": self.ternary,
            "binary_expression": self.binary,
            "try_statement": self.attempt,
            "for_statement": self.loop,
            "for_in_statement": self.loop,
            "while_statement": self.loop,
            "do_statement": self.loop,
            "call_expression": self.call,
            "new_expression": self.new,
            "variable_declarator": self.declarator,
            "return_statement": self.leave,
            "throw_statement": self.leave,
            "break_statement": self.leave,
            "continue_statement": self.leave,
            **dict.fromkeys(FUNCTIONS | CLASSES, self.skip),
        }

    def _marks(self) -> list[int]:
        """Where something to show begins, in bytes: steps, calls of this file's functions, exits."""
        found = set()
        for node in descendants(self.tree.root) if self.steps.raw else ():
            if node.type in EXITS:
                found.add(node.start_byte)
            elif node.type == "call_expression":
                function = node.child_by_field_name("function")
                if (node.start_byte, node.end_byte) in self.at or (
                    function is not None
                    and (self._is_parallel(function) or self.steps.function_of(function) is not None)
                ):
                    found.add(node.start_byte)
            elif node.type == "identifier" and self._is_value(node) and self.steps.function_of(node) is not None:
                found.add(node.start_byte)
        return sorted(found)

    def _is_parallel(self, callee: Node) -> bool:
        owner = callee.child_by_field_name("object") if callee.type == "member_expression" else None
        return owner is not None and owner.type == "identifier" and self.tree.text(owner) == "Promise"

    def _is_value(self, node: Node) -> bool:
        parent = self.tree.parent(node)
        return parent is not None and parent.type in ("arguments", "array")

    def marked(self, node: Node) -> bool:
        at = bisect_left(self.marks, node.start_byte)
        return at < len(self.marks) and self.marks[at] < node.end_byte

    # Walking ------------------------------------------------------------------------------------------

    def visit(self, node: Node | None, out: Out, scope: _Scope) -> None:
        while node is not None and self.marked(node):
            handler = self.handlers.get(node.type)
            if handler is not None:
                if scope.depth > _MAX_DEPTH:
                    self.flat(node, out)
                else:
                    handler(node, out, scope.deeper())
                return
            inner = [child for child in node.named_children if self.marked(child)]
            if len(inner) != 1:
                for child in inner:
                    self.visit(child, out, scope.deeper() if scope.depth <= _MAX_DEPTH else scope)
                    if scope.depth > _MAX_DEPTH:
                        return
                return
            node = inner[0]

    def flat(self, node: Node, out: Out) -> None:
        """Too deep to be told apart: only the steps, in order."""
        for (start, end), index in sorted(self.at.items()):
            if node.start_byte <= start and end <= node.end_byte and index not in self.placed:
                self.placed.add(index)
                out.append(StepAt(index))

    def nodes(self, node: Node | None, scope: _Scope) -> tuple[Flow, ...]:
        out: Out = []
        self.visit(node, out, scope)
        return sealed(out)

    def body(self, function: Node, scope: _Scope) -> tuple[Flow, ...]:
        """What a function does; what it does while it is open already is left out."""
        if function.start_byte in self.open:
            return ()
        self.open.append(function.start_byte)
        found = self.nodes(function.child_by_field_name("body"), scope)
        self.open.pop()
        return found

    def skip(self, node: Node, out: Out, scope: _Scope) -> None:
        """Functions and classes that are only defined here: they are shown where they are called."""

    # Statements ---------------------------------------------------------------------------------------

    def condition(self, node: Node, out: Out, scope: _Scope) -> None:
        lanes: list[Lane] = []
        role: Role = "if"
        current: Node | None = node
        while current is not None:
            condition = current.child_by_field_name("condition")
            self.visit(condition, out, scope)
            lanes.append(
                Lane(role, self.written(condition), self.nodes(current.child_by_field_name("consequence"), scope))
            )
            other = current.child_by_field_name("alternative")
            inner = other.named_children[-1] if other is not None and other.named_children else None
            if inner is not None and inner.type == "if_statement":
                role, current = "else if", inner
                continue
            if other is not None:
                lanes.append(Lane("else", "", self.nodes(other, scope)))
            break
        while lanes and not matters(lanes[-1].nodes):
            lanes.pop()
        self.keep(Block("branch", "if", tuple(lanes)), out)

    def ternary(self, node: Node, out: Out, scope: _Scope) -> None:
        condition = node.child_by_field_name("condition")
        self.visit(condition, out, scope)
        then, other = (self.nodes(node.child_by_field_name(name), scope) for name in ("consequence", "alternative"))
        lanes = [Lane("if", self.written(condition), then)]
        if matters(other):
            lanes.append(Lane("else", "", other))
        self.keep(Block("branch", "if", tuple(lanes)), out)

    def binary(self, node: Node, out: Out, scope: _Scope) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        self.visit(left, out, scope)
        role = _LOGICAL.get(operator.type) if operator is not None else None
        if role is None:
            self.visit(right, out, scope)
        else:
            text = self.text(left) if left is not None and not self.marked(left) else ""
            self.keep(Block("branch", "if", (Lane(role, text, self.nodes(right, scope)),)), out)

    def switch(self, node: Node, out: Out, scope: _Scope) -> None:
        value, body = node.child_by_field_name("value"), node.child_by_field_name("body")
        self.visit(value, out, scope)
        inner = replace(scope, around="loop" if scope.around == "loop" else "switch")
        lanes: list[Lane] = []
        waiting: list[str] = []  # the labels of cases without a body
        cases = [child for child in body.named_children if child.type != "comment"] if body is not None else []
        for case in cases:
            label = "default" if case.type == "switch_default" else self.text(case.child_by_field_name("value"))
            waiting.append(label)
            statements = [part for part in case.children_by_field_name("body") if part.type != "comment"]
            if not statements:
                continue
            found: Out = []
            for statement in statements:
                self.visit(statement, found, replace(inner, around="switch"))
            falls = not _leaves(statements[-1]) and case != cases[-1]
            role: Role = "default" if waiting == ["default"] else "case"
            nodes = sealed(found)
            if matters(nodes):
                lanes.append(Lane(role, ", ".join(waiting) if role == "case" else "", nodes, falls))
            waiting = []
        self.keep(Block("branch", f"switch ({self.written(value)})", tuple(lanes)), out)

    def attempt(self, node: Node, out: Out, scope: _Scope) -> None:
        handler, finalizer = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
        lanes = [Lane("try", "", self.nodes(node.child_by_field_name("body"), scope))]
        if handler is not None:
            parameter = self.text(handler.child_by_field_name("parameter"))
            lanes.append(Lane("catch", parameter, self.nodes(handler.child_by_field_name("body"), scope)))
        if finalizer is not None:
            found = self.nodes(finalizer, scope)
            if matters(found):
                lanes.append(Lane("finally", "", found))
        self.keep(Block("try", "try", tuple(lanes)), out)

    def loop(self, node: Node, out: Out, scope: _Scope) -> None:
        self.visit(node.child_by_field_name("initializer"), out, scope)
        inner = replace(scope, around="loop")
        condition = node.child_by_field_name("condition")
        rounds: Out = []
        if node.type == "for_in_statement":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            operator = node.child_by_field_name("operator")
            self.visit(right, out, scope)
            title, text = "for", f"{self.text(left)} {self.text(operator)} {self.written(right)}"
        else:
            title = {"for_statement": "for", "while_statement": "while", "do_statement": "do … while"}[node.type]
            text = self.written(condition).removesuffix(";").rstrip()
        if node.type != "do_statement":
            self.visit(condition, rounds, inner)
        self.visit(node.child_by_field_name("body"), rounds, inner)
        self.visit(node.child_by_field_name("increment"), rounds, inner)
        if node.type == "do_statement":
            self.visit(condition, rounds, inner)
        self.keep(Block("loop", title, (Lane("", text, sealed(rounds)),)), out)

    def leave(self, node: Node, out: Out, scope: _Scope) -> None:
        value = next((child for child in node.named_children if child.type != "comment"), None)
        match node.type:
            case "return_statement" | "throw_statement":
                self.visit(value, out, scope)
                text = self.text(value) if value is not None and not self.marked(value) else ""
                if node.type == "return_statement" and scope.returns:
                    out.append(Exit(scope.returns, text))
                elif node.type == "throw_statement" and scope.throws:
                    out.append(Exit("throw", text))
            case "break_statement":
                if value is not None or scope.around == "loop":
                    out.append(Exit("break", self.text(value)))
            case _:
                out.append(Exit("continue", self.text(value)))

    def declarator(self, node: Node, out: Out, scope: _Scope) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None or value is None or name.type != "identifier":
            self.visit(value, out, scope)
            return
        core = unwrapped(value)
        if core.type not in ("call_expression", "array") or _awaits(core):
            self.visit(value, out, scope)
            return
        nodes = self.nodes(value, scope)
        if nodes:
            out.append(Held(self.tree.span(name).start, self.text(name), nodes))

    # Calls --------------------------------------------------------------------------------------------

    def call(self, node: Node, out: Out, scope: _Scope) -> None:
        index = self.at.get((node.start_byte, node.end_byte))
        if index is not None:
            self.step(index, node, out, scope)
            return
        callee = node.child_by_field_name("function")
        if callee is not None and callee.type == "await_expression" and callee.named_children:
            callee = callee.named_children[0]  # the grammar reads `await f<T>(…)` so
        arguments = _arguments(node)
        if callee is None:
            return
        owner = callee.child_by_field_name("object") if callee.type == "member_expression" else None
        method = self.text(callee.child_by_field_name("property")) if owner is not None else ""
        if method in COMBINATORS and self._is_parallel(callee):
            self.parallel(f"Promise.{method}", arguments, out, scope)
        elif owner is not None and method in ITERATORS:
            self.iterate(owner, method, arguments, out, scope)
        else:
            self.visit(callee, out, scope)
            self.given(arguments, out, scope)
            function = self.steps.function_of(callee)
            if function is not None:
                self.inline(function, self.text(callee), out, scope)

    def new(self, node: Node, out: Out, scope: _Scope) -> None:
        self.given(_arguments(node), out, scope)

    def given(self, arguments: Iterable[Node], out: Out, scope: _Scope) -> None:
        """Arguments of a call that is not known: functions among them are taken to be called."""
        for argument in arguments:
            if argument.type in FUNCTIONS:
                out.extend(self.body(argument, replace(scope, returns="")))
            elif argument.type == "identifier":
                function = self.steps.function_of(argument)
                if function is not None:
                    self.inline(function, self.text(argument), out, scope)
            else:
                self.visit(argument, out, scope)

    def step(self, index: int, node: Node, out: Out, scope: _Scope) -> None:
        self.placed.add(index)
        self.left -= 1
        inside: Out = []
        quiet = replace(scope, returns="", throws=False, around="")
        for argument in _arguments(node):
            if argument.type in FUNCTIONS:
                inside.extend(self.body(argument, quiet))
            elif argument.type == "identifier":
                function = self.steps.function_of(argument)
                if function is not None:
                    self.inline(function, self.text(argument), inside, quiet)
            else:
                self.visit(argument, inside, quiet)
        kept = tuple(item for item in sealed(inside) if not isinstance(item, Exit))
        out.append(StepAt(index, kept))

    def inline(self, function: Node, name: str, out: Out, scope: _Scope) -> None:
        """The body of a function of this file where it is called; a second call shows it again."""
        title = f"{name}()"
        if function.start_byte in self.open or self.left <= 0:
            out.append(Block("call", title, (), recursive=True))
            return
        self.left -= 1
        nodes = list(self.body(function, replace(scope, returns="leave", around="")))
        if nodes and isinstance(nodes[-1], Exit) and nodes[-1].kind == "leave":
            nodes.pop()
        self.keep(Block("call", title, (Lane("", "", tuple(nodes)),)), out)

    def iterate(self, owner: Node, method: str, arguments: list[Node], out: Out, scope: _Scope) -> None:
        """``items.map(callback)`` and its kin."""
        over = owner
        if method == "from" and arguments:
            over = arguments[0]
        else:
            self.visit(owner, out, scope)
        rounds: Out = []
        for argument in arguments:
            self.given([argument], rounds, replace(scope, returns="", around=""))
        self.keep(Block("loop", method, (Lane("each", self.text(over), sealed(rounds)),)), out)

    def parallel(self, title: str, arguments: list[Node], out: Out, scope: _Scope) -> None:
        lanes: list[Lane] = []
        for argument in arguments[:1]:
            core = unwrapped(argument)
            for element in core.named_children if core.type == "array" else (core,):
                if element.type == "spread_element" and element.named_children:
                    element = element.named_children[0]  # noqa: PLW2901
                if element.type == "identifier":
                    lanes += self.joined(element, out)
                    continue
                lanes += lanes_of(self.nodes(element, replace(scope, around="")), apart=core.type != "array")
        if any(matters(lane.nodes) for lane in lanes):
            out.append(Block("parallel", title, tuple(lanes)))

    def joined(self, name: Node, out: Out) -> list[Lane]:
        """The lanes of promises that were made just before, or a reference to earlier ones."""
        binding = self.names.binding_of(name)
        if binding is None:
            return []
        for index in range(len(out) - 1, -1, -1):
            item = out[index]
            if not isinstance(item, Held):
                break
            if item.name == binding.span.start:
                del out[index]
                return lanes_of(item.nodes, apart=True)
        if any(isinstance(item, Held) and item.name == binding.span.start for item in out) or self.pushed(binding.uses):
            return [Lane("", "", (Join(self.text(name)),))]
        return []

    def pushed(self, uses: Iterable[Use]) -> bool:
        """Whether steps are added to a list of promises: ``list.push(step.do(…))``."""
        for use in uses:
            member = self.tree.parent(use.node)
            call = self.tree.parent(member) if member is not None and member.type == "member_expression" else None
            if call is not None and call.type == "call_expression" and any(map(self.marked, _arguments(call))):
                return True
        return False

    def keep(self, block: Block, out: Out) -> None:
        """Add a block if it shows anything; a loop that only ends its own rounds does not."""
        if any(matters(lane.nodes, rounds=block.kind != "loop") for lane in block.lanes):
            out.append(block)

    def written(self, node: Node | None) -> str:
        """A condition's source; ``…`` where it holds steps, which are shown on their own."""
        return "…" if node is not None and self.marked(node) else self.text(node)

    def text(self, node: Node | None) -> str:
        """A node's source on one line, without the parentheses of a condition."""
        if node is None:
            return ""
        while node.type == "parenthesized_expression" and node.named_child_count == 1:
            node = node.named_children[0]
        return " ".join(self.tree.text(node).split())


def _awaits(call: Node) -> bool:
    """``await f<T>(…)``, which the grammar reads as a call of ``await f``."""
    function = call.child_by_field_name("function")
    return function is not None and function.type == "await_expression"


def _leaves(statement: Node) -> bool:
    while statement.type == "statement_block" and statement.named_children:
        statement = statement.named_children[-1]
    return statement.type in EXITS


def _arguments(call: Node) -> list[Node]:
    listed = call.child_by_field_name("arguments")
    if listed is None:
        return []
    return [child for child in listed.named_children if child.type != "comment"]
