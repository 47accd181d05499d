"""Completion scripts in the shells that they are for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from koze_lsp.cli.check_options import SEVERITIES
from koze_lsp.cli.completion import SHELLS
from koze_lsp.cli.output import FORMATS
from tests.cli.support import koze


def run_in(shell: str, script: str, *arguments: str, cwd: Path) -> str:
    """Run a script in a shell; skips where there is none."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, *arguments, script], cwd=cwd, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_unknown_shell() -> None:
    done = koze("completion", "cmd")
    assert done.returncode == 2
    assert "zsh" in done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one_of_its_shell(tmp_path: Path, shell: str) -> None:
    script = koze("completion", shell).stdout
    (tmp_path / "script").write_text(script)
    run_in(shell, "script", "-n", cwd=tmp_path)
    for word in ("check", "explain", "output-format", "unknown-workflow", "sarif"):
        assert word in script


def bash(tmp_path: Path, *words: str) -> set[str]:
    """What bash offers after the words of a command line."""
    (tmp_path / "script").write_text(koze("completion", "bash").stdout)
    line = " ".join(f"'{word}'" for word in words)
    script = (
        f"source ./script; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; "
        f"_shtab_koze_lsp koze-lsp '{words[-1]}' '{words[-2]}' 2>/dev/null; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    return set(run_in("bash", script, "-c", cwd=tmp_path).split())


def test_bash_offers_commands_options_and_values(tmp_path: Path) -> None:
    assert {"check", "fix", "explain", "completion"} <= bash(tmp_path, "koze-lsp", "")
    assert {"--check", "--version"} <= bash(tmp_path, "koze-lsp", "--")
    assert {"--since", "--output-format", "--baseline"} <= bash(tmp_path, "koze-lsp", "check", "--")
    assert set(FORMATS) <= bash(tmp_path, "koze-lsp", "check", "--output-format", "")
    assert set(SEVERITIES) <= bash(tmp_path, "koze-lsp", "check", "--fail-on", "")
    assert {"unknown-workflow", "unused-ignore"} <= bash(tmp_path, "koze-lsp", "explain", "un")


def fish(tmp_path: Path, line: str) -> set[str]:
    """What fish offers at the end of a command line."""
    (tmp_path / "script").write_text(koze("completion", "fish").stdout)
    found = run_in("fish", f"source ./script; complete -C '{line}'", "--no-config", "-c", cwd=tmp_path)
    return {row.split("\t")[0] for row in found.splitlines()}


def test_fish_offers_commands_options_and_values(tmp_path: Path) -> None:
    assert {"check", "fix", "explain"} <= fish(tmp_path, "koze-lsp ")
    assert {"--since", "--baseline"} <= fish(tmp_path, "koze-lsp check --")
    assert set(FORMATS) <= fish(tmp_path, "koze-lsp check --output-format ")
    assert "unknown-workflow" in fish(tmp_path, "koze-lsp explain unk")
