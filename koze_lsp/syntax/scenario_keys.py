"""What a scenario file may say: one table for the preview of a page, the run of a workflow, the rule and the editor.

A page's scenario has the keys of `PAGE`; what it says of one workflow, under `run`, has those of `RUN`. A file for
`koze-lsp run` alone has the keys of `RUN` at its top. Times are virtual milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["ACTION", "DO", "EVENT", "MOCK", "PAGE", "RUN", "SPAN", "STATUS", "WHAT_MOCKS_DO", "Key"]


class Key(NamedTuple):
    """What stands behind a key: its kind in a word, a snippet of a value for editors, and what it means (Markdown)."""

    kind: str
    sample: str
    text: str


def _table(keys: dict[str, tuple[str, str, str]]) -> Mapping[str, Key]:
    return MappingProxyType({name: Key(*told) for name, told in keys.items()})


_SPAN = "{ from: ${1:0}, to: ${2:10000} }"
PAGE = _table(
    {
        "url": ("string", '"${1:/}"', "The path of the page, with its query."),
        "params": ("object", "{ $1 }", "The route's parameters."),
        "ticks": (
            "array",
            "[\n\t{ $1 }\n]",
            "The world at each request of the page, the first load being tick 0; the last one repeats. Each is "
            "workflow name or binding → instance id or `'*'` → a status.",
        ),
        "run": ("object", "{ $1 }", "Workflows whose statuses come from their own `run()`, on virtual time."),
        "server": ("object", "{ $1 }", "Module → export → its value, or a list of values by call."),
        "hidden": ("{ from, to }", _SPAN, "When the tab is hidden: no requests. One span or a list."),
        "offline": ("{ from, to }", _SPAN, "When the network is down: requests get no answer. One span or a list."),
        "expired": ("{ from, to }", _SPAN, "When the session has expired: answers are HTTP 401. One span or a list."),
    }
)
RUN = _table(
    {
        "params": ("object", "{ $1 }", "What `create()` is given as params."),
        "env": ("object", "{ $1 }", "What the bindings of `env` answer, beside what wrangler's file gives."),
        "fetch": ("object", "{ $1 }", "What `fetch` answers, by URL."),
        "steps": ("object", "{ $1 }", "Step name → what it gives instead: a `result`, an `error`, a `timeout`."),
        "waits": ("object", "{ $1 }", "Name of a waitForEvent → `{ timeout: true }`."),
        "actions": ("array", "[\n\t{ $1 }\n]", "What happens to the instance while it runs: events, pause, restart, …"),
        "queued_ms": ("number", "${1:0}", "How long the instance is queued, in virtual milliseconds."),
        "step_ms": ("number", "${1:0}", "How long each attempt of a step takes, beside its own timers."),
        "stop_after_ms": ("number", "${1:60000}", "Ends the run after so much virtual time, in milliseconds."),
    }
)
STATUS = _table(
    {
        "status": ("string", '"${1:running}"', "The instance's status."),
        "output": ("any", "{ $1 }", "What run() returned."),
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
ACTION = _table(
    {
        "do": ("string", '"${1:sendEvent}"', "What happens: `sendEvent`, `pause`, `resume`, `terminate`, `restart`, …"),
        "at": ("number", "${1:1000}", "When, in virtual milliseconds since the instance was created."),
        "after": ("{ type, step }", '{ type: "$1", step: "$2" }', "The event of the history after which it happens."),
        "delay_ms": ("number", "${1:0}", "Virtual milliseconds between that and the action."),
        "event": ("{ type, payload }", '{ type: "$1", payload: { $2 } }', "The event that `sendEvent` sends."),
    }
)
EVENT = _table(
    {
        "type": ("string", '"$1"', "The event's type: the one that waitForEvent waits for."),
        "payload": ("any", "{ $1 }", "What it carries."),
    }
)
MOCK = _table(
    {
        "result": ("any", "$1", "What the step gives, without running."),
        "error": ("string | { name, message }", '"${1:message}"', "The step's attempts fail with it."),
        "times": ("number", "${1:1}", "How many attempts fail; then the step runs."),
        "timeout": ("boolean", "true", "The attempts run into their timeout."),
        "workflow": ("string", '"$1"', "The binding of the workflow that is meant; every one by default."),
    }
)
SPAN = _table(
    {
        "from": ("number", "${1:0}", "When it begins, in virtual milliseconds since the first load."),
        "to": ("number", "${1:10000}", "When it ends; without it, never."),
    }
)
WHAT_MOCKS_DO = ("result", "error", "timeout")
"""A mock of a step has one of these."""
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
"""What an action does."""
