"""What is generated is up to date, and what the documentation says of the configuration is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from koze_lsp.project.settings import problems
from koze_lsp.rules import all_rules
from tests.cli.support import ROOT, koze


def test_generated_files_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/generate_docs.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_rule_has_its_page() -> None:
    assert {path.stem for path in (ROOT / "docs/rules").glob("*.md")} == {*all_rules(), "README"}


def test_the_documented_configuration_is_valid() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    settings = json.loads(block)["koze-lsp"]
    assert list(problems(settings)) == []
    assert set(settings["rules"]) <= set(all_rules())


def test_explain_answers_for_every_code() -> None:
    listed = koze("explain").stdout.splitlines()
    assert len(listed) == len(all_rules())
    page = koze("explain", "poll-unit")
    assert page.returncode == 0
    assert page.stdout == (ROOT / "docs/rules/poll-unit.md").read_text(encoding="utf-8")
    assert koze("--explain", "poll-unit").stdout == page.stdout


def test_explain_names_the_nearest_code() -> None:
    done = koze("explain", "pol-unit")
    assert done.returncode == 2
    assert "poll-unit" in done.stderr
