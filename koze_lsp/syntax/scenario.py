"""Scenario files: the world that a preview shows, written by hand in JSON5.

```json5
{
  url: '/migrations/42?tab=log',                     // or params: { id: '42' }
  ticks: [                                           // the world at the k-th request; the last one repeats
    { migration: { '*': { status: 'queued' } } },    // workflow name or binding → instance id or '*' → status
    { migration: { '*': { $throw: 'instance.not_found' } } },
    { $network: 'Failed to fetch' },
    { migration: { '42': { status: 'complete', output: { migrated: 12 }, $delayMs: 20 } } },
  ],
  server: { '$server/jobs': { listJobs: [['a'], ['a', 'b']] } },  // a value, or a list of values by call
  hidden: { from: 1000, to: 7000 },                  // virtual milliseconds; likewise `offline` and `expired`
}
```

`scenario_keys` lists what may be said. A file whose keys all belong to a run is one for `koze-lsp run`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from koze_lsp.syntax.scenario_keys import PAGE, RUN, STATUS
from koze_lsp.syntax.scenario_run import Path, check_run, unknown_key
from koze_lsp.syntax.tree import Node, SyntaxTree, parse
from koze_lsp.text import Text

__all__ = ["CONDITIONS", "Scenario", "ScenarioError", "is_run", "parse_scenario"]

CONDITIONS = ("hidden", "offline", "expired")
"""What can be wrong with the tab for a while: it is hidden, its network is down, its session has expired (401)."""
_OF_A_STATUS = tuple(key for key in STATUS if key.startswith("$"))


class ScenarioError(Exception):
    """A scenario that cannot be used: what is wrong, where (1-based line and column), what to do."""

    def __init__(self, path: str, line: int, column: int, message: str) -> None:
        super().__init__(f"{path}:{line}:{column}: {message}")
        self.path, self.line, self.column, self.message = path, line, column, message


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario. `run` maps workflow names or bindings to what `scenario_keys.RUN` lists; `hidden`, `offline`
    and `expired` are [from, to) spans in virtual milliseconds."""

    path: str = ""
    url: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    ticks: tuple[Mapping[str, Any], ...] | None = None
    run: Mapping[str, Mapping[str, Any]] | None = None
    server: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    hidden: tuple[tuple[float, float], ...] = ()
    offline: tuple[tuple[float, float], ...] = ()
    expired: tuple[tuple[float, float], ...] = ()

    def spans(self, condition: str) -> tuple[tuple[float, float], ...]:
        """The spans of one of `CONDITIONS`."""
        return {"hidden": self.hidden, "offline": self.offline, "expired": self.expired}[condition]

    def holds(self, condition: str, at_ms: float) -> bool:
        """Whether a condition holds at a virtual time."""
        return any(start <= at_ms < end for start, end in self.spans(condition))


def is_run(value: Mapping[str, Any]) -> bool:
    """Whether a scenario is one for `koze-lsp run` alone: it says what only the run of a workflow can."""
    return any(key not in PAGE for key in value) and all(key in RUN for key in value)


def parse_scenario(text: str, path: str, workflows: Mapping[str, str] | None = None, *, page: bool = False) -> Scenario:
    """Read a scenario. `workflows` maps the application's status names to bindings; names are checked against it.
    With `page`, a scenario for `koze-lsp run` alone is refused; else it is checked, and says nothing of a page.

    Raises:
        ScenarioError: the text is no JSON5, or says something that has no meaning.
    """
    import json5  # noqa: PLC0415 — slow to import, and most previews have no scenario

    reader = _Reader(path, text)
    try:
        value = json5.loads(text, allow_duplicate_keys=False)
    except ValueError as error:
        line, column, message = _where(str(error))
        raise ScenarioError(path, line, column, f"this is no JSON5: {message}") from None
    except RecursionError:
        raise ScenarioError(path, 1, 1, "this is nested too deeply") from None
    if not isinstance(value, dict):
        raise reader.error((), "a scenario is an object: { ticks: […] }")
    if is_run(value) and not page:
        check_run(value, reader.error)
        return Scenario(path)
    for key in value:
        if key not in PAGE:
            example = f"it belongs to a workflow: run: {{ name: {{ {key}: … }} }}"
            raise reader.error((key,), f"unknown key `{key}`; {example}" if key in RUN else unknown_key(key, PAGE))
    return Scenario(
        path,
        _url(reader, value.get("url")),
        _params(reader, value.get("params")),
        _ticks(reader, value.get("ticks"), workflows or {}),
        _run(reader, value["run"], workflows or {}) if "run" in value else None,
        _server(reader, value.get("server")),
        *(_spans(reader, name, value.get(name)) for name in CONDITIONS),
    )


def _where(message: str) -> tuple[int, int, str]:
    """json5's message is `<string>:LINE Unexpected "x" at column COLUMN`."""
    import re  # noqa: PLC0415

    found = re.match(r"<string>:(\d+) (.*?)(?: at column (\d+))?$", message, re.DOTALL)
    if found is None:
        return 1, 1, message
    return int(found[1]), int(found[3] or 1), found[2]


