"""Checking: all rules over one file or a whole project, with configuration and suppression applied.

The one engine behind the editor's diagnostics and the command line's check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import chain

from koze_lsp.project.document import SCRIPT_KINDS, TEMPLATE_KINDS, Document, FileKind
from koze_lsp.project.parallel import chunk_count, share, without_collector
from koze_lsp.project.project import KEPT_KINDS, Project
from koze_lsp.rules import MODULES, all_rules
from koze_lsp.rules.base import Diagnostic, Rule, Severity, registry
from koze_lsp.rules.quick import surely_clean
from koze_lsp.rules.suppression import MARK, find_ignores, suppress

CHECKED = TEMPLATE_KINDS | SCRIPT_KINDS | {FileKind.WRANGLER, FileKind.APP_DTS, FileKind.PACKAGE, FileKind.SCENARIO}

_SLOW = KEPT_KINDS - {FileKind.WORKFLOW}
"""Single files that take as long as many pages: the first process looks at them while others begin with the pages."""
_CHUNK = 500
"""Fewer files than that are not worth another process."""
_LEFT = 30
"""So many files that need the rules another process leaves to the first one: importing the rules costs as much as
looking at 80 such pages."""


def check_document(project: Project, path: str) -> list[Diagnostic]:
    """The findings in one file of a project, sorted by place; none for a file that the project does not hold."""
    document = _to_check(project, path)
    return apply_rules(document, project) if document is not None else []


def _to_check(project: Project, path: str) -> Document | None:
    """The document of a file, unless the project does not hold it, or nothing can be reported in it."""
    document = project.document(path)
    if document is None or is_ignored(project, path) or surely_clean(document, project):
        return None
    return document


def apply_rules(document: Document, project: Project) -> list[Diagnostic]:
    """The same for a document that is not ignored, without a first look at whether it is plainly clean."""
    found = [diagnostic for rule in _wanted(document) for diagnostic in rule.check(document, project)]
    if found and document.kind.has_template and "<!--" in document.source:
        found = [diagnostic for diagnostic in found if not _in_comment(document, diagnostic)]
    if not found and MARK not in document.source:
        return []
    ignores = find_ignores(document)
    found = suppress(document, _configured(found, project), ignores)
    if ignores:
        from koze_lsp.rules.ignores import UnusedIgnore  # noqa: PLC0415 - few files have any

        all_rules()  # a comment may name any of them
        unused = UnusedIgnore().unused(document, project, ignores)
        found += suppress(document, _configured(unused, project), ignores)
    return sorted(set(found), key=sort_key)


def _in_comment(document: Document, diagnostic: Diagnostic) -> bool:
    """Whether a finding lies in an expression of a markup comment, which the framework prints as it stands."""
    start = diagnostic.span.start
    return any(one.commented and one.span.contains(start) for one in document.route.expressions)


def check_project(
    project: Project, wanted: Callable[[str], bool] = lambda _: True
) -> Iterator[tuple[str, list[Diagnostic]]]:
    """Path and findings of every file that is checked (of those that are wanted), in byte order of the paths.

    Documents that nothing else needs are let go as soon as they have been checked. In a large application the
    files are shared between processes.
    """
    paths = [path for path, kind in project.files.items() if kind in CHECKED and wanted(path)]
    chunks = chunk_count(len(paths), _CHUNK)
    if chunks == 1:
        for path in paths:
            yield path, _check_and_release(project, path) or []
        return
    found = _check_shared(project, paths, chunks)
    for path in paths:
        yield path, found.get(path) or []


_Found = dict[str, list[Diagnostic] | None]
"""The findings by path; clean files are left out. None is for a file that needs the rules and is left to another process."""


def _check_shared(project: Project, paths: list[str], chunks: int) -> _Found:
    """The findings of a large application's files, looked for by several processes."""
    pages = [path for path in paths if project.files[path] not in _SLOW]
    slow = [path for path in paths if project.files[path] in _SLOW]

    def part_of(numbers: Iterable[int]) -> Iterator[str]:
        for number in numbers:  # each is taken from the others when it is asked for
            yield from pages[number::chunks]

    def here(numbers: Iterable[int]) -> _Found:
        return _check_files(project, chain(slow, part_of(numbers)), 0)

    def elsewhere(numbers: Iterable[int]) -> _Found:
        return _check_files(project, part_of(numbers), _LEFT)

    found: _Found = {}
    with without_collector():
        for part in share(here, chunks, elsewhere=elsewhere):
            found.update(part)
        left = [path for path, diagnostics in found.items() if diagnostics is None]
        found.update(_check_files(project, left, 0))
    return found


