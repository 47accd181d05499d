"""The present course of a preview as a scenario file: what was done to the instances and to the tab, and when."""

from __future__ import annotations

import json
import math
import os
import re
import tempfile
from typing import Any

from koze_lsp.preview.course import CREATE, Intervention
from koze_lsp.preview.joined import EngineSource
from koze_lsp.preview.server.stage import Stage, StageError
from koze_lsp.preview.server.tab import CONDITIONS, Span

__all__ = ["course_of", "save"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}")
_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")


def course_of(stage: Stage) -> str:
    """The course so far, as the text of a scenario.

    Raises:
        StageError: there is no page to write a scenario for.
    """
    with stage.lock:
        session, source = stage.session, stage.source
        if session is None or source is None:
            raise StageError("A scenario belongs to a page; this is a run of a workflow.")
        scenario: dict[str, Any] = {"url": session.url}
        if session.params:
            scenario["params"] = dict(session.params)
        if session.scenario.ticks is not None:
            scenario["ticks"] = [dict(tick) for tick in session.scenario.ticks]
        run = _run(source)
        if run or session.scenario.ticks is None:
            scenario["run"] = run
        if session.scenario.server:
            scenario["server"] = {name: dict(exports) for name, exports in session.scenario.server.items()}
        for condition in CONDITIONS:
            spans = [_span(span) for span in stage.tab.spans if span.condition == condition]
            if spans:
                scenario[condition] = spans if len(spans) > 1 else spans[0]
        return f"{_json5(scenario)}\n"


def _span(span: Span) -> dict[str, float]:
    start, to = (round(at, 3) for at in span.as_planned())
    return {"from": start} if to == math.inf else {"from": start, "to": to}


def _run(source: EngineSource) -> dict[str, Any]:
    """What `run` says for each workflow: what it said before, and what was done since."""
    names = {binding: name for name, binding in source.workflows.items()}
    found = {names.get(binding, binding): dict(options) for binding, options in source.options.items()}
    created: dict[tuple[str, str], float] = {}
    for done in source.course:
        name = names.get(done.binding, done.binding)
        if done.action == CREATE:
            created[done.binding, done.instance_id] = done.at_ms
            found.setdefault(name, {})
            continue
        options = found.setdefault(name, {})
        since = done.at_ms - created.get((done.binding, done.instance_id), 0.0)
        options["actions"] = [*options.get("actions", []), _action(done, since)]
    return found


def _action(done: Intervention, at_ms: float) -> dict[str, Any]:
    given = {("from" if key == "from_step" else key): value for key, value in done.options.items()}
    return {"at": round(at_ms, 3), "do": done.action, **given}


def save(stage: Stage, name: str, *, overwrite: bool = False) -> str:
    """Write the course beside the route, as `ROUTE.preview.json5` or, with a name, `ROUTE.NAME.preview.json5`; gives
    the path from the root.

    Raises:
        StageError: no such name, the file is there already, or it cannot be written.
    """
    text = course_of(stage)
    if name and not _NAME.fullmatch(name):
        raise StageError("A scenario's name has letters, digits, - and _ only.")
    session = stage.session
    if session is None:
        raise StageError("A scenario belongs to a page.")
    stem = os.path.splitext(session.route)[0]
    path = f"{stem}.{name}.preview.json5" if name else f"{stem}.preview.json5"
    full = os.path.join(stage.root, path)
    if os.path.lexists(full) and not overwrite:
        raise StageError(f"{path} is there already. Choose another name, or overwrite it.")
    if os.path.realpath(os.path.dirname(full)) != os.path.dirname(os.path.join(os.path.realpath(stage.root), path)):
        raise StageError(f"{path} would lie outside the application.")
    try:
        _write(full, text)
    except OSError as error:
        raise StageError(f"{path} cannot be written: {error.strerror}") from None
    return path


def _write(full: str, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(full), prefix=".koze-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, full)
    except BaseException:
        os.unlink(temporary)
        raise


def _json5(value: Any, indent: str = "") -> str:
    """JSON5 as people write it: bare keys, single quotes, short things on one line."""
    if isinstance(value, dict):
        pairs = [(key if _KEY.match(key) else _quoted(key), item) for key, item in value.items()]
        short = ", ".join(f"{key}: {_json5(item)}" for key, item in pairs)
        if indent and len(short) < 90 and "\n" not in short:
            return f"{{ {short} }}" if short else "{}"
        inner = indent + "  "
        lines = "".join(f"{inner}{key}: {_json5(item, inner)},\n" for key, item in pairs)
        return f"{{\n{lines}{indent}}}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        short = ", ".join(_json5(item) for item in value)
        if len(short) < 90 and "\n" not in short:
            return f"[{short}]"
        inner = indent + "  "
        return "[\n" + "".join(f"{inner}{_json5(item, inner)},\n" for item in value) + f"{indent}]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _quoted(text: str) -> str:
    inside = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inside}'"
