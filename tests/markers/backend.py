"""What the harness asks of a server: offsets (code points) in, plain answers out.

Two backends give it: `direct` calls the editor features themselves, `protocol` a real server over stdio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from koze_lsp.text import Span, TextEdit

Tree = Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """A completion: the edit that it makes (a snippet where ``is_snippet``), and the edits elsewhere."""

    label: str
    kind: str
    detail: str
    documentation: str
    edit: TextEdit
    is_snippet: bool
    extra: tuple[TextEdit, ...]
    filter: str


@dataclass(frozen=True)
class Finding:
    """A diagnostic."""

    span: Span
    code: str
    severity: str


@dataclass(frozen=True)
class Place:
    """A span of a file."""

    path: str
    span: Span


@dataclass(frozen=True)
class Help:
    """A signature with the text of its active parameter."""

    label: str
    active: str | None


@dataclass(frozen=True)
class Outline:
    """A document symbol."""

    kind: str
    name: str
    span: Span
    children: tuple[Outline, ...]


@dataclass(frozen=True)
class Choice:
    """A code action: what the workspace is after it."""

    title: str
    kind: str
    preferred: bool
    after: Tree


class RefusedError(Exception):
    """The server answered with an error; its message is meant for the user."""


class Backend(Protocol):
    """The questions. Paths are relative to the workspace's folder, POSIX."""

    def open(self, files: Tree) -> None: ...
    def close(self) -> None: ...
    def diagnostics(self, path: str) -> list[Finding]: ...
    def complete(self, path: str, offset: int) -> list[Item]: ...
    def document(self, path: str, offset: int, label: str) -> str: ...
    def hover(self, path: str, offset: int) -> tuple[str, Span | None] | None: ...
    def signature(self, path: str, offset: int) -> Help | None: ...
    def hints(self, path: str) -> list[tuple[int, str]]: ...
    def lenses(self, path: str) -> list[tuple[Span, str, str | None]]: ...
    def definition(self, path: str, offset: int) -> list[Place]: ...
    def declaration(self, path: str, offset: int) -> list[Place]: ...
    def references(self, path: str, offset: int, declaration: bool) -> list[Place]: ...
    def highlights(self, path: str, offset: int) -> list[tuple[Span, str]]: ...
    def links(self, path: str) -> list[tuple[Span, str]]: ...
    def symbols(self, path: str) -> list[Outline]: ...
    def workspace_symbols(self, query: str) -> list[tuple[str, Place]]: ...
    def prepare_rename(self, path: str, offset: int) -> str: ...
    def rename(self, path: str, offset: int, new_name: str) -> Tree: ...
    def move(self, path: str, new_path: str) -> Tree: ...
    def actions(self, path: str, span: Span) -> list[Choice]: ...
    def fix_all(self, path: str) -> Tree | None: ...
    def incoming(self, path: str, offset: int) -> list[str]: ...
    def outgoing(self, path: str, offset: int) -> list[str]: ...
