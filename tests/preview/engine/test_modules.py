"""Types are removed, modules are linked as the standard says, positions stay those of the source."""

from __future__ import annotations

from typing import Any

import pytest

from koze_lsp.preview.isolate import Isolate, ScriptError, map_column
from koze_lsp.preview.modules import Builtin, Resolved, Source, Unavailable, Values, link
from koze_lsp.preview.typescript import strip_types

USE = "kernel.api.use = (key, name, ...args) => kernel.parts.namespace(key)[name](...args);"


def load(files: dict[str, str], name: str = "use", *args: Any) -> Any:
    """Calls an export of /main.ts."""

    def resolve(specifier: str, importer: Source) -> Resolved:
        if specifier == "$server/jobs":
            return Values({"known": [1]}, "has no value in the scenario")
        if specifier == "zod":
            return Unavailable("is a package that is not installed")
        path = "/" + specifier.removeprefix("./")
        if path not in files:
            raise ScriptError(f'Cannot find module "{specifier}"')
        return Source(path, files[path], path[1:])

    with Isolate() as isolate:
        link(isolate, Source("/main.ts", files["/main.ts"], "main.ts"), resolve)
        isolate.install(USE)
        return isolate.call("use", "/main.ts", name, *args)


def test_live_bindings_cycles_and_reexports() -> None:
    files = {
        "/main.ts": """
            import twice, { count, bump, type Unused } from './b.ts'; import * as b from './b.ts';
            export * from './c.ts'; export { c1 as renamed } from './c.ts'; export * as all from './c.ts';
            export function hoisted() { return 'main'; }
            bump();
            export const use = () => { const shorthand = { count }; { const count = 'own'; if (count !== 'own') throw 1; }
              return [count, b.count, shorthand.count, twice(4), b.early(), Object.keys(b), typeof bump]; };
        """,
        "/b.ts": """
            import { hoisted } from './main.ts'; export type Unused = string;
            export let count: number = 0; export function bump(): void { [count] = [count + 1]; }
            export default (n: number) => n * 2; export const early = () => hoisted();
        """,
        "/c.ts": "export const c1 = 1; export default 2;",
    }
    assert load(files) == [1, 1, 1, 8, "main", ["bump", "count", "default", "early"], "function"]


def test_top_level_await_and_dynamic_import() -> None:
    files = {
        "/main.ts": "const n = await Promise.resolve(3); export const use = async () => n + (await import('./c.ts')).c;",
        "/c.ts": "export const c = await Promise.resolve(4);",
    }
    assert load(files) == 7


def test_what_is_missing_is_an_error_only_when_used() -> None:
    main = """
        import { known, listJobs } from '$server/jobs'; import zod from 'zod';
        export const use = (n) => n === 0 ? [known, typeof listJobs] : n === 1 ? listJobs() : zod.string();
    """
    assert load({"/main.ts": main}, "use", 0) == [[1], "function"]
    with pytest.raises(ScriptError, match=r"`listJobs` from \$server/jobs has no value in the scenario") as thrown:
        load({"/main.ts": main}, "use", 1)
    assert (thrown.value.file, thrown.value.line) == ("main.ts", 3)
    with pytest.raises(ScriptError, match="the default export of zod is a package that is not installed"):
        load({"/main.ts": main}, "use", 2)


@pytest.mark.parametrize(
    ("code", "message", "line", "column"),
    [
        ("import { nope } from './c.ts';\nnope();", "does not provide an export named 'nope'", 1, 10),
        ("const x: number = ;", "Unexpected token", 1, 19),
        ("let a = 1;\nlet a = 2;", "already been declared", 2, 5),
        ("@sealed class A {}", "decorators are not supported", 1, 1),
        ("\nimport x from './gone.ts'; x;", "Cannot find module", 2, 15),
        ("const f = (a: string, b: number): void => { null!.x; }; f('', 1);", "Cannot read properties of null", 1, 51),
        ("export const a: number = b; const b = 1;", "Cannot access 'b' before initialization", 1, 26),
    ],
)
def test_errors_point_into_the_source(code: str, message: str, line: int, column: int) -> None:
    with pytest.raises(ScriptError, match=message) as thrown:
        load({"/main.ts": code, "/c.ts": "export const c = 1;"})
    assert (thrown.value.file, thrown.value.line, thrown.value.column) == ("main.ts", line, column)


def test_typescript_forms() -> None:
    main = """
        enum Color { Red, Green = 'g' } const enum Size { Big = 5 }
        abstract class Base<T> { declare extra: T; constructor(protected readonly n: number, public label = 'l') {} abstract go(): number; }
        class Sub extends Base<string> { override go(): number { return this.n as any as number; } accessor: string = 'x'; #p = 1; get p() { return this.#p; } }
        function over(a: string): string; function over(a: number): number; function over(a: any) { return <any>a; }
        const typed = { a: 1, b: [1, 2] as const } satisfies Record<string, unknown>; let maybe: { x?: number } | null = { x: 1 };
        export type { Color }; export interface Shape { a: string }
        export const use = async <T,>(x: T) => [Color.Green, Color[0], Size.Big, new Sub(3).go(), new Sub(1).label, over('o'), typed.b[1], maybe!.x, x, new Sub(1).p];
    """
    assert load({"/main.ts": main}, "use", 9) == ["g", "Red", 5, 3, "l", "o", 2, 1, 9, 1]


def test_lines_are_kept_and_columns_mapped() -> None:
    stripped = strip_types("const a: Map<string, number> = new Map();\ninterface X {\n  a: 1;\n}\nconst b = 2;", "x.ts")
    lines = stripped.code.split("\n")
    assert len(lines) == 5
    assert lines[4] == "const b = 2;"
    assert map_column(stripped.columns, 1, lines[0].index("new")) == 31


def test_builtin_modules_of_the_runtime() -> None:
    with Isolate() as isolate:
        from koze_lsp.preview.modules import install_linker

        install_linker(isolate)
        isolate.install("kernel.parts.builtinModules.set('x:y', { __proto__: null, f: () => 5 });" + USE)
        code = "import { f } from 'x:y'; export const use = () => f();"
        link(isolate, Source("/main.ts", code, "main.ts"), lambda specifier, _: Builtin(specifier))
        assert isolate.call("use", "/main.ts", "use") == 5
