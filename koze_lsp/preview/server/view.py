"""What the page is told about a stage: plain JSON, made anew for every answer, never the stage's own objects."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from koze_lsp.preview.engine.show import bars
from koze_lsp.preview.poll import interval_ms
from koze_lsp.preview.server.moments import Moment
from koze_lsp.preview.server.stage import Stage
from koze_lsp.project.document import FileKind
from koze_lsp.rules.engine import check_document

__all__ = ["diagnostics_of", "moment_of", "scenarios_of", "state_of"]

_MAX_STEPS = 200
_MAX_INSTANCES = 50
_MAX_TEXT = 20_000


def state_of(stage: Stage, after: int = -1, generation: int = -1) -> dict[str, Any]:
    """The whole state but for the moments up to number `after`, which the page has if the generation is the same."""
    with stage.lock:
        fresh = generation != stage.generation
        start = 0 if fresh else max(0, after + 1 - stage.history.dropped)
        session, source = stage.session, stage.source
        return {
            "version": stage.version,
            "generation": stage.generation,
            "route": session.route if session is not None else stage.subject,
            "url": session.url if session is not None else "",
            "kind": "route" if session is not None else "workflow",
            "application": os.path.basename(stage.root),
            "now": stage.now,
            "started": stage.started_ms,
            "next_tick": stage.next_tick,
            "next_event": stage.next_event(),
            "production": stage.production,
            "conditions": stage.tab.conditions(stage.now),
            "spans": [{"condition": s.condition, "from": s.start, "to": _finite(s.to)} for s in stage.tab.spans],
            "first": stage.history.dropped,
            "moments": [moment_of(moment) for moment in stage.history.moments[start:]],
            "instances": list(_instances(stage)),
            "waits": _event_types(stage),
            "diagnostics": diagnostics_of(stage),
            "problems": _problems(stage),
            "course": len(source.course) if source is not None else 0,
            "scenario": scenarios_of(stage),
        }


def _finite(value: float) -> float | None:
    return None if value == float("inf") else value


def moment_of(moment: Moment) -> dict[str, Any]:
    """A moment without the texts that are fetched when they are shown."""
    winner = _winner(moment)
    error = moment.error
    return {
        "index": moment.index,
        "at": moment.at_ms,
        "event": moment.event,
        "http": moment.http,
        "interval": moment.interval,
        "done": moment.done,
        "swapped": moment.swapped,
        "ok": moment.ok,
        "changed": moment.changed,
        "loaded": moment.document is not None,
        "empty": not moment.body.strip(),
        "failure": moment.failure,
        "redirect": moment.redirect,
        "error": None if error is None else {"message": error.message, **_place(error.place)},
        "calls": [
            {
                "workflow": _shown(call.workflow),
                "id": _shown(call.id),
                "poll": _shown(call.poll),
                "interval": interval_ms(call.poll) if call.poll else None,
                "status": _shown(call.status),
                "error": call.error,
                "terminal": call.terminal,
                "wins": number == winner,
                "object": status,
            }
            for number, (call, status) in enumerate(zip(moment.calls, moment.statuses, strict=True))
        ],
    }


def _place(place: Any) -> dict[str, Any]:
    return {} if place is None else {"file": place.path, "line": place.line, "column": place.column}


def _shown(value: Any) -> Any:
    if isinstance(value, str) or value is None or isinstance(value, (int, float, bool)):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _winner(moment: Moment) -> int | None:
    """The call whose interval is in force: the shortest, of equal ones the first."""
    polling = [(interval_ms(call.poll), number) for number, call in enumerate(moment.calls) if call.poll]
    return min(polling)[1] if polling and moment.directive is not None else None


# Instances


def _instances(stage: Stage) -> Iterable[dict[str, Any]]:
    source = stage.source
    if source is None:
        return
    for report in source.reports()[:_MAX_INSTANCES]:
        steps = [_step(step, stage.now) for step in report["steps"][:_MAX_STEPS]]
        yield {
            "workflow": report["workflow"],
            "binding": report["binding"],
            "id": report["id"],
            "status": report["status"],
            "output": report["json"],
            "error": report["error"],
            "created": report["created_ms"],
            "ended": report["virtual_ms"] if report["ended"] else None,
            "spans": _status_spans(report),
            "steps": steps,
            "more": max(0, len(report["steps"]) - _MAX_STEPS),
            "simulated": True,
        }


def _step(step: Mapping[str, Any], now: float) -> dict[str, Any]:
    drawn = [[start, None if kind == "open" else end, kind] for start, end, kind in bars(step, now)]
    last = step.get("attempts") or [{}]
    return {
        "label": f"{step['name']}-{step['count']}",
        "name": step["name"],
        "count": step["count"],
        "kind": step["kind"],
        "outcome": step["outcome"],
        "at": step["at_ms"],
        "end": step.get("end_ms"),
        "bars": drawn,
        "attempts": len(step.get("attempts", ())),
        "limit": (step.get("config") or {}).get("retries", {}).get("limit"),
        "duration": step.get("durationMs"),
        "event": step.get("eventType"),
        "error": last[-1].get("error"),
        "result": _short(step["result"]) if "result" in step else None,
        "payload": _short(step["payload"]) if "payload" in step else None,
    }


def _short(value: Any) -> Any:
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _status_spans(report: Mapping[str, Any]) -> list[list[Any]]:
    """[from, to, status] over an instance's life, read from its history."""
    marks = {
        "workflow_queued": "queued",
        "workflow_running": "running",
        "workflow_paused": "paused",
        "workflow_completed": "complete",
        "workflow_errored": "errored",
        "workflow_terminated": "terminated",
    }
    spans: list[list[Any]] = []
    idle = 0
    for event, at in zip(report["history"], report["history_at_ms"], strict=True):
        kind = event[0]
        idle += (kind in ("sleep_started", "wait_started")) - (
            kind in ("sleep_completed", "wait_completed", "wait_timed_out")
        )
        status = marks.get(kind)
        if kind in ("sleep_started", "wait_started"):
            status = "waiting"
        elif kind in ("sleep_completed", "wait_completed", "wait_timed_out") and idle <= 0:
            status = "running"
        if status is None or (spans and spans[-1][2] == status):
            continue
        if spans:
            spans[-1][1] = at
        spans.append([at, None, status])
    ended = ("complete", "errored", "terminated")
    merged: list[list[Any]] = []
    for span in spans:
        if span[2] not in ended and span[0] == span[1]:
            continue  # it lasted no time
        if merged and merged[-1][2] == span[2]:
            merged[-1][1] = span[1]
        else:
            merged.append(span)
    if merged and merged[-1][2] in ended:
        merged[-1][1] = merged[-1][0]
    return merged


