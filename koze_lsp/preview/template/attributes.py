"""Rewrites of markup that the framework makes before it looks for expressions.

`<select value={x}>` marks its option, `<textarea value={x}>` gets a body, `{name}` becomes `name={name}`, and so on.
Each function takes and gives a `Mapped` piece of the template.
"""

from __future__ import annotations

import json
import re

from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.syntax.template_lines import JS_SPACE, JS_SPACE_RANGES, closing_brace, tag_end

__all__ = [
    "BOOLEAN_ATTRIBUTES",
    "collapse_static_classes",
    "expand_bind_shorthands",
    "expand_shorthands",
    "rewrite_select_values",
    "rewrite_textareas",
]

_BOOLEAN = """
disabled checked selected readonly required hidden open autofocus autoplay controls default defer formnovalidate
inert ismap itemscope loop multiple muted nomodule novalidate playsinline reversed async
"""
BOOLEAN_ATTRIBUTES = frozenset(_BOOLEAN.split())
"""Attributes that are printed without a value, or not at all, by the truth of their expression."""

_S = f"[{JS_SPACE_RANGES}]"


# One tag's attributes


class _Split:
    """An attribute taken out of a tag's attribute text."""

    __slots__ = ("rest", "value")

    def __init__(self, rest: Mapped, value: Mapped) -> None:
        self.rest = rest
        self.value = value


_NOT_SPACE = re.compile(f"[^{JS_SPACE_RANGES}]+")
_NAME = re.compile(f"[^=/>{JS_SPACE_RANGES}]+")
_SPACES = re.compile(f"{_S}*")


def _skip_spaces(text: str, at: int) -> int:
    match = _SPACES.match(text, at)
    return match.end() if match else at


def _split_attribute(attributes: Mapped, name: str) -> _Split | None:
    """Take the first attribute called `name` (any case) out of `attributes`; None if it has no such value."""
    text = attributes.text
    kept: list[Mapped] = []
    value: Mapped | None = None
    at = 0
    while at < len(text):
        start = at
        at = _skip_spaces(text, at)
        if at >= len(text):
            kept.append(attributes[start:])
            break
        match = _NAME.match(text, at)
        if match is None:
            kept.append(attributes[start : at + 1])
            at += 1
            continue
        at = _skip_spaces(text, match.end())
        if at >= len(text) or text[at] != "=":
            kept.append(attributes[start:at])
            continue
        value_start = _skip_spaces(text, at + 1)
        at = _value_end(text, value_start)
        if value is None and match.group().lower() == name:
            value = _unquote(attributes[value_start:at])
            continue
        kept.append(attributes[start:at])
    return None if value is None else _Split(Mapped.join(kept).trim_end(), value)


def _value_end(text: str, at: int) -> int:
    if at >= len(text):
        return at
    if text[at] in "\"'":
        quote = text[at]
        at += 1
        while at < len(text):
            if text[at] == "\\":
                at += 2
            elif text[at] == quote:
                return at + 1
            else:
                at += 1
        return at
    if text[at] == "{":
        close = closing_brace(text, at)
        return len(text) if close == -1 else close + 1
    match = _NOT_SPACE.match(text, at)
    return match.end() if match else at


def _unquote(value: Mapped) -> Mapped:
    value = value.trim()
    if len(value) >= 2 and value.text[0] in "\"'" and value.text[-1] == value.text[0]:
        return value[1:-1]
    return value


def _as_expression(value: Mapped) -> Mapped:
    """The JavaScript for an attribute value: its braces' inside, or a string literal."""
    value = _unquote(value)
    if value.text.startswith("{") and value.text.endswith("}"):
        return value[1:-1].trim()
    return Mapped.made(json.dumps(value.text), value.start)


# <textarea value={x}>

_TEXTAREA = re.compile(r"<textarea\b", re.IGNORECASE | re.ASCII)
_TEXTAREA_CLOSE = re.compile(f"{_S}*</textarea{_S}*>", re.IGNORECASE)
_SLASH_END = re.compile(f"/{_S}*\\Z")


