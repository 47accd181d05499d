"""Scenario files of the preview (``*.preview.json5``): keys, statuses, workflow and step names, actions.

What may be said is in `koze_lsp.syntax.scenario_keys`, which also checks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from koze_lsp.ide.completion import data_items
from koze_lsp.ide.completion.items import distinct, taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.describe import field_type, workflow_detail
from koze_lsp.ide.knowledge import STATUSES
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.index import Workflow
from koze_lsp.project.project import Project
from koze_lsp.syntax.scenario import CONDITIONS
from koze_lsp.syntax.scenario_keys import ACTION, DO, EVENT, MOCK, PAGE, RUN, SPAN, STATUS, Key
from koze_lsp.syntax.workflow import Shape

Keys = Mapping[str, Key]
Path = tuple[str, ...]

WAIT: Keys = MappingProxyType({"timeout": Key("boolean", "true", "The wait runs into its timeout, at once.")})
AFTER: Keys = MappingProxyType(
    {
        "type": Key("string", '"${1:step_started}"', "The kind of the history's event."),
        "step": Key("string", '"$1"', "The name of its step; without it, the instance's own events."),
    }
)
WORLD: Keys = MappingProxyType({"$network": Key("string", '"${1:Failed to fetch}"', STATUS["$network"].text)})

_EVENTS = (
    "workflow_queued", "workflow_started",
    "step_started", "step_completed", "step_errored", "attempt_started", "attempt_completed", "attempt_errored",
    "sleep_started", "sleep_completed", "wait_started", "wait_completed", "wait_timed_out",
)  # fmt: skip
_ANY_STATUS = '{ "*": { status: "${1:running}" } }'
_INSTANCE = 4  # ticks → tick → workflow → instance


def complete(project: Project, cursor: Cursor) -> Iterator[Completion]:
    """Keys and values by their place in the file."""
    path, at_key = cursor.data_path()
    last = cursor.last()
    if at_key:
        if last is not None and last.text in ("{", ","):
            yield from _keys(project, cursor, path)
    elif last is not None and last.text in (":", "[", ","):
        yield from _values(project, cursor, path)


def in_run(project: Project, path: Path) -> tuple[Workflow | None, Path] | None:
    """The workflow whose run a place is about (None: any), and the place in it; None where it is about the page."""
    if path[:1] == ("run",):
        return (workflow_of(project, path[1]), path[2:]) if len(path) > 1 else None
    return (None, path) if path and path[0] in RUN and path[0] not in PAGE else None


def workflow_of(project: Project, name: str) -> Workflow | None:
    """The workflow of a status name or a binding."""
    return project.workflows.by_name.get(name) or next(iter(project.workflows.by_binding.get(name, ())), None)


def table_at(project: Project, path: Path) -> Keys | None:
    """The fixed keys of an object in a scenario; None where its keys are names."""
    run = in_run(project, path)
    if run is not None:
        return _run_table(run[1])
    if path[:1] == ("ticks",):
        return {2: WORLD, _INSTANCE: STATUS}.get(len(path))
    spans = path[:1] and path[0] in CONDITIONS and len(path) <= 2
    return SPAN if spans else None


def _run_table(path: Path) -> Keys | None:
    if not path:
        return RUN
    if path[0] == "actions":
        return {(): ACTION, ("event",): EVENT, ("after",): AFTER}.get(path[2:]) if len(path) > 1 else None
    return {"steps": MOCK, "waits": WAIT}.get(path[0]) if len(path) == 2 else None


def top(project: Project, path: str) -> Keys:
    """The keys of a scenario: a page's where it stands beside one, else also those of a run."""
    if route_of(project, path) is not None:
        return PAGE
    params = Key(PAGE["params"].kind, PAGE["params"].sample, f"{PAGE['params'].text} Or of a run: {RUN['params'].text}")
    return MappingProxyType({**PAGE, **RUN, "params": params})


# Keys -------------------------------------------------------------------------------------------------


def _keys(project: Project, cursor: Cursor, path: Path) -> Iterator[Completion]:
    taken = taken_keys(cursor)
    run = in_run(project, path)
    table = table_at(project, path) if path else top(project, cursor.document.path)
    if path[:1] == ("ticks",) and len(path) == 2:
        yield from _workflows(project, cursor, taken, _ANY_STATUS)
    if table is not None:
        yield from _table(cursor, table, taken)
    elif run is not None:
        yield from _names_in_run(project, cursor, *run, taken)
    elif path == ("params",):
        yield from _params(project, cursor, taken)
    elif path == ("run",):
        yield from _workflows(project, cursor, taken, "{ $1 }")
    elif path[0] == "ticks" and len(path) == 3:
        value, bare = STATUS["status"].sample, cursor.string is not None
        yield data_items.key(cursor, "*", 0, value=f"{{ status: {value} }}", detail="any instance", bare=bare)
    elif path[0] == "ticks" and len(path) == _INSTANCE + 1 and path[-1] == "output":
        workflow = workflow_of(project, path[2])
        yield from _fields(cursor, workflow.document.workflow.output if workflow is not None else None, taken)


