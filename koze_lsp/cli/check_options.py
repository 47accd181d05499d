"""The options of the check, in the groups in which ``--help`` shows them."""

from __future__ import annotations

import argparse
import os

from koze_lsp.cli.exits import UsageError
from koze_lsp.cli.output import FORMATS, WITH_STATISTICS

SEVERITIES = ("error", "warning", "information", "hint")
DEFAULT_BASELINE = "koze-lsp-baseline.json"

_USAGE = """koze-lsp --check [PATH ...] [OPTION ...]
       koze-lsp --check - --stdin-filename FILE [OPTION ...]"""

_EPILOG = """The exit status is:
  0    nothing found that fails the check
  1    errors or warnings found (see --fail-on and --max-warnings)
  2    wrong options, nothing to check, or a fault of koze-lsp itself
  130  interrupted

Examples:
  koze-lsp --check                                     check the application here
  koze-lsp --check --since main                        check what a branch can have broken
  koze-lsp --check --output-format sarif -o koze.sarif
  koze-lsp --check --fix                               apply the safe fixes, report what is left
  koze-lsp --check - --stdin-filename src/routes/index.html < draft.html
  koze-lsp explain unknown-workflow                    what a finding means
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The check's own options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.usage = _USAGE
    parser.epilog = _EPILOG
    parser.allow_abbrev = False
    parser.add_argument(
        "paths", nargs="*", default=["."], metavar="PATH", help="files or folders (default: here); - reads one file"
    )
    _what(parser.add_argument_group("what to check"))
    _output(parser.add_argument_group("output"))
    _status(parser.add_argument_group("exit status"))
    _writing(parser.add_argument_group("fixing and the baseline"))


def _what(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--select", action="append", default=[], metavar="CODE", help="only these rules (or a,b)")
    group.add_argument("--ignore", action="append", default=[], metavar="CODE", help="not these rules (or a,b)")
    group.add_argument(
        "--since", metavar="REF", help="report what changed since REF in git, and what those changes can have broken"
    )
    group.add_argument(
        "--changed", action="store_const", const="HEAD", dest="since", help="the same for uncommitted changes"
    )
    group.add_argument("--stdin-filename", metavar="FILE", help="with -: the file whose text standard input is")
    group.add_argument(
        "--no-error-on-unmatched", action="store_true", help="nothing to check is a success, not exit status 2"
    )


def _output(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--output-format",
        choices=FORMATS,
        metavar="FORMAT",
        default=os.environ.get("KOZE_LSP_OUTPUT_FORMAT") or None,
        help=f"{', '.join(FORMATS)}; default: full on a terminal, concise elsewhere, or KOZE_LSP_OUTPUT_FORMAT",
    )
    group.add_argument("-o", "--output-file", metavar="FILE", help="write the report there, not to standard output")
    group.add_argument(
        "--min-severity",
        choices=SEVERITIES,
        metavar="SEVERITY",
        help=f"{', '.join(SEVERITIES)}: the least that is shown (default: information; json and json-lines: hint)",
    )
    group.add_argument("--statistics", action="store_true", help="count findings by rule, in place of the findings")
    group.add_argument("--watch", action="store_true", help="check again whenever a file changes, until Ctrl-C")


def _status(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        metavar="SEVERITY",
        help="the least severity that fails the check (default: warning)",
    )
    group.add_argument("--max-warnings", type=_count, metavar="N", help="up to N warnings don't fail the check")
    group.add_argument("--exit-zero", action="store_true", help="findings never fail the check")


def _writing(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--fix", action="store_true", help="apply the safe fixes first")
    group.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: also those that need a look")
    group.add_argument("--diff", action="store_true", help="show what --fix would change; write nothing")
    group.add_argument("--baseline", metavar="FILE", help="leave out the known findings that FILE lists")
    group.add_argument(
        "--write-baseline",
        action="store_true",
        help=f"write all present findings to the baseline ({DEFAULT_BASELINE}, or --baseline FILE)",
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of warnings")
    return int(text)


def validate(arguments: argparse.Namespace) -> None:
    """Look for options that are wrong, or wrong together, before any file is read.

    Raises:
        UsageError: there are some; the message names them.
    """
    if arguments.output_format is not None and arguments.output_format not in FORMATS:
        raise UsageError(f"unknown output format '{arguments.output_format}'; there are {', '.join(FORMATS)}")
    if arguments.statistics and arguments.output_format not in (None, *WITH_STATISTICS):
        raise UsageError(f"--statistics comes as {', '.join(WITH_STATISTICS)}, not {arguments.output_format}")
    _validate_stdin(arguments)
    writing = [name for name in ("fix", "diff", "write_baseline") if getattr(arguments, name)]
    if len(writing) > 1:
        raise UsageError(f"{_option(writing[0])} and {_option(writing[1])} exclude each other")
    if arguments.watch and writing:
        raise UsageError(f"--watch and {_option(writing[0])} exclude each other")
    if arguments.unsafe_fixes and not (arguments.fix or arguments.diff):
        raise UsageError("--unsafe-fixes goes with --fix or --diff")
    if arguments.write_baseline:
        if arguments.since is not None:
            raise UsageError("--write-baseline needs all findings, so it excludes --since and --changed")
        arguments.baseline = arguments.baseline or DEFAULT_BASELINE


def _validate_stdin(arguments: argparse.Namespace) -> None:
    reads = "-" in arguments.paths
    if not reads and arguments.stdin_filename is None:
        return
    if arguments.stdin_filename is None:
        raise UsageError("- reads a file from standard input: say which with --stdin-filename FILE")
    if arguments.paths not in (["-"], ["."]):
        raise UsageError("- is a file of its own: no other PATH goes with it")
    arguments.paths = ["-"]
    for name in ("fix", "diff", "write_baseline", "watch", "since"):
        if getattr(arguments, name):
            raise UsageError(f"{_option(name)} works on files, not on standard input")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
