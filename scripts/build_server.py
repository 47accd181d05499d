#!/usr/bin/env python3
"""Freeze the language server into one folder that runs without Python, for the platform it is built on.

    python scripts/build_server.py            build/server/koze-lsp/ , tried out and measured
    python scripts/build_server.py --vscode   also into vscode-extension/server/, for `npm run package`
    python scripts/build_server.py --npm      also into npm/platforms/<platform>/, for the `koze-lsp` wrapper

The interpreter that runs this script is the one that is frozen: run it in an environment that has koze-lsp and
PyInstaller. Every platform is built on itself; the glibc of the machine is the oldest that the result runs on.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "server"
FROZEN = BUILD / "koze-lsp"
PROGRAM = "koze-lsp.exe" if sys.platform == "win32" else "koze-lsp"

# What PyInstaller finds through optional imports and the server never runs.
EXCLUDED = (
    "IPython", "_pytest", "distutils", "doctest", "ensurepip", "hypothesis", "idlelib", "lib2to3", "mypy",
    "pip", "pkg_resources", "pydoc", "pydoc_data", "pytest", "setuptools", "test", "tkinter", "turtle",
    "turtledemo", "unittest", "venv", "wheel", "xmlrpc",
)  # fmt: skip

# Packages whose files are found at run time by their folder: V8 with its tables, own modules and page files.
WITH_FILES = ("koze_lsp", "py_mini_racer")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vscode", action="store_true", help="copy the result into vscode-extension/server/")
    parser.add_argument("--npm", action="store_true", help="copy the result into npm/platforms/")
    parser.add_argument("--no-build", action="store_true", help="use what build/server/ holds already")
    arguments = parser.parse_args()
    if not arguments.no_build:
        freeze()
    check(FROZEN / PROGRAM)
    print(f"{target()}: {FROZEN.relative_to(ROOT)}, {size_of(FROZEN) / 1e6:.1f} MB")
    if arguments.vscode:
        place(ROOT / "vscode-extension" / "server" / "koze-lsp")
    if arguments.npm:
        make_npm_package()
    return 0


def freeze() -> None:
    """Run PyInstaller; its own words are shown only when it fails."""
    if not (ROOT / "koze_lsp" / "__main__.py").exists():
        fail("koze_lsp/__main__.py does not exist: nothing to freeze")
    work = BUILD / "work"
    shutil.rmtree(FROZEN, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    entry = work / "koze_lsp_main.py"
    entry.write_text("from koze_lsp.__main__ import main\n\nraise SystemExit(main())\n", encoding="utf-8")
    command = [
        sys.executable, "-m", "PyInstaller", "--onedir", "--console", "--noconfirm", "--name", "koze-lsp",
        "--distpath", str(BUILD), "--workpath", str(work), "--specpath", str(work), "--paths", str(ROOT),
        "--log-level", "WARN", "--optimize", "1",
    ]  # fmt: skip
    if sys.platform != "win32":
        command.append("--strip")
    for package in WITH_FILES:
        command += ["--collect-data", package, "--collect-binaries", package, "--collect-submodules", package]
    for module in EXCLUDED:
        command += ["--exclude-module", module]
    result = subprocess.run(
        [*command, str(entry)], cwd=work, capture_output=True, text=True, check=False, env=reproducible()
    )
    if result.returncode != 0:
        fail(f"PyInstaller failed:\n{result.stdout}{result.stderr}")
    prune(FROZEN / "_internal")
    write_licenses(work / "koze-lsp" / "PYZ-00.toc", FROZEN / "LICENSES.txt")


def write_licenses(contents: Path, notices: Path) -> None:
    """Collect the licences of every package that was frozen, and of the interpreter."""
    modules = {entry[0].split(".")[0] for entry in ast.literal_eval(contents.read_text(encoding="utf-8"))[1]}
    owners = metadata.packages_distributions()
    names = sorted({name for module in modules for name in owners.get(module, ())} - {"koze-lsp"})
    parts = [
        heading("Python", platform.python_version(), f"Python Software Foundation License Version 2\n\n{sys.copyright}")
    ]
    for name in names:
        found = metadata.distribution(name)
        texts = [
            file.read_text()
            for file in found.files or ()
            if file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE"))
        ]
        facts = found.metadata.json
        stated = facts.get("license_expression") or facts.get("license") or "see its project page"
        parts.append(heading(name, found.version, "\n".join(texts) or f"Licence: {stated}"))
    notices.write_text("\n".join(parts), encoding="utf-8")


def heading(name: str, version: str, text: str) -> str:
    return f"{'=' * 78}\n{name} {version}\n{'=' * 78}\n\n{text.strip()}\n"


def prune(internal: Path) -> None:
    """Remove what was collected with a package's data and is of no use at run time."""
    for pattern in ("**/*.pyi", "**/py.typed", "**/__pycache__", "*.dist-info"):
        for path in internal.glob(pattern):
            # importlib.metadata must still find the server's own version.
            if path.is_dir() and not path.name.startswith("koze_lsp-"):
                shutil.rmtree(path)
            elif path.is_file():
                path.unlink()


