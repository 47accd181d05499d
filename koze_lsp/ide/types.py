"""What editor features answer: plain data with offsets, no protocol.

Every feature is a function ``feature(project, document, offset, …)`` in a module of its own that gives these
types; ``koze_lsp.lsp`` turns them into the protocol's. Paths are relative to the project's root, POSIX.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from koze_lsp.rules.base import Change, Diagnostic
from koze_lsp.text import Span, TextEdit


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file: ``span`` is what to show, ``selection`` (inside it) what to select."""

    path: str
    span: Span
    selection: Span | None = None


class CompletionKind(str, Enum):
    """What a completion is, named as the protocol names it."""

    CLASS = "class"
    CONSTANT = "constant"
    ENUM_MEMBER = "enum-member"
    EVENT = "event"
    FIELD = "field"
    FILE = "file"
    FUNCTION = "function"
    KEYWORD = "keyword"
    MODULE = "module"
    PROPERTY = "property"
    SNIPPET = "snippet"
    UNIT = "unit"
    VALUE = "value"
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True)
class Completion:
    """One completion.

    Attributes:
        span: what ``insert`` replaces; it holds the cursor.
        insert: text, or a snippet (``$1``, ``${2:default}``) where ``is_snippet``; ``plain`` is then the text for
            clients without snippets.
        documentation: Markdown, given at once where it is cheap; else None and ``resolve`` names what to ask for.
        resolve: a key for `koze_lsp.ide.completion.resolve`.
        sort: orders the list; ``filter`` is what typing is matched against (the label if None).
        extra: edits elsewhere in the same file, such as an import.
    """

    label: str
    kind: CompletionKind
    span: Span
    insert: str
    detail: str = ""
    documentation: str | None = None
    resolve: tuple[str, ...] | None = None
    sort: str | None = None
    filter: str | None = None
    is_snippet: bool = False
    plain: str | None = None
    commit: tuple[str, ...] = ()
    preselect: bool = False
    deprecated: bool = False
    extra: tuple[TextEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about what a span holds."""

    span: Span
    markdown: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter; ``label`` is its place in the signature's label (offsets in that label)."""

    label: Span
    documentation: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature with the parameter that the cursor is in (None: past the last)."""

    label: str
    documentation: str
    parameters: tuple[Parameter, ...]
    active: int | None


@dataclass(frozen=True, slots=True)
class InlayHint:
    """A label shown behind an offset."""

    offset: int
    label: str
    tooltip: str = ""
    kind: str = "parameter"


class SymbolKind(str, Enum):
    """What a symbol is, named as the protocol names it."""

    CLASS = "class"
    CONSTANT = "constant"
    EVENT = "event"
    FUNCTION = "function"
    KEY = "key"
    METHOD = "method"
    MODULE = "module"
    OBJECT = "object"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol with the symbols inside it."""

    name: str
    kind: SymbolKind
    location: Location
    detail: str = ""
    children: tuple[Symbol, ...] = ()
    container: str | None = None


class HighlightKind(str, Enum):
    """Whether a highlighted place reads, writes or only names."""

    TEXT = "text"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Highlight:
    """One place to highlight in the same document."""

    span: Span
    kind: HighlightKind


@dataclass(frozen=True, slots=True)
class Link:
    """A span that opens a file when it is followed."""

    span: Span
    path: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Lens:
    """A line above a span. ``command`` is one of the server's commands, or None for mere information."""

    span: Span
    title: str
    command: str | None = None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallItem:
    """A caller or a callee in a call hierarchy; ``key`` finds it again (kind, name)."""

    name: str
    kind: SymbolKind
    location: Location
    detail: str
    key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class CallEdge:
    """A call between two items: ``spans`` are the places of the calls, in the caller's file."""

    item: CallItem
    spans: tuple[Span, ...]


class ActionKind(str, Enum):
    """Kinds of code action, as the protocol spells them."""

    QUICK_FIX = "quickfix"
    REFACTOR = "refactor"
    REFACTOR_EXTRACT = "refactor.extract"
    REFACTOR_REWRITE = "refactor.rewrite"
    FIX_ALL = "source.fixAll.koze"


@dataclass(frozen=True, slots=True)
class Action:
    """A change that the user can pick. ``diagnostics`` are the findings that it answers."""

    title: str
    kind: ActionKind
    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    preferred: bool = False


class NotRenamableError(Exception):
    """What is under the cursor can't be renamed, or not to that name; the message says why."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """Changes of a rename under one label, so that an editor can show and confirm them in groups."""

    label: str
    changes: tuple[Change, ...]
    needs_confirmation: bool = False


@dataclass(frozen=True, slots=True)
class Rename:
    """All changes of one rename."""

    groups: tuple[Annotated, ...] = field(default=())
