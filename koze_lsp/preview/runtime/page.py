"""A page as one JavaScript program: its components, itself, its layouts and the shell.

The program is an expression: a function that takes the kernel and gives `render(data)`. Every character of it knows
where in the user's files it came from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Protocol

from koze_lsp.preview.isolate import Isolate
from koze_lsp.preview.runtime.checking import first_refusal
from koze_lsp.preview.runtime.components import check_props, resolve_component, take_styles
from koze_lsp.preview.runtime.imports import FileImports, is_component_path, sort_imports, virtual_name
from koze_lsp.preview.runtime.pieces import (
    action_names,
    awaited_calls,
    builtin_code,
    insert_boundary,
    keep_code,
    live_names,
    request_code,
)
from koze_lsp.preview.runtime.script import Import, Script, Statement, read_script, select_prelude
from koze_lsp.preview.runtime.sfc import RouteFile, split_file
from koze_lsp.preview.runtime.sources import Sources
from koze_lsp.preview.template.boundaries import cut_boundaries
from koze_lsp.preview.template.compiler import TemplateOptions, compile_template
from koze_lsp.preview.template.errors import CompileError
from koze_lsp.preview.template.mapped import Mapped
from koze_lsp.preview.template.references import template_references
from koze_lsp.preview.template.text import TextOptions, escape_literal
from koze_lsp.preview.template.validate import ExpressionCheck, expression_checks

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
_ACTION_STATE = "const {} = {{ error: undefined, pending: false, success: false }};"
_SLOT = re.compile(r"<slot\s*></slot>|<slot\s*/>")


class PageFiles(Protocol):
    """Where the compiler reads the application's files; paths are relative to its root, with `/`."""

    def read(self, path: str) -> str | None:
        """The text of a file, or None if there is none."""


@dataclass(frozen=True, slots=True)
class CompiledPage:
    """`code` is the program; `checks` are texts that must be expressions, by file; `templates` are the
    templates, each with its file and the tags of its components; `modules` holds, by file, a module that imports what
    the file imports and exports it."""

    code: Mapped
    sources: Sources
    checks: tuple[tuple[str, ExpressionCheck], ...]
    templates: tuple[tuple[Mapped, str, frozenset[str]], ...]
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
    templates: list[tuple[Mapped, str, frozenset[str]]] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    # Files

    def load(self, path: str) -> Mapped | None:
        text = self.files.read(path)
        if text is None:
            return None
        self.read.add(path)
        return self.sources.add(path, text)

    def script(self, parts: RouteFile, path: str) -> Script:
        """Read a script; its syntax is checked as a whole, also what will not run."""
        if not parts.script:
            return read_script(Mapped.made(""))
        self.strip(parts.element, path)
        return read_script(parts.script)

    def check(self, template: Mapped, path: str) -> None:
        for check in expression_checks(template, path):  # what is found before a refusal is kept
            self.checks.append((path, check))

    # Pages, layouts, the shell

    def page(self, path: str, source: Mapped) -> Mapped:
        """`async function (data) → html` of a route."""
        parts = split_file(source, path)
        script = self.script(parts, path)
        self.check(parts.template, path)
        return self._render(path, parts.template, script, "data", live=True)

    def frame(self, path: str, source: Mapped, *, shell: bool) -> Mapped:
        """`async function (data, __content) → html` of a layout or the shell."""
        parts = split_file(source, path, shell=shell)
        script = self.script(parts, path)
        self.check(parts.template, path)
        template = parts.template.sub(_SLOT, lambda _match: Mapped.made("{@raw __content}"))
        return self._render(path, template, script, "data, __content", live=False)

    def _render(self, path: str, template: Mapped, script: Script, parameters: str, *, live: bool) -> Mapped:
        imports = sort_imports(script, "route", path, self.is_component(path))
        names = {tag: self.component(spec, path) for tag, spec in imports.components.items()}
        actions = action_names(template.text, imports)
        statements, needed = self._selected(script, template, actions)
        if live:
            self._check_queries(template, imports, needed, path)
        cut, boundaries = cut_boundaries(template, script.data_names - actions)
        options = TemplateOptions(
            TextOptions(
                path=path,
                actions=frozenset(actions),
                live=live_names(script, cut.text) if live else frozenset(),
                script_names=frozenset(script.declared) if live else frozenset(),
                lets=frozenset(script.lets),
                handlers=bool(script.source),
            ),
            {tag: component.function for tag, component in names.items()},
        )
        self.templates.append((template, path, frozenset(names)))
        body = compile_template(cut, options)
        plain = TemplateOptions(TextOptions(path, frozenset(actions), handlers=bool(script.source)), options.components)
        for boundary in boundaries:
            body = insert_boundary(body, boundary, compile_template(boundary.source, plain))
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
                request_code(imports),
                Mapped.made("".join(_ACTION_STATE.format(name) for name in sorted(actions))),
                self._prelude(script, statements, needed, path),
                body,
                Mapped.made(keep_code(script)),
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
        builtin = [builtin_code(item, script) for item in items if virtual_name(item.module) is not None]
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
        for name, at in awaited_calls(template):
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
            return self.files.read(resolve_component(spec, importer)[0]) is not None

        return test

    def component(self, spec: str, importer: str) -> _Component:
        """The function for an imported component; compiled once for all its importers."""
        path, key, function = resolve_component(spec, importer)
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
        script = self.script(parts, path)
        self.check(parts.template, path)
        imports = sort_imports(script, "component", path, self.is_component(path))
        check_props(script, parts.template, path)
        scope = "dz-" + hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:6]
        template, styles = take_styles(parts.template, scope)
        template = template.sub(_SLOT, lambda _match: Mapped.made('{@raw __koze_propsbag.children || ""}'))
        names = {tag: self.component(spec, path) for tag, spec in imports.components.items()}
        for inner in names.values():
            if inner.styles and inner.styles not in styles:
                styles += inner.styles
        component.styles = styles
        lets = frozenset(script.lets)
        text = TextOptions(path, None, live_names(script, template.text), frozenset(script.declared), lets)
        self.templates.append((template, path, frozenset(names)))
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
        earlier = _broken_expression(compiler)
        if earlier is not None:
            raise earlier from None
        raise


def _broken_expression(compiler: _Compiler) -> CompileError | None:
    """The first expression, of those read so far, that is none."""
    with ExitStack() as stack:
        return first_refusal(compiler.checks, compiler.sources, lambda: stack.enter_context(Isolate()))


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
    return CompiledPage(
        code,
        compiler.sources,
        tuple(compiler.checks),
        tuple(compiler.templates),
        compiler.modules,
        frozenset(compiler.read),
    )
