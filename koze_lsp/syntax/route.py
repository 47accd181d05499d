"""A route, layout or component: one script block, then a template.

The file is also read as *one TypeScript text of the same length*, the overlay: the script's content stays,
template code lines stay, every ``{expression}`` becomes ``;expression;`` and all markup turns into blanks.
Script and template thus share one syntax tree and one set of scopes, loops in the template scope their
names as they do at run time, and every offset in the tree is an offset in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from koze_lsp.syntax import markup, template_lines
from koze_lsp.syntax.script import ScriptFacts, analyse
from koze_lsp.syntax.template_lines import LineKind, Segment, SegmentKind
from koze_lsp.syntax.tree import SyntaxTree
from koze_lsp.syntax.tree import parse as parse_typescript
from koze_lsp.text import Span

ProblemKind = Literal[
    "unclosed-script-tag",
    "unclosed-script",
    "second-script",
    "script-after-markup",
    "control-flow-shape",
    "unclosed-expression",
    "unbalanced-block",
]

_SCRIPT_OPEN = re.compile(r"<script(?=[\s>/])", re.IGNORECASE)
_SCRIPT_CLOSE = re.compile(r"</script", re.IGNORECASE)
_BEFORE_SCRIPT = re.compile(r"(?:\s|<!--[\s\S]*?-->|<!doctype[^>]*>)*", re.IGNORECASE)
_HIDDEN = re.compile(r"<!--[\s\S]*?(?:-->|\Z)|<style\b[\s\S]*?(?:</style\s*>|\Z)|<script(?=[\s>/])", re.IGNORECASE)
_COMPONENT_IMPORT = re.compile(r"\bimport\s+([A-Z]\w*)\s*(?:,|from\b)")
_NOT_NEWLINE = re.compile(r"[^\r\n]+")
_OPENS_BLOCK = frozenset(
    {LineKind.FOR, LineKind.IF, LineKind.WHILE, LineKind.SWITCH, LineKind.DO, LineKind.TRY, LineKind.CATCH,
     LineKind.FINALLY, LineKind.ELSE_IF, LineKind.ELSE}
)  # fmt: skip
_LONE_ELSE = re.compile(r"(?:else\b(?:\s+if\b.*)?\{?|else\s*\{.*)\Z")
_CLOSE_AND_MORE = re.compile(r"\}\s*(?://.*|;|/\*.*)\Z")

_MAX_NESTING = 40
"""Component blocks inside each other; each level is read once more, and no page nests deeper."""


@dataclass(frozen=True, slots=True)
class ScriptBlock:
    """The script block: ``tag`` is its opening tag, ``content`` what is between the tags."""

    tag: Span
    content: Span
    close: Span


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A template line that the framework emits as JavaScript; ``span`` is trimmed."""

    kind: LineKind
    span: Span


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file's shape that breaks the page. ``detail`` completes a message about it."""

    kind: ProblemKind
    span: Span
    detail: str = ""


@dataclass
class RouteFacts:
    """What one route file says. Expressions, tags and code lines are in source order."""

    source: str
    script: ScriptBlock | None
    template: Span
    problems: list[Problem]
    expressions: list[markup.Expression] = field(default_factory=list)
    tags: list[markup.Tag] = field(default_factory=list)
    code: list[CodeLine] = field(default_factory=list)
    components: frozenset[str] = frozenset()
    overlay: str = ""
    previous: SyntaxTree | None = field(default=None, repr=False)

    @cached_property
    def tree(self) -> SyntaxTree:
        """The overlay's syntax tree."""
        tree = parse_typescript(self.overlay, self.previous)
        self.previous = None
        return tree

    @cached_property
    def script_facts(self) -> ScriptFacts:
        """Imports, names and calls of script and template together."""
        return analyse(self.tree, self.script.content if self.script else None, self.template)

    def in_script(self, offset: int) -> bool:
        """Whether an offset lies in the script's content."""
        return self.script is not None and self.script.content.contains(offset)


