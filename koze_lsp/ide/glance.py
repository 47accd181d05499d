"""What a text shows at a glance, without parsing it: enough for most completions, within a millisecond.

A keystroke makes every syntax tree of its file stale, and a completion is wanted before they are made anew. What
is answered here is certain; where it is not, the answer is None and the caller asks the facts.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from koze_lsp.project.document import Document
from koze_lsp.syntax.template_lines import classify_line, expression_end
from koze_lsp.text import Span

_SCRIPT_OPEN = re.compile(r"(?:\s|<!--[\s\S]*?-->|<!doctype[^>]*>)*<script(?=[\s>/])[^>]*>", re.IGNORECASE)
_SCRIPT_CLOSE = re.compile(r"</script", re.IGNORECASE)
_CHUNK = re.compile(r"^[ \t]*(?:export[ \t]+)?(?:const|let|var|for[ \t]*\(|async|function|await|if|\}|<)", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_PATTERN = re.compile(r"\b(?:const|let|var)\s+([^=;]*?)(?:=(?!=|>)|\bof\b|\bin\b)")
_PARAMETERS = re.compile(r"([\w$]+|\([^()]*\))\s*=>")
_CASE = re.compile(r"case(?:\s+['\"`]?[\w-]*)?", re.ASCII)
"""A line of a switch whose colon is not typed yet."""
_FIELD = re.compile(r"([\w$]+)(?:\s*:\s*([\w$]+))?\s*(?:,|\Z)")
_DESTRUCTURED = re.compile(r"\b(?:const|let|var)\s*[{\[]([^=;]*?)[}\]]\s*(?==|of\b|in\b)")
_PARAMETER_END = re.compile(r"[^(){}]*\)\s*(?:=>|:[^=\r\n]{0,40}=>)")
_KEYWORDS = ("const", "let", "var", "function", "class")
_BINDS = ("const", "let", "var", "=>")
_JOINED = (*"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$", ".")
_JOINED_LINES = 40


@dataclass(frozen=True, slots=True)
class Template:
    """Where in a template an offset is: ``start`` and ``end`` of the expression or code line that holds it."""

    kind: str
    start: int
    end: int


def script_span(document: Document) -> Span | None:
    """The content of a page's script block; None without one."""
    opening = _SCRIPT_OPEN.match(document.source)
    if opening is None:
        return None
    closing = _SCRIPT_CLOSE.search(document.source, opening.end())
    return Span(opening.end(), closing.start() if closing is not None else len(document.source))


def template_at(source: str, template: int, offset: int) -> Template | None:
    """What a template holds at an offset: ``expression``, ``code line``, ``text`` or ``none``; None if unclear."""
    start = max(source.rfind("\n", 0, offset) + 1, template)
    end = source.find("\n", offset)
    end = len(source) if end == -1 else end
    before = source[max(template, offset - 4_000) : offset]
    if _within(before, "<!--", "-->") or _within(before.lower(), "<style", "</style"):
        return Template("none", start, end)
    line = source[start:end]
    if classify_line(line.strip()).is_code or (_CASE.fullmatch(line.strip()) is not None and "switch" in before):
        return Template("code line", start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
    at = source.find("{", start, offset)
    while at != -1:
        close = expression_end(source, at + 1, end)
        if close == -1 or close >= offset:
            return Template("expression", _inner(source, at + 1), end if close == -1 else close)
        at = source.find("{", close, offset)
    if _open_above(source, template, start):
        return None
    in_tag = before.rfind("<") > before.rfind(">")
    return Template("none" if in_tag else "text", start, len(source))


def _within(text: str, opening: str, closing: str) -> bool:
    return text.rfind(opening) > text.rfind(closing)


def _inner(source: str, at: int) -> int:
    """Behind ``@raw``, ``@html`` and ``...``."""
    for mark in ("@raw", "@html", "..."):
        if source.startswith(mark, at):
            return at + len(mark)
    return at


def _open_above(source: str, template: int, start: int) -> bool:
    """Whether one of the lines above may have an expression that is still open."""
    above = source[max(template, start - 4_000) : start].split("\n")[-_JOINED_LINES:]
    return any(line.count("{") > line.count("}") and not classify_line(line.strip()).is_code for line in above)


# Statuses ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Direct:
    """A name that takes the awaited result of a call, or one field of it."""

    path: tuple[str, ...]
    workflow: str | None


def direct_statuses(source: str, functions: frozenset[str], only: str | None = None) -> dict[str, Direct]:
    """The names that are declared once and right from a call: ``const s = await workflowStatus('x', …)``.

    With ``only``, just that name is looked at.
    """
    if not functions:
        return {}
    called = "|".join(re.escape(name) for name in sorted(functions))
    declared = re.compile(
        rf"\b(?:const|let|var)\s+(?P<target>[\w$]+|\{{[^{{}}]*\}})\s*=\s*await\s+(?:{called})\s*\(\s*"
        r"(?:(?P<quote>['\"`])(?P<name>[^'\"`\r\n]*)(?P=quote))?"
    )
    found: dict[str, Direct] = {}
    for match in declared.finditer(source):
        target, workflow = match["target"], match["name"]
        if target.startswith("{"):
            for field in _FIELD.finditer(target[1:-1].strip()):
                found[field[2] or field[1]] = Direct((field[1],), workflow)
        else:
            found[target] = Direct((), workflow)
    wanted = found if only is None else ({only} & found.keys())
    return {name: found[name] for name in wanted if _once(source, name)}


def _once(source: str, name: str) -> bool:
    """Whether a name is declared once in a text, and is nobody's parameter."""
    declared = 0
    start = source.find(name)
    while start != -1:
        end = start + len(name)
        if source[start - 1 : start] not in _JOINED and source[end : end + 1] not in _JOINED[:-1]:
            before = source[max(0, start - 12) : start].rstrip()
            after = source[end : end + 3].lstrip()
            if after.startswith("=>") or (before.endswith(("(", ",")) and _PARAMETER_END.match(source, end)):
                return False
            if before.endswith(_KEYWORDS):
                declared += 1
        start = source.find(name, end)
    for pattern in _DESTRUCTURED.findall(source):
        if name in pattern:
            declared += sum((field[1] or field[0]) == name for field in _FIELD.findall(pattern.strip()))
    return declared == 1


def suspects(source: str, functions: frozenset[str]) -> frozenset[str]:
    """Every name that could hold a status or something with statuses in it: too many rather than too few."""
    tainted = {name.rpartition(".")[2] for name in functions}
    starts = [0, *(match.start() for match in _CHUNK.finditer(source)), len(source)]
    chunks = []
    for start, end in itertools.pairwise(starts):
        text = source[start:end]
        if not any(word in text for word in _BINDS):
            continue
        bound = {word for pattern in _PATTERN.findall(text) for word in _WORD.findall(pattern)}
        bound |= {word for listed in _PARAMETERS.findall(text) for word in _WORD.findall(listed)}
        if bound:
            chunks.append((bound, set(_WORD.findall(text))))
    grown = True
    while grown:
        grown = False
        for bound, words in chunks:
            if not bound <= tainted and words & tainted:
                tainted |= bound
                grown = True
    return frozenset(tainted)
