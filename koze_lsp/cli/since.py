"""``--since`` and ``--changed``: what a change can have broken.

Everything is indexed, and what is reported is the changed files and those whose findings depend on them. What a rule
looks at beside its own file decides who depends on whom: names of workflows and bindings, the wrangler file, the
other routes of a level, the components, the configuration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from koze_lsp.cli.git import Changes, changes_since, text_at
from koze_lsp.project.config import KEY, package_settings
from koze_lsp.project.document import SCRIPT_KINDS, FileKind
from koze_lsp.project.kinds import kind_of
from koze_lsp.project.naming import binding_name, status_name
from koze_lsp.project.project import Project
from koze_lsp.project.routing import segments

_TAG = re.compile(r"<([A-Z]\w*)")


def affected_since(project: Project, ref: str) -> frozenset[str]:
    """The project's files that a change since ``ref`` can have given findings.

    Raises:
        UsageError: git can't tell what changed.
    """
    changes = changes_since(project.root, ref)
    if _all_depend(project, changes):
        return frozenset(project.files)
    return frozenset(path for path in affected(project, changes.paths) if path in project.files)


def affected(project: Project, changed: frozenset[str]) -> Iterator[str]:
    """The changed paths and those that depend on them; some may not exist (any more). In no order, some twice."""
    yield from changed
    kinds = {path: kind_of(path) for path in changed}
    workflows = [path for path, kind in kinds.items() if kind is FileKind.WORKFLOW]
    wrangler = FileKind.WRANGLER in kinds.values()
    if workflows:
        yield from _beside_workflows(project, workflows)
    if workflows or wrangler:
        yield from _naming(project, workflows, wrangler=wrangler)
    if not project.workflows.workflows and any(kind in SCRIPT_KINDS for kind in kinds.values()):
        yield from project.paths(FileKind.WRANGLER)  # without workflow files, any module's classes count there
    routes = [path for path, kind in kinds.items() if kind is FileKind.ROUTE]
    if routes and project.routing.has_rivals:
        yield from _rivals(project, routes)
    components = [path for path, kind in kinds.items() if kind is FileKind.COMPONENT]
    if components:
        yield from _using_components(project, components)


def _all_depend(project: Project, changes: Changes) -> bool:
    """Whether every file may have other findings: the configuration changed, or which files there are."""
    if changes.ignores:
        return True
    if "package.json" not in changes.paths:
        return False
    before = _configuration(text_at(project.root, changes.base, "package.json"))
    return bool(before != package_settings(project.package))


def _configuration(text: str | None) -> Any:
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return None
    found = data.get(KEY, {}) if isinstance(data, dict) else {}
    return found if isinstance(found, dict) else {}


def _beside_workflows(project: Project, changed: list[str]) -> Iterator[str]:
    """The files that hold the list of workflows, and the workflow files that may clash with a changed one."""
    yield from project.paths(FileKind.WRANGLER, FileKind.APP_DTS)
    present = project.workflows.workflows
    if all(workflow.path in changed for workflow in present):
        yield from project.paths(FileKind.PACKAGE)  # they may be the first: does the framework have workflows?
    bindings = {binding_name(status_name(path)) for path in changed}
    classes = {workflow.class_name for workflow in present if workflow.path in changed} - {None}
    for number, workflow in enumerate(present):
        first = number == 0 and project.wrangler is None  # the missing wrangler file is told there
        if first or workflow.binding in bindings or workflow.class_name in classes:
            yield workflow.path


def _naming(project: Project, workflows: list[str], *, wrangler: bool) -> Iterator[str]:
    """The files that name a changed workflow or read its binding, or a binding that only the wrangler file has."""
    names = {status_name(path) for path in workflows}
    bindings = {binding_name(name) for name in names}
    known = project.workflows.by_binding
    if wrangler and project.wrangler is None and project.workflows.workflows:
        yield project.workflows.workflows[0].path
    for usage in project.usages.all(project):
        by_wrangler = wrangler and usage.kind == "env" and usage.name not in known
        if usage.name in (names if usage.kind == "status" else bindings) or by_wrangler:
            yield usage.path


def _rivals(project: Project, routes: list[str]) -> Iterator[str]:
    """The routes whose parameters have other names than the first route of their level gives them."""
    levels = {level for route in routes for level in _levels(route)}
    for path in project.paths(FileKind.ROUTE):
        if "[" in path and any(level in levels for level in _levels(path)):
            names = [segment.parameter for segment in segments(path) if segment.parameter is not None]
            if any(project.routing.winner(path, name) is not None for name in names):
                yield path


def _levels(route: str) -> Iterator[tuple[str, ...]]:
    """The levels of a route at which a parameter stands, without the parameters' names."""
    level: tuple[str, ...] = ()
    for segment in segments(route):
        level = (*level, segment.text if segment.parameter is None else "[...]" if segment.rest else "[]")
        if segment.parameter is not None:
            yield level


def _using_components(project: Project, components: list[str]) -> Iterator[str]:
    """The pages with a tag that one of the components may be."""
    names = {_plain(path.rsplit("/", 1)[-1].rsplit(".", 1)[0]) for path in components}
    for path in project.paths(FileKind.ROUTE, FileKind.LAYOUT, FileKind.COMPONENT):
        held = path in project.held()
        document = project.document(path)
        if document is not None and any(_plain(tag) in names for tag in _TAG.findall(document.source)):
            yield path
        if not held:
            project.release(path)


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()