def parse(source: str, previous: RouteFacts | None = None) -> RouteFacts:
    """The facts of a file with a template. Never raises."""
    script, template_start, problems = _split(source)
    template = _trim(source, template_start)
    facts = RouteFacts(source, script, template, problems)
    if previous is not None:
        facts.previous = previous.__dict__.get("tree")
    if script is not None:
        facts.components = frozenset(_COMPONENT_IMPORT.findall(source, script.content.start, script.content.end))
    kept: list[tuple[int, int, bool]] = []
    if script is not None:
        kept.append((script.content.start, script.content.end, False))
    for start, end, is_expression in _read_template(facts):
        kept.append((start, end, is_expression))
    for listed in (facts.expressions, facts.tags, facts.code):  # children of components come last
        listed.sort(key=lambda item: item.span)
    facts.overlay = _overlay(source, kept)
    problems.extend(_shape_problems(facts))
    return facts


def _split(source: str) -> tuple[ScriptBlock | None, int, list[Problem]]:
    """The script block, where the template starts, and what is wrong with script tags."""
    problems: list[Problem] = []
    before = _BEFORE_SCRIPT.match(source)
    opening = _SCRIPT_OPEN.match(source, before.end() if before else 0)
    if opening is None:
        problems += [Problem("script-after-markup", span) for span in _script_tags(source, 0)[:1]]
        return None, 0, problems
    end_of_tag = source.find(">", opening.end())
    if end_of_tag == -1:
        problems.append(Problem("unclosed-script-tag", Span(opening.start(), opening.end())))
        return None, len(source), problems
    tag = Span(opening.start(), end_of_tag + 1)
    closing = _SCRIPT_CLOSE.search(source, tag.end)
    if closing is None:
        problems.append(Problem("unclosed-script", tag))
        return ScriptBlock(tag, Span(tag.end, len(source)), Span(len(source), len(source))), len(source), problems
    end_of_close = source.find(">", closing.end())
    close = Span(closing.start(), len(source) if end_of_close == -1 else end_of_close + 1)
    problems += [Problem("second-script", span) for span in _script_tags(source, close.end)[:1]]
    return ScriptBlock(tag, Span(tag.end, closing.start()), close), close.end, problems


def _script_tags(source: str, start: int) -> list[Span]:
    """The script tags from an offset on that are not in comments or styles."""
    return [Span(*match.span()) for match in _HIDDEN.finditer(source, start) if match.group()[:7].lower() == "<script"]


def _trim(source: str, start: int) -> Span:
    text = source[start:]
    trimmed = text.strip(template_lines.JS_SPACE)
    if not trimmed:
        return Span(len(source), len(source))
    lead = len(text) - len(text.lstrip(template_lines.JS_SPACE))
    return Span(start + lead, start + lead + len(trimmed))


def _read_template(facts: RouteFacts) -> Iterator[tuple[int, int, bool]]:
    """Fill expressions, tags and code; yield what the overlay keeps: (start, end, is an expression)."""
    stack = [(facts.template, 0)]
    while stack:
        (base, end), depth = stack.pop()
        is_component = facts.components.__contains__ if depth < _MAX_NESTING else _nothing
        text = facts.source[base:end]
        for segment in template_lines.segments(text, is_component):
            if segment.kind is SegmentKind.COMPONENT_BLOCK:
                children = Span(
                    base + segment.head_end + 1, max(base + segment.children_end, base + segment.head_end + 1)
                )
                stack.append((children, depth + 1))
                yield from _markup(facts, base + segment.start, base + segment.head_end)
                yield from _markup(facts, children.end, base + segment.end)
            else:
                yield from _segment(facts, segment, base)


def _nothing(_: str) -> bool:
    return False


def _segment(facts: RouteFacts, segment: Segment, base: int) -> Iterator[tuple[int, int, bool]]:
    start, end = base + segment.start, base + segment.end
    match segment.kind:
        case SegmentKind.CODE:
            span = _trimmed(facts.source, start, end)
            facts.code.append(CodeLine(segment.line_kind, span))
            yield (span.start, span.end, False)
        case SegmentKind.INLINE_IF_ELSE:
            yield from _inline(facts, _trimmed(facts.source, start, end))
        case SegmentKind.TEXT | SegmentKind.COMPONENT:
            yield from _markup(facts, start, end)
        case _:
            pass


def _trimmed(source: str, start: int, end: int) -> Span:
    text = source[start:end]
    lead = len(text) - len(text.lstrip(template_lines.JS_SPACE))
    return Span(start + lead, start + len(text.rstrip(template_lines.JS_SPACE)))


