"""What a ``.workflow.ts`` file says: its class, run(), steps, payload and output.

The class's name and export come from the framework's own pattern and cost no parsing; all else is made from
the syntax tree when it is first asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from koze_lsp.syntax import tree as syntax_tree
from koze_lsp.syntax.scope import Binding, Names, resolve
from koze_lsp.syntax.tree import Node, SyntaxTree
from koze_lsp.syntax.values import Value, evaluate
from koze_lsp.syntax.workflow_class import (
    ENTRYPOINT,
    Classes,
    Export,
    ExportProblem,
    FoundClass,
    Heritage,
    Run,
    find_class,
    heritage_clause,
    parameters,
)
from koze_lsp.syntax.workflow_export import export_problem
from koze_lsp.syntax.workflow_flow import Flow
from koze_lsp.syntax.workflow_frames import Walked
from koze_lsp.syntax.workflow_imports import Import
from koze_lsp.syntax.workflow_outline import outline
from koze_lsp.syntax.workflow_results import Unserializable, unserializable
from koze_lsp.syntax.workflow_shapes import Field, Shape, Types, merged, shape_of
from koze_lsp.syntax.workflow_steps import Return, Step, Steps, Surrounding
from koze_lsp.syntax.workflow_walk import walk
from koze_lsp.text import Span

__all__ = [
    "ExportProblem",
    "Field",
    "Heritage",
    "Import",
    "Impure",
    "NonRetryable",
    "PayloadRead",
    "Return",
    "Run",
    "Shape",
    "Step",
    "Surrounding",
    "Unserializable",
    "WorkflowFacts",
    "parse",
]

NON_RETRYABLE = ("cloudflare:workflows", "NonRetryableError")
_MAX_ALIASES = 8


@dataclass(frozen=True, slots=True)
class PayloadRead:
    """``event.payload.a.b``, or the same by destructuring: the path below the payload, and each name's span."""

    path: tuple[str, ...]
    spans: tuple[Span, ...]
    form: Literal["access", "pattern"] = "access"


@dataclass(frozen=True, slots=True)
class Impure:
    """Something directly in run() that gives another answer when run() starts again, such as ``Math.random``."""

    what: str
    span: Span


@dataclass(frozen=True, slots=True)
class NonRetryable:
    """A ``new NonRetryableError(…)``. ``in_run`` where run() itself makes it, outside every callback."""

    span: Span
    arguments: tuple[Value, ...]
    in_run: bool


