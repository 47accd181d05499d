"""TypeScript to JavaScript: types removed, lines kept, columns mapped.

Contract
--------
``strip_types(source, filename)`` → ``StrippedModule(code, columns)``. ``code`` is an ES module or script with the same
lines as ``source``; ``columns`` maps columns per line (``isolate.map_column``). Raises ``ScriptError`` (a SyntaxError
with file, line, column) for text that is no TypeScript. Results are cached by text.

The tool is sucrase (vendored), chosen against amaro, which is swc as WebAssembly:

* sucrase turns enums, parameter properties, namespaces-free TypeScript, abstract classes, overloads, ``satisfies``,
  ``import type`` and unused imports as TypeScript's isolated modules do; amaro's strip mode refuses enums and
  parameter properties, and its transform mode moves lines.
* sucrase is 0.2 MB of JavaScript that V8 compiles lazily (a few milliseconds); amaro is 3.5 MB with a WebAssembly
  module that a bare V8 without its threads must compile first (over 100 ms), and WebAssembly is switched off here.
* Neither rewrites decorators, which V8 does not run: they are reported as not supported.

The tool runs in an isolate of its own that never sees user code run.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .isolate import MIB, Columns, Isolate, LimitExceeded, ScriptError

_HERE = Path(__file__).resolve().parent
_TIMEOUT_MS = 10_000.0
_lock = threading.Lock()
_compiler: Isolate | None = None


@dataclass(frozen=True, slots=True)
class StrippedModule:
    """JavaScript with the lines of its source; ``columns`` as in ``isolate.Columns``."""

    code: str
    columns: Columns


@lru_cache(maxsize=256)
def strip_types(source: str, filename: str) -> StrippedModule:
    """Removes the types of ``source``; ``filename`` only names it in errors."""
    result = compile_call("strip", filename, source)
    return StrippedModule(result["code"], result["columns"])


def check_syntax(source: str, filename: str) -> None:
    """Raises ``ScriptError`` where ``source`` is no TypeScript for a stricter parser than the tool that removes types:
    that one takes a text whose last block is never closed. What only a type checker or a linker would refuse passes.
    """
    compile_call("syntax", filename, source)


def compile_call(name: str, filename: str, *args: Any) -> Any:
    """Calls a function of ``platform/compile.js``; its syntax errors become ``ScriptError`` of ``filename``."""
    global _compiler  # noqa: PLW0603
    with _lock:
        if _compiler is None:
            _compiler = _start()
        try:
            answer = _compiler.call(name, *args, timeout_ms=_TIMEOUT_MS)
        except LimitExceeded:
            _compiler = None  # the next file gets a new one
            raise
    if "error" in answer:
        error = answer["error"]
        raise ScriptError(error["message"], error["name"], "", filename, error["line"], error["column"])
    return answer["ok"]


def warm_up() -> None:
    """Start the tool before it is needed: 30 ms of V8's work that another thread may do."""
    global _compiler  # noqa: PLW0603
    with _lock:
        if _compiler is None:
            _compiler = _start()


def _start() -> Isolate:
    isolate = Isolate(memory_limit=512 * MIB)
    bundle = (_HERE / "vendor" / "compiler.js").read_text(encoding="utf-8").strip()
    program = (_HERE / "platform" / "compile.js").read_text(encoding="utf-8")
    isolate.install(f"const compiler = {bundle};\n{program}", timeout_ms=_TIMEOUT_MS)
    return isolate