def _names_in_run(
    project: Project, cursor: Cursor, workflow: Workflow | None, path: Path, taken: set[str]
) -> Iterator[Completion]:
    """The keys that name parts of a workflow: of its payload, its steps, its waits."""
    if path == ("params",):
        yield from _fields(cursor, workflow.document.workflow.payload if workflow is not None else None, taken)
    elif path in (("steps",), ("waits",)):
        waits = path == ("waits",)
        for number, name in enumerate(step_names(project, workflow, waits=waits)):
            if name not in taken:
                value = "{ timeout: true }" if waits else "{ $1 }"
                yield data_items.key(cursor, name, number, value=value, bare=name.isidentifier())


def step_names(project: Project, workflow: Workflow | None, *, waits: bool) -> list[str]:
    """The names of the steps that can be mocked, of one workflow or of all."""
    kind = "waitForEvent" if waits else "do"
    workflows = [workflow] if workflow is not None else project.workflows.workflows
    steps = [step for item in workflows for step in item.document.workflow.steps]
    return sorted({step.name for step in steps if step.name and step.kind == kind})


def _table(cursor: Cursor, table: Keys, taken: set[str]) -> Iterator[Completion]:
    for number, (name, told) in enumerate(table.items()):
        if name not in taken:
            yield data_items.key(
                cursor,
                name,
                900 + number if table is WORLD else number,
                value=told.sample,
                detail=told.kind,
                documentation=told.text,
                bare=True,
            )


def _params(project: Project, cursor: Cursor, taken: set[str]) -> Iterator[Completion]:
    route = route_of(project, cursor.document.path)
    for number, segment in enumerate(project.routing.parameters(route) if route is not None else ()):
        name = segment.parameter or ""
        if name not in taken:
            yield data_items.key(cursor, name, number, value='"$1"', detail=segment.text, bare=True)


def route_of(project: Project, path: str) -> str | None:
    """The page beside a scenario: ``index.preview.json5`` belongs to ``index.html``."""
    stem = path.removesuffix(".preview.json5")
    return next((f"{stem}{end}" for end in (".html", ".koze", ".kuratchi") if f"{stem}{end}" in project.files), None)


def _workflows(project: Project, cursor: Cursor, taken: set[str], value: str) -> Iterator[Completion]:
    for number, workflow in enumerate(distinct(project)):
        if workflow.name not in taken:
            yield data_items.key(
                cursor,
                workflow.name,
                number,
                value=value,
                detail=workflow_detail(workflow),
                bare=workflow.name.isidentifier(),
            )


def _fields(cursor: Cursor, shape: Shape | None, taken: set[str]) -> Iterator[Completion]:
    for number, field in enumerate(shape.fields if shape is not None else ()):
        if field.name not in taken:
            yield data_items.key(cursor, field.name, number, detail=field_type(field), bare=field.name.isidentifier())


# Values -----------------------------------------------------------------------------------------------


def _values(project: Project, cursor: Cursor, path: Path) -> Iterator[Completion]:
    if path[:1] == ("ticks",) and len(path) == _INSTANCE + 1 and path[-1] == "status":
        for number, (status, documentation) in enumerate(STATUSES.items()):
            yield data_items.value(cursor, status, number, documentation=documentation, kind=CompletionKind.ENUM_MEMBER)
    run = in_run(project, path)
    if run is None or run[1][:1] != ("actions",):
        return
    if run[1][2:] == ("do",):
        for number, (action, documentation) in enumerate(DO.items()):
            yield data_items.value(cursor, action, number, documentation=documentation, kind=CompletionKind.FUNCTION)
    named: dict[Path, tuple[str, list[str]]] = {
        ("after", "step"): ("step", step_names(project, run[0], waits=False) + step_names(project, run[0], waits=True)),
        ("after", "type"): ("event of the history", list(_EVENTS)),
        ("event", "type"): ("event", _event_types(project, run[0])),
    }
    detail, names = named.get(run[1][2:], ("", []))
    for number, name in enumerate(names):
        yield data_items.value(cursor, name, number, detail=detail, kind=CompletionKind.CONSTANT)


def _event_types(project: Project, workflow: Workflow | None) -> list[str]:
    """The types of the events that waitForEvent waits for."""
    workflows = [workflow] if workflow is not None else project.workflows.workflows
    found: set[str] = set()
    for step in (step for item in workflows for step in item.document.workflow.steps if step.kind == "waitForEvent"):
        given = step.arguments[1].member("type") if len(step.arguments) > 1 else None
        if given is not None and given.value.string is not None:
            found.add(given.value.string)
    return sorted(found)
