"""The snippets for CI services: what they say is what koze-lsp takes and gives."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.cli.apps import BAD, app
from tests.cli.support import ROOT, koze

CI = ROOT / "docs/ci"


def test_the_problem_matcher_reads_the_concise_format() -> None:
    matcher = json.loads((CI / "problem-matcher.json").read_text())["problemMatcher"][0]["pattern"][0]
    lines = koze("--check", "examples/broken", "--output-format", "concise").stdout.splitlines()
    data = json.loads(
        koze("--check", "examples/broken", "--min-severity", "information", "--output-format", "json").stdout
    )
    found = [re.match(matcher["regexp"], line) for line in lines]
    assert found[-1] is None  # the summary
    places = [
        (
            m[matcher["file"]],
            int(m[matcher["line"]]),
            int(m[matcher["column"]]),
            m[matcher["severity"]],
            m[matcher["code"]],
        )
        for m in found
        if m
    ]
    assert places == [(d["file"], d["line"], d["column"], d["severity"], d["code"]) for d in data["diagnostics"]]


def test_the_gitlab_job(tmp_path: Path) -> None:
    job = yaml.safe_load((CI / "gitlab-ci.yml").read_text())["koze-lsp"]
    app(tmp_path, BAD)
    install, check = job["script"]
    assert install.startswith("pip install")
    done = koze(*shlex.split(check)[1:], cwd=tmp_path)
    assert done.returncode == 1
    report = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text())
    jsonschema.validate(report, json.loads((ROOT / "tests/data/schemas/gitlab-code-quality.json").read_text()))
    assert len(report) == 1


def test_the_github_workflow_gives_only_inputs_that_the_action_has() -> None:
    steps = yaml.safe_load((CI / "github.yml").read_text())["jobs"]["check"]["steps"]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    (given,) = [step["with"] for step in steps if step["uses"].startswith("koze-lsp/")]
    assert set(given) <= set(inputs)


@pytest.mark.parametrize("path", sorted(CI.iterdir()), ids=lambda path: path.name)
def test_every_snippet_is_shown_in_the_documentation(path: Path) -> None:
    assert f"file=docs/ci/{path.name}" in (ROOT / "docs/ci.md").read_text(encoding="utf-8")
