"""A page as one JavaScript program: its components, itself, its layouts and the shell.

The program is an expression: a function that takes the kernel and gives `render(data)`. Every character of it knows
where in the user's files it came from.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from koze_lsp.preview.runtime.imports import FileImports, is_component_path, sort_imports, virtual_name
from koze_lsp.preview.runtime.script import Import, Script, Statement, read_script, select_prelude
from koze_lsp.preview.runtime.sfc import split_file
from koze_lsp.preview.runtime.sources import Sources
from koze_lsp.preview.runtime.styles import scope_css
from koze_lsp.preview.template.boundaries import Boundary, cut_boundaries
from koze_lsp.preview.template.compiler import TemplateOptions, compile_template
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.nodes import NodeKind, blank_out, parse_nodes
from koze_lsp.preview.template.references import free_names, template_references
from koze_lsp.preview.template.text import TextOptions, escape_literal
from koze_lsp.preview.template.validate import ExpressionCheck, expression_checks
from koze_lsp.syntax.template_lines import js_trim

__all__ = ["DEFAULT_SHELL", "CompiledPage", "PageFiles", "compile_page"]

DEFAULT_SHELL = """<!DOCTYPE html>
<html lang="en">
<head>
	<meta charset="utf-8" />
	<meta name="viewport" content="width=device-width, initial-scale=1" />
</head>
<body>
	<slot></slot>
</body>
</html>"""
_NOT_NEWLINE = re.compile(r"[^\n]+")
_EXTENSION = re.compile(r"\.(?:koze|kuratchi|html)\Z")
_ACTION_STATE = "const {} = {{ error: undefined, pending: false, success: false }};"
_SLOT = re.compile(r"<slot\s*></slot>|<slot\s*/>")
_PROPS = re.compile(r"\bprops\b", re.ASCII)
_FALLBACKS = {
    "url": "new URL('http://localhost/')",
    "pathname": '"/"',
    "searchParams": "new URLSearchParams()",
    "params": "{}",
    "slug": "undefined",
    "method": '"GET"',
}


class PageFiles(Protocol):
    """Where the compiler reads the application's files; paths are relative to its root, with `/`."""

    def read(self, path: str) -> str | None:
        """The text of a file, or None if there is none."""


@dataclass(frozen=True, slots=True)
class CompiledPage:
    """`code` is the program; `checks` are texts that must be expressions, by file; `modules` holds, by file, a
    module that imports what the file imports and exports it."""

    code: Mapped
    sources: Sources
    checks: tuple[tuple[str, ExpressionCheck], ...]
    modules: dict[str, str]
    files: frozenset[str]


@dataclass(slots=True)
class _Component:
    function: str
    styles: str