def _inline(facts: RouteFacts, line: Span) -> Iterator[tuple[int, int, bool]]:
    """``if (c) { markup } else { markup }`` on one line."""
    found = template_lines.inline_if_else(facts.source[line.start : line.end])
    if found is None:
        return
    then, otherwise = (Span(line.start + start, line.start + end) for start, end in (found.then, found.otherwise))
    facts.code.append(CodeLine(LineKind.IF, line))
    yield (line.start, then.start, False)
    yield from _markup(facts, then.start, then.end)
    yield (then.end, otherwise.start, False)
    yield from _markup(facts, otherwise.start, otherwise.end)
    yield (otherwise.end, line.end, False)


def _markup(facts: RouteFacts, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    for item in markup.scan(facts.source, start, end):
        if isinstance(item, markup.Tag):
            facts.tags.append(item)
        else:
            facts.expressions.append(item)
            if item.closed:
                yield (item.inner.start, item.inner.end, True)


def _overlay(source: str, kept: list[tuple[int, int, bool]]) -> str:
    """The TypeScript text of the same length; ``;`` stands right before and after each expression."""
    parts: list[str] = []
    at = 0
    for start, end, is_expression in sorted(kept):
        if start < at:
            continue
        blank = _NOT_NEWLINE.sub(_blank, source[at:start])
        if is_expression:
            blank = blank[:-1] + ";"
            parts += [blank, source[start:end], ";"]
            at = end + 1
        else:
            parts += [blank, source[start:end]]
            at = end
    return "".join([*parts, _NOT_NEWLINE.sub(_blank, source[at:])])


def _blank(match: re.Match[str]) -> str:
    return " " * (match.end() - match.start())


def _shape_problems(facts: RouteFacts) -> Iterator[Problem]:
    for expression in facts.expressions:
        if not expression.closed and not expression.commented:
            first = Span(expression.span.start, expression.span.start + 1)
            yield Problem("unclosed-expression", first)
    yield from _line_problems(facts)
    yield from _balance(facts)


def _line_problems(facts: RouteFacts) -> Iterator[Problem]:
    """Control flow in a shape that the framework does not read as code, or emits as broken JavaScript."""
    for line in facts.code:
        text = facts.source[line.span.start : line.span.end]
        if line.kind in _OPENS_BLOCK and not text.endswith("{") and template_lines.inline_if_else(text) is None:
            yield Problem("control-flow-shape", line.span, _shape_detail(text, line.kind))
    code = {line.span.start for line in facts.code}
    style = False
    for start, end in _lines(facts.source, facts.template):
        text = facts.source[start:end]
        style = (style or "<style" in text) and "</style" not in text
        span = _trimmed(facts.source, start, end)
        trimmed = facts.source[span.start : span.end]
        if style or span.start in code or not trimmed or trimmed[0] not in "e}":
            continue
        if _LONE_ELSE.match(trimmed) and trimmed.endswith("{"):
            yield Problem(
                "control-flow-shape", span, "write `} else {` on one line: on a line of its own `else` is text"
            )
        elif _CLOSE_AND_MORE.match(trimmed):
            yield Problem(
                "control-flow-shape", span, "leave `}` alone on its line: with anything behind it, it is text"
            )


def _shape_detail(text: str, kind: LineKind) -> str:
    if text.endswith("}") and "{" in text:
        if kind is LineKind.IF:
            return "put `{`, the markup and `}` on lines of their own, or add an else on the same line"
        return "put `{`, the markup and `}` on lines of their own"
    return "the whole head must stand on one line and end in `{`"


def _lines(source: str, span: Span) -> Iterator[tuple[int, int]]:
    start = span.start
    while start <= span.end:
        end = source.find("\n", start, span.end)
        end = span.end if end == -1 else end
        yield start, end
        start = end + 1


def _balance(facts: RouteFacts) -> Iterator[Problem]:
    """Blocks that never end, and ends without a block."""
    open_lines: list[CodeLine] = []
    for line in facts.code:
        text = facts.source[line.span.start : line.span.end]
        if text.startswith("}"):
            if not open_lines:
                yield Problem("unbalanced-block", Span(line.span.start, line.span.start + 1), "closes nothing")
                return
            open_lines.pop()
        if line.kind in _OPENS_BLOCK and text.endswith("{"):
            open_lines.append(line)
    if open_lines:
        yield Problem("unbalanced-block", open_lines[-1].span, "is never closed by a line with `}`")
