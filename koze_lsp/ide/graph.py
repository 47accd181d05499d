"""The step graph of a workflow, from its code alone, and its text form; ``graph_svg`` draws it.

What run() does, in order: steps with what can be said of each, loops, branches, parallel parts, try, the file's own
helper functions where they are called, and where run() ends early.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from koze_lsp.ide.describe import duration_text
from koze_lsp.syntax.durations import human
from koze_lsp.syntax.step_config import retry_schedule
from koze_lsp.syntax.workflow import Step, WorkflowFacts
from koze_lsp.syntax.workflow_flow import Block, BlockKind, Exit, ExitKind, Flow, Join, Lane, StepAt
from koze_lsp.syntax.workflow_frames import StepKind
from koze_lsp.text import Span

__all__ = ["End", "Graph", "Group", "Node", "StepNode", "Track", "graph_of", "markdown", "text"]

_SHOWN = 60
_SHOWN_LINES = 40
VERBS: dict[StepKind, str] = {"do": "do", "sleep": "sleep", "sleepUntil": "sleep", "waitForEvent": "wait"}
_ENDS = {
    "return": "■ return",
    "leave": "↑ return",
    "throw": "✕ throw",
    "break": "↓ break",
    "continue": "↻ continue",
}


@dataclass(frozen=True, slots=True)
class StepNode:
    """One step: its name (or the source of a computed one), notes such as ``24 h``, its place in the file."""

    kind: StepKind
    name: str
    notes: tuple[str, ...]
    span: Span
    inside: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Track:
    """One way through a group: ``if rows === 0``, ``catch (error)``, ``each of items``; often without a title.

    ``falls``: a case of a switch that goes on with the next one.
    """

    title: str
    nodes: tuple[Node, ...]
    falls: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A loop, branch, parallel part, try or helper function.

    ``passes``: a branch that may be passed by without any of its tracks, as an ``if`` without ``else``.
    """

    kind: BlockKind
    title: str
    tracks: tuple[Track, ...]
    passes: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """Where run() ends (``return``, ``throw``), a helper (``leave``), or a round of a loop (``break``, ``continue``).

    ``join``: no end, but where promises that were made earlier are awaited.
    """

    kind: ExitKind | Literal["join"]
    text: str


Node = StepNode | Group | End


@dataclass(frozen=True, slots=True)
class Graph:
    """A workflow's graph; without nodes where the file shows no step."""

    title: str
    nodes: tuple[Node, ...]


def graph_of(facts: WorkflowFacts, title: str = "") -> Graph:
    """The graph of a workflow file; the title is the class's name unless another is given. Never fails."""
    name = title or facts.class_name or "workflow"
    return Graph(name, _nodes(facts, facts.flow))


def text(graph: Graph) -> str:
    """The graph as lines with branches drawn by box characters, for terminals and hovers."""
    lines = [graph.title]
    lines += _branches(_entries(graph.nodes)) if graph.nodes else ["└─ no steps"]
    return "\n".join(lines)


def markdown(facts: WorkflowFacts) -> str:
    """The text as a block of Markdown; empty where the steps simply follow each other, as a list says it as well."""
    graph = graph_of(facts)
    if not any(isinstance(node, Group) for node in graph.nodes):
        return ""
    lines = text(graph).split("\n")[1:]
    if len(lines) > _SHOWN_LINES:
        lines[_SHOWN_LINES:] = [f"… {len(lines) - _SHOWN_LINES} more lines"]
    shown = "\n".join(lines)
    fence = "~~~~" if "```" in shown else "```"
    return f"{fence}text\n{shown}\n{fence}"


# The model -----------------------------------------------------------------------------------------------


def _nodes(facts: WorkflowFacts, flow: Iterable[Flow], *, parallel: bool = False) -> tuple[Node, ...]:
    found: list[Node] = []
    for item in flow:
        if isinstance(item, StepAt):
            step = facts.steps[item.index]
            notes = _notes(facts, step, parallel=parallel)
            found.append(StepNode(step.kind, _name(facts, step), notes, step.span, _nodes(facts, item.inside)))
        elif isinstance(item, Block):
            found.append(_group(facts, item, parallel=parallel))
        elif isinstance(item, Exit):
            found.append(End(item.kind, _short(item.text)))
        elif isinstance(item, Join):
            found.append(End("join", item.name))
    return tuple(found)


def _group(facts: WorkflowFacts, block: Block, *, parallel: bool) -> Group:
    inner = block.kind == "parallel" or (parallel and block.kind in ("branch", "call"))
    tracks = tuple(
        Track(_lane_title(lane), _nodes(facts, lane.nodes, parallel=inner), lane.falls) for lane in block.lanes
    )
    if block.kind == "loop":
        over = block.lanes[0]
        title = f"{block.title} {over.text}" if over.role != "each" else f"{block.title} over {over.text}"
        return Group("loop", _short(title.strip()), (Track("", tracks[0].nodes),))
    if block.kind == "elsewhere":
        return Group("elsewhere", f"{block.title or 'a function'}, not called visibly", tracks)
    if block.recursive:
        return Group("call", f"{block.title} (as above)", ())
    whole = any(lane.role in ("else", "default") for lane in block.lanes)
    return Group(block.kind, _short(block.title), tracks, block.kind == "branch" and not whole)


