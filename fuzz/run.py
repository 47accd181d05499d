"""Coverage-guided fuzzing of one target: ``python -m fuzz.run template|wrangler|rpc [SECONDS]`` (default 60).

Starts from ``fuzz/corpus/TARGET`` and keeps what it learns in ``build/fuzz/TARGET``. A crash leaves its input there:
copy it, made small, into the corpus, where the tests replay it. Needs atheris (Linux, Python up to 3.13).
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["koze_lsp"]):
    from fuzz.targets import TARGETS

HERE = Path(__file__).parent


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TARGETS:
        sys.exit(f"usage: python -m fuzz.run {'|'.join(TARGETS)} [SECONDS]")
    seconds = sys.argv[2] if len(sys.argv) > 2 else "60"
    kept = HERE.parent / "build" / "fuzz" / name
    kept.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", "-max_len=600", "-timeout=10", f"-artifact_prefix={kept}/crash-"]
    atheris.Setup([sys.argv[0], str(kept), str(HERE / "corpus" / name), *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
