"""What the page may ask of a stage: one function for each word, each checking what it is given."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from koze_lsp.preview.course import ACTIONS
from koze_lsp.preview.scenario import ScenarioError
from koze_lsp.preview.server.saving import course_of, save
from koze_lsp.preview.server.stage import Stage, StageError
from koze_lsp.preview.server.tab import CONDITIONS
from koze_lsp.preview.session import UsageError

__all__ = ["COMMANDS", "carry_out"]

Payload = Mapping[str, Any]
_LATEST_MS = 1e13
_TIMED = ("act", "condition", "course", "save")


def carry_out(stage: Stage, payload: object) -> dict[str, Any]:
    """Do what the page asks; gives what it is told beside the new state.

    Raises:
        StageError: the request makes no sense, or it can't be done now.
    """
    if not isinstance(payload, dict):
        raise StageError("a command is an object with `do`")
    word = payload.get("do")
    command = COMMANDS.get(word) if isinstance(word, str) else None
    if command is None:
        raise StageError(f"there is no command {str(word)[:40]!r}")
    if "at" in payload and word in _TIMED:
        stage.advance(_time(payload, "at"))  # the page's clock runs between its requests
    return command(stage, payload) or {}


def _text(payload: Payload, key: str) -> str:
    value = payload.get(key)
    if not isinstance(value, str) or len(value) > 2000:
        raise StageError(f"`{key}` is a text")
    return value


def _time(payload: Payload, key: str) -> float:
    value = payload.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise StageError(f"`{key}` is a virtual time in milliseconds")
    return min(float(value), _LATEST_MS)


def _advance(stage: Stage, payload: Payload) -> None:
    stage.advance(_time(payload, "to"))


def _next_tick(stage: Stage, payload: Payload) -> None:
    del payload
    stage.tick_now()


def _next_event(stage: Stage, payload: Payload) -> None:
    del payload
    stage.event_now()


def _restart(stage: Stage, payload: Payload) -> None:
    del payload
    try:
        stage.restart()
    except (UsageError, ScenarioError) as error:
        raise StageError(str(error)) from None


def _condition(stage: Stage, payload: Payload) -> None:
    name = _text(payload, "name")
    if name not in CONDITIONS:
        raise StageError(f"there is no condition {name}; there are {', '.join(CONDITIONS)}")
    stage.set_condition(name, on=payload.get("on") is True)


def _act(stage: Stage, payload: Payload) -> None:
    action = _text(payload, "action")
    if action not in ACTIONS:
        raise StageError(f"there is no action {action}; there are {', '.join(ACTIONS)}")
    options: dict[str, Any] = {}
    if action == "sendEvent":
        options["event"] = {"type": _text(payload, "type"), "payload": payload.get("payload")}
        if not options["event"]["type"]:
            raise StageError("An event has a type: the one that waitForEvent waits for.")
    if action in ("skipSleep", "failNextAttempt") and payload.get("step") is not None:
        options["step"] = _text(payload, "step")
    if action == "restart":
        if isinstance(payload.get("from"), dict):
            options["from_step"] = _step(payload["from"])
        if "params" in payload:
            options["params"] = payload["params"]
    stage.act(action, _text(payload, "binding"), _text(payload, "id"), **options)


def _step(given: Payload) -> dict[str, Any]:
    kind = given.get("type")
    count = given.get("count")
    if kind not in ("do", "sleep", "waitForEvent") or isinstance(count, bool) or not isinstance(count, int):
        raise StageError("`from` is { name, count, type: 'do' | 'sleep' | 'waitForEvent' }")
    return {"name": _text(given, "name"), "count": count, "type": kind}


def _scenario(stage: Stage, payload: Payload) -> None:
    path = payload.get("path")
    if path is not None and path not in _choices(stage):
        raise StageError("there is no such scenario beside the route")
    stage.choose_scenario(path)


def _choices(stage: Stage) -> list[str]:
    from koze_lsp.preview.server.view import scenarios_of  # noqa: PLC0415 - brings the rules

    choices: list[str] = scenarios_of(stage)["choices"]
    return choices


def _go(stage: Stage, payload: Payload) -> None:
    url = _text(payload, "url")
    if not url.startswith("/") or url.startswith("//"):
        raise StageError(f"{url} leaves the application; the preview shows its own pages only")
    stage.go(url)


def _course(stage: Stage, payload: Payload) -> dict[str, Any]:
    del payload
    return {"text": course_of(stage)}


def _save(stage: Stage, payload: Payload) -> dict[str, Any]:
    return {"path": save(stage, _text(payload, "name"), overwrite=payload.get("overwrite") is True)}


COMMANDS: dict[str, Callable[[Stage, Payload], dict[str, Any] | None]] = {
    "advance": _advance,
    "next": _next_tick,
    "event": _next_event,
    "restart": _restart,
    "condition": _condition,
    "act": _act,
    "scenario": _scenario,
    "go": _go,
    "course": _course,
    "save": _save,
}
