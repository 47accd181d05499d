"""The ``WorkflowName`` lines of src/app.d.ts, which the framework generates.

Source: the Koze framework, type generator. It declares the type once in each of two modules,
``koze:workflow`` and ``kuratchi:workflow``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from koze_lsp.text import Span

MODULES = ("koze:workflow", "kuratchi:workflow")

_COMMENT_OR_STRING = re.compile(
    r"""//[^\r\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|'(?:[^'\\\r\n]|\\.)*'|"(?:[^"\\\r\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`"""
)
_MODULE = re.compile(r"""\bdeclare\s+module\s+(['"])(?P<name>[^'"\r\n]*)\1\s*\{""")
_ALIAS = re.compile(r"\bexport\s+type\s+WorkflowName\s*=")
_END = re.compile(r"[;{}]")
_UNION = re.compile(r"""\|?\s*(?:'[^'\\]*'|"[^"\\]*")(?:\s*\|\s*(?:'[^'\\]*'|"[^"\\]*"))*""")
_NAME = re.compile(r"""'([^']*)'|"([^"]*)\"""")


@dataclass(frozen=True, slots=True)
class WorkflowNameType:
    """One ``export type WorkflowName = …;``.

    Attributes:
        module: the module that declares it.
        span: the right-hand side, without the semicolon.
        names: its string literals in their order, none for ``never``; None where it is anything else.
    """

    module: str
    span: Span
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class AppDtsFacts:
    """What src/app.d.ts says about workflows."""

    types: tuple[WorkflowNameType, ...]


def parse(source: str) -> AppDtsFacts:
    """The WorkflowName types of the modules in `MODULES`. Any text gives a result."""
    code = _COMMENT_OR_STRING.sub(_without_comments, source)
    return AppDtsFacts(tuple(_types(code)))


def union_text(names: Iterable[str]) -> str:
    """The right-hand side as the framework writes it: ``'a' | 'b'``, or ``never`` without a name.

    The framework leaves out the names that `koze_lsp.project.naming.in_union` refuses; so must the caller.
    """
    return " | ".join(f"'{name}'" for name in names) or "never"


def _without_comments(match: re.Match[str]) -> str:
    """Blanks in the place of a comment, so that offsets stay."""
    text = match.group()
    return re.sub(r"[^\r\n]", " ", text) if text.startswith("/") else text


def _types(code: str) -> Iterable[WorkflowNameType]:
    modules = list(_MODULE.finditer(code))
    for index, module in enumerate(modules):
        if module["name"] not in MODULES:
            continue
        end = modules[index + 1].start() if index + 1 < len(modules) else len(code)
        for alias in _ALIAS.finditer(code, module.end(), end):
            stop = _END.search(code, alias.end())
            right = code[alias.end() : stop.start() if stop else len(code)]
            text = right.strip()
            start = alias.end() + len(right) - len(right.lstrip())
            yield WorkflowNameType(module["name"], Span(start, start + len(text)), _names(text))


def _names(right: str) -> tuple[str, ...] | None:
    if right == "never":
        return ()
    if _UNION.fullmatch(right) is None:
        return None
    return tuple(single or double for single, double in _NAME.findall(right))