def _check_files(project: Project, paths: Iterable[str], left: int) -> _Found:
    """The findings of files; the first ``left`` ones that need the rules are left to another process."""
    found: _Found = {}
    for path in paths:
        diagnostics = _check_and_release(project, path, leave=left > 0)
        if diagnostics is None:
            left -= 1
        if diagnostics != []:
            found[path] = diagnostics
    return found


def _check_and_release(project: Project, path: str, *, leave: bool = False) -> list[Diagnostic] | None:
    """The findings in a file; None if it needs the rules and these are to be left out.

    Its document is let go if nothing held it before.
    """
    held = path in project.held() or project.files[path] in KEPT_KINDS
    document = _to_check(project, path)
    found: list[Diagnostic] | None = []
    if document is not None:
        found = None if leave else apply_rules(document, project)
    if not held:
        project.release(path)
    return found


def is_ignored(project: Project, path: str) -> bool:
    """Whether the configuration says that nothing is reported about a file."""
    if not project.config.ignore:
        return False
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - costs 20 ms, and few projects ignore anything

    return bool(GitIgnoreSpec.from_lines(project.config.ignore).match_file(path))


def sort_key(diagnostic: Diagnostic) -> tuple[int, int, str, str]:
    """The order of a file's findings: by place, then by code."""
    return (diagnostic.span.start, diagnostic.span.end, diagnostic.code, diagnostic.message)


def _configured(diagnostics: list[Diagnostic], project: Project) -> Iterator[Diagnostic]:
    """The findings with the severities that the configuration gives them; those that are off are left out."""
    levels = project.config.rules
    for diagnostic in diagnostics:
        level = levels.get(diagnostic.code) if levels else None
        if level is None:
            yield diagnostic
        elif level != "off":
            yield replace(diagnostic, severity=Severity(level))


_PAGE_MODULES = frozenset(
    {"status_calls", "status_results", "imports", "request", "polls", "untils", "status_reads", "route_structure"}
)
_WORKFLOW_MODULES = frozenset(
    {"workflow_class", "workflow_file", "workflow_durations", "workflow_steps", "workflow_run"}
)
_APP_MODULES = frozenset({"wrangler_sync", "wrangler_entries", "types_stale", "configuration"})
_NOT_NEEDED: Mapping[FileKind, frozenset[str]] = {
    **dict.fromkeys(TEMPLATE_KINDS, _WORKFLOW_MODULES | _APP_MODULES | {"wrangler_file", "environment"}),
    FileKind.WRANGLER: _PAGE_MODULES | _WORKFLOW_MODULES | {"environment", "types_stale", "configuration"},
    FileKind.SERVER: _APP_MODULES | {"wrangler_file"},
    FileKind.WORKFLOW: _APP_MODULES,
}
"""Modules without rules for a kind of file: importing them would cost more than a check of a small application.

A module that is not named here is always imported; a test looks through those that are.
"""


@cache
def _rules_of(kind: FileKind) -> tuple[tuple[tuple[str, ...], tuple[Rule, ...]], ...]:
    """The rules of a kind of file, grouped by the strings that they need."""
    left_out = _NOT_NEEDED.get(kind, frozenset())
    for module in MODULES:
        if module not in left_out:
            import_module(f"koze_lsp.rules.{module}")
    groups: dict[tuple[str, ...], list[Rule]] = {}
    for rule in registry().values():
        if kind in rule.kinds:
            groups.setdefault(rule.needs, []).append(rule)
    return tuple((needs, tuple(rules)) for needs, rules in groups.items())


def _wanted(document: Document) -> Iterator[Rule]:
    """The rules that can find something in a document."""
    source = document.source
    for needs, rules in _rules_of(document.kind):
        if not needs or any(needle in source for needle in needs):
            yield from rules
