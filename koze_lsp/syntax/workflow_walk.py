"""One pass over a workflow file's tree: calls that may be steps, what surrounds them, and other uses of note.

The pass collects; which of the calls really are steps is decided afterwards, when it is known what refers
to run()'s step parameter. It keeps its own stack, so that no nesting is too deep, and visits each node once.
"""

from __future__ import annotations

from koze_lsp.syntax.node_kinds import CLASSES, COMBINATORS, EXITS, FUNCTIONS, ITERATORS, TRANSPARENT
from koze_lsp.syntax.scope import Binding, Names
from koze_lsp.syntax.tree import Node, SyntaxTree, unwrapped
from koze_lsp.syntax.workflow_class import parameters, pattern_of
from koze_lsp.syntax.workflow_frames import (
    STEP_KINDS,
    Access,
    Frame,
    FrameKind,
    Passed,
    RawCall,
    Settled,
    StepKind,
    Walked,
)

_SKIPPED = frozenset(
    {
        "comment",
        "import_statement",
        "interface_declaration",
        "type_alias_declaration",
        "type_annotation",
        "type_arguments",
        "type_parameters",
        "implements_clause",
        "predefined_type",
        "identifier",
        "property_identifier",
        "shorthand_property_identifier",
        "type_identifier",
        "string",
        "number",
        "regex",
        "true",
        "false",
        "null",
        "undefined",
        "this",
    }
)
_LOOPS = {"for_statement": "for", "for_in_statement": "for", "while_statement": "while", "do_statement": "do"}
_IMPURE_MEMBERS = {("Math", "random"), ("Date", "now"), ("crypto", "randomUUID"), ("performance", "now")}
_VALUES = ("parameter", "const", "let")

Use = Settled | Node | None
Item = tuple[Node, Frame, Use]


def walk(tree: SyntaxTree, names: Names) -> Walked:
    """Collect the calls and uses of a tree."""
    walker = _Walker(tree, names)
    root = Frame("function", None, tree.root, "module")
    root.function = root
    stack: list[Item] = [(tree.root, root, None)]
    handlers = walker.handlers
    while stack:
        node, frame, use = stack.pop()
        kind = node.type
        if kind in _SKIPPED:
            continue
        handler = handlers.get(kind)
        if handler is not None:
            stack.extend(reversed(handler(node, frame, use)))
        else:
            stack.extend([(child, frame, None) for child in reversed(node.named_children)])
    return walker.found