class WorkflowFacts:
    """The facts of one workflow file. Never fails; what the text does not show is None, empty or unknown."""

    def __init__(self, source: str, previous: SyntaxTree | None = None) -> None:
        self.source = source
        self._previous = previous

    # By pattern ---------------------------------------------------------------------------------------

    @cached_property
    def found(self) -> FoundClass | None:
        """The class as the framework finds it in the raw text."""
        return find_class(self.source)

    @property
    def class_name(self) -> str | None:
        """The name that the framework registers; None where it refuses to start."""
        return self.found.name if self.found is not None else None

    @property
    def class_span(self) -> Span | None:
        """Where that name stands."""
        return self.found.span if self.found is not None else None

    @property
    def export(self) -> Export | None:
        """How the class is exported, in the framework's eyes."""
        return self.found.export if self.found is not None else None

    # By tree ------------------------------------------------------------------------------------------

    @cached_property
    def tree(self) -> SyntaxTree:
        """The syntax tree; for the syntax layer only."""
        made = syntax_tree.parse(self.source, self._previous)
        self._previous = None
        return made

    @cached_property
    def names(self) -> Names:
        """The names of the tree; for the syntax layer only."""
        return resolve(self.tree)

    @cached_property
    def _classes(self) -> Classes:
        return Classes(self.tree, self.names, self.found)

    @cached_property
    def _walked(self) -> Walked:
        return walk(self.tree, self.names)

    @cached_property
    def _steps(self) -> Steps:
        node = self._classes.meant
        methods = self._classes.methods(node) if node is not None else {}
        owners = self._classes.chain(node)[0] if node is not None else []
        return Steps(self.tree, self.names, self._walked, self.run.node, methods, owners, self.imports)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every imported name."""
        return self._classes.imports

    @cached_property
    def export_problem(self) -> ExportProblem | None:
        """Why the framework does not register the class that the file means."""
        return export_problem(self._classes)

    @cached_property
    def name_span(self) -> Span | None:
        """The name of the class that the file means, registered or not."""
        node = self._classes.meant
        name = node.child_by_field_name("name") if node is not None else None
        return self.tree.span(name) if name is not None else None

    @cached_property
    def heritage(self) -> Heritage | None:
        """What the class extends; None where the file shows no class."""
        node = self._classes.meant
        return self._classes.heritage(node) if node is not None else None

    @cached_property
    def other_entrypoint(self) -> Span | None:
        """The name of a class that leads to WorkflowEntrypoint while the registered one does not."""
        for node in self._classes.nodes.values():
            if node != self._classes.meant and self._classes.heritage(node).base == "entrypoint":
                name = node.child_by_field_name("name")
                return self.tree.span(name) if name is not None else None
        return None

    @cached_property
    def run(self) -> Run:
        """The class's run()."""
        node = self._classes.meant
        return self._classes.run(node) if node is not None else Run("unknown")

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps in source order, those of helper functions in this file included."""
        return self._steps.steps

    @cached_property
    def flow(self) -> tuple[Flow, ...]:
        """The order in which run() comes to the steps, with what surrounds them."""
        return outline(self.tree, self.names, self._steps, self.run.node)

    @cached_property
    def returns(self) -> tuple[Return, ...]:
        """The places where run() returns."""
        frame = self._walked.methods.get(self.run.node.start_byte) if self.run.node is not None else None
        return self._steps.returns(frame)

    @cached_property
    def unserializable(self) -> tuple[Unserializable, ...]:
        """What steps return that the engine cannot store."""
        found: list[Unserializable] = []
        for step in self.steps:
            for item in step.returns:
                if item.value is not None:
                    found += unserializable(self.tree, self.names, step.index, item.value)
        return tuple(found)

    @cached_property
    def impure(self) -> tuple[Impure, ...]:
        """Math.random, Date.now, fetch and their kin directly in run()."""
        found: list[Impure] = []
        for what, node, frame in self._walked.impure:
            until = frame.pending is not None and frame.pending.kind == "sleepUntil"
            if frame.direct and frame.method is not None and frame.method == self.run.node and not until:
                found.append(Impure(what, self.tree.span(node)))
        return tuple(found)

    @cached_property
    def non_retryable(self) -> tuple[NonRetryable, ...]:
        """Every ``new NonRetryableError(…)``, renamed imports included."""
        found: list[NonRetryable] = []
        for node, frame in self._walked.constructed:
            constructor, listed = node.child_by_field_name("constructor"), node.child_by_field_name("arguments")
            if constructor is None or self._classes.origin(constructor) != NON_RETRYABLE:
                continue
            given = [child for child in listed.named_children if child.type != "comment"] if listed is not None else []
            if any(child.type == "spread_element" for child in given):
                given = []
            values = tuple(evaluate(self.tree, self.names, child) for child in given)
            in_run = frame.direct and frame.method is not None and frame.method == self.run.node
            found.append(NonRetryable(self.tree.span(node), values, in_run))
        return tuple(found)

    # Payload and output -------------------------------------------------------------------------------

    @cached_property
    def _payload_type(self) -> Node | None:
        """The type node of the payload: WorkflowEvent's argument, else WorkflowEntrypoint's second one."""
        first = parameters(self.run.node)[:1] if self.run.node is not None else []
        annotation = first[0].child_by_field_name("type") if first else None
        node = annotation.named_children[0] if annotation is not None and annotation.named_children else None
        for _ in range(4):
            if node is None or node.type not in ("generic_type", "readonly_type"):
                break
            name, given = node.child_by_field_name("name"), _type_arguments(node)
            if name is not None and self.tree.text(name).rsplit(".", 1)[-1] == "WorkflowEvent":
                return given[0] if given else None
            node = given[0] if given else None
        meant = self._classes.meant
        clause = heritage_clause(meant) if meant is not None else None
        value = clause.child_by_field_name("value") if clause is not None else None
        origin = self._classes.origin(value) if value is not None else None
        if clause is None or origin is None or origin[1] != ENTRYPOINT:
            return None
        given = _type_arguments(clause)
        return given[1] if len(given) > 1 else None

    @cached_property
    def payload(self) -> Shape | None:
        """The payload's declared fields; None where it has no declared type or one from another file."""
        return Types(self.tree).shape(self._payload_type) if self._payload_type is not None else None

    @property
    def payload_type(self) -> str | None:
        """The text of the payload's type."""
        return self.tree.text(self._payload_type) if self._payload_type is not None else None

    @cached_property
    def output(self) -> Shape | None:
        """The fields of what run() returns, over all its returns; None where no return shows any."""
        shapes: list[Shape | None] = []
        for item in self.returns:
            if item.value is None or item.value.kind in ("undefined", "null"):
                continue
            shapes.append(self._shape(item.value))
        return merged(shapes)

    def _shape(self, value: Value) -> Shape | None:
        """An object literal's fields, also where it is the result of a step of this file."""
        for _ in range(_MAX_ALIASES):
            if value.kind == "object":
                return shape_of(self.tree, value)
            node = value.node
            while node is not None and node.type in ("await_expression", "parenthesized_expression"):
                node = node.named_children[0] if node.named_children else None
            step = self._steps.step_at(node) if node is not None and node.type == "call_expression" else None
            if step is None or len(step.returns) != 1 or step.returns[0].value is None:
                return None
            value = step.returns[0].value
        return None

    @cached_property
    def payload_reads(self) -> tuple[PayloadRead, ...]:
        """Every read below event.payload, in source order."""
        found: list[PayloadRead] = []
        for access in self._walked.accesses:
            base = self._event_path(access.binding)
            if base is None:
                continue
            path = (*base, *access.path)
            below = len(path) - 1
            if path[:1] == ("payload",) and below > 0 and len(access.nodes) >= 1:
                known = min(below, len(access.nodes))
                spans = tuple(self.tree.span(node) for node in access.nodes[-known:])
                found.append(PayloadRead(path[-known:] if known < below else path[1:], spans))
        for binding in self.names.bindings:
            if (
                binding.path
                and (base := self._event_path(binding)) is not None
                and base[:1] == ("payload",)
                and base[1:]
            ):
                found.append(PayloadRead(base[1:], (binding.span,), "pattern"))
        return tuple(sorted(found, key=lambda read: read.spans[0]))

    def _event_path(self, binding: Binding) -> tuple[str, ...] | None:
        """How a name is reached from run()'s event: ``()`` for the event itself, None for anything else."""
        path: tuple[str, ...] = ()
        event = self.run.event_span
        for _ in range(_MAX_ALIASES):
            if binding.path is None:
                return None
            path = (*binding.path, *path)
            if binding.kind == "parameter":
                declared = self.tree.span(binding.declaration)
                return path if event is not None and declared == event else None
            if binding.kind != "const" or binding.init is None:
                return None
            names, node = _chain(self.tree, binding.init)
            target = self.names.binding_of(node) if node is not None and node.type == "identifier" else None
            if target is None:
                return None
            path = (*names, *path)
            binding = target
        return None


def _chain(tree: SyntaxTree, node: Node) -> tuple[tuple[str, ...], Node | None]:
    """The properties of ``a.b.c`` and the node of ``a``."""
    names: list[str] = []
    current: Node | None = node
    while current is not None and current.type in ("member_expression", "parenthesized_expression", "as_expression"):
        if current.type == "member_expression":
            prop = current.child_by_field_name("property")
            names.append(tree.text(prop) if prop is not None else "")
            current = current.child_by_field_name("object")
        else:
            current = current.named_children[0] if current.named_children else None
    return tuple(reversed(names)), current


def _type_arguments(node: Node) -> list[Node]:
    for child in node.children:
        if child.type == "type_arguments":
            return list(child.named_children)
    if node.type == "readonly_type":
        return list(node.named_children)
    return []


def parse(source: str, previous: WorkflowFacts | None = None) -> WorkflowFacts:
    """The facts of a text; the tree of an earlier version, if it was made, is brought up to date."""
    if previous is not None and previous.source == source:
        return previous
    if previous is None:
        return WorkflowFacts(source)
    made = previous.__dict__.get("tree", previous._previous)
    return WorkflowFacts(source, made if isinstance(made, SyntaxTree) else None)
