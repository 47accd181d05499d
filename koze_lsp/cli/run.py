"""``koze-lsp run WORKFLOW``: one instance of a workflow from its creation to its end, on virtual time.

It behaves as Cloudflare's local engine does, so that its answers can be compared with ``wrangler dev``;
``--production`` shows what the documentation says of production instead: ``waiting`` and the longer retry delay.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from koze_lsp.cli.exits import CLEAN, FINDINGS, UsageError
from koze_lsp.cli.selection import absolute
from koze_lsp.project.discovery import find_root
from koze_lsp.project.reading import read_text
from koze_lsp.project.workspace import Workspace

_FORMATS = ("text", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of run."""
    parser.add_argument("workflow", metavar="WORKFLOW", help="a status name, a binding, or a .workflow.ts file")
    parser.add_argument(
        "--params", metavar="JSON", help="what create() gets as params (default: created without params)"
    )
    parser.add_argument(
        "--scenario", metavar="FILE", help="JSON5: params, env, actions, stop_after_ms, steps, waits, fetch"
    )
    parser.add_argument("--id", metavar="ID", help="the instance's id (default: a UUID)")
    parser.add_argument("--class", dest="class_name", metavar="NAME", help="the class, if the file exports several")
    parser.add_argument("--output-format", choices=_FORMATS, default="text", help="default: text")
    parser.add_argument(
        "--engine",
        choices=("embedded", "workerd"),
        default="embedded",
        help="workerd: Cloudflare's own, by miniflare from node_modules",
    )
    parser.add_argument("--compare", action="store_true", help="run on both engines and print where they differ")
    parser.add_argument("--skip-sleeps", action="store_true", help="end sleeps and the delays of retries at once")
    parser.add_argument(
        "--production", action="store_true", help="as production is documented, not as the local engine"
    )
    parser.add_argument(
        "--timeout", type=float, default=30.0, metavar="SECONDS", help="real time that the run may take (default: 30)"
    )
    parser.add_argument(
        "--memory", type=int, default=256, metavar="MIB", help="memory that the run may take (default: 256)"
    )
    parser.add_argument(
        "-C", "--directory", default=".", metavar="FOLDER", help="where the application is (default: here)"
    )


def main(arguments: argparse.Namespace) -> int:
    """Run it, print it; 0 complete, 1 otherwise, 2 a wrong command line (raised as UsageError)."""
    from koze_lsp.preview.isolate import LimitExceeded, PreviewError  # noqa: PLC0415 - V8 is loaded only here

    scenario = _scenario(arguments)
    try:
        if arguments.compare:
            return _compare(arguments, scenario)
        result = _workerd(arguments, scenario) if arguments.engine == "workerd" else _embedded(arguments, scenario)
    except LimitExceeded as error:
        print(f"koze-lsp: {arguments.workflow} was stopped: {error}", file=sys.stderr)
        return FINDINGS
    except PreviewError as error:
        print(f"koze-lsp: {_located(error)}", file=sys.stderr)
        return FINDINGS
    _print(arguments, result)
    return CLEAN if result["status"] == "complete" else FINDINGS


def _embedded(arguments: argparse.Namespace, scenario: dict[str, Any]) -> dict[str, Any]:
    from koze_lsp.preview.engine.app import with_class  # noqa: PLC0415
    from koze_lsp.preview.engine.run import run_workflow  # noqa: PLC0415
    from koze_lsp.preview.engine.session import Limits  # noqa: PLC0415
    from koze_lsp.preview.isolate import MIB  # noqa: PLC0415

    application, workflow = _find(arguments)
    return run_workflow(
        with_class(workflow, arguments.class_name),
        application.resolve,
        scenario=scenario,
        instance_id=arguments.id,
        env=application.variables,
        bindings=application.bindings,
        others=lambda: application.mentioned(workflow),
        skip_sleeps=arguments.skip_sleeps,
        production=arguments.production,
        limits=Limits(memory=arguments.memory * MIB, timeout_ms=arguments.timeout * 1000),
    )


