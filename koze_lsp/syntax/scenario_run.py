"""What a scenario says of the run of one workflow, checked: the same for a page's `run` and for `koze-lsp run`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Union

from koze_lsp.syntax.scenario_keys import DO, RUN, WHAT_MOCKS_DO

__all__ = ["Fail", "Path", "check_run", "unknown_key"]

Path = tuple[Union[str, int], ...]  # noqa: UP007 - a run-time alias for Python 3.10
Fail = Callable[[Path, str], Exception]
"""(where in the value, what is wrong) → the exception to raise."""

_LONGEST_MS = 1e12
_OBJECTS = ("env", "fetch", "steps", "waits")
_TIMES = ("queued_ms", "step_ms", "stop_after_ms")


def check_run(options: Mapping[str, Any], fail: Fail, at: Path = ()) -> None:
    """Check the keys and values of a run; `at` is where it stands.

    Raises:
        what `fail` makes of the first thing that is wrong.
    """
    for key, value in options.items():
        where = (*at, key)
        if key not in RUN:
            raise fail(where, unknown_key(key, RUN))
        if key in _OBJECTS and not isinstance(value, Mapping):
            raise fail(where, f"`{key}` must be an object")
        if key in _TIMES and not _is_time(value):
            raise fail(where, f"`{key}` must be a number of virtual milliseconds")
    for name, mock in options.get("steps", {}).items():
        _check_mock(mock, fail, (*at, "steps", name))
    for name, mock in options.get("waits", {}).items():
        if not isinstance(mock, Mapping):
            raise fail((*at, "waits", name), f"waits.{name} must be an object such as {{ timeout: true }}")
    actions = options.get("actions", [])
    if not isinstance(actions, list):
        raise fail((*at, "actions"), "`actions` must be a list")
    for index, action in enumerate(actions):
        _check_action(action, fail, (*at, "actions", index))


def unknown_key(key: str, known: Mapping[str, Any]) -> str:
    """The message for a key that has no meaning: what was meant, or what there is."""
    close = get_close_matches(key, list(known), 1)
    hint = f"did you mean `{close[0]}`?" if close else f"known keys are {', '.join(known)}"
    return f"unknown key `{key}`; {hint}"


def _is_time(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and 0 <= value < _LONGEST_MS


def _check_mock(mock: object, fail: Fail, at: Path) -> None:
    if not isinstance(mock, Mapping):
        raise fail(at, f"steps.{at[-1]} must be an object such as {{ result: … }}")
    if not any(key in mock for key in WHAT_MOCKS_DO):
        raise fail(at, f"steps.{at[-1]} says nothing: it has a `result`, an `error` or `timeout: true`")


def _check_action(action: object, fail: Fail, at: Path) -> None:
    where = f"actions[{at[-1]}]"
    if not isinstance(action, Mapping) or action.get("do") not in DO:
        raise fail(at, f"{where}: `do` must be one of {', '.join(DO)}")
    after = action.get("after")
    if "at" not in action and not (isinstance(after, Mapping) and isinstance(after.get("type"), str)):
        raise fail(at, f"{where}: say when: `after: {{ type, step }}` with `delay_ms`, or `at` (virtual milliseconds)")
    if "at" in action and not _is_time(action["at"]):
        raise fail((*at, "at"), f"{where}: `at` must be a number of virtual milliseconds")
    event = action.get("event")
    if action["do"] == "sendEvent" and not (isinstance(event, Mapping) and "type" in event):
        raise fail(at, f"{where}: sendEvent needs `event: {{ type, payload }}`")
