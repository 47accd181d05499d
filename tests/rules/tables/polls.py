"""The options of a call: poll, until, and what is none."""

from __future__ import annotations

from tests.rules.rows import CALL, Rows, W, options, page


def intervals(*values: str) -> tuple[str, ...]:
    return tuple(options(f"{{ poll: {value} }}") for value in values)


def untils(*values: str) -> tuple[str, ...]:
    return tuple(options(f"{{ poll: '2s', {value} }}") for value in values)


def constant(declared: str, given: str) -> str:
    return page(f"{declared}\nconst status = await {W}, {given});")


ALL_ENDS = "s.status === 'complete' || s.status === 'errored' || s.status === 'terminated'"

ROWS = {
    "invalid-poll": Rows(
        speaks=(
            *intervals("'«2 s»'", '"«1h»"', "`«fast»`", "'«2s »'", "'«-1s»'", "'«.5s»'", "'«1_000»'", "'«２s»'", "'«2s\\n»'"),
            *intervals("«-500»", "«Infinity»", "«true»", "«{}»"),
            options("{ 'poll': '«2 s»' }"),
            options("{ ...more, poll: '«2 s»' }"),
            options("{ poll: '2s', poll: '«x»' }"),
            options("/* o */ { /* every */ poll: /* x */ '«2 s»' }"),
            constant("const every = '«2 s»';", "{ poll: every }"),
            constant("const poll = '«2 s»';", "{ poll }"),
            constant("const options = { poll: '«2 s»' } as const;", "options"),
            page("const all = await Promise.all(ids.map(async (id) => workflowStatus('migration', id, { poll: '«1 m»' })));", "<p>{all.length}</p>"),
        ),
        quiet=(
            *intervals("'2s'", "'1.5S'", "2000", "1_000", "0x7d0", "every", "`${n}s`", "'00500ms'", "'1m'", "2 * 1000", "slow ? '9 s' : '2s'"),
            options("{ poll: '2 s', ...more }"),
            options("{ get poll() { return '2 s' } }"),
            page(f"const other = {{ poll: '2 s' }};\n{CALL}", "<p>{other.poll}{status.status}</p>"),
        ),
        fixed=(
            (options("{ poll: '2 s' }"), options("{ poll: '2s' }")),
            (options('{ poll: "1h" }'), options('{ poll: "60m" }')),
            (options("{ poll: -500 }"), options("{ poll: '500ms' }")),
            (options("{ poll: 'fast' }"), options("{ poll: '2s' }")),
            (constant("const every = `2 s`;", "{ poll: every }"), constant("const every = `2s`;", "{ poll: every }")),
        ),
    ),
    "poll-unit": Rows(
        speaks=(
            *intervals("'«500»'", '"«2»"', "'«1.5»'", "'«007»'"),
            constant("const every = `«500»`;", "{ poll: every }"),
        ),
        quiet=intervals("500", "'500ms'", "n + '500'", "'' + 5", "'0.5s'"),
        fixed=(
            (options("{ poll: '500' }"), options("{ poll: '500ms' }")),
            (options('{ poll: "2" }'), options("{ poll: 2000 }").replace("2000", '"2s"')),
        ),
    ),
    "poll-disabled": Rows(
        speaks=(
            *intervals("«0»", "«-0»", "«''»", "«null»", "«false»", "«undefined»", "«NaN»"),
            constant("const every = «0»;", "{ poll: every }"),
        ),
        quiet=intervals("'0.5s'", "off", "'2s'", "done ? 0 : '2s'", "dev && '2s'"),
        fixed=(
            (options("{ poll: 0 }"), page(f"const status = await {W});")),
            (options("{ ...more, poll: '' }"), options("{ ...more }")),
            (options("{\n  ...more,\n  poll: null,\n}"), options("{\n  ...more,\n}")),
        ),
    ),
    "poll-too-fast": Rows(
        speaks=intervals("«1»", "'«0s»'", "'«100ms»'", "'«0.1s»'", "«249»", "«0.5»"),
        quiet=intervals("250", "'250ms'", "'0.25s'", "fast"),
        fixed=((options("{ poll: 1 }"), options("{ poll: '1s' }")), (options('{ poll: "0s" }'), options('{ poll: "1s" }'))),
    ),
    "until-without-poll": Rows(
        speaks=(
            options("{ «until»: (s) => over(s) }"),
            options("{ «until»: isOver }"),
            options("{ «until»(s) { return over(s) } }"),
            constant("const options = { «until»: (s) => over(s) };", "options"),
            constant("const until = (s) => over(s);", "{ «until» }"),
            options("{ poll: 0, «until»: isOver }"),
        ),
        quiet=(
            *untils("until: (s) => over(s)"),
            options("{ poll, until: isOver }"),
            options("{ until: (s) => over(s), ...more }"),
            options("opts"),
            options("{ [key]: 1, until: over }"),
            options("{ until: undefined }"),
        ),
        fixed=((options("{ until: isOver }"), options("{ poll: '2s', until: isOver }")),),
        also=("poll-disabled",),
    ),
    "until-async": Rows(
        speaks=(
            *untils("until: «async» (s) => over(s)", "until: «async» function (s) { return over(s) }", "«async» until(s) { return over(s) }", "until: «async» s => await over(s)"),
            constant("const until = «async» (s) => over(s);", "{ poll: '2s', until }"),
            constant("«async» function until(s) { return over(s) }", "{ poll: '2s', until }"),
        ),
        quiet=(
            *untils("until: (s) => over(s)", "until: over", "until: function (s) { return over(s) }", "until: async (s) => over(s), ...more"),
            options("{ until: async (s) => over(s) }"),
            options("{ poll: 0, until: async (s) => over(s) }"),
        ),
        fixed=(
            (untils("until: async (s) => over(s)")[0], untils("until: (s) => over(s)")[0]),
            (untils("async until(s) { return over(s) }")[0], untils("until(s) { return over(s) }")[0]),
            (constant("const until = async (s) => over(s);", "{ poll: '2s', until }"), constant("const until = (s) => over(s);", "{ poll: '2s', until }")),
        ),
    ),
    "until-no-value": Rows(
        speaks=untils(
            "«until»: (s) => { over(s) }",
            "«until»: (s) => {}",
            "«until»: function (s) { return; }",
            "«until»(s) { if (s.x) return; }",
            "«until»: (s) => { [1].some((x) => { return x }) }",
            "«until»: (s) => { function* all() { return s } all() }",
        ),
        quiet=(
            *untils(
                "until: (s) => { return over(s) }",
                "until: (s) => over(s)",
                "until: (s) => ({ x: 1 })",
                "until: (s) => { throw new Error(s) }",
                "until: (s) => { if (s.x) { return true } }",
                "until: (s) => { switch (s.status) { case 'complete': return true } }",
            ),
            options("{ poll: 0, until: (s) => { over(s) } }"),
        ),
    ),
    "until-never-fails": Rows(
        speaks=untils(
            "«until»: (s) => s.status === 'complete'",
            "«until»: (s) => 'complete' === s?.status",
            "«until»: (s) => { return s.status === 'complete'; }",
            "«until»: (s) => ['complete', 'errored'].includes(s.status)",
            "«until»: (s) => s.status === 'complete' && s.output.ok",
        ),
        quiet=(
            *untils(
                "until: (s) => s.status !== 'running'",
                "until: (s) => !['running', 'queued'].includes(s.status)",
                "until: (s) => over(s)",
                "until: (s) => ENDS.has(s.status)",
                "until: (s) => s.output != null",
                "until: (s) => s.status === 'complete' || s.error",
                f"until: (s) => {ALL_ENDS}",
            ),
            options("{ poll: false, until: (s) => s.status === 'complete' }"),
        ),
        fixed=(
            (untils("until: (s) => s.status === 'complete'")[0], untils(f"until: (s) => {ALL_ENDS}")[0]),
            (untils("until: (s) => ['complete', 'errored'].includes(s.status)")[0], untils("until: (s) => ['complete', 'errored'].includes(s.status) || s.status === 'terminated'")[0]),
        ),
    ),
    "unknown-option": Rows(
        speaks=(
            options("{ «pol»: '2s' }"),
            options("{ «Poll»: '2s' }"),
            options("{ poll: '2s', «timeout»: 3 }"),
            options("{ «interval»: 2000 }"),
            options("{ «'interval'»: 2000 }"),
            options("{ poll: '2s', «onUpdate»() {} }"),
            constant("const pol = '2s';", "{ «pol» }"),
            constant("const options = { poll: '2s', «timeout»: 3 };", "options"),
        ),
        quiet=(
            options("{ poll: '2s' }"),
            options("{ ...opts }"),
            options("{ 'poll': '2s' }"),
            options("{ [key]: 1 }"),
            options("opts"),
            page(f"const other = {{ timeout: 3 }};\n{CALL}", "<p>{other.timeout}{status.status}</p>"),
        ),
        fixed=(
            (options("{ pol: '2s' }"), options("{ poll: '2s' }")),
            (options("{ interval: 2000 }"), options("{ poll: 2000 }")),
            (constant("const pol = '2s';", "{ pol }"), constant("const pol = '2s';", "{ poll: pol }")),
        ),
    ),
}  # fmt: skip
