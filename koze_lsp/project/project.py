"""One application at one moment: an immutable snapshot of its files, index and configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from koze_lsp.project.config import Config
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.index import WorkflowIndex


class Project:
    """A snapshot of one application.

    Attributes:
        root: the absolute path of the application's folder, POSIX, without a final slash.
        files: every file that koze-lsp looks at, relative path → kind, in byte order.
        config: what package.json and the editor's settings say.
    """

    def __init__(
        self,
        root: str,
        files: Mapping[str, FileKind],
        config: Config,
        read: Callable[[str, FileKind], Document],
    ) -> None:
        self.root = root
        self.files = files
        self.config = config
        self._read = read
        self._documents: dict[str, Document] = {}

    def document(self, path: str) -> Document | None:
        """A file of the project, read when it is first asked for; None for a path it does not hold."""
        found = self._documents.get(path)
        if found is None and path in self.files:
            found = self._documents[path] = self._read(path, self.files[path])
        return found

    def paths(self, *kinds: FileKind) -> tuple[str, ...]:
        """The paths of the files of some kinds, in byte order."""
        return tuple(path for path, kind in self.files.items() if kind in kinds)

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
        """The wrangler file that the framework and wrangler read, if there is one."""
        return self._only(FileKind.WRANGLER)

    @cached_property
    def app_dts(self) -> Document | None:
        """src/app.d.ts, if there is one."""
        return self._only(FileKind.APP_DTS)

    @cached_property
    def package(self) -> Document | None:
        """package.json, if there is one."""
        return self._only(FileKind.PACKAGE)
