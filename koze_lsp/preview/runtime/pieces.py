"""Pieces of a compiled page: what its files say (live names, actions, queries), and the code of single parts."""

from __future__ import annotations

import json
import re

from koze_lsp.preview.runtime.imports import FileImports, virtual_name
from koze_lsp.preview.runtime.script import Import, Script
from koze_lsp.preview.template.boundaries import Boundary
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.nodes import NodeKind, parse_nodes
from koze_lsp.preview.template.references import free_names, template_references
from koze_lsp.syntax.template_lines import closing_brace, js_trim

_FALLBACKS = {
    "url": "new URL('http://localhost/')",
    "pathname": '"/"',
    "searchParams": "new URLSearchParams()",
    "params": "{}",
    "slug": "undefined",
    "method": '"GET"',
}


def live_names(script: Script, template: str) -> frozenset[str]:
    """Names whose printed values the browser keeps live: top-level lets that the template reads, and whatever a
    `$:` statement mentions."""
    live = script.lets & template_references(template)
    for effect in script.effects:
        live |= free_names(effect)
    return frozenset(live)


_CALLED = re.compile(r"([A-Za-z_$][\w$]*)\(([\s\S]*)\)\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_EVENT = re.compile(r"on[A-Za-z]+\Z", re.IGNORECASE | re.ASCII)


def action_names(template: str, imports: FileImports) -> set[str]:
    """Functions of server modules that forms and event handlers name."""
    found: set[str] = set()
    for node in parse_nodes(template):
        for attribute in node.attributes if node.kind is NodeKind.TAG else ():
            value = js_trim(attribute.value or "")
            if not (value.startswith("{") and value.endswith("}")):
                continue
            inner = js_trim(value[1:-1])
            if attribute.name == "action" and _NAME.match(inner):
                found.add(inner)
            elif _EVENT.match(attribute.name) and (call := _CALLED.match(inner)):
                found.add(call.group(1))
    return found & imports.server_names


_AWAITED = re.compile(r"await\s+([A-Za-z_$][\w$]*)\([\s\S]*\)\Z", re.ASCII)


_UNCLOSED = 100
"""After so many braces that nothing closes the rest of a template is not searched."""


def awaited_calls(template: Mapped) -> list[tuple[str, int]]:
    """(`f`, source offset) for each `{await f(…)}` of the template that stands in no other braces: a block's braces
    count, as for the framework, whose search knows nothing of control lines."""
    if "await" not in template.text:
        return []
    text = _spaced_out(template.text)
    found: list[tuple[str, int]] = []
    unclosed = 0
    brace = text.find("{")
    while brace != -1 and unclosed < _UNCLOSED:
        end = closing_brace(text, brace)
        if end == -1:
            unclosed += 1
            end = brace
        else:
            inner = template[brace + 1 : end].trim()
            match = _AWAITED.match(inner.text)
            if match:
                found.append((match.group(1), inner.origin(match.start(1))))
        brace = text.find("{", end + 1)
    return found


def _spaced_out(template: str) -> str:
    """The template with spaces for its comments, scripts and styles."""
    parts: list[str] = []
    cursor = 0
    for node in parse_nodes(template):
        if node.kind in (NodeKind.COMMENT, NodeKind.RAW):
            parts += [template[cursor : node.start], " " * (node.end - node.start)]
            cursor = node.end
    return "".join([*parts, template[cursor:]])


def builtin_code(item: Import, script: Script) -> Mapped:
    """The declaration for an import of a `koze:` module: no linker is needed for it."""
    names = ", ".join(f"{entry.imported}: {entry.local}" for entry in item.names if not entry.type_only)
    code = f"const {{ {names} }} = __k.builtin({json.dumps(virtual_name(item.module))});"
    return Mapped.made(code, script.source.origin(item.at))


def request_code(imports: FileImports) -> Mapped:
    lines = []
    for local, name in imports.request.items():
        lines.append(f"const {local} = data.{name} ?? {_FALLBACKS.get(name, 'undefined')};")
    return Mapped.made("\n".join(lines))


def keep_code(script: Script) -> str:
    """Hand the values that the framework serialises into the page to the kernel."""
    if not script.source:
        return ""
    names = [name for name in dict.fromkeys(script.serialised()) if _NAME.match(name)]
    entries = [f"{json.dumps(name)}: {name}" for name in names]
    return f"__k.keep({{ {', '.join([*entries, '__params: data.params ?? {}'])} }});"


def insert_boundary(body: Mapped, boundary: Boundary, inner: Mapped) -> Mapped:
    """Replace a streamed chain's marker: print its pending state, register its promise."""
    names = boundary.names
    at = boundary.source.start
    raw = "".join(f"const __boundary_raw_{name} = {name};" for name in names)
    wrapped = ", ".join(f"__k.settled(__boundary_raw_{name})" for name in names)
    pending = "".join(f"{name} = __boundary_pending;" for name in names)
    parameters = ", ".join(names)
    before = f"`);\n{{ const __boundary_render = ({parameters}) => {{ "
    after = (
        f"; return __html; }}; {raw}\nconst __boundary_id = __k.nextBoundaryId({json.dumps('-'.join(names))});\n"
        f"const __boundary_pending = __k.registerBoundary(__boundary_id, Promise.all([{wrapped}]), "
        f"(values) => __boundary_render(...values));\n{pending}\n"
        f"__parts.push(__k.boundaryPlaceholder(__boundary_id, "
        f"__boundary_render({', '.join('__boundary_pending' for _ in names)}))); }}\n__parts.push(`"
    )
    index = body.text.find(boundary.marker)
    if index == -1:
        return body
    parts = [body[:index], Mapped.made(before, at), inner, Mapped.made(after, at)]
    return Mapped.join([*parts, body[index + len(boundary.marker) :]])
