"""The shape of a route, where it breaks a page that reads a status."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.document import TEMPLATE_KINDS, Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.rules.base import Diagnostic, Example, Rule, Severity, register
from koze_lsp.rules.status_calls import NEEDS, PAGES, page
from koze_lsp.text import Span

_POLLS = "const status = await workflowStatus('migration', params.id, { poll: '2s' });"
_SECOND = page(_POLLS)


@register
class ScriptPlacement(Rule):
    """The script block is not the first thing in the file, or not the only one.

    A route has at most one `<script>`, before the template; only comments and a doctype may stand before it. A second one, or one
    after markup, stops the build, and what it reads is never run on the server.
    """

    code = "script-placement"
    severity = Severity.ERROR
    kinds = PAGES
    needs = NEEDS
    source = "Koze framework, compiler: KUR_SCRIPT_PLACEMENT, KUR_UNCLOSED_SCRIPT_TAG, KUR_UNCLOSED_SCRIPT_BLOCK."
    wrong = Example(_SECOND.show, {_SECOND.show: f"<h1>Job</h1>\n{_SECOND.files[_SECOND.show]}"})
    right = _SECOND
    _MESSAGES = {  # noqa: RUF012 - never changed
        "second-script": "A second script: a route has one, at the top. Move its code into the first.",
        "script-after-markup": "The script stands after markup, so the build stops. Move it to the top of the file.",
        "unclosed-script": "This script never ends. Close it with </script>.",
        "unclosed-script-tag": "This tag never ends. Write <script>.",
    }

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Script tags, as the splitter found them; the shell may have more."""
        if document.path.startswith("src/app."):
            return
        for problem in document.route.problems:
            message = self._MESSAGES.get(problem.kind)
            if message is not None:
                yield self.found(document, problem.span, message)


@register
class ControlFlowShape(Rule):
    """Control flow in a shape that the framework does not read as code.

    A control line stands alone: `if (…) {`, `} else if (…) {`, `} else {`, `for (…) {`, `}`. An `else {` on a line of its own, a `}`
    with a comment behind it, a loop on one line or a condition over several lines is printed as text or stops the build.
    """

    code = "control-flow-shape"
    severity = Severity.ERROR
    kinds = PAGES
    needs = NEEDS
    source = "Koze framework, template compiler: the forms of code lines."
    wrong = page(_POLLS, "if (status.status === 'errored') {\n  <p>Failed</p>\n}\nelse {\n  <p>Working</p>\n}")
    right = page(_POLLS, "if (status.status === 'running') {\n  <p>Working</p>\n} else {\n  <p>Waiting</p>\n}")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Lines that look like control flow and are not."""
        if not document.script.status_calls:
            return
        for problem in document.route.problems:
            if problem.kind == "control-flow-shape" and not _in_comment(document.source, problem.span.start):
                what = problem.detail[:1].upper() + problem.detail[1:]
                message = (
                    f"This is no control flow to the framework: it is printed as text, or the build stops. {what}."
                )
                yield self.found(document, problem.span, message)


def _in_comment(source: str, offset: int) -> bool:
    """Whether an offset lies in a markup comment, where text may look like anything."""
    return source.rfind("<!--", 0, offset) > source.rfind("-->", 0, offset)


@register
class TemplateSyntax(Rule):
    """The template can't be compiled.

    An expression that never closes swallows the lines behind it, and a block without its `}` (or a `}` without a block) makes invalid
    JavaScript: the build stops, or every route is down.
    """

    code = "template-syntax"
    severity = Severity.ERROR
    kinds = PAGES
    needs = NEEDS
    source = "Koze framework, compiler: KUR_TEMPLATE_EXPRESSION_SYNTAX, KUR_TEMPLATE_UNMATCHED_BRACE."
    wrong = page(_POLLS, "if (status.status === 'errored') {\n  <p>Failed</p>")
    right = page(_POLLS, "if (status.status === 'errored') {\n  <p>Failed</p>\n}")

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Unclosed expressions and unbalanced blocks; quiet where a line's shape is told already."""
        if not document.script.status_calls:
            return
        problems = document.route.problems
        shaped = any(
            problem.kind == "control-flow-shape" and not _in_comment(document.source, problem.span.start)
            for problem in problems
        )
        for problem in problems:
            if problem.kind == "unclosed-expression" and not shaped:
                yield self.found(
                    document,
                    problem.span,
                    "This expression never closes, so the build stops. Write `}` behind it; a literal brace is {'{'}.",
                )
            elif problem.kind == "unbalanced-block" and not shaped:
                if problem.detail == "closes nothing":
                    message = "This `}` closes nothing, so the build stops. Remove it, or open its block."
                else:
                    message = (
                        "This block is never closed, so the build stops. Write `}` on a line of its own behind it."
                    )
                yield self.found(document, problem.span, message)


