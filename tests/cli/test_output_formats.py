"""Each output format against its schema or its documentation."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from lxml import etree

from koze_lsp.rules import all_rules
from tests.cli.apps import BAD, GOOD, ROUTE, WARNED, app
from tests.cli.support import ROOT, koze, write_tree

SCHEMAS = ROOT / "tests/data/schemas"
ODD = "src/routes/a b, %41/[id]/ü:/index.html"


def output(output_format: str, *arguments: str, cwd: Path = ROOT, **environment: str) -> str:
    """What the check writes in a format; the broken example unless told otherwise."""
    paths = arguments or (("examples/broken",) if cwd == ROOT else ())
    done = koze("--check", *paths, "--output-format", output_format, cwd=cwd, **environment)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def found_in(sarif: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads(sarif)["runs"][0]["results"]
    return results


def test_sarif_is_valid_and_complete() -> None:
    sarif = json.loads(output("sarif"))
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(sarif)
    run = sarif["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted(all_rules())
    assert all(rule["help"]["markdown"].startswith(f"# {rule['id']}") for rule in rules)
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        location = result["locations"][0]["physicalLocation"]
        assert (ROOT / unquote(location["artifactLocation"]["uri"])).is_file()
    assert any("fixes" in result for result in run["results"])


def test_sarif_columns_count_code_points(tmp_path: Path) -> None:
    app(tmp_path, BAD.replace("const status", "/* 😀 */ const status"))
    (result,) = found_in(output("sarif", cwd=tmp_path))
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (4, 48, 52)


def test_sarif_fixes_are_edits_of_the_text(tmp_path: Path) -> None:
    app(tmp_path, BAD)
    (result,) = found_in(output("sarif", cwd=tmp_path))
    (replacement,) = result["fixes"][0]["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"]["text"] == "job"
    assert replacement["deletedRegion"]["startColumn"] == 40


@pytest.mark.parametrize("output_format", ["sarif", "gitlab"])
def test_fingerprints_stay_when_lines_shift_and_are_all_different(tmp_path: Path, output_format: str) -> None:
    def marks() -> list[str]:
        data = json.loads(output(output_format, ".", "--min-severity", "error", cwd=tmp_path))
        if output_format == "gitlab":
            return [issue["fingerprint"] for issue in data]
        return [result["partialFingerprints"]["kozeLsp/v1"] for result in data["runs"][0]["results"]]

    call = "workflowStatus('jobb', params.id);\n"
    line = f"  const status = await {call}"
    app(tmp_path, BAD.replace(line, f"{line}  const again =\n    await {call}  const other =\n    await {call}"))
    before = marks()
    page = tmp_path / ROUTE
    page.write_text("\n\n<!-- moved -->\n" + page.read_text().replace("const again", "// more\n  const again"))
    assert marks() == before
    assert len(set(before)) == len(before) == 3
    page.write_text(page.read_text().replace("const status", "const first"))
    assert len(set(marks()) & set(before)) == 2


def test_junit_is_valid_and_fails_only_what_fails(tmp_path: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / "jenkins-junit.xsd")))
    for page in (GOOD, BAD, WARNED.replace("<p>", "<p>\x01")):
        text = output("junit", cwd=app(tmp_path, page))
        root = etree.fromstring(text.encode())
        schema.assertValid(root)
        assert len(root.findall(".//failure")) == (page != GOOD)
    schema.assertValid(etree.fromstring(output("junit").encode()))


def test_junit_has_notes_beside_the_cases(tmp_path: Path) -> None:
    app(tmp_path, GOOD.replace("params.id)", "params.id, { poll: '100ms' })"))
    found = koze("--check", "--output-format", "json", cwd=tmp_path)
    severities = {d["severity"] for d in json.loads(found.stdout)["diagnostics"]}
    text = output("junit", cwd=tmp_path)
    assert ("<failure" in text) == bool(severities & {"error", "warning"})


GITHUB = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:\r\n]*,?)+)::([^\r\n]+)")


def test_github_commands(tmp_path: Path) -> None:
    write_tree(app(tmp_path), {ODD: BAD})
    (line,) = output("github", cwd=tmp_path).splitlines()
    match = GITHUB.fullmatch(line)
    assert match is not None
    assert match.group(1) == "error"
    properties = dict(part.split("=", 1) for part in match.group(2).split(","))
    assert properties == {
        "title": "koze-lsp (unknown-workflow)", "file": "src/routes/a b%2C %2541/[id]/ü%3A/index.html",
        "line": "4", "endLine": "4", "col": "40", "endColumn": "44",
    }  # fmt: skip
    for line in output("github").splitlines():
        assert GITHUB.fullmatch(line)


def test_github_leaves_columns_out_over_several_lines() -> None:
    for line in output("github", "examples/broken", "--min-severity", "hint").splitlines():
        match = GITHUB.fullmatch(line)
        assert match is not None
        properties = dict(part.split("=", 1) for part in match.group(2).split(","))
        assert ("col" in properties) == (properties["line"] == properties["endLine"])


def test_ci_paths_lead_from_the_checkout(tmp_path: Path) -> None:
    root = app(tmp_path / "apps/shop", BAD)
    line = output("github", cwd=root, GITHUB_WORKSPACE=str(tmp_path))
    assert f"file=apps/shop/{ROUTE}," in line
    (issue,) = json.loads(output("gitlab", cwd=root, CI_PROJECT_DIR=str(tmp_path)))
    assert issue["location"]["path"] == f"apps/shop/{ROUTE}"
    (result,) = found_in(output("sarif", cwd=root, GITHUB_WORKSPACE=str(tmp_path)))
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "apps/shop/src/routes/%5Bid%5D/index.html"


def test_gitlab_is_valid() -> None:
    issues = json.loads(output("gitlab"))
    jsonschema.validate(issues, json.loads((SCHEMAS / "gitlab-code-quality.json").read_text(encoding="utf-8")))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) > 20


def test_json_lines_are_the_diagnostics_of_json() -> None:
    lines = output("json-lines").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(output("json"))["diagnostics"]


@pytest.mark.parametrize(
    "output_format", ["json", "json-lines", "github", "gitlab", "sarif", "junit", "concise", "full"]
)
def test_a_clean_application_in_every_format(tmp_path: Path, output_format: str) -> None:
    done = koze("--check", "--output-format", output_format, cwd=app(tmp_path))
    assert done.returncode == 0
    if output_format in ("json", "gitlab", "sarif"):
        json.loads(done.stdout)


@pytest.mark.parametrize(
    "output_format", ["json", "json-lines", "github", "gitlab", "sarif", "junit", "concise", "full"]
)
def test_a_name_that_is_no_utf8_and_a_narrow_terminal(tmp_path: Path, output_format: str) -> None:
    """Bytes that are no text, and characters that a terminal lacks, come out escaped, never as an error."""
    app(tmp_path)
    folder = bytes(tmp_path / "src/routes") + b"/\xff\xfe"
    Path(folder.decode("utf-8", "surrogateescape")).mkdir()
    Path((folder + b"/index.html").decode("utf-8", "surrogateescape")).write_text(BAD.replace("jobb", "jübb"))
    done = koze("--check", "--output-format", output_format, cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    if output_format in ("json", "gitlab", "sarif"):
        json.loads(done.stdout)


def test_no_control_character_of_a_file_reaches_the_terminal(tmp_path: Path) -> None:
    app(tmp_path, BAD.replace("jobb", "jo\x1b[2Jb\u202e"))
    for output_format in ("full", "concise"):
        text = output(output_format, cwd=tmp_path)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert r"\x1b" in text


def test_full_shows_the_line_and_the_remedy(tmp_path: Path) -> None:
    text = output("full", cwd=app(tmp_path, BAD))
    assert "4 |   const status = await workflowStatus('jobb', params.id);\n" in text
    assert "  |                                        ^^^^\n" in text
    assert "= fix: Change to 'job'" in text


def test_output_file(tmp_path: Path) -> None:
    app(tmp_path, BAD)
    done = koze("--check", "--output-format", "sarif", "-o", "out/koze.sarif", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert len(found_in((tmp_path / "out/koze.sarif").read_text(encoding="utf-8"))) == 1
    done = koze("--check", "-o", "src", cwd=tmp_path)
    assert done.returncode == 2
    assert "src can't be written" in done.stderr


def test_format_from_the_environment(tmp_path: Path) -> None:
    app(tmp_path, BAD)
    assert koze("--check", cwd=tmp_path, KOZE_LSP_OUTPUT_FORMAT="github").stdout.startswith("::error ")
    done = koze("--check", "--output-format", "concise", cwd=tmp_path, KOZE_LSP_OUTPUT_FORMAT="github")
    assert done.stdout.startswith(ROUTE)
    done = koze("--check", cwd=tmp_path, KOZE_LSP_OUTPUT_FORMAT="yaml")
    assert done.returncode == 2
    assert "sarif" in done.stderr


def test_statistics(tmp_path: Path) -> None:
    write_tree(app(tmp_path, BAD), {"src/routes/b/[id]/index.html": BAD, "src/routes/c/[id]/index.html": WARNED})
    lines = koze("--check", "--statistics", cwd=tmp_path).stdout.splitlines()
    assert lines[0].split() == ["2", "unknown-workflow", "error"]
    assert lines[1].split()[:3] == ["1", "poll-unit", "warning"]
    assert lines[2].startswith("2 errors, 1 warning in 6 files")
    rows = json.loads(koze("--check", "--statistics", "--output-format", "json", cwd=tmp_path).stdout)
    assert rows[0] == {"code": "unknown-workflow", "severity": "error", "count": 2, "fixable": 0}
    assert koze("--check", "--statistics", "--output-format", "sarif", cwd=tmp_path).returncode == 2
