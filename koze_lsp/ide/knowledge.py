"""What completion, hover and signature help say: short facts about Koze and Cloudflare Workflows, as Markdown.

Source: the Koze framework's documentation and its behaviour observed at 0.0.x; Cloudflare's documentation and
its local engine, observed. Where production differs from the local engine, the text says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "queued": "The instance exists, but run() has not started.",
        "running": "run() is under way. The local engine says so also during sleeps, waits and retry delays; "
        "production then says `waiting`.",
        "complete": "run() returned, and `output` is what it returned. Ends polling. (There is no status `completed`.)",
        "errored": "run() threw. Ends polling. **`status.error` is null here**: the framework sets it only when "
        "reading the status failed.",
        "terminated": "terminate() ended the instance. Ends polling. `output` is null.",
        "paused": "pause() stopped the instance; resume() continues it. Polling goes on.",
        "waiting": "run() sleeps, or waits for an event or a retry. Production only: the local engine says `running`.",
        "waitingForPause": "pause() was called while a step runs; the instance pauses when that step ends.",
        "rollingBack": "run() failed, and the rollback handlers of its steps are running.",
        "unknown": "The engine could not tell.",
    }
)
"""The statuses of an instance, in the order in which a page wants them."""

FIELDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "status": (
            "the instance's phase",
            "The present phase: `queued`, `running`, `complete`, `errored`, `terminated`, `paused`, `waiting`, …",
        ),
        "output": (
            "what run() returned",
            "What the workflow's `run()` returned. **null until the status is `complete`**: read its fields with `?.`",
        ),
        "error": (
            "string | null",
            "Set only when *reading* the status failed (unknown name, missing id, missing binding, unknown instance). "
            "**null for an `errored` workflow**: compare `status.status` with `'errored'` instead.",
        ),
        "pending": ("boolean", "Always false once the status is awaited."),
        "success": ("boolean", "Whether the status could be read. True also for an `errored` workflow."),
    }
)
"""Field → type as far as it is fixed, and documentation."""

OPTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "poll": (
            "string | number",
            "Render the page again after this interval until every call is terminal. A number is milliseconds; "
            "a string has a unit (`'500ms'`, `'2s'`, `'1m'`). **Without a unit it counts seconds**: `'500'` is "
            "500 seconds. Whatever the framework can't read polls every 30 seconds.",
        ),
        "until": (
            "(status) => boolean",
            "When to stop polling; runs on the server at each tick. A truthy answer stops, so an async function "
            "stops at once; a throw goes on. Without it: `complete`, `completed`, `errored` or `terminated`. "
            "Never called without `poll`.",
        ),
    }
)

WORKFLOW_STATUS = (
    "Reads the status of one workflow instance while the page renders. With `poll` the page renders itself again "
    "at that interval until the status is terminal.\n\n"
    "It never throws: what fails is in `error`. Await it."
)

STATUS_PARAMETERS: tuple[tuple[str, str], ...] = (
    ("name: WorkflowName", "The workflow: the basename of its file, `src/server/<name>.workflow.ts`."),
    ("instanceId: string", "The instance, as `create()` gave it. An empty one gives the error `Missing instanceId`."),
    ("options?: { poll?: string | number; until?: (status) => boolean }", "Live refresh: `poll`, and when to stop."),
)

_NAME_DOC = "Unique and deterministic: a finished step is found again by its name. At most 256 characters."
_DURATION_DOC = (
    "Milliseconds, or an amount, a space and a unit: `'10 seconds'`, `'24 hours'`. `'5s'` fails at run time, "
    "and `'5 min'` sleeps 5 ms."
)

STEP_METHODS: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        "do": (
            "Runs a callback once and stores what it returns: when the workflow runs again, a finished step is "
            "skipped. Failures are retried (5 times by default, from 1 s on, doubling; production waits 10 s).",
            (
                ("name: string", _NAME_DOC),
                ("config?: { retries?: { limit, delay, backoff? }; timeout? }", "Retries and timeout of one attempt."),
                (
                    "callback: (ctx) => Promise<T>",
                    "What the step does; its result must be serialisable, at most 1 MiB.",
                ),
            ),
        ),
        "sleep": (
            "Waits without using the CPU, up to 365 days. Survives restarts.",
            (("name: string", "A name for the history."), ("duration: string | number", _DURATION_DOC)),
        ),
        "sleepUntil": (
            "Waits until a moment. One in the past throws.",
            (
                ("name: string", "A name for the history."),
                ("timestamp: Date | number", "A Date or epoch **milliseconds**; epoch seconds are in the past."),
            ),
        ),
        "waitForEvent": (
            "Waits for an event of a type, sent with `instance.sendEvent()`; early ones are buffered. After the "
            "timeout (24 hours by default) it throws a `WorkflowTimeoutError` that can be caught.",
            (
                ("name: string", "A name for the history."),
                (
                    "options: { type: string; timeout?: string | number }",
                    "`type`: letters, digits, `-` and `_`, at most 100 characters. `timeout`: 1 second to 365 days.",
                ),
            ),
        ),
    }
)
"""Method of ``step`` → documentation and parameters."""

CONFIG_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "retries": (
            "{ limit, delay, backoff? }",
            "How often a failing step is tried again. Needs `limit` and `delay`.",
        ),
        "timeout": ("string | number", "How long one attempt may take. 10 minutes by default. " + _DURATION_DOC),
    }
)

RETRY_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "limit": ("number", "Retries after the first attempt: 3 gives up to 4 attempts. 5 by default."),
        "delay": ("string | number", "The wait before the first retry. " + _DURATION_DOC),
        "backoff": ("'constant' | 'linear' | 'exponential'", "How the delay grows. `exponential` by default."),
    }
)

BACKOFFS: Mapping[str, str] = MappingProxyType(
    {
        "constant": "The same delay before each retry: d, d, d, …",
        "linear": "The delay grows by itself: d, 2d, 3d, …",
        "exponential": "The delay doubles: d, 2d, 4d, … This is the default.",
    }
)

EVENT_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "type": ("string", "The events to wait for. Letters, digits, `-` and `_`, at most 100 characters."),
        "timeout": ("string | number", "How long to wait, 24 hours by default. " + _DURATION_DOC),
    }
)

MODULES: Mapping[str, str] = MappingProxyType(
    {
        "workflow": "Live status of workflows: `workflowStatus`.",
        "request": "The request being rendered: `url`, `pathname`, `searchParams`, `method`, `params`, `slug`.",
        "navigation": "`redirect`, `navigateTo`, `refreshRoute`.",
        "environment": "`dev`: whether this is the development server.",
        "component": "`props` of a component.",
        "cookies": "Cookies of the request; server modules only.",
        "middleware": "Middleware; server modules only.",
        "assets": "Static assets.",
        "access": "Access control.",
        "pipeline": "Pipelines.",
        "content": "Content collections.",
    }
)

EXPORTS: Mapping[str, str] = MappingProxyType(
    {
        "workflowStatus": WORKFLOW_STATUS,
        "url": "The request's URL.",
        "pathname": "The path of the request's URL.",
        "searchParams": "The query of the request's URL.",
        "method": "The request's method.",
        "params": "The parameters of the route: `[id]` in the path is `params.id`. Values are not URL-decoded.",
        "slug": "`params.slug`, else the route's first parameter.",
        "request": "The Request itself; server modules only.",
        "headers": "The request's headers; server modules only.",
        "locals": "What middleware stored for this request; server modules only.",
        "redirect": "Answers with a redirect. In a .koze page's script a bare top-level call is dropped: it never runs "
        "on the server.",
        "navigateTo": "Goes to another page in the browser.",
        "refreshRoute": "Renders the present page again.",
        "dev": "Whether this is the development server.",
        "props": "The component's props.",
    }
)

WRANGLER_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "name": (
            "string",
            "The workflow's name at Cloudflare: the binding in lower case, with dashes. At most 64 characters.",
        ),
        "binding": ("string", "The name in `env`. The framework matches entries by it."),
        "class_name": ("string", "The class that the workflow file exports."),
        "script_name": (
            "string",
            "The name of **another** Worker that holds the class, not a file. Leave it out for this Worker's own: "
            "the framework never writes it.",
        ),
        "limits": ("{ steps }", "Limits of an instance: `steps`, at most."),
    }
)

CREATE_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "params": ("object", "What run() gets as `event.payload` itself: anything that JSON can hold."),
        "id": ("string", "At most 100 characters of letters, digits, `-` and `_`; a UUID by default."),
    }
)

BINDING_METHODS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "create": (
            "create({ id?, params? })",
            "Starts an instance. `params` becomes **`event.payload`** itself. `id` is a UUID by default; at most 100 "
            "characters of letters, digits, `-` and `_`.",
        ),
        "get": ("get(id)", "An instance by its id. Throws `instance.not_found` for an unknown one."),
        "createBatch": ("createBatch([{ id?, params? }])", "Starts several instances at once."),
    }
)
