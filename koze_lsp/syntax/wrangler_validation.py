"""What wrangler itself says about the ``workflows`` of its file: wrangler 4.164's own checks, with places.

Older versions know fewer fields (4.86 warns of ``schedules`` and accepts ``remote``); the newer answer is
given where they differ.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from koze_lsp.syntax.jsonc import JsonArray, JsonNode, JsonObject, JsonString, JsonTree, to_data
from koze_lsp.syntax.wrangler import WorkflowEntry, WorkflowList, WranglerFacts, inner_span
from koze_lsp.text import Span

ENTRY_FIELDS = (
    "binding",
    "name",
    "class_name",
    "script_name",
    "limits",
    "concurrency",
    "schedules",
    "default_retention",
    "jurisdiction",
)
_INNER_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "limits": ("steps",),
        "default_retention": ("success_retention", "error_retention"),
        "concurrency": ("limit",),
    }
)
_NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9-_]*")
_NAME_LENGTH = 64
_NAME_RULE = (
    "Workflow names must be 1-64 characters long, start with a letter, number, or underscore, "
    "and may only contain letters, numbers, underscores, or hyphens."
)
_NO_CLASS = "Your Worker depends on the following Workflows, which are not exported in your entrypoint file: ."
_MOST_STEPS = 25_000
_JURISDICTIONS = ("eu", "fedramp", "us")
_SHOWN = 60

ProblemKind = Literal["error", "limit", "unknown-field"]


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """Something that wrangler refuses (``error``) or warns of.

    Attributes:
        kind: ``limit`` is a number that production refuses, ``unknown-field`` a field that is ignored.
        span: the wrong token.
        condition: wrangler's own words, without the dump of the entry.
        entry: the entry, or None where the list itself is wrong.
        field: the field, ``limits.steps`` where it is an inner one.
        known: the fields that wrangler knows in the place of an unknown one.
    """

    kind: ProblemKind
    span: Span
    condition: str
    entry: WorkflowEntry | None = None
    field: str = ""
    known: tuple[str, ...] = ()


def is_workflow_name(name: str) -> bool:
    """Whether wrangler accepts a text as the ``name`` of a workflow."""
    return len(name) <= _NAME_LENGTH and _NAME.fullmatch(name) is not None


def validate(facts: WranglerFacts) -> Iterator[EntryProblem]:
    """The problems of all ``workflows`` lists, in the order in which wrangler checks them."""
    for workflows in facts.lists:
        yield from _list_problems(facts.tree, workflows)


def head_span(tree: JsonTree, node: JsonNode) -> Span:
    """What stands for a whole node in a report: its opening bracket, or all of a scalar."""
    start = node.span.start
    if start < node.span.end and tree.source[start] in "{[" and tree.source[start : start + 2] != "[[":
        return Span(start, start + 1)
    return node.span


def _list_problems(tree: JsonTree, workflows: WorkflowList) -> Iterator[EntryProblem]:
    if workflows.array is None:
        got = show(tree, workflows.value)
        text = f'The field "{workflows.path}" should be an array but got {got}.'
        yield EntryProblem("error", head_span(tree, workflows.value), text)
    for entry in workflows.entries:
        if entry.object is None:
            text = f'"workflows" bindings should be objects, but got {show(tree, entry.node)}'
            yield EntryProblem("error", head_span(tree, entry.node), text, entry)
        else:
            yield from _Entry(tree, entry, entry.object).problems()


class _Entry:
    """The checks of one entry."""

    def __init__(self, tree: JsonTree, entry: WorkflowEntry, node: JsonObject) -> None:
        self.tree = tree
        self.entry = entry
        self.node = node

    def problems(self) -> Iterator[EntryProblem]:
        if any(member.key.value not in ("name", "binding", "class_name") for member in self.node.members):
            checks = (self._script_name, self._schedules, self._limits, self._retention, self._concurrency)
            yield from self._required()
            for check in checks:
                yield from check()
            yield from self._jurisdiction()
            yield from self._unknown(self.node, "", ENTRY_FIELDS)
        else:
            yield from self._required()

    def _error(self, field: str, condition: str, node: JsonNode | None = None) -> EntryProblem:
        span = head_span(self.tree, self.node if node is None else node)
        if isinstance(node, JsonString) and node.value:
            span = inner_span(self.tree, node)
        return EntryProblem("error", span, condition, self.entry, field)

    def _but_got(self, node: JsonNode | None) -> str:
        return f" but got {show(self.tree, node)}." if node is not None else "."

    def _required(self) -> Iterator[EntryProblem]:
        for field in ("binding", "name", "class_name"):
            value = self.entry.value(field)
            if self.entry.string(field) is None:
                text = f'"{self.entry.path}" bindings should have a string "{field}" field'
                yield self._error(field, text + self._but_got(value), value)
            elif field == "name" and not is_workflow_name(self.entry.name or ""):
                text = f'"{self.entry.path}" binding "name" field is invalid. {_NAME_RULE}'
                yield self._error(field, text, value)
            elif field == "class_name" and not self.entry.class_name:
                yield self._error(field, _NO_CLASS, value)

    def _script_name(self) -> Iterator[EntryProblem]:
        value = self.entry.value("script_name")
        if value is not None and self.entry.string("script_name") is None:
            text = f'"{self.entry.path}" bindings should, optionally, have a string "script_name" field'
            yield self._error("script_name", text + self._but_got(value), value)

    def _schedules(self) -> Iterator[EntryProblem]:
        value = self.entry.value("schedules")
        if value is None:
            return
        data = to_data(value)
        path = self.entry.path
        text = ""
        if data == "":
            text = f'"{path}" bindings "schedules" field must not be an empty string.'
        elif data == []:
            text = f'"{path}" bindings "schedules" field must not be an empty array.'
        elif isinstance(data, list) and all(isinstance(item, str) for item in data):
            if "" in data:
                text = f'"{path}" bindings "schedules" field must not contain empty strings.'
        elif not isinstance(data, str):
            text = (
                f'"{path}" bindings should, optionally, have a string or array of strings "schedules" field'
                + self._but_got(value)
            )
        if text:
            yield self._error("schedules", text, value)

    def _settings(self, field: str) -> Iterator[EntryProblem | JsonObject]:
        """The object of a field with settings of its own, or what is wrong with it."""
        value = self.entry.value(field)
        if isinstance(value, JsonObject):
            yield value
            yield from self._unknown(value, field, _INNER_FIELDS[field])
        elif value is not None:
            text = f'"{self.entry.path}" bindings should, optionally, have an object "{field}" field'
            yield self._error(field, text + self._but_got(value), value)

    def _limits(self) -> Iterator[EntryProblem]:
        for found in self._settings("limits"):
            if isinstance(found, EntryProblem):
                yield found
                continue
            steps = found.get("steps")
            if steps is None:
                continue
            number = _integer(to_data(steps))
            if number is None or number < 1:
                text = f'"{self.entry.path}" bindings "limits.steps" field must be a positive integer'
                yield self._error("limits.steps", text + self._but_got(steps), steps)
            elif number > _MOST_STEPS:
                text = (
                    f'"{self.entry.path}" has a step limit of {number}, which exceeds the production maximum of 25,000.'
                )
                yield EntryProblem("limit", steps.span, text, self.entry, "limits.steps")

    def _concurrency(self) -> Iterator[EntryProblem]:
        for found in self._settings("concurrency"):
            if isinstance(found, EntryProblem):
                yield found
                continue
            limit = found.get("limit")
            number = _integer(to_data(limit)) if limit is not None else 1
            if limit is not None and (number is None or number < 1):
                text = f'"{self.entry.path}" bindings "concurrency.limit" field must be a positive integer'
                yield self._error("concurrency.limit", text + self._but_got(limit), limit)

    def _retention(self) -> Iterator[EntryProblem]:
        for found in self._settings("default_retention"):
            if isinstance(found, EntryProblem):
                yield found
                continue
            for key in _INNER_FIELDS["default_retention"]:
                value = found.get(key)
                data = to_data(value) if value is not None else 1
                number = _integer(data)
                if value is None or (number is not None and number > 0) or (isinstance(data, str) and data):
                    continue
                text = (
                    f'"{self.entry.path}" bindings "default_retention.{key}" field must be a positive integer '
                    'of milliseconds or a duration string such as "3 days"'
                )
                yield self._error(f"default_retention.{key}", text + self._but_got(value), value)

    def _jurisdiction(self) -> Iterator[EntryProblem]:
        value = self.entry.value("jurisdiction")
        if value is not None and to_data(value) not in _JURISDICTIONS:
            text = f'"{self.entry.path}" bindings "jurisdiction" field must be one of "eu", "fedramp", or "us",'
            yield self._error("jurisdiction", text + self._but_got(value), value)

    def _unknown(self, node: JsonObject, field: str, known: tuple[str, ...]) -> Iterator[EntryProblem]:
        path = f"{self.entry.path}.{field}" if field else self.entry.path
        for member in node.members:
            key = member.key.value
            if key not in known:
                text = f'Unexpected fields found in {path} field: "{key}"'
                yield EntryProblem("unknown-field", member.key.span, text, self.entry, key, known)


def show(tree: JsonTree, node: JsonNode) -> str:
    """A value for a message: a scalar as wrangler prints it, an object or array as it is written."""
    if isinstance(node, (JsonObject, JsonArray)):
        text = " ".join(tree.source[node.span.start : node.span.end].split())
    else:
        text = json.dumps(node.value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _integer(data: Any) -> int | None:
    """The number as JavaScript's Number.isInteger sees it: 2.0 is one, true is none."""
    if isinstance(data, bool) or not isinstance(data, (int, float)) or not math.isfinite(data):
        return None
    return int(data) if data == int(data) else None
