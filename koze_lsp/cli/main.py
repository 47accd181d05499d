"""The command line: which subcommand runs, and what every one of them shares.

Each subcommand is a module with ``add_arguments(parser)`` and ``main(arguments) -> int``, imported only when it
is asked for: the check must start fast, and it never imports the protocol's libraries.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from koze_lsp import __version__
from koze_lsp.cli.exits import INTERNAL, INTERRUPTED, USAGE, UsageError


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand: its module under ``koze_lsp.cli`` and its line in the help."""

    module: str
    help: str


COMMANDS = {
    "check": Command("check", "check routes, workflow files and wrangler bindings"),
    "fix": Command("fix", "apply the fixes that are safe"),
    "types": Command("types", "bring WorkflowName in src/app.d.ts up to date"),
    "workflows": Command("workflows", "list the workflows that the index knows"),
    "preview": Command("preview", "run a route's status and poll logic"),
    "run": Command("run", "run a workflow on virtual time"),
    "explain": Command("explain", "say what a diagnostic means"),
    "schema": Command("schema", "print the JSON schema of the configuration"),
    "completion": Command("completion", "print a shell's completion script"),
    "server": Command("server", "run the language server (the default)"),
}

SERVER = "server"

_USAGE = """koze-lsp                     run the language server on stdio
       koze-lsp --check [PATH ...]  check; `koze-lsp check` is the same
       koze-lsp COMMAND --help"""


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser; with ``only``, arguments are added for that subcommand alone (importing the others costs time)."""
    parser = argparse.ArgumentParser(
        prog="koze-lsp",
        description="Language server, CI check and preview runtime for Koze Workflows.",
        usage=_USAGE,
    )
    parser.add_argument("--version", action="version", version=f"koze-lsp {__version__}")
    # With `prog`, argparse need not format a usage line first, for which it imports shutil and asks for the terminal.
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", prog="koze-lsp")
    for name, command in COMMANDS.items():
        sub = subparsers.add_parser(
            name,
            prog=f"koze-lsp {name}",
            help=command.help,
            description=f"{command.help[0].upper()}{command.help[1:]}.",
        )
        if only in (None, name) and name != SERVER:
            importlib.import_module(f"koze_lsp.cli.{command.module}").add_arguments(sub)
    return parser


def normalise(arguments: Sequence[str]) -> list[str]:
    """The command line with its older spellings turned into subcommands: ``--check``, ``--explain``, none at all."""
    given = list(arguments)
    for option, command in (("--check", "check"), ("--explain", "explain")):
        if option in given and not (given and given[0] in COMMANDS):
            given.remove(option)
            return [command, *given]
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        return [SERVER, *given]
    return given


def run(arguments: Sequence[str]) -> int:
    """Run a command line; gives the exit status. No traceback reaches the user."""
    given = normalise(arguments)
    command = given[0] if given and given[0] in COMMANDS else None
    try:
        if command == SERVER:
            from koze_lsp.cli.server import main  # noqa: PLC0415 - it reads its own arguments

            return main(given[1:])
        parsed = build_parser(command or "").parse_args(given)
        if parsed.command is None:
            build_parser("").print_help()
            return USAGE
        module = importlib.import_module(f"koze_lsp.cli.{COMMANDS[parsed.command].module}")
        status: int = module.main(parsed)
        sys.stdout.flush()
        return status
    except UsageError as error:
        print(f"koze-lsp: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as error:
        if os.environ.get("KOZE_LSP_DEBUG"):
            raise
        print(f"koze-lsp: internal error: {type(error).__name__}: {error}", file=sys.stderr)
        print("Please report it; KOZE_LSP_DEBUG=1 shows where it happened.", file=sys.stderr)
        return INTERNAL


def _closed_pipe() -> int:
    """The reader has gone (`| head -1`): end quietly, with the status that a shell gives for it."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return 141
