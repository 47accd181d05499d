"""Which files name which workflow: the compact reverse index behind references, lenses and hierarchies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from koze_lsp.project.document import SCRIPT_KINDS, FileKind
from koze_lsp.syntax.poll import parse_poll
from koze_lsp.text import Span

if TYPE_CHECKING:
    from koze_lsp.project.project import Project
    from koze_lsp.syntax.calls import StatusCall

_LITERALS = frozenset({"string", "number", "boolean", "null", "undefined"})


@dataclass(frozen=True, slots=True)
class Usage:
    """One place that names a workflow.

    ``status`` is the name literal of a workflowStatus call, ``env`` a read of its binding. ``span`` is the
    name alone (inside the quotes); ``polls`` tells whether the call polls.
    """

    kind: Literal["status", "env"]
    name: str
    path: str
    span: Span
    polls: bool = False


class Usages:
    """The usages of every file that has been looked at, by path. Immutable but for its own filling."""

    def __init__(self, by_path: dict[str, tuple[Usage, ...]]) -> None:
        self._by_path = by_path

    def without(self, paths: Iterable[str]) -> Usages:
        """The same, with some files to be looked at again."""
        by_path = self._by_path.copy()  # ten thousand entries, with each keystroke
        for path in paths:
            by_path.pop(path, None)
        return Usages(by_path)

    def all(self, project: Project) -> list[Usage]:
        """Every usage in a project, in order of path and place."""
        found: list[Usage] = []
        for path, kind in project.files.items():
            if kind.has_template or kind in SCRIPT_KINDS:
                found += self.of(project, path)
        return found

    def of(self, project: Project, path: str) -> tuple[Usage, ...]:
        """The usages in one file; the file is let go again if nothing held it."""
        found = self._by_path.get(path)
        if found is None:
            held = path in project.held()
            document = project.document(path)
            found = () if document is None else _usages(path, project)
            if not held and project.files.get(path) is not FileKind.WORKFLOW:
                project.release(path)
            self._by_path[path] = found
        return found

    def of_status(self, project: Project, name: str) -> list[Usage]:
        """The calls of workflowStatus with a name."""
        return [usage for usage in self.all(project) if usage.kind == "status" and usage.name == name]

    def of_binding(self, project: Project, binding: str) -> list[Usage]:
        """The reads of a binding from the environment."""
        return [usage for usage in self.all(project) if usage.kind == "env" and usage.name == binding]


def _polls(call: StatusCall) -> bool:
    """Whether a call polls, as far as its text shows: an interval that is not falsy."""
    poll = call.option("poll")
    return poll is not None and not (poll.value.kind in _LITERALS and parse_poll(poll.value.literal).off)


def _usages(path: str, project: Project) -> tuple[Usage, ...]:
    document = project.document(path)
    if document is None:
        return ()
    source, found = document.source, []
    if "workflowStatus" in source:
        for call in document.script.status_calls:
            if call.name is not None and call.name.string is not None:
                found.append(Usage("status", call.name.string, path, call.name.inner, _polls(call)))
    if "env" in source:
        found += [Usage("env", read.name, path, read.span) for read in document.script.env_reads]
    return tuple(sorted(found, key=lambda usage: usage.span))
