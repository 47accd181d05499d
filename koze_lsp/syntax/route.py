"""A route, layout or component: one script block, then a template.

The file is also read as *one TypeScript text of the same length*, the overlay: the script's content stays,
template code lines stay, every ``{expression}`` becomes ``;expression;`` and all markup turns into blanks.
Script and template thus share one syntax tree and one set of scopes, loops in the template scope their
names as they do at run time, and every offset in the tree is an offset in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from koze_lsp.syntax import markup
from koze_lsp.syntax.fragments import Fragments
from koze_lsp.syntax.script import ScriptFacts, analyse
from koze_lsp.syntax.template_lines import JS_SPACE
from koze_lsp.syntax.template_pieces import CodeLine, Pieces, Problem, blanked
from koze_lsp.syntax.tree import SyntaxTree
from koze_lsp.syntax.tree import parse as parse_typescript
from koze_lsp.text import Span

__all__ = ["CodeLine", "Problem", "RouteFacts", "ScriptBlock", "parse"]

_SCRIPT_OPEN = re.compile(r"<script(?=[\s>/])", re.IGNORECASE)
_SCRIPT_CLOSE = re.compile(r"</script", re.IGNORECASE)
_BEFORE_SCRIPT = re.compile(r"(?:\s|<!--[\s\S]*?-->|<!doctype[^>]*>)*", re.IGNORECASE)
_HIDDEN = re.compile(r"<!--[\s\S]*?(?:-->|\Z)|<style\b[\s\S]*?(?:</style\s*>|\Z)|<script(?=[\s>/])", re.IGNORECASE)
_COMPONENT_IMPORT = re.compile(r"\bimport\s+([A-Z]\w*)\s*(?:,|from\b)")


@dataclass(frozen=True, slots=True)
class ScriptBlock:
    """The script block: ``tag`` is its opening tag, ``content`` what is between the tags."""

    tag: Span
    content: Span
    close: Span


class RouteFacts:
    """What one route file says. Expressions, tags and code lines are in source order. Made by `parse`."""

    def __init__(self, source: str, previous: RouteFacts | None = None) -> None:
        self.source = source
        self.script, template_start, self._split_problems = _split(source)
        self.template = _trim(source, template_start)
        self.components: frozenset[str] = frozenset()
        if self.script is not None:
            content = self.script.content
            self.components = frozenset(_COMPONENT_IMPORT.findall(source, content.start, content.end))
        self._pieces: Pieces = Pieces(source, self.template, self.components, previous._pieces if previous else None)
        self._fragments: Fragments | None = Fragments(previous._fragments) if previous else None
        self._previous: SyntaxTree | None = previous.__dict__.get("tree") if previous else None

    @cached_property
    def problems(self) -> list[Problem]:
        """What is wrong with the file's shape."""
        return [*self._split_problems, *self._pieces.problems()]

    @cached_property
    def expressions(self) -> list[markup.Expression]:
        """What stands in braces in the template."""
        return self._pieces.expressions()

    @cached_property
    def tags(self) -> list[markup.Tag]:
        """The opening and closing tags of the template."""
        return self._pieces.tags()

    @cached_property
    def component_tags(self) -> list[markup.Tag]:
        """Those of the tags that are PascalCase."""
        return self._pieces.component_tags()

    @property
    def expressions_closed(self) -> bool:
        """Whether every expression ends."""
        return self._pieces.all_closed()

    @cached_property
    def code(self) -> list[CodeLine]:
        """The lines of the template that are code."""
        return self._pieces.code()

    @cached_property
    def overlay(self) -> str:
        """Script and template as one TypeScript text of the file's length."""
        source, (start, end) = self.source, self.template
        script = self.script.content if self.script is not None else Span(0, 0)
        return "".join(
            [
                blanked(source[: script.start]),
                source[script.start : script.end],
                blanked(source[script.end : start]),
                self._pieces.overlay,
                blanked(source[end:]),
            ]
        )

    @cached_property
    def tree(self) -> SyntaxTree:
        """The overlay's syntax tree."""
        tree = parse_typescript(self.overlay, self._previous)
        self._previous = None
        return tree

    @cached_property
    def script_facts(self) -> ScriptFacts:
        """Imports, names and calls of script and template together."""
        return analyse(self.tree, self.script.content if self.script else None, self.template, self._fragments)

    def in_script(self, offset: int) -> bool:
        """Whether an offset lies in the script's content."""
        return self.script is not None and self.script.content.contains(offset)


def parse(source: str, previous: RouteFacts | None = None) -> RouteFacts:
    """The facts of a file with a template; what an earlier version has read already is not read again. Never raises."""
    return RouteFacts(source, previous)


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
    trimmed = text.strip(JS_SPACE)
    if not trimmed:
        return Span(len(source), len(source))
    lead = len(text) - len(text.lstrip(JS_SPACE))
    return Span(start + lead, start + lead + len(trimmed))