def _find(arguments: argparse.Namespace) -> tuple[Any, Any]:
    """The application and the workflow that the command line means."""
    from koze_lsp.preview.engine.app import Application, UnknownWorkflowError  # noqa: PLC0415

    wanted: str = arguments.workflow
    path = absolute(os.path.join(arguments.directory, wanted)) if _is_path(wanted) else None
    if path is not None and not os.path.isfile(path):
        raise UsageError(f"{wanted}: no such file")
    start = absolute(arguments.directory) if path is None else path.rsplit("/", 1)[0]
    root = find_root(start) or _folder_of_server(start)
    if root is None and path is None:
        raise UsageError(f"{arguments.directory}: no Koze application here. One has its workflows in src/server.")
    root = root or start
    workspace = Workspace()
    workspace.load(root)
    application = Application(workspace.project(root))
    try:
        return application, application.find(wanted, None if path is None else path[len(root) + 1 :])
    except UnknownWorkflowError as error:
        raise UsageError(str(error)) from None


def _folder_of_server(start: str) -> str | None:
    """The nearest folder upwards that holds ``src/server``: enough to run its workflows, with no package.json yet."""
    folder = start
    while not os.path.isdir(os.path.join(folder, "src", "server")):
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return None
    return folder


def _is_path(wanted: str) -> bool:
    return wanted.endswith((".ts", ".js", ".mts", ".mjs")) or "/" in wanted or os.sep in wanted


def _scenario(arguments: argparse.Namespace) -> dict[str, Any]:
    scenario: dict[str, Any] = {}
    if arguments.scenario is not None:
        scenario = _read_scenario(arguments.scenario)
    if arguments.params is not None:
        try:
            scenario["params"] = json.loads(arguments.params)
        except ValueError as error:
            raise UsageError(f"--params is no JSON: {error}") from None
    return scenario


def _read_scenario(path: str) -> dict[str, Any]:
    import json5  # noqa: PLC0415 - slow to import, and most runs have no scenario

    from koze_lsp.preview.engine.run import check_scenario  # noqa: PLC0415
    from koze_lsp.preview.isolate import ScriptError  # noqa: PLC0415

    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}"
        ) from None
    try:
        value = json.loads(text) if path.endswith(".json") else json5.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: this is no JSON5: {error}") from None
    try:
        return check_scenario(value)
    except ScriptError as error:
        raise UsageError(f"{path}: {error.message}") from None


def _workerd(arguments: argparse.Namespace, scenario: dict[str, Any]) -> dict[str, Any]:
    from koze_lsp.preview.engine.app import with_class  # noqa: PLC0415
    from koze_lsp.preview.engine.workerd import run_on_workerd  # noqa: PLC0415

    application, workflow = _find(arguments)
    return run_on_workerd(
        application,
        with_class(workflow, arguments.class_name),
        scenario,
        instance_id=arguments.id,
        skip_sleeps=arguments.skip_sleeps,
        timeout_s=arguments.timeout,
    )


def _compare(arguments: argparse.Namespace, scenario: dict[str, Any]) -> int:
    from koze_lsp.preview.engine.workerd import differences  # noqa: PLC0415

    embedded, workerd = _embedded(arguments, scenario), _workerd(arguments, scenario)
    found = differences(embedded, workerd)
    if arguments.output_format == "json":
        print(
            json.dumps({"embedded": embedded, "workerd": workerd, "differences": found}, ensure_ascii=False, indent=1)
        )
    elif not found:
        print(f"{arguments.workflow}: both engines agree ({embedded['status']}, {len(embedded['history'])} events)")
    else:
        for item in found:
            print(f"{item['field']}\n  embedded  {json.dumps(item['embedded'], ensure_ascii=False)}")
            print(f"  workerd   {json.dumps(item['workerd'], ensure_ascii=False)}")
    return FINDINGS if found else CLEAN


def _print(arguments: argparse.Namespace, result: dict[str, Any]) -> None:
    if arguments.output_format == "json":
        from koze_lsp.preview.engine.as_json import pieces  # noqa: PLC0415

        sys.stdout.writelines(pieces(result))
        return
    from rich.console import Console  # noqa: PLC0415

    from koze_lsp.preview.engine.show import show_run  # noqa: PLC0415

    show_run(Console(highlight=False), arguments.workflow, result)


def _located(error: Any) -> str:
    """An error with its place, as compilers write it."""
    if getattr(error, "file", None) is None:
        return str(error)
    path = error.file
    return f"{path}:{error.line}:{error.column}: {error}"
