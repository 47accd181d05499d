"""The steps of a workflow: which calls are made on run()'s step, and what each is given.

A call counts where its ``step`` is run()'s second parameter, a parameter of type ``WorkflowStep``, a name that
one of those was given to, or the parameter of a function of the same file to which one is passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from koze_lsp.syntax.scope import Binding, Names
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import Value, evaluate
from koze_lsp.syntax.workflow_class import WORKERS_MODULE, parameters, pattern_of
from koze_lsp.syntax.workflow_frames import STEP_KINDS, Frame, RawCall, Settled, StepKind, Walked
from koze_lsp.syntax.workflow_imports import Import
from koze_lsp.text import Span

Context = Literal["loop", "parallel", "try", "catch", "finally", "branch"]
_MAX_CONTEXT = 32
_ROUNDING = frozenset({"floor", "round", "ceil", "trunc"})


@dataclass(frozen=True, slots=True)
class Surrounding:
    """A loop, branch, try or Promise.all around a step; ``label`` is ``for``, ``map``, ``else``, ``Promise.all``, …"""

    kind: Context
    label: str
    span: Span
    group: int = 0
    arm: int = 0
    exits: bool = False


@dataclass(frozen=True, slots=True)
class Return:
    """What a function returns at one place: the value as far as it shows, None for a bare ``return``."""

    span: Span
    value: Value | None


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One call of step.do, sleep, sleepUntil or waitForEvent.

    Attributes:
        kind: the method.
        index: its place among the file's steps, in source order.
        name: the literal name; None where it is computed.
        name_span: the first argument; None without one.
        span: the whole call.
        callee_span: ``step.do``.
        arguments: every argument as far as it shows; what follows a spread is left out.
        settled: what becomes of its promise.
        unused_name: the name that keeps the promise, where nothing ever reads it.
        can_await: whether ``await`` may be written before it.
        context: what surrounds it in its function, outermost first.
        in_loop: whether its function may come here more than once.
        function: the method or function that holds it; ``run`` for run() itself.
        function_span: that function, to tell two of one name apart.
        direct: called from top to bottom by its method, not from a function that is kept for later.
        enclosing: the index of the step in whose callback it stands.
    """

    kind: StepKind
    index: int
    name: str | None
    name_span: Span | None
    span: Span
    callee_span: Span
    arguments: tuple[Value, ...]
    settled: Settled
    unused_name: Span | None
    can_await: bool
    context: tuple[Surrounding, ...]
    in_loop: bool
    function: str
    function_span: Span
    direct: bool
    enclosing: int | None
    returns: tuple[Return, ...] = field(default=(), repr=False)
    until_seconds: bool = False

    @property
    def config(self) -> Value | None:
        """The config of a ``step.do``, where it has one: an argument before the callback."""
        if self.kind != "do" or len(self.arguments) < 2:
            return None
        second = self.arguments[1]
        given = len(self.arguments) > 2 and self.arguments[2].kind in ("function", "unknown")
        return second if given or second.kind == "object" else None

    @property
    def callback(self) -> Value | None:
        """The function that a ``step.do`` runs, where it is written here or a function of this file."""
        if self.kind != "do":
            return None
        return next((value for value in self.arguments[1:3] if value.kind == "function"), None)

    @property
    def callback_span(self) -> Span | None:
        """The callback where it is used."""
        return self.callback.span if self.callback is not None else None

    @property
    def duration(self) -> Value | None:
        """The second argument of sleep and sleepUntil; the timeout of waitForEvent."""
        if self.kind == "do" or len(self.arguments) < 2:
            return None
        if self.kind != "waitForEvent":
            return self.arguments[1]
        return self.option("timeout")

    @property
    def event_type(self) -> Value | None:
        """The ``type`` of a waitForEvent."""
        return self.option("type") if self.kind == "waitForEvent" else None

    def option(self, key: str) -> Value | None:
        """A member of the second argument, unless a spread after it may replace it."""
        options = self.arguments[1] if len(self.arguments) > 1 else None
        if options is None or options.kind != "object":
            return None
        for member in reversed(options.properties):
            if member.key is None:
                return None
            if member.key == key:
                return member.value
        return None


