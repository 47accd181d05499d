"""A text segment as one JavaScript template literal: literal markup, `{expressions}` and attributes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from koze_lsp.preview.template.attributes import (
    BOOLEAN_ATTRIBUTES,
    collapse_static_classes,
    expand_bind_shorthands,
    expand_shorthands,
    rewrite_textareas,
)
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.references import free_names
from koze_lsp.syntax.template_lines import JS_SPACE, JS_SPACE_RANGES, closing_brace, matching

__all__ = ["TextOptions", "compile_text", "escape_literal"]


@dataclass(frozen=True, slots=True)
class TextOptions:
    """What a text segment's compilation depends on.

    `actions`: names of server actions, None in a component, where any name may be one. `live`: names whose
    output the browser keeps up to date; it is wrapped in a `<span>`. `script_names`: what the script declares.
    `lets`: the script's variables, which the browser has itself.
    `handlers`: True in a file with a script, whose event handlers the framework moves into its client bundle.
    """

    path: str = ""
    actions: frozenset[str] | None = frozenset()
    live: frozenset[str] = frozenset()
    script_names: frozenset[str] = frozenset()
    lets: frozenset[str] = frozenset()
    handlers: bool = False


_ESCAPE = re.compile(r"\\|`|\$\{")


def escape_literal(text: Mapped) -> Mapped:
    """Text for the inside of a JavaScript template literal."""
    return text.sub(_ESCAPE, lambda match: Mapped.made("\\" + match.group(), text.at[match.start()]))


def compile_text(line: Mapped, options: TextOptions, *, newline: bool = True) -> Mapped:
    """The template literal for a text segment, back-ticks included; `newline` adds a line end to its value."""
    line = expand_bind_shorthands(line)
    line = rewrite_textareas(line)
    line = collapse_static_classes(line)
    line = expand_shorthands(line)
    out = _Output(line, options)
    cursor = 0
    while (brace := _next_brace(line.text, cursor)) != -1:
        out.append(escape_literal(line[cursor:brace]))
        close = closing_brace(line.text, brace)
        if close == -1:
            raise CompileError(
                "Unclosed template expression.",
                path=options.path,
                offset=line.origin(brace),
                code="KUR_TEMPLATE_UNMATCHED_BRACE",
                hint="Close the expression with `}`; a literal brace is written {'{'}.",
            )
        out.expression(brace, line[brace + 1 : close].trim())
        cursor = close + 1
    out.append(escape_literal(line[cursor:]))
    return Mapped.made("`", line.start) + out.finish() + ("\\n`" if newline else "`")


def _next_brace(text: str, start: int) -> int:
    """The next `{` that is not inside an HTML comment of this segment."""
    while (brace := text.find("{", start)) != -1:
        comment = text.rfind("<!--", 0, brace + 4)
        if comment == -1 or comment <= text.rfind("-->", 0, brace + 3):
            return brace
        end = text.find("-->", brace)
        start = len(text) if end == -1 else end + 3
    return -1


_EVENT = re.compile(r"on[A-Za-z]+\Z", re.IGNORECASE | re.ASCII)
_CALL = re.compile(r"(\w+)\((.*)\)\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_BIND_NAME = re.compile(r"(?:this|[A-Za-z_$][\w$-]*)\Z", re.ASCII)
_CALLEE = re.compile(r"[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)*\Z", re.ASCII)
_ELEMENT = re.compile(r"\$el\b", re.ASCII)


@dataclass(slots=True)
class _Output:
    """The literal as it grows; attributes take back the `name=` that was already written."""

    line: Mapped
    options: TextOptions
    parts: list[Mapped] = field(default_factory=list)
    hidden_input: Mapped | None = None

    def append(self, piece: Mapped) -> None:
        if piece:
            self.parts.append(piece)

    def code(self, before: str, expression: Mapped, after: str) -> None:
        """Append `before`, the user's expression and `after`."""
        at = expression.start
        self.parts.append(Mapped.join([Mapped.made(before, at), expression, Mapped.made(after, at)]))

    def made(self, text: str) -> None:
        self.parts.append(Mapped.made(text))

    def take_back(self, pattern: str) -> None:
        """Remove what matches `pattern` at the end of the literal."""
        whole = Mapped.join(self.parts)
        match = re.search(pattern, whole.text)
        self.parts = [whole if match is None else whole[: match.start()]]

    def finish(self) -> Mapped:
        result = Mapped.join(self.parts)
        end = result.text.rfind(">")
        if self.hidden_input is not None and end != -1:
            result = Mapped.join([result[: end + 1], self.hidden_input, result[end + 1 :]])
        return result

    # What one `{…}` becomes

    def expression(self, brace: int, inner: Mapped) -> None:
        text = inner.text
        if text.startswith("@html "):
            self.code("${__sanitizeHtml(", inner[6:].trim(), ")}")
        elif text.startswith("@raw "):
            self.code("${__rawHtml(", inner[5:].trim(), ")}")
        elif text.startswith("...") and self._in_tag(brace):
            self.take_back(f"[{JS_SPACE_RANGES}]*\\Z")
            self.code("${__k.spread(", inner[3:].trim(), ", __esc)}")
        elif self._in_quoted_attribute(brace):
            self.code("${__esc(", inner, ")}")
        elif brace > 0 and self.line.text[brace - 1] == "=":
            self._attribute(self._attribute_name(brace - 1), inner)
        elif _mentions(text, self.options.live):
            quoted = json.dumps(text)
            self.made(f'<span data-k-text="${{__esc({quoted})}}">')
            self.code("${__esc(", inner, ")}")
            self.made("</span>")
        else:
            self.code("${__esc(", inner, ")}")

    def _in_quoted_attribute(self, brace: int) -> bool:
        text = self.line.text
        quote = max(text.rfind('"', 0, brace), text.rfind("'", 0, brace))
        return quote >= 2 and text[quote - 1] == "=" and _is_attribute_char(text[quote - 2])

    def _in_tag(self, brace: int) -> bool:
        text = self.line.text
        opened = text.rfind("<", 0, brace + 1)
        if self._in_quoted_attribute(brace) or opened == -1 or text.rfind(">", 0, brace + 1) > opened:
            return False
        return not text[opened:brace].rstrip(JS_SPACE).endswith("=")

    def _attribute_name(self, equals: int) -> str:
        text = self.line.text
        start = equals
        while start > 0 and _is_attribute_char(text[start - 1]):
            start -= 1
        return text[start:equals]

    def _attribute(self, name: str, inner: Mapped) -> None:
        lower = name.lower()
        if name.startswith("bind:"):
            self._bind(name, inner)
        elif name == "data-dialog-data":
            self.code('"${__esc(JSON.stringify(', inner, '))}"')
        elif name == "action":
            self._action(inner)
        elif _EVENT.match(name):
            self._event(name, inner)
        elif lower in BOOLEAN_ATTRIBUTES:
            self._drop(name)
            if lower == "hidden":
                self.code("${", inner, f" === 'until-found' ? ' {name}=\"until-found\"' : (")
                self.code("", inner, f" ? ' {name}' : '')}}")
            else:
                self.code("${", inner, f" ? ' {name}' : ''}}")
        else:
            self._drop(name)
            empty = " || __value === ''" if lower == "class" else ""
            value = f"); return __value == null{empty} ? '' : ' {name}=\"' + __esc(__value) + '\"'; }})()}}"
            self.code("${(() => { const __value = (", inner, value)

    def _drop(self, name: str) -> None:
        self.take_back(f"[{JS_SPACE_RANGES}]*{re.escape(name)}=\\Z")

    def _bind(self, name: str, inner: Mapped) -> None:
        target = name[5:]
        if not _BIND_NAME.match(target):
            raise CompileError(f'Unsupported bind target: "{target}".', path=self.options.path, offset=inner.start)
        if target == "this":
            self._drop(name)
            return
        fallback = "undefined" if target not in ("checked", "value") else "''"
        source = Mapped.made(fallback, inner.start) if _ELEMENT.search(inner.text) else inner
        guard = f"; }} catch (_err) {{ return {fallback}; }} }})()"
        if target == "value":
            self.take_back(f"[{JS_SPACE_RANGES}]*{re.escape(name)}=\\Z")
            self.code(' value="${__esc((() => { try { return ', source, f'{guard})}}"')
            return
        self._drop(name)
        if target == "checked" or target.lower() in BOOLEAN_ATTRIBUTES:
            self.code("${(() => { try { return ", source, f"{guard} ? ' {target}' : ''}}")
            return
        self.code("${(() => { const __value = (() => { try { return ", source, guard)
        self.made(f"; return __value == null ? '' : ' {target}=\"' + __esc(__value) + '\"'; }})()}}")

    def _action(self, inner: Mapped) -> None:
        name = inner.text
        actions = self.options.actions
        if not _NAME.match(name) or (actions is not None and name not in actions):
            raise CompileError(
                f'Invalid action expression: "{name}". Use action={{myActionFn}} for server actions.',
                path=self.options.path,
                offset=inner.start,
                end=inner.start + len(name),
                hint="Import the function from a $server module and pass its name.",
            )
        self._drop("action")
        value = name
        if actions is None:
            value = f"${{__esc((typeof {name} === 'string' ? {name} : ({name} && typeof {name} === 'object' && "
            value += f"{name}.__kozeAction) ? {name}.__kozeAction : {name}))}}"
        self.hidden_input = Mapped.made(f'\\n<input type="hidden" name="_action" value="{value}">', inner.start)

    def _event(self, name: str, inner: Mapped) -> None:
        """An event handler: client-only, but its arguments are evaluated while the page is rendered."""
        event = name[2:].lower()
        call = _CALL.match(inner.text)
        if call and self.options.actions and call.group(1) in self.options.actions:
            self._drop(name)
            given = inner[call.start(2) : call.end(2)].trim()
            self.made(f' data-action="{call.group(1)}"')
            self.code(' data-args="${__esc(JSON.stringify([', given, f']))}}" data-action-event="{event}"')
        elif self.options.handlers and (arguments := _call_arguments(inner)) is not None:
            self._drop(name)
            if arguments:
                self.code(f' data-cca-{event}="${{__esc(JSON.stringify([', arguments, ']))}"')
        elif self.options.script_names & free_names(f"({inner.text}\n)"):
            self._drop(name)
        else:
            self._drop(name)
            self.parts.append(Mapped.join([Mapped.made(f' on{event}="'), escape_literal(inner), Mapped.made('"')]))


def _is_attribute_char(char: str) -> bool:
    return char in ":-_" or (char.isascii() and char.isalnum())


def _mentions(expression: str, names: frozenset[str]) -> bool:
    return any(re.search(rf"(?<![A-Za-z0-9_$]){re.escape(name)}(?![A-Za-z0-9_$])", expression) for name in names)


def _call_arguments(inner: Mapped) -> Mapped | None:
    """The arguments of `name(…)` or `a.b(…)`; None if the whole expression is not such a call."""
    opened = inner.text.find("(")
    if opened == -1 or not _CALLEE.match(inner.text[:opened]) or not inner.text.endswith(")"):
        return None
    return None if matching(inner.text, opened, "(", ")") != len(inner) - 1 else inner[opened + 1 : -1].trim()
