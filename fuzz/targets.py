"""What must hold for any input. Each target takes bytes and raises AssertionError, or anything else, if it does not."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from koze_lsp.lsp.server import Server
from koze_lsp.lsp.transport import Framer, Malformed
from koze_lsp.syntax import json_edits, jsonc
from koze_lsp.syntax.jsonc import JsonArray, JsonObject, JsonTree
from koze_lsp.syntax.route import parse as parse_route
from koze_lsp.text import TextEdit, apply_edits

logging.disable(logging.CRITICAL)  # what is wrong with a message is not our finding

VALUE = {"name": "job-workflow", "binding": "JOB_WORKFLOW", "class_name": "Job"}


def template(data: bytes) -> None:
    """The template scanner: never raises, spans inside the text, the same answer twice, the overlay of equal length."""
    source = data.decode("utf-8", "replace")
    facts, again = parse_route(source), parse_route(source)
    assert [problem.span for problem in facts.problems] == [problem.span for problem in again.problems]
    for problem in facts.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(source)
    for use in facts.script_facts.names.uses:
        assert 0 <= use.span.start <= use.span.end <= len(source)
        assert source[use.span.start : use.span.end] == use.name


def wrangler(data: bytes) -> None:
    """The wrangler editor: what was parseable stays so, says what was asked, and nothing outside the ranges changes."""
    choice, source = (data[0], data[1:].decode("utf-8", "replace")) if data else (0, "")
    tree = jsonc.parse(source)
    if tree.root is None or any(problem for problem in tree.problems):
        return
    for edits, wanted in _edits(tree, choice):
        after = apply_edits(source, edits)
        parsed = jsonc.parse(after)
        assert parsed.root is not None
        assert not parsed.problems, (source, after)
        assert jsonc.to_data(parsed.root) == wanted, (source, after)
        _untouched(source, after, edits)


def _edits(tree: JsonTree, choice: int) -> list[tuple[tuple[TextEdit, ...], Any]]:
    """One edit of the root, and the data that must come of it."""
    root = tree.root
    assert root is not None
    data = jsonc.to_data(root)
    if isinstance(root, JsonArray):
        found: list[tuple[tuple[TextEdit, ...], Any]] = [(json_edits.append_item(tree, root, VALUE), [*data, VALUE])]
        if root.items:
            index = choice % len(root.items)
            rest = [item for number, item in enumerate(data) if number != index]
            found.append((json_edits.remove_item(tree, root, index), rest))
        return found
    if not isinstance(root, JsonObject):
        return [(json_edits.replace(tree, root, VALUE), VALUE)]
    found = []
    if root.member("workflows_") is None:
        found.append((json_edits.add_member(tree, root, "workflows_", [VALUE]), {**data, "workflows_": [VALUE]}))
    names = [member.key.value for member in root.members]
    if root.members and len(set(names)) == len(names):
        member = root.members[choice % len(root.members)]
        rest = {key: value for key, value in data.items() if key != member.key.value}
        found.append((json_edits.remove_member(tree, root, member), rest))
        if member.value is not None:
            changed = {**data, member.key.value: VALUE}
            found.append((json_edits.set_value(tree, root, member.key.value, VALUE), changed))
    return found


def _untouched(source: str, after: str, edits: tuple[TextEdit, ...]) -> None:
    at = moved = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        piece = source[at : edit.span.start]
        assert after[moved : moved + len(piece)] == piece
        at, moved = edit.span.end, moved + len(piece) + len(edit.new_text)
    assert after[moved:] == source[at:]


class _Connection:
    def __init__(self) -> None:
        self.server = Server()
        self.answers: list[Any] = []
        self.server.protocol.connect(lambda data: self.answers.append(json.loads(data.partition(b"\r\n\r\n")[2])))
        self.take(b'{"id":0,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}')

    def take(self, body: bytes) -> bool:
        taken = self.server.protocol.receive(body)
        worker = self.server.protocol.worker
        while worker._jobs:
            worker._do(worker._jobs.popleft())
        return taken


def rpc(data: bytes) -> None:
    """The JSON-RPC entry: any stream is taken, nothing answered with an internal error, and the next request works."""
    from koze_lsp.lsp.protocol import Exit  # noqa: PLC0415

    connection, framer = _Connection(), Framer()
    try:
        for body in framer.feed(data):
            if isinstance(body, Malformed):
                connection.server.protocol.malformed(body.reason)
            elif not connection.take(body):
                framer.give_back(body)
        connection.take(b'{"jsonrpc":"2.0","id":"last","method":"no/such"}')
    except Exit:
        return
    assert connection.answers[-1]["id"] == "last"
    for answer in connection.answers:
        assert answer.get("error", {}).get("code") != -32603, answer


TARGETS: dict[str, Callable[[bytes], None]] = {"template": template, "wrangler": wrangler, "rpc": rpc}
