"""Proof that the stateful machine can fail: faults built into the server on purpose, each of which must be found.

    python -m tests.hardening.mutants                 every mutant; exit status 1 if one survives
    python -m tests.hardening.mutants NAME…           some of them
    python -m tests.hardening.mutants --states 200    with more sequences (default 150)

A fault that takes a rare sequence has a plain test, which is tried first; all others are for the machine to find.

No file is changed: each mutant is a process of its own, in which one module is compiled from its changed text.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault: in ``module``, the text ``old``, which stands there once, becomes ``new``.

    ``test`` is the plain test that finds it, one of `PLAIN`; empty for what the machine finds by itself.
    """

    name: str
    module: str
    old: str
    new: str
    test: str = ""


PLAIN = "tests/hardening/test_session_changes.py"


_DIAGNOSTICS, _FOLDERS = "koze_lsp.lsp.diagnostics", "koze_lsp.lsp.folders"
_SESSION, _WORKSPACE = "koze_lsp.lsp.session", "koze_lsp.project.workspace"

MUTANTS = (
    Mutant("closing does not take back what was pushed", _DIAGNOSTICS, "!= CLEAN:\n            self._publish", "== '':\n            self._publish"),
    Mutant("closing keeps the findings of the open text", _DIAGNOSTICS, "        self._open.pop(path, None)\n        self._results.pop(path, None)\n        if not", "        if not"),
    Mutant("a changed workflow tells no open page", _DIAGNOSTICS, "            dependents = self._open_in(root)\n", "            dependents = []\n", "test_a_changed_workflow_is_told_to_what_is_open"),
    Mutant("a changed workflow leaves what is known valid", _DIAGNOSTICS, "            stamps.shared = self._clock\n            dependents", "            dependents"),
    Mutant("a changed page leaves the findings of others valid", _DIAGNOSTICS, "            stamps.leaves = self._clock\n", "", "test_a_changed_module_counts_in_the_wrangler_file"),
    Mutant("files that come or go leave what is known valid", _DIAGNOSTICS, "        self._stamps_of(after.root).shared = self._clock\n", ""),
    Mutant("files that come or go tell no open page", _DIAGNOSTICS, "        self._tell_others(self._open_in(after.root))\n", ""),
    Mutant("results of files that went are kept", _DIAGNOSTICS, "        for path in before.files.keys() - after.files.keys():\n            self._results.pop(f\"{before.root}/{path}\", None)\n", ""),
    Mutant("new settings leave what is known valid", _DIAGNOSTICS, "        self._results.clear()\n        self._open.clear()\n        self._clock += 1\n        for stamps in self._stamps.values():\n            stamps.shared = self._clock\n", ""),
    Mutant("new settings are told to nobody", _DIAGNOSTICS, "        self._tell_others([document.path for document in self._session.documents if document.path is not None])\n", ""),
    Mutant("an application that went is remembered", _DIAGNOSTICS, "        self._stamps.pop(root, None)\n        for path in", "        for path in ()and"),
    Mutant("an application that went leaves its findings shown", _DIAGNOSTICS, "        self._tell_others(self._open_in(root))\n", ""),
    Mutant("a result id forgets which opening it is of", _DIAGNOSTICS, 'f"{document.epoch}.{digest}"', "digest", "test_a_reloaded_file_gets_its_findings_again"),
    Mutant("a result id is of the number of findings only", _DIAGNOSTICS, "sort_keys=True).encode()", "sort_keys=True).encode()[:1]"),
    Mutant("findings that come back are not pushed again", _DIAGNOSTICS, "            self._shown[path] = shown\n", "            self._shown.setdefault(path, shown)\n", "test_findings_that_go_and_come_back_are_pushed_again"),
    Mutant("a page without findings is told of again", _DIAGNOSTICS, "        shown = result_id if items else CLEAN\n", "        shown = result_id\n", "test_a_page_without_findings_is_told_of_once"),
    Mutant("a file that is there only while it is open stays", _WORKSPACE, "        if relative in app.guests:\n", "        if False:\n", "test_a_file_that_became_ignored_while_it_was_open"),
    Mutant("findings are shown twice", _DIAGNOSTICS, "list(items), version)", "[*items, *items], version)"),
    Mutant("a change that waits for one file drops that of another", _SESSION, "        document = self.documents.change(params.text_document, params.content_changes)\n        if document is not None:\n", "        document = self.documents.change(params.text_document, params.content_changes)\n        if document is not None and not self._waiting:\n", "test_two_files_edited_in_turn_are_both_taken_over"),
    Mutant("waiting changes are counted and never taken off", _SESSION, "        if left > 0:\n            self._waiting[key] = left\n", "        self._waiting[key] = left\n"),
    Mutant("a closed document's text stays over the disk", _SESSION, "        self._workspace.close(document.path)\n", ""),
    Mutant("closing tells nobody that the disk counts again", _SESSION, "            self.diagnostics.changed(document.path, before.kind)\n", "            pass\n"),
    Mutant("a new file that was opened tells nobody", _SESSION, "            self.diagnostics.listed_anew(before[0], after[0])\n            self.indexer.start()\n", "            pass\n", "test_a_new_file_that_is_opened_is_told_to_open_pages"),
    Mutant("pages that were looked at are kept in memory", "koze_lsp.project.project", "            self._documents.pop(path, None)\n        self._passing.clear()\n", "            pass\n        self._passing.clear()\n"),
    Mutant("the index is not filled again", "koze_lsp.lsp.indexing", "                project.usages.of(project, path)\n", "                project.usages._by_path.setdefault(path, ())\n"),
    Mutant("the index keeps what a changed file said", "koze_lsp.project.project", "self.usages.without(document.path for document in changed)", "self.usages"),
    Mutant("the disk is read again for the first file only", _FOLDERS, "            self._read_again(content[at : at + BATCH])\n", "            self._read_again(content[at : at + 1] if not at else [])\n", "test_every_file_of_one_event_is_read_again"),
    Mutant("a changed file on disk is not read", _FOLDERS, "        workspace.disk_changed(paths)\n", ""),
    Mutant("a changed file on disk tells no open page", _FOLDERS, "                    self._session.diagnostics.changed(path, kind)\n", "                    pass\n"),
    Mutant("a change of .gitignore is overlooked", _FOLDERS, 'relative.endswith(".gitignore") or ', "", "test_a_change_of_gitignore_lists_the_files_anew"),
    Mutant("deleted folders are overlooked", _FOLDERS, '        return any(path.startswith(f"{relative}/") for path in workspace.project(root).files)\n', "        return False\n", "test_the_files_of_a_deleted_folder_go"),
    Mutant("what happens while the disk is looked at is lost", _FOLDERS, "        self._pending.update(dict.fromkeys(paths))\n", "        if not self.is_refreshing:\n            self._pending.update(dict.fromkeys(paths))\n"),
    Mutant("an application that vanished stays", _FOLDERS, "        if not is_root(root):\n            self.drop(workspace, root)\n            return\n", ""),
    Mutant("an application that appears is overlooked", _FOLDERS, "            self._look_for_apps(strangers)\n", "            pass\n"),
    Mutant("a folder that was added is not looked at", _FOLDERS, "        for folder in event.added:\n            self.note(folder.uri)\n", ""),
    Mutant("a folder that was removed takes its open files along", _FOLDERS, "                workspace.open(document.path, document.text, document.version)\n", "                pass\n", "test_what_is_open_outlives_its_folder"),
    Mutant("settings change nothing", _WORKSPACE, "        for app in self._apps.values():\n            app.project = app.project.replace([], configuration.resolve(app.project.package, settings))\n", ""),
    Mutant("package.json is read at the start only", _WORKSPACE, "        if document.kind is not FileKind.PACKAGE:\n", "        if True:\n", "test_an_unsaved_package_json_configures"),
    Mutant("one application's files are laid over another's", _WORKSPACE, 'path == folder or path.startswith(f"{folder}/")', "path == folder or path.startswith(folder)"),
    Mutant("an edit of a known file is not laid over", _WORKSPACE, "            app.project = project.replace([document], self._config(document))\n", "            pass\n"),
    Mutant("an index of workflows outlives a change of them", "koze_lsp.project.project", "        if FileKind.WORKFLOW not in kinds:\n", "        if True:\n"),
    Mutant("the wrangler file outlives its change", "koze_lsp.project.project", "        if not kinds & {FileKind.WRANGLER, FileKind.APP_DTS, FileKind.PACKAGE}:\n", "        if True:\n", "test_a_changed_wrangler_file_counts_in_a_module"),
    Mutant("what is open is forgotten when files come or go", _WORKSPACE, "                files.setdefault(path, document.kind)\n                documents[path] = document\n            elif", "                pass\n            elif"),
    Mutant("reused syntax of the text before", "koze_lsp.project.document", "            found = parse(self.source, previous if isinstance(previous, kind) else None)\n", "            found = previous if isinstance(previous, kind) else parse(self.source, None)\n"),
    Mutant("every version of a text stays in memory", _SESSION, "        unplaced, self._unplaced = self._unplaced, {}\n", "        unplaced = self._unplaced\n"),
)  # fmt: skip
NONE = Mutant("none", _DIAGNOSTICS, "\n", "\n")
"""No fault at all, in which the machine must find nothing."""


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the changed text in place of one module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._path = ""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._mutant.module:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        assert found is not None
        assert found.origin is not None
        self._path = found.origin
        return importlib.machinery.ModuleSpec(name, self, origin=found.origin)

    def exec_module(self, module: ModuleType) -> None:
        with open(self._path, encoding="utf-8") as file:
            changed = file.read().replace(self._mutant.old, self._mutant.new, 1)
        exec(compile(changed, self._path, "exec"), module.__dict__)


