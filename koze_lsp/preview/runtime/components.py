"""What concerns the components of a page: where they are, their styles, and the rule about their `props`."""

from __future__ import annotations

import posixpath
import re

from koze_lsp.preview.runtime.script import Script
from koze_lsp.preview.runtime.styles import scope_css
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.nodes import NodeKind, blank_out, parse_nodes

_EXTENSION = re.compile(r"\.(?:koze|kuratchi|html)\Z")
_PROPS = re.compile(r"\bprops\b", re.ASCII)


def resolve_component(spec: str, importer: str) -> tuple[str, str, str]:
    """(path, the framework's key for it, function name) of an imported component."""
    stem = _EXTENSION.sub("", spec)
    if stem == spec:
        spec += ".html"
    if spec.startswith("$lib/"):
        key = stem.removeprefix("$lib/")
        return f"src/lib/{spec.removeprefix('$lib/')}", key, "__c_" + re.sub(r"\W", "_", key, flags=re.ASCII)
    if spec.startswith("."):
        path = posixpath.normpath(posixpath.join(posixpath.dirname(importer), spec))
        name = re.sub(r"\W", "_", posixpath.basename(stem), flags=re.ASCII)
        return path, f"__rel__:{_EXTENSION.sub('', path)}", f"__c_rel_{name}"
    parts = stem.split("/")
    size = 2 if stem.startswith("@") else 1
    package, inner = "/".join(parts[:size]), "/".join(parts[size:])
    path = f"node_modules/{package}/src/lib/{inner}{spec[len(stem) :]}"
    return path, f"{package}:{inner}", "__c_" + re.sub(r"\W", "_", inner, flags=re.ASCII)


_COMMENTS_AND_STRINGS = re.compile(r"/\*[\s\S]*?\*/|//[^\n]*|`(?:\\.|[^`\\])*`|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")


def check_props(script: Script, template: Mapped, path: str) -> None:
    """A component that uses `props` has to import it, under that name."""
    imported = False
    for item in script.imports:
        if item.module not in ("koze:component", "kuratchi:component"):
            continue
        imported = True
        for entry in item.names:
            if entry.imported == "props" and entry.local != "props":
                raise CompileError(
                    f"[koze] In {path}: `import {{ props as {entry.local} }} from 'koze:component'` is not allowed. "
                    "The convention is to import `props` literally so every component in the codebase uses the "
                    "same name.",
                    path=path,
                    offset=script.source.origin(entry.at),
                    hint="Import `props` under its own name.",
                )
    if imported:
        return
    for text in (script.source, template):
        match = _PROPS.search(_COMMENTS_AND_STRINGS.sub(lambda found: " " * len(found.group()), text.text))
        if match:
            raise CompileError(
                f'[koze] Component "{path}" references `props` but does not import it.',
                path=path,
                offset=text.origin(match.start()),
                hint="Add `import { props } from 'koze:component';` to its script.",
            )


def take_styles(template: Mapped, scope: str) -> tuple[Mapped, str]:
    """The component's template without its styles, and the styles, scoped."""
    nodes = [node for node in parse_nodes(template.text) if node.kind is NodeKind.RAW and node.name == "style"]
    if not nodes:
        return template, ""
    sheets = [scope_css(template.text[slice(*node.content)].strip(), scope) for node in nodes]
    styles = "".join(f"<style>{sheet}</style>" for sheet in sheets)
    parts: list[Mapped] = []
    cursor = 0
    for node in nodes:
        lines = blank_out(template.text[node.start : node.end], [], ())
        parts += [template[cursor : node.start], Mapped.made("\n" * lines.count("\n"))]
        cursor = node.end
    return Mapped.join([*parts, template[cursor:]]).trim(), styles
