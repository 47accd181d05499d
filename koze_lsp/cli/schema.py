"""``koze-lsp schema``: the JSON Schema of the settings, for editors and for package.json."""

from __future__ import annotations

import argparse
import json

from koze_lsp.cli.exits import CLEAN
from koze_lsp.project.settings import schema
from koze_lsp.rules import all_rules


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of schema."""
    parser.add_argument("--editor", action="store_true", help="with the prefix `koze.`, as editors' settings have it")


def main(arguments: argparse.Namespace) -> int:
    """Print the schema."""
    found = schema(tuple(sorted(all_rules())))
    if arguments.editor:
        found = {**found, "properties": dict(_flat("koze", found["properties"]))}
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return CLEAN


def _flat(prefix: str, properties: dict[str, object]) -> list[tuple[str, object]]:
    """Groups become dotted keys, as VS Code writes settings; the levels of rules stay one object."""
    flat: list[tuple[str, object]] = []
    for key, value in properties.items():
        inner = value.get("properties") if isinstance(value, dict) else None
        if isinstance(inner, dict) and key != "rules":
            flat += _flat(f"{prefix}.{key}", inner)
        else:
            flat.append((f"{prefix}.{key}", value))
    return flat
