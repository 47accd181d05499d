"""One application at one moment: an immutable snapshot of its files, index and configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from koze_lsp.project.config import Config
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.index import WorkflowIndex

if TYPE_CHECKING:
    from koze_lsp.project.framework import Framework
    from koze_lsp.project.routing import RouteTree
    from koze_lsp.project.usage import Usages

Read = Callable[[str, FileKind], Document]

KEPT_KINDS = frozenset({FileKind.WORKFLOW, FileKind.WRANGLER, FileKind.APP_DTS, FileKind.PACKAGE})
"""What the rules of other files ask for: never let go."""


class Project:
    """A snapshot of one application.

    A file is read when it is first asked for. Files that an editor has open, and those that every rule
    needs (workflows, wrangler, package.json), are held; others can be let go with `release`, and are then
    read again.

    Attributes:
        root: the absolute path of the application's folder, POSIX, without a final slash.
        files: every file that koze-lsp looks at, relative path → kind, in byte order.
        config: what package.json and the editor's settings say.
        unlistable: folders that could not be listed, and why.
    """

    def __init__(
        self,
        root: str,
        files: Mapping[str, FileKind],
        config: Config,
        read: Read,
        *,
        unlistable: Mapping[str, str] | None = None,
        documents: Mapping[str, Document] | None = None,
    ) -> None:
        self.root = root
        self.files = files
        self.config = config
        self.unlistable = unlistable or {}
        self._read = read
        self._documents: dict[str, Document] = dict(documents or {})
        self._passing = {path for path, document in self._documents.items() if _passes(document)}

    def document(self, path: str) -> Document | None:
        """A file of the project, read when it is first asked for; None for a path it does not hold."""
        found = self._documents.get(path)
        if found is None and path in self.files:
            found = self._documents[path] = self._read(path, self.files[path])
            if found.kind not in KEPT_KINDS:
                self._passing.add(path)
        return found

    def held(self) -> Mapping[str, Document]:
        """The documents that have been read and not let go."""
        return self._documents

    def release(self, path: str) -> None:
        """Let a document go that nothing will ask for again soon."""
        self._documents.pop(path, None)
        self._passing.discard(path)

    def release_passing(self) -> None:
        """Let all documents go that were only looked at: neither open in an editor nor needed by every rule."""
        for path in self._passing:
            self._documents.pop(path, None)
        self._passing.clear()

    def paths(self, *kinds: FileKind) -> tuple[str, ...]:
        """The paths of the files of some kinds, in byte order."""
        wanted = frozenset(kinds)
        return tuple(path for path, kind in self.files.items() if kind in wanted)

    def replace(self, changed: Iterable[Document], config: Config | None = None) -> Project:
        """The next snapshot, after some documents changed and none came or went.

        What does not depend on the changed files is handed on, not worked out again.
        """
        changed = tuple(changed)
        documents = {**self._documents, **{document.path: document for document in changed}}
        new = Project(
            self.root, self.files, config or self.config, self._read, unlistable=self.unlistable, documents=documents
        )
        kinds = {document.kind for document in changed}
        kept = {"routing", "framework"}
        if FileKind.WORKFLOW not in kinds:
            kept.add("workflows")
        if not kinds & {FileKind.WRANGLER, FileKind.APP_DTS, FileKind.PACKAGE}:
            kept |= {"wrangler", "app_dts", "package"}
        new.__dict__.update({name: value for name, value in self.__dict__.items() if name in kept})
        if "usages" in self.__dict__:
            new.__dict__["usages"] = self.usages.without(document.path for document in changed)
        return new

    def take_usages(self, before: Project, changed: Iterable[str]) -> None:
        """Take over the usages that the snapshot before has found, but for those of some files."""
        if "usages" in before.__dict__:
            self.__dict__["usages"] = before.usages.without(changed)

    def _only(self, kind: FileKind) -> Document | None:
        paths = self.paths(kind)
        return self.document(paths[0]) if paths else None

    @cached_property
    def workflows(self) -> WorkflowIndex:
        """The workflows that the framework discovers."""
        documents = (self.document(path) for path in self.paths(FileKind.WORKFLOW))
        return WorkflowIndex(document for document in documents if document is not None)

    @cached_property
    def wrangler(self) -> Document | None:
        """The wrangler file that wrangler reads, if there is one."""
        return self._only(FileKind.WRANGLER)

    @cached_property
    def app_dts(self) -> Document | None:
        """src/app.d.ts, if there is one."""
        return self._only(FileKind.APP_DTS)

    @cached_property
    def package(self) -> Document | None:
        """package.json, if there is one."""
        return self._only(FileKind.PACKAGE)

    @cached_property
    def framework(self) -> Framework | None:
        """The framework in the application's node_modules, if it is installed."""
        from koze_lsp.project.framework import find_framework  # noqa: PLC0415 - read once, for one rule

        return find_framework(self.root)

    @cached_property
    def routing(self) -> RouteTree:
        """The routes of the application by their path segments."""
        from koze_lsp.project.routing import RouteTree  # noqa: PLC0415 - few checks need it

        return RouteTree(self.paths(FileKind.ROUTE))

    @cached_property
    def usages(self) -> Usages:
        """Which files name which workflow, binding or status: for references, lenses and hierarchies."""
        from koze_lsp.project.usage import Usages  # noqa: PLC0415 - for editors

        return Usages({})


def _passes(document: Document) -> bool:
    """Whether a document may be let go: it can be read again."""
    return document.version is None and document.kind not in KEPT_KINDS
