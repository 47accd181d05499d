"""Check public code: every Cloudflare Workflow file and every Koze or Kuratchi route of some git repositories.

    python scripts/real_code.py REPOSITORY…              counts for docs/reliability.md
    python scripts/real_code.py --show REPOSITORY…       every step and every finding, to be looked at by eye
    python scripts/real_code.py --history REPOSITORY…    routes of every commit, not of the last one only
    python scripts/real_code.py --snippets REPOSITORY…   pages in the documentation as well

A REPOSITORY is a git directory (bare or not) that is on this machine already. Nothing is written anywhere: files are
read with `git show` into memory, and no fetched code may ever be committed here. Exit status 1 if a check raised.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from koze_lsp.project.kinds import TEMPLATES
from koze_lsp.rules.base import Diagnostic, Example
from koze_lsp.rules.engine import check_document
from koze_lsp.rules.examples import complete, project_of
from koze_lsp.text import Text

WORKFLOW = "src/server/workflow.workflow.ts"
"""Where a Workflow file is laid to be checked: a name that the framework discovers, whatever it was called."""

PAGE = "src/routes/jobs/[id].html"
"""Where a page of a documentation is laid."""
SNIPPET = re.compile(r"^[ \t]*```(?:html|koze|kuratchi)\b[^\n]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
APP_FILES = (*TEMPLATES, ".ts", ".js", ".json", ".jsonc", ".toml", ".tsx")
NO_MODULES = (".d.ts", ".test.ts", ".spec.ts", ".test.js", ".spec.js")
"""Endings of files that hold Workflows in strings or as types only."""
BY_EYE = re.compile(r"\bstep\s*\.\s*(?:do|sleep|sleepUntil|waitForEvent)\s*[<(]")
"""What a reader would take for a step: compared with the steps that are found."""
COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
SIZE_LIMIT = 2_000_000
"""Bytes; longer files are bundles, not sources."""


@dataclass
class Tally:
    """What was seen in one repository."""

    name: str
    workflows: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    routes: int = 0
    snippets: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    crashes: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--show", action="store_true", help="print every step and every finding")
    parser.add_argument("--history", action="store_true", help="look at every version of every route")
    parser.add_argument("--snippets", action="store_true", help="look at the pages in Markdown files too")
    arguments = parser.parse_args()
    started = time.perf_counter()
    tallies = [look_at(path, arguments) for path in arguments.repositories]
    seen = [tally for tally in tallies if tally.workflows or tally.routes or tally.snippets]
    print_table(seen, time.perf_counter() - started)
    return 1 if any(tally.crashes for tally in tallies) else 0


def look_at(repository: Path, arguments: argparse.Namespace) -> Tally:
    """Check the Workflow files, the routes and the documentation of one repository."""
    show: bool = arguments.show
    name = (repository.parent if repository.name in ("repo", ".git") else repository).name.replace("+", "/")
    tally = Tally(name)
    for path, source in workflow_files(repository):
        tally.workflows += 1
        check(tally, path, WORKFLOW, complete(Example(WORKFLOW, {WORKFLOW: source})), show, steps=True)
    for label, root, files in apps(repository, arguments.history):
        for path in sorted(files):
            if path.endswith(TEMPLATES) and (path.startswith("src/routes/") or root is None):
                tally.routes += 1
                check(tally, f"{label}{path}", path, files, show)
    for label, source in snippets(repository) if arguments.snippets else ():
        tally.snippets += 1
        check(tally, label, PAGE, complete(Example(PAGE, {PAGE: source})), show)
    return tally


def check(tally: Tally, label: str, path: str, files: dict[str, str], show: bool, *, steps: bool = False) -> None:
    """Check one file and count what is found."""
    try:
        project = project_of(files)
        found = check_document(project, path)
        again = check_document(project_of(files), path)
        assert found == again, "two checks of the same text differ"
        document = project.document(path)
        listed = document.workflow.steps if steps and document is not None else ()
    except Exception:
        tally.crashes += 1
        print(f"CRASH {tally.name}: {label}\n{traceback.format_exc()}", file=sys.stderr)
        return
    tally.steps.update(step.kind for step in listed)
    tally.findings.update(finding.code for finding in found)
    if show and (found or steps):
        text = Text(files[path])
        print(f"=== {tally.name}: {label}")
        for step in listed:
            line = text.position(step.span.start, "utf-16")[0] + 1
            print(f"    {line:5} step.{step.kind} {step.name!r}"[:200])
        for finding in found:
            print_finding(text, finding)
    if show and steps and len(listed) != (read := len(BY_EYE.findall(COMMENT.sub("", files[path])))):
        print(f"  ? {len(listed)} steps; their text appears {read} times")


def print_finding(text: Text, finding: Diagnostic) -> None:
    line = text.position(finding.span.start, "utf-16")[0]
    print(f"  ! {line + 1:5} {finding.code} ({finding.severity.value}): {finding.message}")
    print(f"          {text.source.splitlines()[line].strip()[:150] if text.source else ''}")


# --- reading repositories


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(repository), *arguments], capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace")


def read(repository: Path, commit: str, path: str) -> str | None:
    """A file's text; None for what is no text that a person wrote."""
    done = subprocess.run(["git", "-C", str(repository), "show", f"{commit}:{path}"], capture_output=True, check=False)
    if done.returncode or len(done.stdout) > SIZE_LIMIT:
        return None
    try:
        return done.stdout.decode("utf-8")
    except UnicodeDecodeError:
        return None