@dataclass(slots=True)
class _Compiler:
    files: PageFiles
    strip: Callable[[Mapped, str], Mapped]
    legacy: bool
    sources: Sources = field(default_factory=Sources)
    components: dict[str, _Component] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    functions: list[Mapped] = field(default_factory=list)
    checks: list[tuple[str, ExpressionCheck]] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    # Files

    def load(self, path: str) -> Mapped | None:
        text = self.files.read(path)
        if text is None:
            return None
        self.read.add(path)
        return self.sources.add(path, text)

    def script(self, source: Mapped | None, path: str) -> Script:
        """Read a script; its syntax is checked as a whole, also what will not run."""
        if source is None or not source:
            return read_script(Mapped.made(""))
        self.strip(source, path)
        return read_script(source)

    def check(self, template: Mapped, path: str) -> None:
        self.checks += [(path, check) for check in expression_checks(template, path)]

    # Pages, layouts, the shell

    def page(self, path: str, source: Mapped) -> Mapped:
        """`async function (data) → html` of a route."""
        parts = split_file(source, path)
        script = self.script(parts.script, path)
        self.check(parts.template, path)
        return self._render(path, parts.template, script, "data", live=True)

    def frame(self, path: str, source: Mapped, *, shell: bool) -> Mapped:
        """`async function (data, __content) → html` of a layout or the shell."""
        parts = split_file(source, path, shell=shell)
        script = self.script(parts.script, path)
        self.check(parts.template, path)
        template = parts.template.sub(_SLOT, lambda _match: Mapped.made("{@raw __content}"))
        return self._render(path, template, script, "data, __content", live=False)

    def _render(self, path: str, template: Mapped, script: Script, parameters: str, *, live: bool) -> Mapped:
        imports = sort_imports(script, "route", path, self.is_component(path))
        names = {tag: self.component(spec, path) for tag, spec in imports.components.items()}
        actions = _action_names(template.text, imports)
        statements, needed = self._selected(script, template, actions)
        self._check_queries(template, imports, needed, path)
        cut, boundaries = cut_boundaries(template, script.data_names - actions)
        options = TemplateOptions(
            TextOptions(
                path=path,
                actions=frozenset(actions),
                live=_live_names(script, cut.text) if live else frozenset(),
                script_names=frozenset(script.declared) if live else frozenset(),
                handlers=bool(script.source),
            ),
            {tag: component.function for tag, component in names.items()},
        )
        body = compile_template(cut, options)
        plain = TemplateOptions(TextOptions(path, frozenset(actions), handlers=bool(script.source)), options.components)
        for boundary in boundaries:
            body = _insert_boundary(body, boundary, compile_template(boundary.source, plain))
        styles = "".join(component.styles for component in names.values())
        head = Mapped.made("const __parts = [];")
        if styles:
            literal = escape_literal(Mapped.made(styles))
            parts = [head, Mapped.made("\n__parts.push(`"), literal, Mapped.made("`);"), body[len(head) :]]
            body = Mapped.join(parts)
        return Mapped.join(
            [
                Mapped.made(f"async function ({parameters}) {{"),
                self._imports([item for item in imports.modules if item.local_names & needed], script, path),
                Mapped.made("return await (async () => {"),
                _request(imports),
                Mapped.made("".join(_ACTION_STATE.format(name) for name in sorted(actions))),
                self._prelude(script, statements, needed, path),
                body,
                Mapped.made(_keep(script)),
                Mapped.made("return __html; })(); }"),
            ],
            "\n",
        )

    def _selected(self, script: Script, template: Mapped, actions: set[str]) -> tuple[list[Statement], set[str]]:
        needed = template_references(template.text) | actions
        if not self.legacy:
            return select_prelude(script, needed)
        names = {name for item in script.imports for name in item.local_names}
        return list(script.statements), needed | names

    def _prelude(self, script: Script, statements: list[Statement], needed: set[str], path: str) -> Mapped:
        pieces = [script.source[statement.start : statement.end] for statement in statements]
        derived = [name for name in script.derived if name in needed]
        if derived:
            pieces.insert(0, Mapped.made(f"let {', '.join(script.derived)};"))
        return self.strip(Mapped.join(pieces, "\n"), path) if pieces else Mapped.made("")

    def _imports(self, items: list[Import], script: Script, path: str) -> Mapped:
        """A declaration that takes the imported names from their modules.

        The file's import statements become a module of their own, on their own lines, so that the linker's errors
        name the right place.
        """
        items = [item for item in items if any(not entry.type_only for entry in item.names)]
        builtin = [_builtin(item, script) for item in items if virtual_name(item.module) is not None]
        items = [item for item in items if virtual_name(item.module) is None]
        if not items:
            return Mapped.join(builtin, "\n")
        names = [entry.local for item in items for entry in item.names if not entry.type_only]
        text = script.source.text
        kept: list[str] = []
        cursor = 0
        for item in sorted(items, key=lambda item: item.at):
            kept += [_NOT_NEWLINE.sub("", text[cursor : item.at]), text[item.at : item.end]]
            cursor = item.end
        first = script.source.origin(items[0].at)
        place = self.sources.place(first)
        lines = place.line - 1 - text.count("\n", 0, items[0].at) if place else 0
        code = "\n" * lines + "".join(kept) + f"\nexport {{ {', '.join(names)} }};"
        self.modules[path] = code
        taken = Mapped.made(f"const {{ {', '.join(names)} }} = __k.imports({json.dumps(path)});", first)
        return Mapped.join([*builtin, taken], "\n")

    def _check_queries(self, template: Mapped, imports: FileImports, needed: set[str], path: str) -> None:
        """`{await f()}` makes `f` part of a table at module level: it has to be an import."""
        available = {name for item in imports.modules if item.local_names & needed for name in item.local_names}
        for name, at in _awaited_calls(template):
            if name not in available and not self.legacy:
                raise CompileError(
                    f"{name} is not defined",
                    path=path,
                    offset=at,
                    hint=f"`{{await {name}(…)}}` needs an imported function: call it in the script, "
                    f"or write `{{(await {name}(…))}}`.",
                )

    # Components

    def is_component(self, importer: str) -> Callable[[str], bool]:
        """Which specifiers are components. In the oldest generation they are written without their `.html`."""

        def test(spec: str) -> bool:
            if is_component_path(spec):
                return True
            if not self.legacy or not spec.startswith(("$lib/", ".")):
                return False
            return self.files.read(_resolve_component(spec, importer)[0]) is not None

        return test

    def component(self, spec: str, importer: str) -> _Component:
        """The function for an imported component; compiled once for all its importers."""
        path, key, function = _resolve_component(spec, importer)
        if key in self.components:
            return self.components[key]
        source = self.load(path)
        if source is None:
            self.components[key] = _Component(function, "")
            return self.components[key]
        if path.startswith("src/routes/"):
            message = f'[koze] Cannot import "{spec}" as a component — it lives under src/routes/.'
            raise CompileError(message, path=importer, hint="Move the file out of routes/, for example into src/lib/.")
        known = {component.function for component in self.components.values()}
        while function in known:
            function += "_"
        self.components[key] = _Component(function, "")
        self.open.append(key)
        self.functions.append(self._component_function(path, key, source))
        self.open.pop()
        return self.components[key]

    def _component_function(self, path: str, key: str, source: Mapped) -> Mapped:
        component = self.components[key]
        parts = split_file(source, path)
        script = self.script(parts.script, path)
        self.check(parts.template, path)
        imports = sort_imports(script, "component", path, self.is_component(path))
        _check_props(script, parts.template, path)
        scope = "dz-" + hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:6]
        template, styles = _take_styles(parts.template, scope)
        template = template.sub(_SLOT, lambda _match: Mapped.made('{@raw __koze_propsbag.children || ""}'))
        names = {tag: self.component(spec, path) for tag, spec in imports.components.items()}
        for inner in names.values():
            if inner.styles and inner.styles not in styles:
                styles += inner.styles
        component.styles = styles
        text = TextOptions(path, None, _live_names(script, template.text), frozenset(script.declared))
        body = compile_template(template, TemplateOptions(text, {tag: item.function for tag, item in names.items()}))
        head, tail = len("const __parts = [];"), len("let __html = __parts.join('');")
        wrapped = Mapped.join(
            [
                body[:head],
                Mapped.made(f"""__parts.push('<div class="{scope}" data-k-island-root>');"""),
                body[head:-tail],
                Mapped.made("__parts.push('</div>');"),
                body[-tail:],
            ],
            "\n",
        )
        return Mapped.join(
            [
                Mapped.made(f"function {component.function}(__koze_propsbag, __esc) {{"),
                self._imports(imports.modules, script, path),
                Mapped.made("return (() => {"),
                Mapped.made("".join(f"const {name} = true;" for name in imports.environment)),
                Mapped.made("const props = __k.props(__koze_propsbag);"),
                self._prelude(script, list(script.statements), set(script.derived), path),
                wrapped,
                Mapped.made("return __html; })(); }"),
            ],
            "\n",
        )