def _event_types(stage: Stage) -> list[str]:
    """The event types that the workflows wait for: those that are open first."""
    source = stage.source
    found: list[str] = []
    bindings = set()
    if source is not None:
        for report in source.reports():
            bindings.add(report["binding"])
            found += [s["eventType"] for s in report["steps"] if s["kind"] == "waitForEvent" and s["outcome"] == "open"]
    for item in stage.project.workflows.workflows:
        if item.binding in bindings or not bindings:
            types = (step.event_type for step in item.document.workflow.steps)
            found += [given.string for given in types if given is not None and given.string is not None]
    return list(dict.fromkeys(found))


# Diagnostics and scenarios


def diagnostics_of(stage: Stage) -> list[dict[str, Any]]:
    """What the check says about the route's file (or the workflow's), and about its scenario."""
    subject = stage.session.route if stage.session is not None else stage.subject
    found = []
    for diagnostic in check_document(stage.project, subject):
        document = stage.project.document(diagnostic.path)
        position = document.text.position(diagnostic.span.start) if document is not None and document.text else None
        found.append(
            {
                "path": diagnostic.path,
                "line": position.line + 1 if position else 1,
                "column": position.character + 1 if position else 1,
                "code": diagnostic.code,
                "severity": diagnostic.severity.value,
                "message": diagnostic.message,
            }
        )
    return found


def _problems(stage: Stage) -> list[str]:
    source = stage.source
    found = [stage.problem] if stage.problem else []
    if source is not None:
        found += [source.stopped] if source.stopped else []
        found += [f"{text} (sample statuses are shown instead)" for text in source.problems.values()]
        found += [f"{text} (the version before it goes on)" for text in source.outdated.values()]
    return found


def scenarios_of(stage: Stage) -> dict[str, Any]:
    """The scenario in use and those that can be chosen: files that stand beside the route."""
    if stage.session is None:
        return {"current": None, "choices": []}
    stem = os.path.splitext(stage.session.route)[0]
    folder = os.path.dirname(stem)
    name = os.path.basename(stem)
    beside = [
        path
        for path, kind in stage.project.files.items()
        if kind is FileKind.SCENARIO
        and os.path.dirname(path) == folder
        and os.path.basename(path).startswith(f"{name}.")
    ]
    current = stage.session.scenario.path
    if os.path.isabs(current):
        current = os.path.relpath(current, stage.root).replace(os.sep, "/")
    if current and current not in beside:
        beside.append(current)
    return {"current": current or None, "choices": sorted(beside)}