def workflow_files(repository: Path) -> Iterator[tuple[str, str]]:
    """Path and text of the modules that extend Cloudflare's WorkflowEntrypoint."""
    listed = git(repository, "grep", "-lE", r"extends\s+WorkflowEntrypoint", "HEAD", "--", "*.ts", "*.js", "*.mts")
    for line in listed.splitlines():
        path = line.partition(":")[2]
        source = read(repository, "HEAD", path)
        if source is not None and not path.endswith(NO_MODULES):
            yield path, source


def apps(repository: Path, history: bool) -> Iterator[tuple[str, str | None, dict[str, str]]]:
    """The applications with routes: a label, the folder, and its files by path. Of older commits only what changed."""
    paths = git(repository, "ls-tree", "-r", "--name-only", "HEAD").splitlines()
    found = {path.partition("src/routes/")[0] for path in paths if "src/routes/" in path and path.endswith(TEMPLATES)}
    if not any(path.endswith((".koze", ".kuratchi")) for path in paths) and "kuratchi" not in str(repository):
        found = set()
    for root in sorted(found):
        files = {
            path[len(root) :]: text
            for path in paths
            if path.startswith(root)
            and path.endswith(APP_FILES)
            and (text := read(repository, "HEAD", path)) is not None
        }
        yield root, root, files
    if history:
        yield from older(repository)


def older(repository: Path) -> Iterator[tuple[str, str | None, dict[str, str]]]:
    """Every other version of every route in the history, each as an application of its own."""
    seen: set[str] = set()
    for line in git(repository, "log", "--all", "--raw", "--no-abbrev", "--format=", "--diff-filter=AM").splitlines():
        fields, _, path = line.partition("\t")
        blob = fields.split()[3]
        if "src/routes/" not in path or not path.endswith(TEMPLATES) or blob in seen:
            continue
        seen.add(blob)
        text = git(repository, "cat-file", "blob", blob)
        relative = "src/routes/" + path.partition("src/routes/")[2]
        yield f"{blob[:8]} {path.partition('src/routes/')[0]}", path, {relative: text, "package.json": "{}"}


def snippets(repository: Path) -> Iterator[tuple[str, str]]:
    """Place and text of the different pages in the Markdown files of the framework's own repositories."""
    seen: set[str] = set()
    for line in git(repository, "grep", "-lE", "(koze|kuratchi):[a-z]+", "HEAD", "--", "*.md", "*.mdx").splitlines():
        path = line.partition(":")[2]
        text = read(repository, "HEAD", path) or ""
        for found in SNIPPET.finditer(text):
            if found[1] not in seen:
                seen.add(found[1])
                yield f"{path}:{text.count(chr(10), 0, found.start()) + 1}", found[1]


def print_table(tallies: list[Tally], seconds: float) -> None:
    """The table of docs/reliability.md."""
    print("\n| repository | Workflow files | steps found | routes | snippets | findings |\n|---|--:|--:|--:|--:|---|")
    for tally in tallies:
        found = ", ".join(f"{code} {count}" for code, count in sorted(tally.findings.items())) or "none"
        print(
            f"| {tally.name} | {tally.workflows} | {tally.steps.total()} | {tally.routes} | {tally.snippets} | {found} |"
        )
    workflows, routes = sum(tally.workflows for tally in tallies), sum(tally.routes for tally in tallies)
    steps, pages = sum(tally.steps.total() for tally in tallies), sum(tally.snippets for tally in tallies)
    print(f"\n{workflows} Workflow files with {steps} steps, {routes} routes and {pages} snippets")
    print(f"of {len(tallies)} repositories; {sum(tally.crashes for tally in tallies)} crashes; {seconds:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
