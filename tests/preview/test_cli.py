"""`koze-lsp preview` in the terminal."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import pytest

from koze_lsp.cli.preview import add_arguments, main
from koze_lsp.preview.session import PreviewSession
from tests.preview.test_session import FILES, ROUTE, app


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return main(parser.parse_args(arguments))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def test_table(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ROUTE, "--once") == 0
    out = capsys.readouterr().out
    assert "migration 1: complete ■" in out
    assert "polling ended by itself after 2 requests, 4 s" in out


def test_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("/m-1", "--once", "--output-format", "json") == 0
    story = json.loads(capsys.readouterr().out)
    assert (story["route"], story["url"], story["polling"], story["diagnostics"]) == (ROUTE, "/m-1", False, [])
    assert [(tick["at_ms"], tick["event"], tick["http"]) for tick in story["ticks"]] == [
        (0, "load", 200),
        (2000, "fetch", 200),
        (4000, "fetch", 200),
    ]
    first = story["ticks"][0]
    assert first["directive"] == {"interval": "2s"}
    assert first["html"] == "<p>queued</p>"
    assert first["calls"] == [
        {
            "workflow": "migration",
            "id": "m-1",
            "poll": "2s",
            "status": "queued",
            "error": None,
            "terminal": False,
        }
    ]
    assert story["ticks"][2]["done"] is True


def test_a_failing_page(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "src/routes/bad.koze").write_text("<p>\n{nope}\n</p>\n", encoding="utf-8")
    assert run("src/routes/bad.koze", "--once") == 1
    assert "src/routes/bad.koze:2:2: error: nope is not defined" in capsys.readouterr().out


def test_limits_of_the_loop(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = root / "world.json5"
    scenario.write_text("{ ticks: [{ migration: { '*': { status: 'running' } } }] }", encoding="utf-8")
    assert run(ROUTE, "--once", "--scenario", str(scenario), "--max-ticks", "3") == 0
    assert "still polling after 3 requests, 6 s" in capsys.readouterr().out
    assert run(ROUTE, "--once", "--scenario", str(scenario), "--until-ms", "5000") == 0
    assert "still polling after 2 requests, 4 s" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["src/routes/nope.koze"], "there is no route"),
        ([ROUTE, "--scenario", "nope.json5"], "cannot read the scenario nope.json5"),
        (["../../etc/passwd"], "there is no route"),
    ],
)
def test_usage(root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert run(*arguments, "--once") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert "Traceback" not in captured.err


def test_a_thousand_ticks_are_quick(tmp_path: Path) -> None:
    session = PreviewSession.open(ROUTE, files=app(tmp_path, FILES))
    try:
        session.render()
        started = time.process_time()
        for _ in range(1000):
            session.render(1, 2000.0)
        assert time.process_time() - started < 4  # 0.4 s on a quiet machine; benchmarks/ holds the bound
    finally:
        session.close()