def compile_page(
    route: str,
    layouts: list[str],
    shell: str | None,
    files: PageFiles,
    strip: Callable[[Mapped, str], Mapped],
    *,
    legacy: bool = False,
) -> CompiledPage:
    """Compile a route with its layouts (innermost first) and its shell (None: the framework's default).

    `strip(code, path)` removes TypeScript from a piece of script. `legacy`: the oldest generation, whose whole
    script runs.

    Raises:
        CompileError: the framework would refuse one of the files.
    """
    compiler = _Compiler(files, strip, legacy)
    try:
        return _compile(compiler, route, layouts, shell)
    except CompileError as error:
        error.place = compiler.sources.place(error.offset)
        raise


def _compile(compiler: _Compiler, route: str, layouts: list[str], shell: str | None) -> CompiledPage:
    legacy = compiler.legacy
    source = compiler.load(route)
    if source is None:
        raise CompileError(f"There is no route {route}.", path=route)
    page = compiler.page(route, source)
    frames: list[Mapped] = []
    for path in layouts:
        text = compiler.load(path)
        if text is not None:
            frames.append(compiler.frame(path, text, shell=legacy))
    text = compiler.load(shell) if shell else None
    if text is not None and shell:
        frames.append(compiler.frame(shell, text, shell=True))
    elif not legacy:
        default = compiler.sources.add("(default shell)", DEFAULT_SHELL)
        frames.append(compiler.frame("(default shell)", default, shell=True))
    code = Mapped.join(
        [
            Mapped.made(
                "(function (__k) { 'use strict';\n"
                "const { esc: __esc, rawHtml: __rawHtml, sanitizeHtml: __sanitizeHtml } = __k;"
            ),
            *compiler.functions,
            Mapped.join([Mapped.made("const __page = "), page, Mapped.made(";")]),
            Mapped.join([Mapped.made("const __frames = ["), Mapped.join(frames, ",\n"), Mapped.made("];")]),
            Mapped.made(
                "return async (data) => { let html = await __page(data); html = __k.pageDone(html);\n"
                "for (let i = 0; i < __frames.length; i++) html = await __frames[i](data, html);\n"
                "return html; };\n})"
            ),
        ],
        "\n",
    )
    return CompiledPage(code, compiler.sources, tuple(compiler.checks), compiler.modules, frozenset(compiler.read))


