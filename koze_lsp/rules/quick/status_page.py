"""Pages that read a status as the documentation shows it.

One script block of imports and of constants that take a status or a server function's result; then markup, line by
line, with ``{status.status}`` and branches over the statuses that there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from koze_lsp.rules.quick.words import IMPORT, NAME, declare

if TYPE_CHECKING:
    from koze_lsp.project.project import Project

_STATUSES = "queued|running|paused|errored|terminated|complete|waiting|waitingForPause|rollingBack|unknown"
_PATH = rf"{NAME}(?:\.{NAME})*"
_STATEMENT = re.compile(
    rf"[ \t]*(?:(?:{IMPORT}"
    rf"|const ({NAME}) = await workflowStatus\((['\"])([\w.-]+)\5, params\.\w+"
    r"(?:, \{ poll: (?:(['\"])(\d+(?:\.\d+)?)(ms|s|m|MS|S|M)\7|([1-9]\d*)) \})?\);?"
    rf"|const ({NAME}) = (?:await )?({NAME})\(((?:{_PATH}(?:, {_PATH})*)?)\);?"
    r")[ \t]*)?\r?\n",
    re.ASCII,
)
_CONTROL = r"\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029"
_TEXT = rf"[^<>{{}}{_CONTROL}]*"
_SHOWN = rf"[^<>{{}}'\"`\\{_CONTROL}]*"
_TAG = rf"</?[a-z][a-z0-9-]*(?: [a-z][a-z0-9-]*(?:=\"[^\"'`<>{{}}\\{_CONTROL}]*\")?)* ?/?>"
_SAID = rf"{NAME}(?:\.error|\.status [!=]== '(?:{_STATUSES})')"
_IF = rf"if \({_SAID}(?: \|\| {_SAID})*\) \{{"
# White space at a line's end belongs to what is before it: two patterns that both take it would cost the square.
_LINE = re.compile(
    rf"[ \t]*(?:(?:(?P<if>{_IF})|(?P<elseif>\}} else {_IF})|(?P<else>\}} else \{{)|(?P<close>\}})"
    rf"|(?P<shown>(?:{_TAG})+{_SHOWN}(?:\{{{NAME}(?:\??\.{NAME})+\}}{_SHOWN})+(?:{_TAG})+))[ \t]*"
    rf"|(?P<markup>(?:{_TAG}{_TEXT})+)"
    r"|(?P<prose>[A-Z][A-Za-z0-9 ,.]*))?\r?\Z",
    re.ASCII,
)
_CONDITION = re.compile(rf"({NAME})\.(error|status)(?: ([!=])== '(\w+)')?", re.ASCII)
_EXPRESSION = re.compile(rf"\{{({NAME})((?:\??\.{NAME})+)\}}", re.ASCII)
_FIELDS = re.compile(r"\.(?:status|error|output)|\.output\?\.\w+(?:\??\.\w+)*", re.ASCII)
_OPEN = re.compile(r"<script(?: lang=\"ts\")?>\r?\n")
_CLOSE = re.compile(r"</script>\r?\n")
_NEVER = ("pending", "<input", "<textarea", "<select", "contenteditable", "<style", "<slot")
_SHORT = 200
"""Characters of a line that is worth remembering."""
_FACTORS = {"ms": 1.0, "s": 1_000.0, "m": 60_000.0}
_TIMER_LIMIT = 2**31 - 1


def is_clean_status_page(source: str, project: Project) -> bool:
    """Whether no rule can find anything in a page whose imports and ``params`` are in order."""
    opening = _OPEN.match(source)
    if opening is None or any(word in source for word in _NEVER):
        return False
    script = _Script(project)
    at = opening.end()
    while (close := _CLOSE.match(source, at)) is None:
        statement = _STATEMENT.match(source, at)
        if statement is None or not script.take(statement):
            return False
        at = statement.end()
    if not script.statuses or source.count("workflowStatus") != len(script.statuses) + 1:
        return False
    if "<script" in source[close.end() :].lower():
        return False
    return _Template(script.statuses, script.declared).read(source, close.end())


class _Script:
    """What the script has declared so far."""

    def __init__(self, project: Project) -> None:
        self.workflows = project.workflows.by_name
        self.minimum = project.config.poll_minimum
        self.declared: set[str] = set()
        self.statuses: set[str] = set()

    def take(self, statement: re.Match[str]) -> bool:
        """Whether a statement is in order; what it declares is known from now on."""
        names, _, _, status, _, workflow, quote, digits, unit, number, result, callee, given = statement.groups()
        if names is not None:
            return declare(self.declared, names.split(", "))
        if status is not None:
            if workflow not in self.workflows or not {"workflowStatus", "params"} <= self.declared:
                return False
            if (quote is not None or number is not None) and not self.in_time(digits, unit, number):
                return False
            self.statuses.add(status)
            return declare(self.declared, [status])
        if result is not None:
            used = [argument.partition(".")[0] for argument in given.split(", ")] if given else []
            if callee not in self.declared or callee in self.statuses or callee == "workflowStatus":
                return False
            if not self.declared.issuperset(used) or not self.statuses.isdisjoint(used):
                return False
            return declare(self.declared, [result])
        return True  # a blank line

    def in_time(self, digits: str | None, unit: str | None, number: str | None) -> bool:
        """Whether an interval is one that no rule minds."""
        ms = float(number) if number is not None else float(digits or 0) * _FACTORS[(unit or "ms").lower()]
        return max(self.minimum, 1.0) <= ms <= _TIMER_LIMIT


@lru_cache(4_000)
def _line(text: str) -> tuple[str, Sequence[tuple[str, ...]]] | None:
    """What a line is ('': nothing that matters), and its expressions or comparisons; None if it is not plain.

    Lines like ``}`` and ``<p>{status.error}</p>`` stand in many pages.
    """
    line = _LINE.match(text)
    if line is None:
        return None
    kind = line.lastgroup
    if kind is None or kind in ("markup", "prose"):
        return "", ()
    if kind == "shown":
        return kind, _EXPRESSION.findall(text)
    return kind, _CONDITION.findall(text) if kind in ("if", "elseif") else ()


class _Template:
    """The lines of a template, in a page with these statuses and other names."""

    def __init__(self, statuses: set[str], declared: set[str]) -> None:
        self.statuses = statuses
        self.declared = declared
        self.used: set[str] = set()
        self.branched: set[str] = set()
        self.answered: set[str] = set()  # a failure of these shows
        self.chains: list[set[str]] = []  # the open branches: what each branches on
        self.ended: list[bool] = []  # whether an open branch is an else

    def read(self, source: str, at: int) -> bool:
        """Whether all lines from an offset on are in order."""
        for text in source[at:].split("\n"):
            line = _line(text) if len(text) <= _SHORT else _line.__wrapped__(text)
            if line is None or (line[0] and not self.take(*line)):
                return False
        return not self.chains and self.used == self.statuses and self.branched <= self.answered

    def take(self, kind: str, parts: Sequence[tuple[str, ...]]) -> bool:
        """Whether a line is in order."""
        if kind == "shown":
            return all(self.shown(name, fields) for name, fields in parts)
        if kind == "if":
            self.chains.append(set())
            self.ended.append(False)
            return self.condition(parts)
        if not self.chains:
            return False
        if kind == "close":
            self.chains.pop()
            self.ended.pop()
            return True
        if self.ended[-1]:  # nothing comes behind an else
            return False
        if kind == "else":
            self.answered |= self.chains[-1]
            self.ended[-1] = True
            return True
        return self.condition(parts)

    def shown(self, name: str, fields: str) -> bool:
        """``{name.field}``"""
        if name not in self.statuses:
            return name in self.declared and name != "workflowStatus"
        if _FIELDS.fullmatch(fields) is None:
            return False
        self.used.add(name)
        if fields == ".status":
            self.answered.add(name)
        return True

    def condition(self, comparisons: Iterable[tuple[str, ...]]) -> bool:
        """The comparisons of an ``if``."""
        for name, field, operator, literal in comparisons:
            if name not in self.statuses:
                return False
            self.used.add(name)
            self.branched.add(name)
            self.chains[-1].add(name)
            if field == "status" and (operator == "!" or literal in ("errored", "terminated")):
                self.answered.add(name)
        return True
