"""Scenario files of the preview (``*.preview.json5``): keys, statuses, workflow and step names, actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from koze_lsp.ide.completion import data_items
from koze_lsp.ide.completion.items import distinct, taken_keys
from koze_lsp.ide.context import Cursor
from koze_lsp.ide.describe import workflow_detail
from koze_lsp.ide.knowledge import FIELDS, STATUSES
from koze_lsp.ide.types import Completion, CompletionKind
from koze_lsp.project.project import Project

Keys = Mapping[str, tuple[str, str, str]]

PAGE: Keys = MappingProxyType(
    {
        "url": ("string", '"${1:/}"', "The path of the page, with its query."),
        "params": (
            "object",
            "{ $1 }",
            "The route's parameters. For a run of a workflow: what `create()` is given as params.",
        ),
        "ticks": (
            "array",
            "[\n\t{ $1 }\n]",
            "The world at each request of the page, the first load being tick 0; the last one repeats. Each is "
            "workflow name or binding → instance id or `'*'` → a status.",
        ),
        "run": ("object", "{ $1 }", "Workflows whose statuses come from their own `run()`, on virtual time."),
        "server": ("object", "{ $1 }", "Module → export → its value, or a list of values by call."),
        "hidden": ("{ from, to }", "{ from: ${1:0}, to: ${2:10000} }", "When the tab is hidden: virtual milliseconds."),
    }
)
"""Key → (kind, snippet of a value, documentation), for the preview of a page."""

RUN: Keys = MappingProxyType(
    {
        "env": ("object", "{ $1 }", "What the bindings of `env` answer, beside what wrangler's file gives."),
        "actions": ("array", "[\n\t{ $1 }\n]", "What happens to the instance while it runs: events, pause, restart, …"),
        "steps": ("object", "{ $1 }", "Step name → what it gives instead: a `result`, an `error`, a `timeout`."),
        "waits": ("object", "{ $1 }", "Name of a waitForEvent → `{ timeout: true }`."),
        "fetch": ("object", "{ $1 }", "What `fetch` answers."),
        "stop_after_ms": ("number", "${1:60000}", "Ends the run after so much virtual time, in milliseconds."),
    }
)
"""The same for the run of a workflow."""

STATUS: Keys = MappingProxyType(
    {
        "status": ("string", '"${1:running}"', FIELDS["status"][1]),
        "output": ("any", "{ $1 }", FIELDS["output"][1]),
        "error": (
            "object",
            '{ name: "${1:Error}", message: "${2:message}" }',
            "The instance's own error. The page sees `error: null` all the same.",
        ),
        "$throw": ("string", '"${1:message}"', "Reading the status throws this message: polling goes on."),
        "$network": ("string", '"${1:message}"', "The request itself fails: the page stays, polling goes on."),
        "$delayMs": ("number", "${1:500}", "How long reading the status takes, in virtual milliseconds."),
    }
)

ACTION: Keys = MappingProxyType(
    {
        "do": ("string", '"${1:sendEvent}"', "What happens: `sendEvent`, `pause`, `resume`, `terminate`, `restart`, …"),
        "at": ("number", "${1:1000}", "The virtual time of the action, in milliseconds."),
        "after": ("{ type, step }", '{ type: "$1", step: "$2" }', "The event of the history after which it happens."),
        "delay_ms": ("number", "${1:0}", "Virtual milliseconds between that and the action."),
        "event": ("{ type, payload }", '{ type: "$1", payload: { $2 } }', "The event that `sendEvent` sends."),
    }
)

MOCK: Keys = MappingProxyType(
    {
        "result": ("any", "$1", "What the step gives, without running."),
        "error": ("string | { name, message }", '"${1:message}"', "The step's attempts fail with it."),
        "times": ("number", "${1:1}", "How many attempts fail; then the step runs."),
        "timeout": ("boolean", "true", "The attempts run into their timeout."),
        "workflow": ("string", '"$1"', "The binding of the workflow that is meant; every one by default."),
    }
)

DO: Mapping[str, str] = MappingProxyType(
    {
        "sendEvent": "Sends an `event` of a `type` with a `payload`.",
        "pause": "Pauses the instance, at once or when the running step ends.",
        "resume": "run() starts again from the top; finished steps are skipped.",
        "terminate": "Ends the instance: neither catch nor finally runs.",
        "restart": "Starts the instance anew; its history is wiped.",
        "skipSleep": "Ends the present sleep at once.",
        "failNextAttempt": "The next attempt of a step fails.",
    }
)

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


def _keys(project: Project, cursor: Cursor, path: tuple[str, ...]) -> Iterator[Completion]:
    taken = taken_keys(cursor)
    if not path:
        yield from _table(cursor, top(project, cursor.document.path), taken)
    elif path == ("params",):
        yield from _params(project, cursor, taken)
    elif path == ("hidden",):
        table = dict.fromkeys(("from", "to"), ("number", "${1:0}", "Virtual milliseconds."))
        yield from _table(cursor, table, taken)
    elif path[0] == "ticks" and len(path) == 2:
        yield from _workflows(project, cursor, taken, '{ "*": { status: "${1:running}" } }')
    elif path[0] == "ticks" and len(path) == 3:
        yield data_items.key(
            cursor, "*", 0, value='{ status: "${1:running}" }', detail="any instance", bare=cursor.string is not None
        )
    elif path[0] == "ticks" and len(path) == _INSTANCE:
        yield from _table(cursor, STATUS, taken)
    elif path[0] == "ticks" and len(path) == _INSTANCE + 1 and path[-1] == "output":
        yield from _output(project, cursor, path[2], taken)
    elif path == ("run",):
        yield from _workflows(project, cursor, taken, "{ $1 }")
    elif path[0] == "actions" and len(path) == 2:
        yield from _table(cursor, ACTION, taken)
    elif path[0] == "actions" and path[2:] == ("event",):
        table = {"type": ("string", '"$1"', "The event's type."), "payload": ("any", "{ $1 }", "What it carries.")}
        yield from _table(cursor, table, taken)
    elif path in (("steps",), ("waits",)):
        for number, name in enumerate(step_names(project, waits=path == ("waits",))):
            if name not in taken:
                value = "{ timeout: true }" if path == ("waits",) else "{ $1 }"
                yield data_items.key(cursor, name, number, value=value, bare=name.isidentifier())
    elif path[0] == "steps" and len(path) == 2:
        yield from _table(cursor, MOCK, taken)


def top(project: Project, path: str) -> Keys:
    """The keys of a scenario: a page's where it stands beside one, else also those of a run."""
    return PAGE if route_of(project, path) is not None else MappingProxyType({**PAGE, **RUN})


