"""``--check --fix`` and ``--check --diff``: the fixes of what a check looks at."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from koze_lsp.cli.fix import chosen_codes, diff, write
from koze_lsp.cli.targets import targets
from koze_lsp.project.workspace import Workspace
from koze_lsp.rules.fixing import Fixed, fix_project


def fix_targets(arguments: argparse.Namespace) -> int:
    """Fix and write; gives the number of findings that went."""
    count = 0
    for outcome in _fixed(arguments):
        write(outcome)
        count += outcome.count
    return count


def diff_targets(arguments: argparse.Namespace) -> str:
    """What fixing would change, as a unified diff."""
    return "".join(line for outcome in _fixed(arguments) for line in diff(outcome))


def _fixed(arguments: argparse.Namespace) -> Iterator[Fixed]:
    workspace, codes = Workspace(), chosen_codes(arguments)
    for selection in targets(arguments, workspace):
        root, unsafe = selection.project.root, arguments.unsafe_fixes
        yield fix_project(workspace, root, selection.holds, unsafe=unsafe, codes=codes)
