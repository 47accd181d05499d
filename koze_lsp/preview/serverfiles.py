"""The part of an application that the workflow engine needs, without a look at its pages.

An editor has a whole `Project` at hand. A preview in the terminal lists src/server only: of an application with a
thousand pages the whole would take longer than the preview.
"""

from __future__ import annotations

import os

from koze_lsp.preview.appfiles import AppFiles
from koze_lsp.project.config import Config
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.kinds import WRANGLER_FILES, kind_of
from koze_lsp.project.project import Project
from koze_lsp.project.reading import read_document

__all__ = ["server_project"]


def server_project(files: AppFiles) -> Project:
    """A snapshot that holds the workflow files and the wrangler file."""
    present = (name for name in WRANGLER_FILES if os.path.isfile(os.path.join(files.root, name)))
    wrangler = next(present, None)
    listed = {path: kind_of(path) for path in (*files.workflows, *([wrangler] if wrangler is not None else []))}

    def read(path: str, kind: FileKind) -> Document:
        return read_document(files.root, path, kind)

    return Project(files.root, listed, Config(), read)