class _Reader:
    """Finds where a value stands in the text, when something is wrong with it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def error(self, at: Path, message: str) -> ScenarioError:
        """The error for the value (or the key) that `at` leads to."""
        tree = parse(f"({self.text}\n)")
        node: Node | None = tree.root
        while node is not None and node.type not in ("object", "array"):
            node = next((child for child in node.named_children if child.type != "comment"), None)
        best = node
        for step in at:
            found = _member(tree, node, step)
            if found is None:
                break
            best, node = found
        offset = max(0, tree.offset(best.start_byte) - 1) if best is not None else 0
        position = Text(self.text).position(offset)
        return ScenarioError(self.path, position.line + 1, position.character + 1, message)


def _member(tree: SyntaxTree, node: Node | None, step: str | int) -> tuple[Node, Node | None] | None:
    """(where to point, the value) of an object's property or an array's element."""
    if node is None:
        return None
    children = [child for child in node.named_children if child.type != "comment"]
    if isinstance(step, int):
        return (children[step], children[step]) if node.type == "array" and step < len(children) else None
    for child in children:
        key = child.child_by_field_name("key")
        if key is not None and tree.text(key).strip("\"'") == step:
            return key, child.child_by_field_name("value")
    return None


def _object(reader: _Reader, at: Path, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise reader.error(at, f"`{at[-1]}` is an object")
    return value


def _url(reader: _Reader, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.startswith("/"):
        raise reader.error(("url",), "`url` is a path with its query: '/jobs/42?tab=log'")
    return value


def _params(reader: _Reader, value: object) -> dict[str, str]:
    if value is None:
        return {}
    out = {}
    for name, entry in _object(reader, ("params",), value).items():
        if isinstance(entry, bool) or not isinstance(entry, (str, int)):
            raise reader.error(("params", name), f"the parameter `{name}` is a text")
        out[name] = str(entry)
    return out


def _ticks(reader: _Reader, value: object, workflows: Mapping[str, str]) -> tuple[Mapping[str, Any], ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not value:
        example = "[{ job: { '*': { status: 'running' } } }]"
        raise reader.error(("ticks",), f"`ticks` is a list with at least one world: {example}")
    return tuple(_world(reader, ("ticks", index), world, workflows) for index, world in enumerate(value))


def _world(reader: _Reader, at: Path, value: object, workflows: Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise reader.error(at, "a tick is an object: workflow name → instance id or '*' → status")
    for name, instances in value.items():
        where = (*at, name)
        if name == "$network":
            if not isinstance(instances, str):
                raise reader.error(where, "`$network` is the message of the failed request")
            continue
        _check_name(reader, where, name, workflows)
        if not isinstance(instances, dict):
            raise reader.error(where, f"`{name}` maps instance ids, or '*', to a status object")
        for identity, status in instances.items():
            _check_status(reader, (*where, identity), status)
    return value


def _check_name(reader: _Reader, at: Path, name: str, workflows: Mapping[str, str]) -> None:
    known = {*workflows, *workflows.values()}
    if workflows and name not in known:
        close = get_close_matches(name, sorted(known), 1)
        hint = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(sorted(workflows))}"
        raise reader.error(at, f"there is no workflow `{name}`; {hint}")


def _run(reader: _Reader, value: object, workflows: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """`run`: name or binding → what the run of that workflow is given; `true` for nothing."""
    out = {}
    for name, given in _object(reader, ("run",), value).items():
        at: Path = ("run", name)
        _check_name(reader, at, name, workflows)
        if given is not True and not isinstance(given, dict):
            raise reader.error(at, "this is an object such as { params: … }")
        out[name] = {} if given is True else given
        check_run(out[name], reader.error, at)
    return out


def _check_status(reader: _Reader, at: Path, status: object) -> None:
    if not isinstance(status, dict):
        raise reader.error(at, "a status is an object such as { status: 'running' }, or { $throw: 'message' }")
    for key in ("$throw", "$network"):
        if key in status and not isinstance(status[key], str):
            raise reader.error((*at, key), f"`{key}` is a message")
    delay = status.get("$delayMs", 0)
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay < math.inf:
        raise reader.error((*at, "$delayMs"), "`$delayMs` is a number of milliseconds")
    for key in status:
        if key.startswith("$") and key not in _OF_A_STATUS:
            raise reader.error((*at, key), f"unknown key `{key}`; there are {', '.join(_OF_A_STATUS)}")


def _server(reader: _Reader, value: object) -> dict[str, dict[str, Any]]:
    if value is None:
        return {}
    modules = _object(reader, ("server",), value)
    return {name: _object(reader, ("server", name), exports) for name, exports in modules.items()}


def _spans(reader: _Reader, key: str, value: object) -> tuple[tuple[float, float], ...]:
    if value is None:
        return ()
    spans = value if isinstance(value, list) else [value]
    out = []
    for index, span in enumerate(spans):
        at: Path = (key, index) if isinstance(value, list) else (key,)
        if not isinstance(span, dict) or set(span) - {"from", "to"} or "from" not in span:
            raise reader.error(at, f"`{key}` is {{ from: 1000, to: 7000 }}, in virtual milliseconds")
        start, end = span["from"], span.get("to", math.inf)
        for name, number in (("from", start), ("to", end)):
            if isinstance(number, bool) or not isinstance(number, (int, float)):
                raise reader.error((*at, name), f"`{name}` is a number of milliseconds")
        if end <= start:
            raise reader.error((*at, "to"), "`to` must be after `from`")
        out.append((float(start), float(end)))
    return tuple(out)
