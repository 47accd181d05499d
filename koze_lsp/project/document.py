"""One file at one moment: its text, what kind of file it is, and the facts that syntax finds in it.

A document never changes; an edit makes a new one, which may reuse the old one's syntax trees. Facts are
made when they are first asked for and kept, so that an unchanged document is never parsed again. The parsers
are imported with the first fact: a check of clean files needs none of them, and together they cost 100 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from koze_lsp.text import Text

if TYPE_CHECKING:
    from koze_lsp.syntax import app_dts, jsonc, route, script, workflow, wrangler

Fact = TypeVar("Fact")


class FileKind(str, Enum):
    """What a file is to Koze, by its path."""

    ROUTE = "route"
    """A page under src/routes."""
    LAYOUT = "layout"
    """``layout.*`` under src/routes, and the shell ``src/app.*``."""
    COMPONENT = "component"
    """Any other file with a template: src/lib, a package, beside a route."""
    WORKFLOW = "workflow"
    """``*.workflow.ts`` under src/server: what the framework discovers."""
    WORKFLOW_LOOKALIKE = "workflow-lookalike"
    """What a reader would take for a workflow file, but the framework does not: elsewhere, or another suffix."""
    SERVER = "server"
    """Any other TypeScript or JavaScript module."""
    WRANGLER = "wrangler"
    """The wrangler file that counts (.json, .jsonc or .toml)."""
    APP_DTS = "app.d.ts"
    """src/app.d.ts, which the framework generates."""
    PACKAGE = "package.json"
    SCENARIO = "scenario"
    """``*.preview.json5``."""
    OTHER = "other"

    @property
    def has_template(self) -> bool:
        """Whether the file is a script block and a template."""
        return self in TEMPLATE_KINDS


TEMPLATE_KINDS = frozenset({FileKind.ROUTE, FileKind.LAYOUT, FileKind.COMPONENT})
WORKFLOW_KINDS = frozenset({FileKind.WORKFLOW, FileKind.WORKFLOW_LOOKALIKE})
SCRIPT_KINDS = frozenset({FileKind.SERVER, *WORKFLOW_KINDS})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file has no text, and what to do about it."""

    reason: str
    remedy: str


class Document:
    """A file's text and facts. ``path`` is relative to the project's root, POSIX."""

    __slots__ = ("_cache", "_previous", "kind", "path", "text", "unreadable", "version")

    def __init__(
        self,
        path: str,
        kind: FileKind,
        text: Text,
        *,
        unreadable: Unreadable | None = None,
        version: int | None = None,
        previous: Document | None = None,
    ) -> None:
        self.path = path
        self.kind = kind
        self.text = text
        self.unreadable = unreadable
        self.version = version
        self._previous = previous
        self._cache: dict[str, object] = {}

    @property
    def source(self) -> str:
        """The whole text; empty where the file could not be read."""
        return self.text.source

    @property
    def route(self) -> route.RouteFacts:
        """Script block, template and their problems; for a file with a template."""
        from koze_lsp.syntax import route  # noqa: PLC0415

        return self._fact("route", route.RouteFacts, route.parse)

    @property
    def script(self) -> script.ScriptFacts:
        """Imports, calls and names: of a module, or of a route's script and template as one."""
        if self.kind.has_template:
            return self.route.script_facts
        from koze_lsp.syntax import script  # noqa: PLC0415

        return self._fact("script", script.ScriptFacts, script.parse)

    @property
    def workflow(self) -> workflow.WorkflowFacts:
        """Class, run(), steps and shapes; for a workflow file."""
        from koze_lsp.syntax import workflow  # noqa: PLC0415

        return self._fact("workflow", workflow.WorkflowFacts, workflow.parse)

    @property
    def wrangler(self) -> wrangler.WranglerFacts:
        """The tree and the bindings of a wrangler file."""
        from koze_lsp.syntax import wrangler  # noqa: PLC0415

        toml = self.path.endswith(".toml")
        return self._fact("wrangler", wrangler.WranglerFacts, lambda source, _: wrangler.parse(source, toml=toml))

    @property
    def json(self) -> jsonc.JsonTree:
        """A JSON file as a tree with spans."""
        from koze_lsp.syntax import jsonc  # noqa: PLC0415

        return self._fact("json", jsonc.JsonTree, lambda source, _: jsonc.parse(source))

    @property
    def app_dts(self) -> app_dts.AppDtsFacts:
        """The WorkflowName lines of src/app.d.ts."""
        from koze_lsp.syntax import app_dts  # noqa: PLC0415

        return self._fact("app_dts", app_dts.AppDtsFacts, lambda source, _: app_dts.parse(source))

    def _fact(self, name: str, kind: type[Fact], parse: Callable[[str, Fact | None], Fact]) -> Fact:
        found = self._cache.get(name)
        if found is None:
            previous = self._previous._cache.get(name) if self._previous is not None else None
            found = parse(self.source, previous if isinstance(previous, kind) else None)
            self._cache[name] = found
            self._previous = None  # or every version of a file would stay in memory
        assert isinstance(found, kind)
        return found
