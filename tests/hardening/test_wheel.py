"""The wheel: the same bytes twice, every data file in it, and it runs from where it was unpacked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.lsp.app import make_app

pytest.importorskip("hatchling", reason="the build backend, which development environments have")

PROJECT = Path(__file__).resolve().parents[2]
PARTS = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")


def build(folder: Path) -> Path:
    """A wheel from a copy of the sources, made at another time in another folder."""
    folder.mkdir(parents=True)
    for part in PARTS:
        shutil.copyfile(PROJECT / part, folder / part)
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(PROJECT / "koze_lsp", folder / "koze_lsp", ignore=ignore, copy_function=shutil.copyfile)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, env=environment)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def test_the_wheel(tmp_path: Path) -> None:
    first, second = build(tmp_path / "one"), build(tmp_path / "two" / "deeper")
    assert first.read_bytes() == second.read_bytes(), "built twice, other bytes"

    with zipfile.ZipFile(first) as archive:
        names = {name for name in archive.namelist() if name.startswith("koze_lsp/")}
        archive.extractall(tmp_path / "installed")
    copied = tmp_path / "one"
    present = {str(path.relative_to(copied)) for path in (copied / "koze_lsp").rglob("*") if path.is_file()}
    assert names == present

    app = make_app(tmp_path / "app")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}

    def koze(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "koze_lsp", *arguments]
        return subprocess.run(command, capture_output=True, check=False, cwd=app, env=environment, timeout=60)

    where = [sys.executable, "-c", "import koze_lsp; print(koze_lsp.__file__)"]
    told = subprocess.run(where, capture_output=True, check=True, cwd=app, env=environment).stdout.decode()
    assert str(tmp_path) in told, "not the wheel's own package"
    assert koze("--version").returncode == 0
    assert koze("check").returncode == 0
    preview = koze("preview", "--once", "src/routes/[id].html")
    assert preview.returncode == 0, preview