def rewrite_textareas(line: Mapped) -> Mapped:
    """Move `value=` and `bind:value=` of an empty textarea into its body."""
    if "<textarea" not in line.text.lower():
        return line
    return _rewrite_textareas(_rewrite_textareas(line, bound=True), bound=False)


def _rewrite_textareas(line: Mapped, *, bound: bool) -> Mapped:
    text = line.text
    out: list[Mapped] = []
    cursor = 0
    while match := _TEXTAREA.search(text, cursor):
        start = match.start()
        end = tag_end(text, start + 1)
        if end == -1:
            break
        inner = line[match.end() : end]
        slash = _SLASH_END.search(inner.text)
        close = _TEXTAREA_CLOSE.match(text, end + 1)
        after = end + 1
        if slash is not None:
            inner = inner[: slash.start()]
        elif close is not None:
            after = close.end()
        else:
            out.append(line[cursor : end + 1])
            cursor = end + 1
            continue
        out.append(line[cursor:start])
        out.append(_textarea(line[start:after], inner, bound=bound))
        cursor = after
    return Mapped.join([*out, line[cursor:]])


def _textarea(whole: Mapped, attributes: Mapped, *, bound: bool) -> Mapped:
    split = _split_attribute(attributes, "bind:value" if bound else "value")
    if split is None:
        return whole
    value = split.value
    if bound:
        inner = value[1:-1].trim() if value.text.startswith("{") and value.text.endswith("}") else None
        if not inner:
            return whole
        value = Mapped.made("{", value.start) + inner + "}"
    head = Mapped.made("<textarea", whole.start)
    return Mapped.join([head, split.rest, Mapped.made(">", whole.start), value, Mapped.made("</textarea>")])


# <select value={x}>

_SELECT = re.compile(r"<select\b", re.IGNORECASE | re.ASCII)
_SELECT_CLOSE = re.compile(f"</select{_S}*>", re.IGNORECASE)
_OPTION = re.compile(r"<option\b", re.IGNORECASE | re.ASCII)
_OPTION_CLOSE = re.compile(f"</option{_S}*>", re.IGNORECASE)
_SELECTED = re.compile(f"{_S}selected(?:[={JS_SPACE_RANGES}]|\\Z)", re.IGNORECASE)


def rewrite_select_values(template: Mapped) -> Mapped:
    """Turn `<select value={x}>` into `selected={x === …}` on each of its options."""
    text = template.text
    out: list[Mapped] = []
    cursor = 0
    while match := _SELECT.search(text, cursor):
        start = match.start()
        end = tag_end(text, start + 1)
        if end == -1:
            break
        close = _SELECT_CLOSE.search(text, end + 1)
        split = _split_attribute(template[match.end() : end], "value") if close else None
        if close is None or split is None:
            after = end + 1 if close is None else close.end()
            out.append(template[cursor:after])
            cursor = after
            continue
        selected = _as_expression(split.value)
        body = _select_options(template[end + 1 : close.start()], selected)
        head = Mapped.made("<select", template.at[start])
        out += [template[cursor:start], head, split.rest, Mapped.made(">"), body, Mapped.made("</select>")]
        cursor = close.end()
    return Mapped.join([*out, template[cursor:]]) if out else template


def _select_options(content: Mapped, selected: Mapped) -> Mapped:
    text = content.text
    out: list[Mapped] = []
    cursor = 0
    while match := _OPTION.search(text, cursor):
        start = match.start()
        end = tag_end(text, start + 1)
        if end == -1:
            break
        close = _OPTION_CLOSE.search(text, end + 1)
        if close is None:
            out.append(content[cursor : end + 1])
            cursor = end + 1
            continue
        attributes, body = content[match.end() : end], content[end + 1 : close.start()]
        value = None if _SELECTED.search(attributes.text) else _option_value(attributes, body)
        out.append(content[cursor:start])
        cursor = close.end()
        if value is None:
            out.append(content[start:cursor])
            continue
        condition = Mapped.join([Mapped.made(" selected={"), selected, Mapped.made(" === "), value])
        out += [Mapped.made("<option", content.at[start]), attributes, condition]
        out += [Mapped.made("}>"), body, Mapped.made("</option>")]
    return Mapped.join([*out, content[cursor:]])