def times_in_source(mutant: Mutant) -> int:
    """How often the text that a mutant changes stands in its module: once, or the mutant has to be written anew."""
    spec = find_spec(mutant.module)
    assert spec is not None
    assert spec.origin is not None
    with open(spec.origin, encoding="utf-8") as file:
        return file.read().count(mutant.old)


def run_machine(mutant: Mutant, states: int) -> None:
    """Run the machine on a changed server, in this process. Raises what the machine finds."""
    sys.meta_path.insert(0, _Finder(mutant))
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis.stateful import run_state_machine_as_test

    from tests.hardening.test_stateful import Editing

    run_state_machine_as_test(
        Editing,
        settings=settings(
            max_examples=states,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def run_plain(mutant: Mutant) -> int:
    """Run a mutant's plain test on a changed server, in this process; gives pytest's exit status."""
    sys.meta_path.insert(0, _Finder(mutant))
    import pytest

    test = f"{PLAIN}::{mutant.test}"
    return pytest.main([test, "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"])


def killed_by_plain(mutant: Mutant) -> bool:
    """Whether a mutant's plain test fails on it. Raises if there is no such test."""
    command = [sys.executable, "-m", "tests.hardening.mutants", "--only", mutant.name, "--plain"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    if done.returncode not in (0, 1) or (done.returncode == 1 and b"FAILED " not in done.stdout):
        raise RuntimeError(f"{mutant.name}: {mutant.test} can't be run: {(done.stdout + done.stderr).decode()}")
    return done.returncode == 1


def killed_by(mutant: Mutant, states: int, timeout: float = 600) -> str:
    """What the machine says of a mutant; empty if it finds nothing. A machine that hangs has found it too."""
    command = [sys.executable, "-m", "tests.hardening.mutants", "--only", mutant.name, "--states", str(states)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired:
        return "it hangs"
    lines = [
        line for line in done.stderr.decode().splitlines() if re.match(r"\w*(Error|Exception)\b", line.strip(" |"))
    ]
    reason = "" if done.returncode == 0 else lines[-1].strip(" |") if lines else "it ends"
    if reason.startswith(("NameError", "SyntaxError", "ImportError", "ModuleNotFoundError")):
        raise RuntimeError(f"{mutant.name}: {reason}: it can't even start")
    return reason


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--states", type=int, default=150)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        mutant = next((mutant for mutant in MUTANTS if mutant.name == arguments.only), NONE)
        if arguments.plain:
            return run_plain(mutant)
        run_machine(mutant, arguments.states)
        return 0
    alive = 0
    for mutant in MUTANTS:
        if arguments.names and mutant.name not in arguments.names:
            continue
        if times_in_source(mutant) != 1:
            print(f"| {mutant.name} | does not apply: write it anew |", flush=True)
            alive += 1
            continue
        started = time.monotonic()
        plain = bool(mutant.test) and killed_by_plain(mutant)
        reason = mutant.test if plain else killed_by(mutant, arguments.states)
        alive += not reason
        print(f"| {mutant.name} | {reason[:90] or 'SURVIVES'} | {time.monotonic() - started:.0f} s |", flush=True)
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
