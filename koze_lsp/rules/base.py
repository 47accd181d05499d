"""What a rule is, and what it reports.

A rule looks at one file of a project at a time and reports only about that file, so that an edit
re-checks what it can have changed and nothing else. It reads facts, never syntax trees or the disk, and
cannot fail on any input.

To add a rule: subclass `Rule` in the module of its subject, with a docstring that says what happens at
run time, a wrong and a right example, and register it with `@register`. ``koze-lsp explain`` and
``docs/rules`` are made from exactly that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, TypeVar

from koze_lsp.text import Span, TextEdit

if TYPE_CHECKING:
    from koze_lsp.project.document import Document, FileKind
    from koze_lsp.project.project import Project


class Severity(str, Enum):
    """How much a finding matters; the check fails on errors and warnings."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"

    @property
    def fails(self) -> bool:
        """Whether the check's exit status counts it."""
        return self in (Severity.ERROR, Severity.WARNING)


class Tag(str, Enum):
    """How an editor may draw a finding."""

    UNNECESSARY = "unnecessary"
    DEPRECATED = "deprecated"


class Fixable(str, Enum):
    """Whether a rule's fixes are applied by ``koze-lsp fix``, or picked by the user."""

    NO = "no"
    SAFE = "safe"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a finding. ``path`` is relative to the project's root, POSIX."""

    path: str
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class FileEdit:
    """Edits of one file. Spans refer to the text that the snapshot holds."""

    path: str
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True)
class CreateFile:
    """A new file with its whole text; never replaces one that exists."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class RenameFile:
    """A file that moves within the project."""

    path: str
    new_path: str


Change = FileEdit | CreateFile | RenameFile


@dataclass(frozen=True, slots=True)
class Fix:
    """One answer to a finding.

    Attributes:
        title: an imperative sentence for the editor's menu.
        changes: made together or not at all.
        safe: it cannot change what a correct program does, so ``koze-lsp fix`` applies it unasked.
        preferred: the one answer among several that most people would take.
    """

    title: str
    changes: tuple[Change, ...]
    safe: bool = False
    preferred: bool = False


def edit_fix(path: str, title: str, *edits: TextEdit, safe: bool = False, preferred: bool = False) -> Fix:
    """A fix that edits one file."""
    return Fix(title, (FileEdit(path, edits),), safe, preferred or safe)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding in one file.

    Attributes:
        code: the rule's code.
        path: relative to the project's root, POSIX.
        span: the wrong token, in offsets of the file's text.
        message: what will happen, then what to write.
        fixes: the most likely first.
    """

    code: str
    path: str
    span: Span
    message: str
    severity: Severity
    tags: tuple[Tag, ...] = ()
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A small project that shows a rule: path → text.

    ``show`` names the file that documentation prints; the others complete the project. What a project
    needs besides (package.json, a wrangler.jsonc in sync, the workflow ``migration``) is added by
    `koze_lsp.rules.examples.complete` where the example does not give it; ``bare`` leaves the wrangler file out.
    """

    show: str
    files: Mapping[str, str]
    bare: bool = False


class Rule:
    """A rule with its code, severity and explanation (the docstring)."""

    code: ClassVar[str]
    severity: ClassVar[Severity]
    fixable: ClassVar[Fixable] = Fixable.NO
    kinds: ClassVar[frozenset[FileKind]]
    """The kinds of file that the rule looks at."""
    needs: ClassVar[tuple[str, ...]] = ()
    """A file without any of these strings can't have a finding, so the rule is not asked (none: always asked)."""
    wrong: ClassVar[Example]
    right: ClassVar[Example]
    source: ClassVar[str]
    """Where the runtime fact behind the rule is from, in words a user can follow."""

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """The findings in one document. Must terminate, quickly, without an exception."""
        raise NotImplementedError

    def found(
        self,
        document: Document,
        span: Span,
        message: str,
        *,
        fixes: tuple[Fix, ...] = (),
        related: tuple[Related, ...] = (),
        tags: tuple[Tag, ...] = (),
    ) -> Diagnostic:
        """A finding of this rule in a document."""
        return Diagnostic(self.code, document.path, span, message, self.severity, tags, related, fixes)


_RULES: dict[str, Rule] = {}
R = TypeVar("R", bound=type[Rule])


def register(rule: R) -> R:
    """Add a rule to the registry; a class decorator."""
    if rule.code in _RULES:
        raise ValueError(f"two rules have the code {rule.code}")
    _RULES[rule.code] = rule()
    return rule


def registry() -> Mapping[str, Rule]:
    """The rules whose modules have been imported, by code; `koze_lsp.rules.all_rules` imports them all."""
    return _RULES


Check = Callable[["Document", "Project"], Iterator[Diagnostic]]
