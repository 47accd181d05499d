"""A marker case: one text file that holds a workspace and, in comments, what each request must answer.

    What the case shows, in a sentence.

    -- src/routes/index.html --
    <script>
      const status = await workflowStatus('migr'); //@ complete("migr^'", "migration", "data-sync")
    </script>
    <p>{status.output}</p> <!--@ hover("stat^us", "the status of") -->

A marker is a Python call with literal arguments; several are separated by ``;``. It is taken out of the text
before the text is given to the server, so it may follow broken code. In a comment behind code it is about that
line, alone on its line about the nearest line above. Comments are ``//@``, ``<!--@ … -->`` and, in TOML, ``#@``.

The first argument of most markers says where: a text on that line that occurs there once, with ``^`` where the
cursor stands. ``loc(name, "text")`` names a place, which other markers then use without quotes.

``-- include NAME --`` adds the files of ``include/NAME.txt``, which has sections but no markers.

``-- @name/path --`` holds a file as it must be after the edit of a marker with ``golden="name"``, and
``-- @name/path (deleted) --`` says that it must be gone.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

_SECTION = re.compile(r"^-- (?P<name>.+) --[ \t]*$", re.MULTILINE)
_MARKER = re.compile(r"(?P<before>.*?)(?P<comment>[ \t]*(?://@|<!--@)[ \t]*(?P<calls>.*?)[ \t]*(?:-->[ \t]*)?)$")
_TOML_MARKER = re.compile(r"(?P<before>.*?)(?P<comment>[ \t]*#@[ \t]*(?P<calls>.*?)[ \t]*)$")
DELETED = " (deleted)"
_INCLUDE = "include "


class CaseError(Exception):
    """A case file that does not say what it means; the message has file and line."""


@dataclass(frozen=True)
class Name:
    """A place that ``loc`` names."""

    id: str


@dataclass(frozen=True)
class Marker:
    """One expectation.

    Attributes:
        line: the number of the line of ``path`` (markers taken out) that it is about.
        where: its place in the case file's text, for rewriting.
        case_line: its 1-based line in the case file, for messages.
    """

    name: str
    args: tuple[object, ...]
    kwargs: dict[str, object]
    path: str
    line: int
    where: tuple[int, int]
    case_line: int

    def text(self, args: tuple[object, ...], kwargs: dict[str, object] | None = None) -> str:
        """The marker as it would be written with other arguments."""
        shown = [_written(arg) for arg in args]
        shown += [f"{key}={_written(value)}" for key, value in (self.kwargs if kwargs is None else kwargs).items()]
        return f"{self.name}({', '.join(shown)})"


@dataclass
class Case:
    """A parsed case. ``files`` are without markers; ``goldens``: name → path → text, None where deleted."""

    path: Path
    text: str
    files: dict[str, str] = field(default_factory=dict)
    goldens: dict[str, dict[str, str | None]] = field(default_factory=dict)
    markers: list[Marker] = field(default_factory=list)


def parse(path: Path) -> Case:
    """Read a case file.

    Raises:
        CaseError: a marker can't be read.
    """
    text = path.read_text(encoding="utf-8")
    case = Case(path, text)
    sections = list(_SECTION.finditer(text))
    for index, section in enumerate(sections):
        start = min(section.end() + 1, len(text))
        end = sections[index + 1].start() if index + 1 < len(sections) else len(text)
        name = section["name"]
        if name.startswith(_INCLUDE):
            included = path.parent.parent / "include" / f"{name.removeprefix(_INCLUDE)}.txt"
            case.files.update(_plain_sections(included.read_text(encoding="utf-8")))
        elif name.startswith("@"):
            golden, _, file = name[1:].partition("/")
            deleted = file.endswith(DELETED)
            content = None if deleted else text[start:end]
            case.goldens.setdefault(golden, {})[file.removesuffix(DELETED)] = content
        else:
            case.files[name] = _take_markers(case, name, start, end)
    if not case.markers:
        raise CaseError(f"{path.name} holds no marker")
    return case


def _plain_sections(text: str) -> dict[str, str]:
    parts = _SECTION.split(text)[1:]
    return {name: content.removeprefix("\n") for name, content in zip(parts[::2], parts[1::2], strict=True)}


def _take_markers(case: Case, path: str, start: int, end: int) -> str:
    """The text of a file without its markers, which are added to the case."""
    pattern = _TOML_MARKER if path.endswith(".toml") else _MARKER
    kept: list[str] = []
    at = start
    for line in case.text[start:end].splitlines(keepends=True):
        bare = line.rstrip("\n")
        match = pattern.match(bare)
        if match is None:
            kept.append(line)
        else:
            if match["before"].strip() or (match["before"] and not match["comment"].lstrip()):
                kept.append(match["before"].rstrip() + "\n")
            calls = at + match.start("calls")
            case.markers += _markers(case, path, max(len(kept) - 1, 0), match["calls"], calls)
        at += len(line)
    return "".join(kept)


def _markers(case: Case, path: str, line: int, text: str, start: int) -> list[Marker]:
    case_line = case.text.count("\n", 0, start) + 1
    where = f"{case.path.name}:{case_line}"
    try:
        statements = ast.parse(text).body
    except SyntaxError as error:
        raise CaseError(f"{where}: {error.msg}: {text}") from error
    found: list[Marker] = []
    for statement in statements:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise CaseError(f"{where}: a marker is a call: {text}")
        args = tuple(_argument(node, where) for node in call.args)
        kwargs = {str(keyword.arg): _argument(keyword.value, where) for keyword in call.keywords}
        # ast counts UTF-8 bytes
        encoded = text.encode()
        begin = start + len(encoded[: call.col_offset].decode())
        finish = start + len(encoded[: call.end_col_offset].decode())
        found.append(Marker(call.func.id, args, kwargs, path, line, (begin, finish), case_line))
    return found


def _argument(node: ast.expr, where: str) -> object:
    if isinstance(node, ast.Name):
        return Name(node.id)
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise CaseError(f"{where}: arguments are literals or names") from error


def _written(value: object) -> str:
    if isinstance(value, Name):
        return value.id
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    if isinstance(value, list):
        return f"[{', '.join(_written(item) for item in value)}]"
    return repr(value)
