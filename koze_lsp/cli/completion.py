"""``koze-lsp completion SHELL``: completion of commands, options, their values and files."""

from __future__ import annotations

import argparse

from koze_lsp.cli.exits import CLEAN

SHELLS = ("bash", "zsh", "fish")

_EPILOG = """to install:
  bash  koze-lsp completion bash > ~/.local/share/bash-completion/completions/koze-lsp
  zsh   koze-lsp completion zsh > "${fpath[1]}/_koze-lsp"
  fish  koze-lsp completion fish > ~/.config/fish/completions/koze-lsp.fish
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of completion."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def main(arguments: argparse.Namespace) -> int:
    """Print the script."""
    print(script(arguments.shell), end="")
    return CLEAN


def script(shell: str) -> str:
    """The completion script of a shell."""
    import shtab  # noqa: PLC0415 - only when it is asked for

    from koze_lsp.cli.main import build_parser  # noqa: PLC0415 - the parser imports every command

    parser = build_parser()
    parser.add_argument("--check", action="store_true", help="check; the same as the command")
    _complete(parser)
    text: str = shtab.complete(parser, shell)
    return text if text.endswith("\n") else text + "\n"


def _complete(parser: argparse.ArgumentParser) -> None:
    """Say what values options and arguments have that ``choices`` does not list."""
    import shtab  # noqa: PLC0415

    from koze_lsp.rules import all_rules  # noqa: PLC0415

    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                _complete(sub)
        elif action.metavar == "CODE":
            action.choices = tuple(all_rules())
        elif action.metavar in ("PATH", "FILE", "ROUTE"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
