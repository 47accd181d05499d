"""What run() does, in order: steps, blocks of them, and where it ends. `workflow_outline` makes it from the tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["loop", "parallel", "branch", "try", "call", "elsewhere"]
Role = Literal[
    "", "if", "else if", "else", "case", "default", "and", "or", "nullish", "try", "catch", "finally", "each"
]
ExitKind = Literal["return", "leave", "throw", "break", "continue"]


@dataclass(frozen=True, slots=True)
class StepAt:
    """A step by its index in ``WorkflowFacts.steps``; ``inside``: what its callback holds."""

    index: int
    inside: tuple[Flow, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """One way through a block. ``text`` is source: a condition, a case's value, what a loop goes over.

    ``falls``: a case that goes on with the next one.
    """

    role: Role
    text: str
    nodes: tuple[Flow, ...]
    falls: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Several nodes that belong together; ``title`` is ``for``, ``switch (x)``, ``Promise.all``, a function's name.

    ``recursive``: a call whose function is not shown again, for it is being shown, or the graph is very large.
    """

    kind: BlockKind
    title: str
    lanes: tuple[Lane, ...]
    recursive: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """An element of ``Promise.all`` whose steps were started earlier, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Exit:
    """Where run(), a helper (``leave``) or a loop's round ends; ``text`` is the value, where it holds no step."""

    kind: ExitKind
    text: str


Flow = StepAt | Block | Join | Exit


@dataclass(frozen=True, slots=True)
class Held:
    """Promises kept in a name: shown at the ``Promise.all`` that awaits them, if nothing comes between."""

    name: int  # where the name is declared
    text: str
    nodes: tuple[Flow, ...]


Out = list[StepAt | Block | Join | Exit | Held]


def sealed(out: Out) -> tuple[Flow, ...]:
    """The nodes, with what no Promise.all took where it was started."""
    found: list[Flow] = []
    for item in out:
        if isinstance(item, Held):
            found += item.nodes
        else:
            found.append(item)
    return tuple(found)


def matters(nodes: Iterable[Flow], *, rounds: bool = True) -> bool:
    """Whether a step or an end is among the nodes; ``rounds``: also the end of a loop's round."""
    for node in nodes:
        if isinstance(node, (StepAt, Join)):
            return True
        if isinstance(node, Exit) and (rounds or node.kind not in ("break", "continue")):
            return True
        if isinstance(node, Block) and (
            node.recursive or any(matters(lane.nodes, rounds=rounds) for lane in node.lanes)
        ):
            return True
    return False


def lanes_of(nodes: tuple[Flow, ...], *, apart: bool) -> list[Lane]:
    """What Promise.all awaits at one place; ``apart``: each node is a promise of its own."""
    if not nodes:
        return []
    lanes = []
    for group in ((node,) for node in nodes) if apart else (nodes,):
        only = group[0] if len(group) == 1 else None
        if isinstance(only, Block) and only.kind == "loop" and only.lanes[0].role == "each":
            lanes.append(only.lanes[0])
        else:
            lanes.append(Lane("", "", group))
    return lanes