# What the files say


def _live_names(script: Script, template: str) -> frozenset[str]:
    """Names whose printed values the browser keeps live: top-level lets that the template reads, and whatever a
    `$:` statement mentions."""
    live = script.lets & template_references(template)
    for effect in script.effects:
        live |= free_names(effect)
    return frozenset(live)


_CALLED = re.compile(r"([A-Za-z_$][\w$]*)\(([\s\S]*)\)\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_EVENT = re.compile(r"on[A-Za-z]+\Z", re.IGNORECASE | re.ASCII)


def _action_names(template: str, imports: FileImports) -> set[str]:
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


def _awaited_calls(template: Mapped) -> list[tuple[str, int]]:
    """(`f`, source offset) for each `{await f(…)}` of the template."""
    if "await" not in template.text:
        return []
    found: list[tuple[str, int]] = []
    for node in parse_nodes(template.text):
        if node.kind is NodeKind.EXPRESSION:
            inner = template[node.start + 1 : node.end - 1].trim()
            match = _AWAITED.match(inner.text)
            if match:
                found.append((match.group(1), inner.origin(match.start(1))))
    return found


def _builtin(item: Import, script: Script) -> Mapped:
    """The declaration for an import of a `koze:` module: no linker is needed for it."""
    names = ", ".join(f"{entry.imported}: {entry.local}" for entry in item.names if not entry.type_only)
    code = f"const {{ {names} }} = __k.builtin({json.dumps(virtual_name(item.module))});"
    return Mapped.made(code, script.source.origin(item.at))


def _request(imports: FileImports) -> Mapped:
    lines = []
    for local, name in imports.request.items():
        lines.append(f"const {local} = data.{name} ?? {_FALLBACKS.get(name, 'undefined')};")
    return Mapped.made("\n".join(lines))


def _keep(script: Script) -> str:
    """Hand the values that the framework serialises into the page to the kernel."""
    if not script.source:
        return ""
    names = [name for name in dict.fromkeys(script.serialised()) if _NAME.match(name)]
    entries = [f"{json.dumps(name)}: {name}" for name in names]
    return f"__k.keep({{ {', '.join([*entries, '__params: data.params ?? {}'])} }});"


def _insert_boundary(body: Mapped, boundary: Boundary, inner: Mapped) -> Mapped:
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


def _resolve_component(spec: str, importer: str) -> tuple[str, str, str]:
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


def _check_props(script: Script, template: Mapped, path: str) -> None:
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


def _take_styles(template: Mapped, scope: str) -> tuple[Mapped, str]:
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
