"""``koze-lsp explain CODE``: what a diagnostic means, with a wrong and a right example."""

from __future__ import annotations

import argparse
import json
import sys

from koze_lsp.cli.codes import known_code
from koze_lsp.cli.exits import CLEAN
from koze_lsp.rules import all_rules
from koze_lsp.rules.pages import rule_page, title_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of explain."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="the code of a diagnostic (default: list them all)")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="default: text")


def main(arguments: argparse.Namespace) -> int:
    """Print one rule's page, or the list of rules."""
    rules = all_rules()
    if arguments.code is None:
        _list(arguments.output_format)
        return CLEAN
    rule = rules[known_code(arguments.code)]
    page = rule_page(rule)
    if arguments.output_format == "json":
        data = {"code": rule.code, "severity": rule.severity.value, "fix": rule.fixable.value, "page": page}
        print(json.dumps(data, ensure_ascii=False, indent=1))
    elif sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 - only for terminals
        from rich.markdown import Markdown  # noqa: PLC0415

        Console().print(Markdown(page))
    else:
        print(page, end="")
    return CLEAN


def _list(output_format: str) -> None:
    rules = all_rules().values()
    if output_format == "json":
        rows = [{"code": rule.code, "severity": rule.severity.value, "title": title_of(rule)} for rule in rules]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for rule in rules:
        print(f"{rule.code:<28}{rule.severity.value:<13}{title_of(rule)}")