def reproducible() -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1735689600"}


def check(program: Path) -> None:
    """Try the frozen server with nothing of Python in reach: its version, and one handshake of the protocol."""
    if not program.exists():
        fail(f"{program} does not exist; build it first")
    bare = {"PATH": "/nonexistent"} if sys.platform != "win32" else {"SYSTEMROOT": os.environ["SYSTEMROOT"]}
    version = subprocess.run([program, "--version"], env=bare, capture_output=True, text=True, timeout=60, check=False)
    if version.returncode != 0:
        fail(f"the frozen server does not run:\n{version.stdout}{version.stderr}")
    messages: list[dict[str, object]] = [
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    talk = b"".join(frame(message) for message in messages)
    server = subprocess.run([program, "--stdio"], env=bare, input=talk, capture_output=True, timeout=60, check=False)
    if server.returncode != 0 or b'"capabilities"' not in server.stdout:
        fail(f"the frozen server does not answer initialize:\n{server.stderr.decode(errors='replace')}")
    print(version.stdout.strip())


def frame(message: dict[str, object]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def target() -> str:
    """The platform as the extension's market and npm name it, such as linux-x64 or win32-arm64."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine().lower())
    if machine is None:
        fail(f"no name for the processor {platform.machine()}")
    if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
        return f"alpine-{machine}"
    return f"{sys.platform}-{machine}"


def make_npm_package() -> None:
    """The platform's own package, from which npm/koze-lsp takes the program."""
    name = target()
    system, processor = name.split("-")
    wrapper = json.loads((ROOT / "npm" / "koze-lsp" / "package.json").read_text(encoding="utf-8"))
    folder = ROOT / "npm" / "platforms" / name
    place(folder / "server")
    manifest: dict[str, object] = {
        "name": f"@koze-lsp/{name}",
        "version": wrapper["version"],
        "description": f"The koze-lsp program for {name}; install koze-lsp instead",
        "license": wrapper["license"],
        "os": ["linux" if system == "alpine" else system],
        "cpu": [processor],
        "files": ["server"],
        "preferUnplugged": True,
    }
    if system in {"linux", "alpine"}:
        manifest["libc"] = ["musl" if system == "alpine" else "glibc"]
    (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")


def place(destination: Path) -> None:
    shutil.rmtree(destination, ignore_errors=True)
    destination.parent.mkdir(parents=True, exist_ok=True)
    # Links would not survive the archives; the frozen folder has a few where libraries have several names.
    shutil.copytree(FROZEN, destination, symlinks=False)
    print(f"{destination.relative_to(ROOT)}")


def size_of(folder: Path) -> int:
    """Bytes of all files, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def fail(message: str) -> None:
    print(f"build_server: {message}", file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    raise SystemExit(main())
