"""Checking: all rules over one file or a whole project, with configuration and suppression applied.

The one engine behind the editor's diagnostics and the command line's check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache

from koze_lsp.project.document import SCRIPT_KINDS, TEMPLATE_KINDS, Document, FileKind
from koze_lsp.project.parallel import chunk_count, share, without_collector
from koze_lsp.project.project import Project
from koze_lsp.rules import all_rules
from koze_lsp.rules.base import Diagnostic, Rule, Severity
from koze_lsp.rules.quick import surely_clean
from koze_lsp.rules.suppression import MARK, find_ignores, suppress

CHECKED = TEMPLATE_KINDS | SCRIPT_KINDS | {FileKind.WRANGLER, FileKind.APP_DTS, FileKind.PACKAGE, FileKind.SCENARIO}

_CHUNK = 500
"""Fewer files than that are not worth another process."""


def check_document(project: Project, path: str) -> list[Diagnostic]:
    """The findings in one file of a project, sorted by place; none for a file that the project does not hold."""
    document = project.document(path)
    if document is None or is_ignored(project, path) or surely_clean(document, project):
        return []
    found = [diagnostic for rule in _wanted(document) for diagnostic in rule.check(document, project)]
    if not found and MARK not in document.source:
        return []
    ignores = find_ignores(document)
    found = suppress(document, _configured(found, project), ignores)
    if ignores:
        from koze_lsp.rules.ignores import UnusedIgnore  # noqa: PLC0415 - few files have any

        unused = UnusedIgnore().unused(document, project, ignores)
        found += suppress(document, _configured(unused, project), ignores)
    return sorted(set(found), key=sort_key)


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
            yield path, _check_and_release(project, path)
        return
    found: dict[str, list[Diagnostic]] = {}
    with without_collector():
        for part in share(lambda numbers: _check_chunks(project, paths, chunks, numbers), chunks):
            found.update(part)
    for path in paths:
        yield path, found.get(path, [])


def _check_chunks(
    project: Project, paths: list[str], chunks: int, numbers: Iterable[int]
) -> dict[str, list[Diagnostic]]:
    """The findings of some of an application's files; clean ones are left out."""
    found: dict[str, list[Diagnostic]] = {}
    for number in numbers:
        for path in paths[number::chunks]:
            diagnostics = _check_and_release(project, path)
            if diagnostics:
                found[path] = diagnostics
    return found


def _check_and_release(project: Project, path: str) -> list[Diagnostic]:
    diagnostics = check_document(project, path)
    kind = project.files[path]
    if kind in TEMPLATE_KINDS or kind is FileKind.SERVER:
        project.release(path)
    return diagnostics


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


@cache
def _rules_of(kind: FileKind) -> tuple[tuple[tuple[str, ...], tuple[Rule, ...]], ...]:
    """The rules of a kind of file, grouped by the strings that they need."""
    groups: dict[tuple[str, ...], list[Rule]] = {}
    for rule in all_rules().values():
        if kind in rule.kinds:
            groups.setdefault(rule.needs, []).append(rule)
    return tuple((needs, tuple(rules)) for needs, rules in groups.items())


def _wanted(document: Document) -> Iterator[Rule]:
    """The rules that can find something in a document."""
    source = document.source
    for needs, rules in _rules_of(document.kind):
        if not needs or any(needle in source for needle in needs):
            yield from rules
