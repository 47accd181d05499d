"""Component tags: their opening tag and the JavaScript for their props."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.syntax.template_lines import JS_SPACE_RANGES, closing_brace, component_head, tag_end

__all__ = ["ComponentTag", "join_lines", "parse_component", "props_object"]

_S = f"[{JS_SPACE_RANGES}]"
_PROP_NAME = re.compile(r"[\w:-]+", re.ASCII)
_BARE = re.compile(f"[^{JS_SPACE_RANGES}]+")
_SPACES = re.compile(f"{_S}*")


@dataclass(frozen=True, slots=True)
class ComponentTag:
    """`<Name attributes>` with, on one line, the children between it and `</Name>` (None: no closing tag here)."""

    name: str
    attributes: Mapped
    self_closing: bool
    children: Mapped | None


def join_lines(lines: Mapped) -> Mapped:
    """The lines of a tag's head, trimmed and joined by single spaces, as the framework reads them."""
    parts: list[Mapped] = []
    start = 0
    for line in lines.text.split("\n"):
        parts.append(lines[start : start + len(line)].trim())
        start += len(line) + 1
    return Mapped.join(parts, " ")


def parse_component(line: Mapped) -> ComponentTag | None:
    """The component tag that the whole (joined) line is, or None."""
    name = component_head(line.text)
    end = tag_end(line.text, 1) if name else -1
    if end == -1:
        return None
    inner = line[1:end].trim()
    self_closing = inner.text.endswith("/")
    attributes = inner[len(name) : len(inner) - 1 if self_closing else len(inner)].trim()
    rest = line[end + 1 :]
    if self_closing:
        return None if rest.trim() else ComponentTag(name, attributes, True, None)
    close = re.search(f"</{name}>{_S}*\\Z", rest.text)
    if close is None:
        return None if rest.trim() else ComponentTag(name, attributes, False, None)
    return ComponentTag(name, attributes, False, rest[: close.start()])


def props_object(attributes: Mapped, actions: frozenset[str] | None) -> Mapped:
    """The inside of the object literal for a component's props.

    `actions` are the names of server actions: such a prop gets the action's state instead of the function.
    """
    text = attributes.text
    props: list[Mapped] = []
    at = 0
    while (at := _space_end(text, at)) < len(text):
        if text[at] == "{":
            close = closing_brace(text, at)
            inner = attributes[at + 1 : close].trim() if close != -1 else Mapped.made("")
            if inner.text.startswith("..."):
                props.append(Mapped.made("...(", inner.start) + inner[3:].trim() + ")")
                at = close + 1
                continue
        match = _PROP_NAME.match(text, at)
        if match is None:
            at += 1
            continue
        at = _add_prop(props, attributes, match, actions)
    return Mapped.join(props, ", ")


def _space_end(text: str, at: int) -> int:
    match = _SPACES.match(text, at)
    return match.end() if match else at


def _add_prop(props: list[Mapped], attributes: Mapped, name: re.Match[str], actions: frozenset[str] | None) -> int:
    """Append the prop whose name matched; the offset behind it."""
    text = attributes.text
    raw = name.group()
    key = _key(raw, attributes.at[name.start()])
    binding = raw[5:] if raw.startswith("bind:") else ""
    at = _space_end(text, name.end())
    after = _space_end(text, at + 1)
    if at >= len(text) or text[at] != "=" or after >= len(text):
        if raw.startswith("bind:"):
            if binding and binding != "this":
                local = binding.replace("-", "_")
                props.append(Mapped.made(f'{local}: {local}, bind_{local}: "{local}"', attributes.at[name.start()]))
        else:
            props.append(key + "true")
        return at if at >= len(text) or text[at] != "=" else after
    if text[after] in "\"'":
        end = _quote_end(text, after)
        props.append(key + _quoted(attributes[after + 1 : end]))
        return end + 1
    if text[after] == "{":
        close = closing_brace(text, after)
        close = len(text) if close == -1 else close
        props.append(_braced(raw, key, attributes[after + 1 : close].trim(), actions))
        return close + 1
    bare = _BARE.match(text, after)
    end = bare.end() if bare else after
    props.append(key + Mapped.made(json.dumps(text[after:end]), attributes.at[after]))
    return end


def _key(raw: str, at: int) -> Mapped:
    return Mapped.made(re.sub("[:-]", "_", raw) + ": ", at)


def _braced(raw: str, key: Mapped, inner: Mapped, actions: frozenset[str] | None) -> Mapped:
    if raw == "bind:this":
        return Mapped.made(f"bind_this: {json.dumps(inner.text)}", inner.start)
    if raw.startswith("bind:"):
        local = raw[5:].replace("-", "_")
        value = Mapped.made(f"{local}: (", inner.start) + inner
        return value + f"), bind_{local}: {json.dumps(inner.text)}"
    if actions is not None and inner.text in actions:
        name = inner.text
        state = f"error: ({name})?.error, pending: ({name})?.pending, success: ({name})?.success"
        return key + Mapped.made(f"{{ __kozeAction: {json.dumps(name)}, {state} }}", inner.start)
    return key + "(" + inner + ")"


def _quote_end(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return min(at, len(text))


def _quoted(value: Mapped) -> Mapped:
    """`x {e} y` as a concatenation; a lone `{e}` keeps its type; broken braces stay text."""
    text = value.text
    literal = Mapped.made(json.dumps(text), value.start)
    parts: list[Mapped] = []
    cursor = 0
    expressions = 0
    while (brace := text.find("{", cursor)) != -1:
        close = closing_brace(text, brace)
        inner = value[brace + 1 : close].trim() if close != -1 else Mapped.made("")
        if not inner:
            return literal
        if brace > cursor:
            parts.append(Mapped.made(json.dumps(text[cursor:brace]), value.at[cursor]))
        parts.append(Mapped.made("(", inner.start) + inner + ")")
        expressions += 1
        cursor = close + 1
    if not expressions:
        return literal
    if cursor < len(text):
        parts.append(Mapped.made(json.dumps(text[cursor:]), value.at[cursor]))
    return Mapped.join(parts, " + ")
