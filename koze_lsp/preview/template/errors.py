"""What the compiler says when it refuses a file."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CompileError", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a user's file: 1-based line and column (code points), and the offset in code points, -1 where it
    is not known."""

    path: str
    line: int
    column: int
    offset: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class CompileError(Exception):
    """A route, layout, component or shell that the framework would refuse, at a place in its source.

    `offset` and `end` are code points in the file `path`; -1 where no place is known. `code` is the framework's
    own code (`KUR_…`) where it has one, else ''. `hint` says what to do instead.
    """

    def __init__(
        self, message: str, *, path: str = "", offset: int = -1, end: int = -1, code: str = "", hint: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.offset = offset
        self.end = max(end, offset + 1) if offset >= 0 else -1
        self.code = code
        self.hint = hint
        self.place: Place | None = None
        """Where that is in the user's file; set by whoever knows the files."""
