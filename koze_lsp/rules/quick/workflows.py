"""Workflow files of plain steps.

Imports, one exported class that extends WorkflowEntrypoint, and a run() of awaited steps, sleeps and waits one after
another, each callback returning the result of an imported function.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from koze_lsp.project.naming import in_union, status_name
from koze_lsp.rules.quick.words import MARK, NAME, declare

if TYPE_CHECKING:
    from koze_lsp.project.index import WorkflowIndex
    from koze_lsp.project.project import Project

_NEVER = (
    "random", "Date", "fetch", "performance", "NonRetryable", "params", "koze:", "kuratchi:", "workflowStatus",
    "_WORKFLOW", MARK,
)  # fmt: skip
_DURATION = r"[1-9]\d{0,2} (?:second|minute|hour|day)s?"
_STEP_NAME = r"'(\w[\w -]{0,99})'"
_PATH = rf"{NAME}(?:\.{NAME})*"
_GIVEN = rf"(?:{_PATH}|\d{{1,9}})"
_TYPE = rf"(?:{NAME}|\{{ {NAME}\??: {NAME}(?:; {NAME}\??: {NAME})*;? \}})"
_FIELD = rf"{NAME}(?:: (?:{_GIVEN}|'[\w .-]*'))?"
_LINE = re.compile(
    rf"(?:import \{{ (?P<names>{NAME}(?:, {NAME})*) \}} from (?P<quote>['\"])(?P<module>[\w$@./:~-]+)(?P=quote);?"
    rf"|(?P<class>export (?:default )?class) (?P<class_name>[A-Z]\w*) extends WorkflowEntrypoint \{{"
    rf"|  async (?P<run>run)\((?P<event>event)(?:: WorkflowEvent(?:<{_TYPE}>)?)?, (?:step)(?:: WorkflowStep)?\) \{{"
    rf"|    await step\.(?P<sleep>sleep)\({_STEP_NAME.replace('(', '(?P<sleep_name>')}, '{_DURATION}'\);"
    rf"|    (?:const (?P<taken>{NAME}) = )?await step\.(?P<wait>waitForEvent)\("
    rf"{_STEP_NAME.replace('(', '(?P<wait_name>')}, \{{ type: '[\w-]+'(?:, timeout: '{_DURATION}')? \}}\);"
    rf"|    (?:const (?P<result>{NAME}) = )?await step\.(?P<do>do)\({_STEP_NAME.replace('(', '(?P<do_name>')}, "
    rf"async \(\) => \{{\r?\n      return await (?P<callee>{NAME})\((?P<given>(?:{_GIVEN}(?:, {_GIVEN})*)?)\);"
    r"\r?\n    \}\);"
    rf"|    (?P<return>return) \{{ (?P<fields>{_FIELD}(?:, {_FIELD})*) \}};"
    r"|(?P<end>  \}\r?\n\})"
    r")?\r?(?:\n|\Z)",
    re.ASCII,
)
_ROOT = re.compile(rf"(?:^|, )(?:{NAME}: )?({NAME})(?![\w:])", re.ASCII)
_WORKERS = "cloudflare:workers"
_TAKEN = ("event", "step")
_CLASS = re.compile(r"\bclass\s+(\w+)")
_class_counts: WeakKeyDictionary[WorkflowIndex, Counter[str]] = WeakKeyDictionary()


def is_clean_workflow(source: str, path: str, project: Project) -> bool:
    """Whether no rule can find anything in a workflow file."""
    index, name = project.workflows, status_name(path)
    own = index.by_name.get(name)
    if own is None or own.path != path or len(index.by_binding[own.binding]) != 1 or project.wrangler is None:
        return False
    if not in_union(name) or any(word in source for word in _NEVER):
        return False
    return _File(_counts(index)).read(source)


def _counts(index: WorkflowIndex) -> Counter[str]:
    """In how many places of an application's workflow files a class of a name may be declared."""
    found = _class_counts.get(index)
    if found is None:
        found = Counter(name for item in index.workflows for name in _CLASS.findall(item.document.source))
        _class_counts[index] = found
    return found


class _File:
    """What has been read of a workflow file."""

    def __init__(self, classes: Counter[str]) -> None:
        self.classes = classes
        self.declared: set[str] = set()
        self.callable: set[str] = set()  # what other files of the application gave
        self.steps: set[str] = set()
        self.has_entrypoint = False
        self.stage = "imports"

    def read(self, source: str) -> bool:
        """Whether all of a text is in order."""
        at = 0
        while at < len(source):
            line = _LINE.match(source, at)
            if line is None or not self.take(line):
                return False
            at = line.end()
        return self.stage == "end" and source.count("class") == 1 + source.count("class_name")

    def take(self, line: re.Match[str]) -> bool:
        """Whether a line, or the lines of a step, are in order."""
        found = line.groupdict()
        if found["names"] is not None:
            return self.stage == "imports" and self.imports(found["names"].split(", "), found["module"])
        if found["class"] is not None:
            return (
                self.on("imports", "class")
                and self.has_entrypoint
                and self.classes[found["class_name"]] == 1
                and (declare(self.declared, [found["class_name"]]))
            )
        if found["run"] is not None:
            return self.on("class", "run") and declare(self.declared, list(_TAKEN))
        if found["end"] is not None:
            return self.on("returned", "end") or self.on("run", "end")
        if self.blank(line):
            return True
        return self.stage == "run" and self.statement(found)

    @staticmethod
    def blank(line: re.Match[str]) -> bool:
        return not line.group().strip("\r\n")

    def on(self, before: str, after: str) -> bool:
        """Go from one part of the file to the next."""
        if self.stage != before:
            return False
        self.stage = after
        return True

    def imports(self, names: list[str], module: str) -> bool:
        """One import statement."""
        if module == _WORKERS:
            self.has_entrypoint = self.has_entrypoint or "WorkflowEntrypoint" in names
            if not {"WorkflowEntrypoint", "WorkflowStep", "WorkflowEvent"}.issuperset(names):
                return False
        else:
            self.callable.update(names)
        return declare(self.declared, names)

    def statement(self, found: dict[str, str | None]) -> bool:
        """One statement of run()."""
        if found["return"] is not None:
            self.stage = "returned"
            return self.knows(found["fields"] or "")
        name = found["sleep_name"] or found["wait_name"] or found["do_name"] or ""
        if name in self.steps:
            return False
        self.steps.add(name)
        if found["do"] is not None and (found["callee"] not in self.callable or not self.knows(found["given"] or "")):
            return False
        taken = found["taken"] or found["result"]
        return taken is None or declare(self.declared, [taken])

    def knows(self, listed: str) -> bool:
        """Whether every name in a list of arguments or fields is declared."""
        return self.declared.issuperset(_ROOT.findall(listed))
