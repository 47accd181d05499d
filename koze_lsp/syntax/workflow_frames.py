"""What one pass over a workflow file collects: calls that may be steps, and what surrounds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from koze_lsp.syntax.scope import Binding
from koze_lsp.syntax.tree import Node

StepKind = Literal["do", "sleep", "sleepUntil", "waitForEvent"]
STEP_KINDS: dict[str, StepKind] = {
    "do": "do",
    "sleep": "sleep",
    "sleepUntil": "sleepUntil",
    "waitForEvent": "waitForEvent",
}
Settled = Literal["awaited", "returned", "held", "dropped", "chained", "passed", "other"]
"""What becomes of a step's promise. ``held``: kept in a name; ``dropped``: a statement of its own."""

FrameKind = Literal["function", "loop", "parallel", "try", "catch", "finally", "branch", "step"]


@dataclass(slots=True, eq=False)
class Frame:
    """What surrounds a node: a function, a loop, a branch, …

    Attributes:
        label: for people: ``for``, ``Promise.all``, ``if``, ``else``, a function's name.
        function: the nearest function, itself included.
        in_loop: something in ``function`` (or a callback of map and its kin) runs this more than once.
        call: for ``step``, the call whose arguments these are.
        pending: the call that may be a step and in whose arguments this stands, outside any callback.
        inside: the nearest call that may be a step and whose callback holds this.
        direct: run from top to bottom by the method that ``method`` is, not kept for later.
        group, arm: which branch of which if or switch; two arms of one group never both run.
        exits: the branch ends with return, throw, break or continue.
        iterator: for the callback of ``map`` and its kin, that method.
    """

    kind: FrameKind
    parent: Frame | None
    node: Node
    label: str = ""
    function: Frame | None = None
    in_loop: bool = False
    call: RawCall | None = None
    pending: RawCall | None = None
    inside: RawCall | None = None
    direct: bool = False
    method: Node | None = None
    owner: Node | None = None
    group: int = 0
    arm: int = 0
    exits: bool = False
    iterator: str = ""
    is_async: bool = False
    returns: list[Node | None] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class RawCall:
    """A call that may be a step. ``base`` is what its ``step`` refers to."""

    kind: StepKind
    node: Node
    callee: Node
    base: Binding
    path: tuple[str, ...]
    frame: Frame
    settled: Settled
    held_by: Node | None = None
    callbacks: dict[int, Frame] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Passed:
    """A name given to a function of the file, as its argument of that number."""

    callee: Node
    index: int
    binding: Binding


@dataclass(slots=True, eq=False)
class Access:
    """``name.a.b``: the chain of properties read from a name."""

    binding: Binding
    path: tuple[str, ...]
    nodes: tuple[Node, ...]
    frame: Frame


@dataclass(slots=True, eq=False)
class Walked:
    """What one pass collects, in source order."""

    calls: list[RawCall] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    impure: list[tuple[str, Node, Frame]] = field(default_factory=list)
    constructed: list[tuple[Node, Frame]] = field(default_factory=list)
    methods: dict[int, Frame] = field(default_factory=dict)
    """Every function's frame by the start byte of its node."""