def _lane_title(lane: Lane) -> str:
    shown = _short(lane.text)
    match lane.role:
        case "if" | "else if" | "case":
            return f"{lane.role} {shown}"
        case "and":
            return f"if {shown}" if shown else "if so"
        case "or":
            return f"unless {shown}" if shown else "if not"
        case "nullish":
            return f"if {shown} is missing" if shown else "if missing"
        case "catch":
            return f"catch ({shown})" if shown else "catch"
        case "each":
            return f"each of {shown}"
    return lane.role


def _name(facts: WorkflowFacts, step: Step) -> str:
    """The step's name; a computed one by its source, a template literal's without the back-quotes."""
    if step.name is not None:
        return _short(step.name)
    if step.name_span is None:
        return "(no name)"
    source = " ".join(facts.source[step.name_span.start : step.name_span.end].split())
    quoted = len(source) > 1 and source[0] == source[-1] == "`"
    return _short(source[1:-1] if quoted else source)


def _notes(facts: WorkflowFacts, step: Step, *, parallel: bool) -> tuple[str, ...]:
    notes = list(_timing(facts, step))
    if step.settled == "dropped" or (step.settled in ("held", "passed") and not parallel):
        notes.append("not awaited" if step.settled == "dropped" or step.unused_name is not None else "awaited later")
    return tuple(notes)


def _timing(facts: WorkflowFacts, step: Step) -> Iterator[str]:
    if step.kind == "sleep":
        yield duration_text(step.duration)
    elif step.kind == "sleepUntil":
        until = step.duration
        yield f"until {_short(facts.source[until.span.start : until.span.end])}" if until is not None else "until …"
    elif step.kind == "waitForEvent":
        event = step.event_type
        yield f"event {event.string}" if event is not None and event.string else "event …"
        yield f"at most {duration_text(step.duration)}" if step.duration is not None else "at most 24 h"
    elif step.config is not None:
        yield from _config(step)


def _config(step: Step) -> Iterator[str]:
    """Retries and timeout where the code sets them; the engine's own are not worth a note."""
    config, schedule = step.config, retry_schedule(step.config)
    if config is None or config.kind != "object" or schedule is None:
        return
    if config.member("retries") is not None:
        limit = f"{schedule.limit:.10g}"
        if schedule.limit < 1:
            yield "no retries"
        else:
            yield f"{limit} {'retry' if schedule.limit < 2 else 'retries'}, {schedule.backoff}"
    if config.member("timeout") is not None and schedule.timeout is not None:
        yield f"timeout {human(schedule.timeout)}"


def _short(source: str) -> str:
    source = " ".join(source.split())
    return source if len(source) <= _SHOWN else f"{source[: _SHOWN - 1].rstrip()}…"


# The text ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line and what is indented below it."""

    line: str
    below: tuple[_Entry, ...] = ()


def _entries(nodes: Iterable[Node]) -> tuple[_Entry, ...]:
    return tuple(entry for node in nodes for entry in _entry(node))


def _entry(node: Node) -> Iterator[_Entry]:
    if isinstance(node, StepNode):
        yield _Entry(" · ".join([f"{VERBS[node.kind]} {node.name}", *node.notes]), _entries(node.inside))
    elif isinstance(node, End):
        yield _Entry(end_text(node))
    elif node.kind == "branch":
        if node.title.startswith("switch"):
            yield _Entry(node.title, tuple(_track(track) for track in node.tracks))
        else:
            yield from map(_track, node.tracks)
    elif node.kind == "try":
        yield from map(_track, node.tracks)
    elif node.kind == "parallel":
        yield _Entry(node.title, tuple(_lanes(node.tracks)))
    else:
        yield _Entry(_titled(node), tuple(entry for track in node.tracks for entry in _entries(track.nodes)))


def _titled(group: Group) -> str:
    return f"↻ {group.title}" if group.kind == "loop" else group.title


def _track(track: Track) -> _Entry:
    below = _entries(track.nodes)
    return _Entry(track.title, (*below, _Entry("(goes on with the next case)")) if track.falls else below)


def _lanes(tracks: Iterable[Track]) -> Iterator[_Entry]:
    """The parts of a Promise.all: a single step needs no line of its own."""
    for track in tracks:
        below = _entries(track.nodes)
        if track.title:
            yield _Entry(f"∥ {track.title}", below)
        elif len(below) == 1:
            yield _Entry(f"∥ {below[0].line}", below[0].below)
        else:
            yield _Entry("∥", below)


def end_text(node: End) -> str:
    """``■ return { rows }``, ``✕ throw error``, ``tasks, started above``"""
    if node.kind == "join":
        return f"{node.text}, started above"
    return f"{_ENDS[node.kind]} {node.text}".rstrip()


def _branches(entries: tuple[_Entry, ...], indent: str = "") -> list[str]:
    lines: list[str] = []
    for index, entry in enumerate(entries):
        last = index == len(entries) - 1
        lines.append(f"{indent}{'└─' if last else '├─'} {entry.line}")
        lines += _branches(entry.below, f"{indent}{'   ' if last else '│  '}")
    return lines