class _Walker:
    def __init__(self, tree: SyntaxTree, names: Names) -> None:
        self.tree = tree
        self.names = names
        self.found = Walked()
        self.groups = 0
        self.handlers = {
            "call_expression": self.call,
            "new_expression": self.new,
            "member_expression": self.member,
            "return_statement": self.returned,
            "await_expression": self.awaited,
            "expression_statement": self.statement,
            "variable_declarator": self.declarator,
            "binary_expression": self.binary,
            "ternary_expression": self.ternary,
            "sequence_expression": self.sequence,
            "if_statement": self.condition,
            "switch_statement": self.switch,
            "try_statement": self.attempt,
            **dict.fromkeys(TRANSPARENT, self.transparent),
            **dict.fromkeys(FUNCTIONS, self.function),
            **dict.fromkeys(_LOOPS, self.loop),
            **dict.fromkeys(CLASSES, self.class_),
        }

    # Statements ---------------------------------------------------------------------------------------

    def statement(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        return [(child, frame, "dropped") for child in node.named_children]

    def returned(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        value = next((child for child in node.named_children if child.type != "comment"), None)
        if frame.function is not None:
            frame.function.returns.append(value)
        return [(value, frame, "returned")] if value is not None else []

    def declarator(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        items: list[Item] = []
        if name is not None and name.type != "identifier":
            items.append((name, frame, None))
        if value is not None:
            items.append((value, frame, name))
        return items

    def loop(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        inner = self.inner(frame, "loop", node, _LOOPS[node.type])
        inner.in_loop = True
        once = {"initializer", "right"}  # what runs before the first round
        items: list[Item] = []
        for index, child in enumerate(node.children):
            if child.is_named:
                items.append((child, frame if node.field_name_for_child(index) in once else inner, None))
        return items

    def condition(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        self.groups += 1
        condition, then, other = (
            node.child_by_field_name(name) for name in ("condition", "consequence", "alternative")
        )
        items: list[Item] = [(condition, frame, None)] if condition is not None else []
        for arm, (branch, label) in enumerate(((then, "if"), (other, "else"))):
            if branch is not None:
                items.append((branch, self.branch(frame, branch, label, self.groups, arm), None))
        return items

    def switch(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        self.groups += 1
        value, body = node.child_by_field_name("value"), node.child_by_field_name("body")
        items: list[Item] = [(value, frame, None)] if value is not None else []
        group = self.groups
        for arm, case in enumerate(body.named_children if body is not None else ()):
            items.append((case, self.branch(frame, case, "switch", group, arm), None))
        return items

    def branch(self, frame: Frame, node: Node, label: str, group: int, arm: int) -> Frame:
        inner = self.inner(frame, "branch", node, label)
        inner.group, inner.arm = group, arm
        last: Node | None = node
        while last is not None and last.type in ("statement_block", "else_clause", "switch_case", "switch_default"):
            last = last.named_children[-1] if last.named_child_count else None
        inner.exits = last is not None and last.type in EXITS
        return inner

    def attempt(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        items: list[Item] = []
        parts: tuple[tuple[str, FrameKind], ...] = (("body", "try"), ("handler", "catch"), ("finalizer", "finally"))
        for name, kind in parts:
            part = node.child_by_field_name(name)
            if part is not None:
                items.append((part, self.inner(frame, kind, part, kind), None))
        return items

    # Expressions --------------------------------------------------------------------------------------

    def awaited(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        return [(child, frame, "awaited") for child in node.named_children]

    def transparent(self, node: Node, frame: Frame, use: Use) -> list[Item]:
        return [(child, frame, use) for child in node.named_children[:1]]

    def binary(self, node: Node, frame: Frame, use: Use) -> list[Item]:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        logical = operator is not None and operator.type in ("&&", "||", "??")
        items: list[Item] = [(left, frame, None)] if left is not None else []
        if right is not None:
            items.append((right, frame, use if logical else None))
        return items

    def ternary(self, node: Node, frame: Frame, use: Use) -> list[Item]:
        self.groups += 1
        items: list[Item] = []
        for index, child in enumerate(node.named_children):
            if index == 0:
                items.append((child, frame, None))
            else:
                items.append(
                    (child, self.branch(frame, child, "if" if index == 1 else "else", self.groups, index), use)
                )
        return items

    def sequence(self, node: Node, frame: Frame, use: Use) -> list[Item]:
        last = node.named_child_count - 1
        return [(child, frame, use if index == last else "dropped") for index, child in enumerate(node.named_children)]

    def call(self, node: Node, frame: Frame, use: Use) -> list[Item]:
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is None or arguments is None:
            return [(child, frame, None) for child in node.named_children]
        if callee.type == "await_expression" and callee.named_children:
            callee, use = callee.named_children[0], "awaited"  # the grammar reads `await f<T>(…)` so
        given = [child for child in arguments.named_children if child.type != "comment"]
        inner, in_callback = frame, ""
        items: list[Item] = []
        raw: RawCall | None = None
        if callee.type == "member_expression":
            base, prop = callee.child_by_field_name("object"), callee.child_by_field_name("property")
            name = self.tree.text(prop) if prop is not None else ""
            if base is not None:
                raw = self.step_call(node, callee, base, name, frame, use)
                if base.type == "identifier":
                    inner, in_callback = self.global_call(node, callee, base, name, frame)
                if name in ITERATORS:
                    in_callback = name
                chained = name in ("then", "catch", "finally")
                items = [(callee, frame, "chained" if chained else "other")]
        elif callee.type == "identifier":
            raw = self.bare_call(node, callee, frame, use)
        else:
            items = [(callee, frame, None)]
        if raw is not None:
            inner = self.inner(frame, "step", node, raw.kind)
            inner.call = inner.pending = raw
            self.found.calls.append(raw)
        for index, argument in enumerate(given):
            kind = argument.type
            if kind == "identifier":
                self.pass_on(callee, index, argument)
            elif kind in FUNCTIONS and (raw is not None or in_callback):
                items += self.callback(argument, inner, raw, index, in_callback)
            else:
                items.append((argument, inner, "passed"))
        return items

    def step_call(self, node: Node, callee: Node, base: Node, name: str, frame: Frame, use: Use) -> RawCall | None:
        kind = STEP_KINDS.get(name)
        base = unwrapped(base)
        if kind is None or base.type != "identifier":
            return None
        binding = self.names.binding_of(base)
        return self.raw(kind, node, callee, binding, (), frame, use) if binding is not None else None

    def bare_call(self, node: Node, callee: Node, frame: Frame, use: Use) -> RawCall | None:
        """``go('name', …)`` with a ``go`` that was destructured from a step, or a global such as fetch."""
        binding = self.names.binding_of(callee)
        if binding is None:
            if self.tree.text(callee) == "fetch":
                self.found.impure.append(("fetch", callee, frame))
            return None
        kind = STEP_KINDS.get(binding.path[-1]) if binding.path else None
        if kind is None or binding.path is None:
            return None
        return self.raw(kind, node, callee, binding, binding.path, frame, use)

    def raw(
        self, kind: StepKind, node: Node, callee: Node, base: Binding, path: tuple[str, ...], frame: Frame, use: Use
    ) -> RawCall:
        if use is None:
            return RawCall(kind, node, callee, base, path, frame, "other")
        if isinstance(use, str):
            return RawCall(kind, node, callee, base, path, frame, use)
        return RawCall(kind, node, callee, base, path, frame, "held", use)

    def global_call(self, node: Node, callee: Node, base: Node, name: str, frame: Frame) -> tuple[Frame, str]:
        """Frame and callback label of ``Promise.all(…)``, ``Array.from(…)``; notes ``Math.random()`` and its kin."""
        owner = self.tree.text(base)
        if owner == "Promise" and name in COMBINATORS:
            return self.inner(frame, "parallel", node, f"Promise.{name}"), ""
        if (owner, name) in _IMPURE_MEMBERS and self.names.binding_of(base) is None:
            self.found.impure.append((f"{owner}.{name}", callee, frame))
        return frame, ""

    def pass_on(self, callee: Node, index: int, argument: Node) -> None:
        binding = self.names.binding_of(argument)
        if binding is not None and binding.kind in _VALUES:
            self.found.passed.append(Passed(callee, index, binding))

    def new(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        constructor, arguments = node.child_by_field_name("constructor"), node.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else []
        if constructor is not None and constructor.type in ("identifier", "member_expression"):
            plain = constructor.type == "identifier" and self.names.binding_of(constructor) is None
            if not (plain and self.tree.text(constructor) == "Date"):
                self.found.constructed.append((node, frame))
            elif not given:
                self.found.impure.append(("new Date", node, frame))
        return [(child, frame, "passed") for child in given]

    def member(self, node: Node, frame: Frame, use: Use) -> list[Item]:
        chain: list[Node] = []
        current = node
        while current.type == "member_expression" or current.type in TRANSPARENT:
            if current.type == "member_expression":
                prop = current.child_by_field_name("property")
                if prop is None:
                    break
                chain.append(prop)
                inner = current.child_by_field_name("object")
            else:
                inner = current.named_children[0] if current.named_children else None
            if inner is None:
                break
            current = inner
        if current.type == "identifier":
            binding = self.names.binding_of(current)
            if binding is not None and binding.kind in _VALUES:
                chain.reverse()
                if use in ("other", "chained"):  # the last is a method that is called
                    chain.pop()
                path = tuple(self.tree.text(prop) for prop in chain)
                self.found.accesses.append(Access(binding, path, tuple(chain), frame))
            return []
        if current is node:
            return [(child, frame, None) for child in node.named_children]
        return [(current, frame, "chained" if use == "chained" and len(chain) == 1 else None)]

    # Functions and classes ----------------------------------------------------------------------------

    def inner(self, frame: Frame, kind: FrameKind, node: Node, label: str) -> Frame:
        return Frame(
            kind,
            frame,
            node,
            label,
            frame.function,
            frame.in_loop,
            None,
            frame.pending,
            frame.inside,
            frame.direct,
            frame.method,
            frame.owner,
        )

    def class_(self, node: Node, frame: Frame, _: Use) -> list[Item]:
        inner = self.inner(frame, "function", node, "class")
        inner.function, inner.in_loop, inner.direct, inner.owner = inner, False, False, node
        name = node.child_by_field_name("name")
        return [(child, inner, None) for child in node.named_children if child != name]

    def function(self, node: Node, frame: Frame, use: Use) -> list[Item]:
        return self.enter(node, frame, "", use)

    def callback(self, node: Node, frame: Frame, raw: RawCall | None, index: int, iterator: str) -> list[Item]:
        items = self.enter(node, frame, iterator, "passed")
        if raw is not None:
            raw.callbacks[index] = self.found.methods[node.start_byte]
        return items

    def enter(self, node: Node, frame: Frame, iterator: str, use: Use) -> list[Item]:
        name = node.child_by_field_name("name") or (use if isinstance(use, Node) else None)
        inner = self.inner(frame, "function", node, self.tree.text(name) if name is not None else "")
        inner.iterator = iterator
        inner.function = inner
        inner.is_async = any(child.type == "async" for child in node.children)
        # What a step call holds in any of its arguments' functions, its rollback too, runs inside that step.
        inner.inside, inner.pending = frame.pending or frame.inside, None
        inner.in_loop = bool(iterator)
        inner.direct = bool(iterator) and frame.direct
        if node.type == "method_definition" and frame.kind == "function" and frame.label == "class":
            inner.method, inner.direct = node, True
        self.found.methods[node.start_byte] = inner
        items: list[Item] = []
        for parameter in parameters(node):
            value = parameter.child_by_field_name("value")
            if value is not None:
                items.append((value, inner, None))
            pattern = pattern_of(parameter)
            if pattern is not None and pattern.type != "identifier":
                items.append((pattern, inner, None))
        body = node.child_by_field_name("body")
        if body is None:
            return items
        if body.type != "statement_block":
            inner.returns.append(body)
            items.append((body, inner, "returned"))
        else:
            items.append((body, inner, None))
        return items
