"""A short run of scripts/load.py: latency and memory stay flat. The long run's figures are in docs/reliability.md."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "load.py"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_short_session_is_flat(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("load", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    load = importlib.util.module_from_spec(spec)
    sys.modules["load"] = load
    spec.loader.exec_module(load)
    rows = load.run(tmp_path, requests=1_500, documents=40, apps=4)
    assert load.is_flat(rows), rows
