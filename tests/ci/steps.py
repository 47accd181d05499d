"""The steps of a composite action, run as GitHub's runner runs them: as far as this action needs it."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_CHOICE = re.compile(r"(.+?) && '([^']*)' \|\| '([^']*)'")


@dataclass
class Outcome:
    """What the steps wrote, how the run ended, and which action a step would have called with what."""

    status: int = 0
    output: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    called: dict[str, dict[str, str]] = field(default_factory=dict)


def evaluate(expression: str, context: dict[str, str]) -> str:
    """The value of an expression: a name, a comparison with a literal, ``and``, or a choice."""
    choice = _CHOICE.fullmatch(expression)
    if choice is not None:
        return choice.group(2) if evaluate(choice.group(1), context) == "true" else choice.group(3)
    parts = expression.split(" && ")
    if len(parts) > 1:
        return "true" if all(evaluate(part, context) == "true" for part in parts) else "false"
    compared = re.fullmatch(r"(\S+) (==|!=) '([^']*)'", expression)
    if compared is not None:
        equal = context[compared.group(1)] == compared.group(3)
        return "true" if equal == (compared.group(2) == "==") else "false"
    return context[expression]


def filled(text: str, context: dict[str, str]) -> str:
    """A text with its expressions evaluated."""
    return _EXPRESSION.sub(lambda match: evaluate(match.group(1), context), text)


def run_action(action: Path, workspace: Path, temp: Path, inputs: dict[str, str]) -> Outcome:
    """Run an action's steps in a checkout until one fails."""
    data: dict[str, Any] = yaml.safe_load(action.read_text(encoding="utf-8"))
    unknown = set(inputs) - set(data["inputs"])
    assert not unknown, unknown
    context = {
        f"inputs.{name}": str(inputs.get(name, item.get("default", ""))) for name, item in data["inputs"].items()
    }
    context["github.action_path"] = str(action.parent)
    outcome = Outcome()
    for number, step in enumerate(data["runs"]["steps"]):
        if evaluate(step["if"], context) == "false" if "if" in step else False:
            continue
        if "uses" in step:
            outcome.called[step["uses"]] = {key: filled(value, context) for key, value in step["with"].items()}
            continue
        outputs = temp / f"outputs{number}"
        outputs.touch()
        done = _run(step, context, workspace, temp, outputs)
        outcome.output += done.stdout
        outcome.outputs |= dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        if done.returncode:
            outcome.status = done.returncode
            break
    return outcome


def _run(
    step: dict[str, Any], context: dict[str, str], workspace: Path, temp: Path, outputs: Path
) -> subprocess.CompletedProcess[str]:
    assert "${{" not in step["run"], "expressions belong into env, where they can't inject commands"
    script = temp / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KOZE_LSP")}
    environment |= {"GITHUB_WORKSPACE": str(workspace), "RUNNER_TEMP": str(temp), "GITHUB_OUTPUT": str(outputs)}
    environment |= {key: filled(value, context) for key, value in step.get("env", {}).items()}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        cwd=workspace / filled(step.get("working-directory", "."), context),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