def step_names(project: Project, *, waits: bool) -> list[str]:
    """The names of the steps of all workflows that can be mocked."""
    kinds = ("waitForEvent",) if waits else ("do",)
    steps = [step for item in project.workflows.workflows for step in item.document.workflow.steps]
    return sorted({step.name for step in steps if step.name and step.kind in kinds})


def _table(cursor: Cursor, table: Keys, taken: set[str]) -> Iterator[Completion]:
    for number, (name, (detail, snippet, documentation)) in enumerate(table.items()):
        if name not in taken:
            yield data_items.key(
                cursor, name, number, value=snippet, detail=detail, documentation=documentation, bare=True
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


def _output(project: Project, cursor: Cursor, name: str, taken: set[str]) -> Iterator[Completion]:
    workflow = project.workflows.by_name.get(name) or next(iter(project.workflows.by_binding.get(name, ())), None)
    shape = workflow.document.workflow.output if workflow is not None else None
    for number, field in enumerate(shape.fields if shape is not None else ()):
        if field.name not in taken:
            yield data_items.key(cursor, field.name, number, detail=field.type, bare=field.name.isidentifier())


def _values(project: Project, cursor: Cursor, path: tuple[str, ...]) -> Iterator[Completion]:
    if path[:1] == ("ticks",) and len(path) == _INSTANCE + 1 and path[-1] == "status":
        for number, (status, documentation) in enumerate(STATUSES.items()):
            yield data_items.value(cursor, status, number, documentation=documentation, kind=CompletionKind.ENUM_MEMBER)
    elif path[:1] == ("actions",) and path[-1] == "do":
        for number, (action, documentation) in enumerate(DO.items()):
            yield data_items.value(cursor, action, number, documentation=documentation, kind=CompletionKind.FUNCTION)
    elif path[:1] == ("actions",) and path[2:] == ("after", "step"):
        for number, name in enumerate(step_names(project, waits=False)):
            yield data_items.value(cursor, name, number, detail="step", kind=CompletionKind.CONSTANT)
