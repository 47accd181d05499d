"""The rows of a rule's table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from koze_lsp.project.framework import Framework
from tests.rules.support import CALL, IMPORTS, ROUTE, SHOWN, page

W = "workflowStatus('migration', params.id"
MARKED = "«workflowStatus»('migration', params.id"
KOZE = "src/routes/jobs/[id]/index.koze"
REQUEST = "import { params } from 'koze:request';\n"
RENAMED = REQUEST + "import { workflowStatus as ws } from 'koze:workflow';\n"


class At(str):
    """A text that stands in another file than the rule's usual one."""

    path: str

    def __new__(cls, path: str, text: str) -> At:
        found = super().__new__(cls, text)
        found.path = path
        return found


@dataclass(frozen=True)
class Rows:
    """For one rule: what it says, what it does not say, and what its fixes leave.

    Attributes:
        speaks: texts in which it has one finding, at what stands between « and ».
        quiet: near misses: texts in which it has none.
        fixed: a text, and what its first fix leaves. Nothing fails in that.
        more: the other files that the texts need.
        also: what else may fail in a text that speaks: another mistake that can't be told apart from this one.
        installed: the framework in node_modules.
        bare: without the wrangler file that a project gets where it has none.
    """

    speaks: tuple[str, ...]
    quiet: tuple[str, ...]
    fixed: tuple[tuple[str, str], ...] = ()
    path: str = ROUTE
    more: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    installed: Framework | None = None
    bare: bool = False

    def place(self, text: str) -> str:
        """The file that a text stands in."""
        return text.path if isinstance(text, At) else self.path


def module(body: str, path: str = "src/server/load.ts") -> At:
    """A module under src/server with a function."""
    head = "import { workflowStatus } from 'koze:workflow';\n"
    return At(path, f"{head}export async function load(id: string) {{\n  {body}\n}}\n")


def options(text: str) -> str:
    """A page whose call has these options."""
    return page(f"const status = await {W}, {text});")


def named(name: str) -> str:
    """A page whose call has this name."""
    return page(f"const status = await workflowStatus({name}, params.id);")


def shows(template: str, script: str = CALL) -> str:
    """A page with this template."""
    return page(script, template)


__all__ = [
    "CALL",
    "IMPORTS",
    "KOZE",
    "MARKED",
    "RENAMED",
    "REQUEST",
    "ROUTE",
    "SHOWN",
    "At",
    "Rows",
    "W",
    "module",
    "named",
    "options",
    "page",
    "shows",
]