def _option_value(attributes: Mapped, body: Mapped) -> Mapped | None:
    split = _split_attribute(attributes, "value")
    if split and (expression := _as_expression(split.value)):
        return expression
    implicit = body.trim()
    if not implicit or "<" in implicit.text or "{" in implicit.text:
        return None
    return Mapped.made(json.dumps(implicit.text), implicit.start)


# class="…", bind:x, {name}

_STATIC_CLASS = re.compile(f"\\bclass{_S}*={_S}*([\"'])([\\s\\S]*?)\\1", re.ASCII)
_BIND_SHORTHAND = re.compile(f"\\bbind:([A-Za-z_$][\\w$-]*)\\b(?!{_S}*=)", re.ASCII)
_TAG_HEAD = re.compile(f"<\\w[\\w-]*{_S}", re.ASCII)
_NAME_IN_BRACES = re.compile(f"\\{{(\\w+)\\}}(?=[/>{JS_SPACE_RANGES}])", re.ASCII)


def collapse_static_classes(line: Mapped) -> Mapped:
    """Squeeze white space in `class="…"` attributes that hold no expression."""
    if "class" not in line.text:
        return line

    def squeeze(match: re.Match[str]) -> Mapped | None:
        if "{" in match.group(2):
            return None
        words = re.sub(f"{_S}+", " ", match.group(2)).strip(" ")
        quote = match.group(1)
        return Mapped.made(f"class={quote}{words}{quote}", line.at[match.start()])

    return line.sub(_STATIC_CLASS, squeeze)


def expand_bind_shorthands(line: Mapped) -> Mapped:
    """`bind:value` → `bind:value={value}`."""
    if "bind:" not in line.text:
        return line

    def expand(match: re.Match[str]) -> Mapped | None:
        name = match.group(1)
        if name == "this":
            return None
        return Mapped.made(f"bind:{name}={{{name.replace('-', '_')}}}", line.at[match.start()])

    return line.sub(_BIND_SHORTHAND, expand)


def expand_shorthands(line: Mapped) -> Mapped:
    """`<p {id}>` → `<p id={id}>`, once a tag: the first candidate that does not follow the tag's name directly,
    else the one that does."""
    text = line.text
    out: list[Mapped] = []
    done = 0
    cursor = 0
    checked_until = -1  # no candidate lies between here and the next ">": nested "<" stay linear
    while head := _TAG_HEAD.search(text, cursor):
        cursor = head.start() + 1
        if head.end() < checked_until:
            close = checked_until
            found = None
        else:
            close = text.find(">", head.end())
            close = len(text) if close == -1 else close
            found = _spaced_candidate(text, head.end(), close)
            if found is None:
                checked_until = close
        found = found or _NAME_IN_BRACES.match(text, head.end())
        if found is None:
            continue
        out += [line[done : found.start()], line[found.start(1) : found.end(1)]]
        out += [Mapped.made("=", line.at[found.start()]), line[found.start() : found.end()]]
        done = cursor = found.end()
        checked_until = -1
    return Mapped.join([*out, line[done:]]) if out else line


def _spaced_candidate(text: str, start: int, close: int) -> re.Match[str] | None:
    """The first `{name}` behind white space that begins at `start` or later, before `close`."""
    for match in _NAME_IN_BRACES.finditer(text, start + 1):
        if match.start() > close:
            return None
        if text[match.start() - 1] in JS_SPACE:
            return match
    return None