@register
class LayoutSlot(Rule):
    """The layout has no empty `<slot></slot>`.

    A layout puts the page where its `<slot></slot>` or `<slot/>` stands. Without one, or with something in it, the page
    disappears without a word.
    """

    code = "layout-slot"
    severity = Severity.WARNING
    kinds = frozenset({FileKind.LAYOUT})
    source = "Koze framework, layout pipeline: the slot is replaced by the page; without one the page is dropped."
    wrong = Example("src/routes/layout.html", {"src/routes/layout.html": "<header>App</header>\n<main></main>\n"})
    right = Example(
        "src/routes/layout.html", {"src/routes/layout.html": "<header>App</header>\n<main>\n  <slot></slot>\n</main>\n"}
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Layouts under src/routes that have no empty slot."""
        if not document.path.startswith("src/routes/") or document.unreadable is not None:
            return
        tags = document.route.tags
        for number, tag in enumerate(tags):
            if tag.name != "slot" or tag.closing:
                continue
            closing = tags[number + 1] if number + 1 < len(tags) else None
            empty = closing is not None and closing.closing and closing.name == "slot"
            if tag.self_closing or (
                empty and closing is not None and not document.source[tag.span.end : closing.span.start].strip()
            ):
                return
        slot = next((tag for tag in tags if tag.name == "slot" and not tag.closing), None)
        first = document.route.template
        span = slot.span if slot is not None else Span(first.start, min(first.start + 1, first.end))
        message = "The page disappears in this layout: it has no empty <slot></slot>. Write one where the page belongs."
        yield self.found(document, span, message)


@register
class ComponentPlacement(Rule):
    """The component tag is literal text.

    A component's tag must begin its line and its name must be imported from a file; otherwise the framework prints the
    tag as it stands, and the browser shows nothing.
    """

    code = "component-placement"
    severity = Severity.WARNING
    kinds = TEMPLATE_KINDS
    needs = NEEDS
    source = "Koze framework, template compiler: component tags are recognised at the start of a line only."
    wrong = Example(
        _SECOND.show,
        {
            _SECOND.show: _SECOND.files[_SECOND.show]
            .replace("\n\n  const", "\n  import Progress from '$lib/progress';\n\n  const")
            .replace("<p>{status.status}</p>", "<p><Progress value={status.status} /></p>"),
        },
    )
    right = Example(
        _SECOND.show,
        {
            _SECOND.show: _SECOND.files[_SECOND.show]
            .replace("\n\n  const", "\n  import Progress from '$lib/progress';\n\n  const")
            .replace("<p>{status.status}</p>", "<Progress value={status.status} />"),
            "src/lib/progress.html": "<script>\n  import { props } from 'koze:component';\n</script>\n<b>{props.value}</b>\n",
        },
    )

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """PascalCase tags on a page that reads a status."""
        if not document.script.status_calls:
            return
        for tag in document.route.component_tags:
            if tag.closing or tag.commented:
                continue
            if tag.name not in document.route.components:
                if not self._knows_components(document, project, tag.name):
                    continue
                message = f"<{tag.name}> is never imported, so it is literal text. Import {tag.name} from '$lib/…'."
                yield self.found(document, tag.name_span, message)
            elif not tag.starts_line:
                message = f"<{tag.name}> does not begin its line, so it is literal text. Put it on a line of its own."
                yield self.found(document, tag.name_span, message)

    @staticmethod
    def _knows_components(document: Document, project: Project, name: str) -> bool:
        """Whether the page means the framework's components by such a tag: it imports some, or a file has that name.

        A page without any import may be a fragment, as those of the documentation are.
        """
        if document.route.components:
            return True
        plain = name.lower()
        files = (path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for path in project.paths(FileKind.COMPONENT))
        return any(stem.replace("-", "").replace("_", "").lower() == plain for stem in files)
