"""A large application is checked by several processes: the findings are those of one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest

from koze_lsp.project import parallel
from koze_lsp.project.workspace import Workspace
from koze_lsp.rules import engine
from koze_lsp.rules.base import Diagnostic

ROOT = Path(__file__).resolve().parent.parent.parent
Result = TypeVar("Result")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="work is shared where forking is safe")


@pytest.fixture(scope="module", params=["0.005", "0.5"], ids=["few faults", "many faults"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("shared") / "app"
    sizes = ["--routes", "1500", "--workflows", "20", "--seed", "3", "--faults", request.param]
    subprocess.run([sys.executable, ROOT / "tests/data/make_project.py", folder, *sizes], check=True)
    return str(folder)


def checked(app: str, monkeypatch: pytest.MonkeyPatch, processes: int) -> list[tuple[str, list[Diagnostic]]]:
    monkeypatch.setattr(parallel, "processes", lambda: processes)
    workspace = Workspace()
    workspace.load(app)
    return list(engine.check_project(workspace.project(app)))


def test_three_processes_find_what_one_finds(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = checked(app, monkeypatch, 1)
    assert any(found for _, found in expected)
    assert checked(app, monkeypatch, 3) == expected
    monkeypatch.setattr(engine, "_LEFT", 2)  # most are not left then
    assert checked(app, monkeypatch, 3) == expected


def test_each_process_gets_work(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """None may take all that waits at once, nor import the rules for a few files that another looks at anyway."""
    mine: list[int] = []
    share = parallel.share

    def watched(
        work: Callable[[Iterable[int]], Result],
        chunks: int,
        *,
        elsewhere: Callable[[Iterable[int]], Result] | None = None,
    ) -> list[Result]:
        def counted(numbers: Iterable[int]) -> Result:
            here = os.getpid()
            return work(number for number in numbers if os.getpid() == here and mine.append(number) is None)

        return share(counted, chunks, elsewhere=elsewhere)

    monkeypatch.setattr(engine, "share", watched)
    monkeypatch.setattr(engine, "_CHUNK", 10)
    found = checked(app, monkeypatch, 3)
    assert 0 < len(mine) < 0.9 * parallel.chunk_count(1_500, 10)
    assert found == checked(app, monkeypatch, 1)


def test_a_process_that_fails_loses_nothing(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = checked(app, monkeypatch, 1)
    here, check = os.getpid(), engine._check_files

    def failing(*given: object) -> engine._Found:
        if os.getpid() != here:
            raise RuntimeError
        return check(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "_check_files", failing)
    assert checked(app, monkeypatch, 2) == expected
