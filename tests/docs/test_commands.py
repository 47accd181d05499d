"""Every command of the documentation is run, and prints what the documentation shows."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path

import pytest
import yaml

from tests.docs.console import ROOT, Block, blocks, commands, matches, run

DOCUMENTS = [path for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if path.exists()]
BLOCKS = [block for path in DOCUMENTS for block in blocks(path)]
CONSOLE = [block for block in BLOCKS if block.language == "console"]
SHOWN = [block for block in BLOCKS if block.option("file")]


def place(block: Block) -> str:
    return f"{block.file}:{block.line}"


@pytest.mark.parametrize("block", [b for b in CONSOLE if not b.option("tested-by")], ids=place)
def test_commands_print_what_is_shown(block: Block, tmp_path: Path) -> None:
    for command, printed in run(block, tmp_path):
        if not matches(command.output, printed):
            difference = "\n".join(difflib.unified_diff(command.output, printed, "shown", "printed", lineterm=""))
            pytest.fail(f"{place(block)}: $ {command.text}\n{difference}", pytrace=False)


@pytest.mark.parametrize("block", [b for b in CONSOLE if b.option("tested-by")], ids=place)
def test_commands_that_another_test_runs(block: Block) -> None:
    """The test exists, and has the words of the commands."""
    path, _, name = (block.option("tested-by") or "").partition("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert not name or f"def {name}(" in text
    assert commands(block)


@pytest.mark.parametrize("block", SHOWN, ids=place)
def test_shown_files_are_the_files(block: Block) -> None:
    path = ROOT / (block.option("file") or "")
    assert block.text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language in ("json", "yaml")], ids=place)
def test_data_is_well_formed(block: Block) -> None:
    if block.language == "yaml":
        yaml.safe_load(block.text)
    elif block.text.startswith(("{", "[")) and "…" not in block.text:
        json.loads(block.text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_runner_tells_what_differs(tmp_path: Path) -> None:
    """A wrong output does not pass, and an exit status is seen by the next command."""
    text = "$ printf 'a\\nb\\n'; false\na\n...\n$ echo $?\n1\n"
    found = run(Block("x.md", 1, "console", (), text), tmp_path)
    assert all(matches(command.output, printed) for command, printed in found)
    assert not matches(("a",), ["a", "b"])
    assert not matches(("a", "...", "c"), ["a", "b"])
    assert matches(("a … c (3 ms)", ""), ["a b c (1.2 s)"])