class Steps:
    """Finds the steps among the calls that a walk collected."""

    def __init__(
        self,
        tree: SyntaxTree,
        names: Names,
        walked: Walked,
        run: Node | None,
        methods: dict[str, Node],
        owners: Iterable[Node],
        imports: Iterable[Import],
    ) -> None:
        self.tree = tree
        self.names = names
        self.walked = walked
        self.run = run
        self.methods = methods
        self.owners = {node.start_byte for node in owners}
        self._surroundings: dict[int, Surrounding] = {}  # by the id of the frame
        known = {item.local: (item.module, item.imported) for item in imports}
        self.step_types = {name for name, origin in known.items() if origin == (WORKERS_MODULE, "WorkflowStep")}
        if "WorkflowStep" not in known:
            self.step_types.add("WorkflowStep")

    @cached_property
    def _by_start(self) -> dict[int, Binding]:
        return {binding.span.start: binding for binding in self.names.bindings}

    @cached_property
    def step_bindings(self) -> set[int]:
        """The ids of the bindings that hold a step object."""
        passed, aliases = defaultdict(list), defaultdict(list)
        for item in self.walked.passed:
            passed[id(item.binding)].append(item)
        for binding in self.names.bindings:
            if binding.init is not None and binding.kind in ("const", "let") and binding.init.type == "identifier":
                source = self.names.binding_of(binding.init)
                if source is not None:
                    aliases[id(source)].append(binding)
        found: set[int] = set()
        queue = self._seeds()
        while queue:
            binding = queue.pop()
            if id(binding) in found:
                continue
            found.add(id(binding))
            if binding.path != ():
                continue  # a single method, or the object's rest
            queue += aliases[id(binding)]
            queue += [target for item in passed[id(binding)] for target in self._parameter(item.callee, item.index)]
        return found

    def _seeds(self) -> list[Binding]:
        second = [*parameters(self.run), None, None][1] if self.run is not None else None
        found = []
        for binding in self.names.bindings:
            if binding.kind != "parameter":
                continue
            own = second is not None and binding.declaration.start_byte == second.start_byte
            if own or _type_name(self.tree, binding.declaration) in self.step_types:
                found.append(binding)
        return found

    def _parameter(self, callee: Node, index: int) -> list[Binding]:
        """The names that a call's target gives to its argument of that number."""
        function = self.function_of(callee)
        given = parameters(function) if function is not None else []
        pattern = pattern_of(given[index]) if index < len(given) else None
        if pattern is None or pattern.type != "identifier":
            return []
        binding = self._by_start.get(self.tree.span(pattern).start)
        return [binding] if binding is not None else []

    def function_of(self, callee: Node) -> Node | None:
        """The function or method of this file that a callee, or a name given as an argument, means."""
        if callee.type == "member_expression":
            base, name = callee.child_by_field_name("object"), callee.child_by_field_name("property")
            if base is None or name is None or base.type != "this":
                return None
            return self.methods.get(self.tree.text(name))
        binding = self.names.binding_of(callee) if callee.type == "identifier" else None
        if binding is None:
            return None
        if binding.kind == "function":
            return binding.declaration
        init = binding.init if binding.kind == "const" and binding.path == () else None
        return init if init is not None and init.type in ("arrow_function", "function_expression") else None

    @cached_property
    def raw(self) -> list[RawCall]:
        """The calls that are steps of this workflow."""
        return [call for call in self.walked.calls if self._is_step(call)]

    def _is_step(self, call: RawCall) -> bool:
        if id(call.base) not in self.step_bindings:
            return False
        if call.path and (len(call.path) != 1 or call.path[0] not in STEP_KINDS):
            return False
        if not call.path and call.base.path != ():
            return False
        owner = call.frame.owner
        return owner is None or not self.owners or owner.start_byte in self.owners

    @cached_property
    def by_call(self) -> dict[int, int]:
        """The index of a step by the start byte of its call."""
        return {id(call): index for index, call in enumerate(self.raw)}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps in source order."""
        return tuple(self._step(index, call) for index, call in enumerate(self.raw))

    def step_at(self, node: Node) -> Step | None:
        """The step that a call expression is."""
        index = self._by_node.get(node.id)
        return self.steps[index] if index is not None else None

    @cached_property
    def _by_node(self) -> dict[int, int]:
        return {call.node.id: index for index, call in enumerate(self.raw)}

    def _step(self, index: int, call: RawCall) -> Step:
        arguments = tuple(evaluate(self.tree, self.names, node) for node in _arguments(call.node))
        name = arguments[0] if arguments else None
        function = call.frame.function
        return Step(
            call.kind,
            index,
            name.string if name is not None else None,
            name.span if name is not None else None,
            self.tree.span(call.node),
            self.tree.span(call.callee),
            arguments,
            call.settled,
            self._unused(call),
            function is not None and function.is_async,
            self._context(call.frame),
            call.frame.in_loop,
            self._label(function),
            self.tree.span(function.node) if function is not None else self.tree.span(call.node),
            call.frame.direct,
            self._enclosing(call),
            self.returns(self._callback(call, arguments)),
            call.kind == "sleepUntil" and self._seconds(call.node),
        )

    def _label(self, function: Frame | None) -> str:
        if function is None:
            return ""
        if self.run is not None and function.node == self.run:
            return "run"
        return function.label or function.iterator

    def _unused(self, call: RawCall) -> Span | None:
        """The name that keeps a step's promise, where nothing reads it."""
        if call.held_by is None or call.held_by.type != "identifier":
            return None
        binding = self._by_start.get(self.tree.span(call.held_by).start)
        return binding.span if binding is not None and not binding.used else None

    def _enclosing(self, call: RawCall) -> int | None:
        around = call.frame.inside
        for _ in range(_MAX_CONTEXT):
            if around is None:
                return None
            index = self.by_call.get(id(around))
            if index is not None:
                return index
            around = around.frame.inside
        return None

    def _context(self, frame: Frame) -> tuple[Surrounding, ...]:
        found: list[Surrounding] = []
        current: Frame | None = frame
        for _ in range(_MAX_CONTEXT):
            if current is None or (current.kind == "function" and not current.iterator):
                break
            if current.kind != "step":
                found.append(self._surrounding(current))
            current = current.parent
        return tuple(reversed(found))

    def _surrounding(self, frame: Frame) -> Surrounding:
        known = self._surroundings.get(id(frame))
        if known is None:
            span = self.tree.span(frame.node)
            if frame.kind == "function":
                known = Surrounding("loop", frame.iterator, span)
            else:
                assert frame.kind != "step"
                known = Surrounding(frame.kind, frame.label, span, frame.group, frame.arm, frame.exits)
            self._surroundings[id(frame)] = known
        return known

    def _callback(self, call: RawCall, arguments: tuple[Value, ...]) -> Frame | None:
        if call.kind != "do":
            return None
        for index in sorted(call.callbacks):
            if index in (1, 2):
                return call.callbacks[index]
        for value in arguments[1:3]:
            if value.function is not None:
                return self.walked.methods.get(value.function.node.start_byte)
        return None

    def returns(self, frame: Frame | None) -> tuple[Return, ...]:
        """The places where a function returns."""
        if frame is None:
            return ()
        found = []
        for node in frame.returns:
            value = evaluate(self.tree, self.names, node) if node is not None else None
            found.append(Return(value.span if value is not None else self.tree.span(frame.node), value))
        return tuple(found)

    def _seconds(self, node: Node) -> bool:
        """Whether sleepUntil's time is computed in seconds: ``Date.now() / 1000 + 60``."""
        stack = _arguments(node)[1:2]
        while stack:
            current = stack.pop()
            kind = current.type
            if kind == "parenthesized_expression":
                stack += current.named_children[:1]
            elif kind == "call_expression" and _called(self.tree, current) in {f"Math.{name}" for name in _ROUNDING}:
                stack += _arguments(current)[:1]
            elif kind == "binary_expression":
                left, right = current.child_by_field_name("left"), current.child_by_field_name("right")
                operator = current.child_by_field_name("operator")
                if left is None or right is None or operator is None:
                    continue
                if operator.type == "/" and self.tree.text(right).replace("_", "") in ("1000", "1e3"):
                    if left.type == "call_expression" and _is_now(_called(self.tree, left)):
                        return True
                elif operator.type in "+-":
                    stack += [left, right]
        return False


def _is_now(called: str) -> bool:
    return called == "Date.now" or called.rsplit(".", 1)[-1] in ("getTime", "valueOf")


def _called(tree: SyntaxTree, node: Node) -> str:
    callee = node.child_by_field_name("function")
    return tree.text(callee) if callee is not None and callee.end_byte - callee.start_byte < 100 else ""


def _arguments(call: Node) -> list[Node]:
    """The arguments of a call up to the first spread."""
    listed = call.child_by_field_name("arguments")
    found: list[Node] = []
    for child in listed.named_children if listed is not None and listed.type == "arguments" else ():
        if child.type == "spread_element":
            break
        if child.type != "comment":
            found.append(child)
    return found


def _type_name(tree: SyntaxTree, parameter: Node) -> str | None:
    """The name of a parameter's type, without namespace and type arguments."""
    annotation = parameter.child_by_field_name("type")
    node = annotation.named_children[0] if annotation is not None and annotation.named_children else None
    if node is None:
        return None
    if node.type == "generic_type":
        node = node.child_by_field_name("name") or node
    if node.type not in ("type_identifier", "nested_type_identifier"):
        return None
    return tree.text(node).rsplit(".", 1)[-1].strip()
