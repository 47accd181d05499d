"""Running the ``console`` blocks of Markdown files.

A block's lines that begin with ``$ `` are commands (a final backslash continues one); the lines below each are what it
prints, on either stream. In them ``...`` alone on a line stands for any number of lines and ``…`` within a line for any
text; times such as ``(12 ms)`` always match one another. The words behind ``console`` say where a block runs:

    in=examples/broken   in a fresh copy of that folder of the checkout (default: an empty folder)
    git                  which is a repository with everything committed
    files=a.yml,b.yml    files of the checkout that are copied there too, by their last names
    tested-by=PATH       not run here, but by that test (a command that installs, or that needs an editor)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.cli.apps import commit_all

ROOT = Path(__file__).resolve().parent.parent.parent
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TIME = re.compile(r"\((?:\d+ ms|\d+\.\d s)\)")
_MARK = "\x1e"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the words behind that, its text, and the line it begins on (1-based)."""

    file: str
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    def option(self, name: str) -> str | None:
        """The value of a word ``name=value``."""
        return next((word[len(name) + 1 :] for word in self.words if word.startswith(f"{name}=")), None)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and the lines that it prints."""

    text: str
    output: tuple[str, ...]


def blocks(path: Path) -> list[Block]:
    """All fenced blocks of a Markdown file that name their language."""
    text, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
    return [
        Block(name, text.count("\n", 0, m.start()) + 1, m.group(1), tuple(m.group(2).split()), m.group(3))
        for m in _FENCE.finditer(text)
    ]


def commands(block: Block) -> list[Command]:
    """The commands of a console block."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line}", [])
        elif found:
            found[-1][1].append(line)
        else:
            raise ValueError(f"{block.file}:{block.line}: output before any command")
    return [Command(text, tuple(output)) for text, output in found]


def prepare(block: Block, folder: Path) -> Path:
    """The folder that a block runs in."""
    source = block.option("in")
    root = folder / (Path(source).name if source else "work")
    if source:
        shutil.copytree(ROOT / source, root, ignore=shutil.ignore_patterns("node_modules", ".git", ".koze"))
    else:
        root.mkdir()
    for name in filter(None, (block.option("files") or "").split(",")):
        shutil.copy(ROOT / name, root)
    if "git" in block.words:
        commit_all(root)
    return root


def run(block: Block, folder: Path) -> list[tuple[Command, list[str]]]:
    """Run a block's commands in one shell; gives each with the lines that it printed."""
    root, found = prepare(block, folder), commands(block)
    lines = []
    for command in found:
        lines += [command.text, f"__status=$?; printf '\\n{_MARK}\\n'; (exit $__status)"]
    script = folder / "script.sh"
    script.write_text("\n".join(lines) + "\n", encoding="utf-8")
    programs = _programs(folder)
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("KOZE_LSP", "GITHUB_", "CI_"))
    }
    environment |= {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1", "COLUMNS": "100"}
    environment |= {"HOME": str(folder), "LC_ALL": "C.UTF-8", "TMPDIR": str(folder)}
    done = subprocess.run(
        ["bash", str(script)],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    parts = done.stdout.decode("utf-8", "replace").split(f"\n{_MARK}\n")
    if len(parts) != len(found) + 1:
        raise AssertionError(f"{block.file}:{block.line}: the shell stopped: {parts[-1]}")
    return [(command, part.splitlines()) for command, part in zip(found, parts, strict=False)]


def _programs(folder: Path) -> Path:
    """A folder with the ``koze-lsp`` of this checkout, to be found first."""
    programs = folder / "bin"
    programs.mkdir()
    program = programs / "koze-lsp"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m koze_lsp "$@"\n')
    program.chmod(0o755)
    return programs


def matches(expected: tuple[str, ...], printed: list[str]) -> bool:
    """Whether a command printed what its documentation shows; blank lines at the end don't count."""
    want, have = list(expected), list(printed)
    for lines in (want, have):
        while lines and not lines[-1].strip():
            lines.pop()
    pattern = "".join(_line_pattern(line) for line in want)
    return re.fullmatch(pattern, "".join(f"{_TIME.sub('(0 ms)', line.rstrip())}\n" for line in have)) is not None


def _line_pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:.*\n)*?"
    parts = _TIME.sub("(0 ms)", line.rstrip()).split("…")
    return ".*?".join(map(re.escape, parts)) + r"\n"
