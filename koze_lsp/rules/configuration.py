"""The settings in package.json."""

from __future__ import annotations

from collections.abc import Iterator

from koze_lsp.project.config import KEY
from koze_lsp.project.document import Document, FileKind
from koze_lsp.project.project import Project
from koze_lsp.project.settings import SettingProblem, problems
from koze_lsp.rules.base import Diagnostic, Example, Fix, Fixable, Rule, Severity, edit_fix, register, registry
from koze_lsp.rules.nearest import nearest
from koze_lsp.syntax.jsonc import JsonMember, JsonObject, JsonString, to_data
from koze_lsp.text import Span, TextEdit


def _package(settings: str) -> Example:
    return Example("package.json", {"package.json": f'{{\n  "name": "app",\n  "koze-lsp": {settings}\n}}\n'})


@register
class InvalidConfig(Rule):
    """The setting does not exist, or its value can't be read.

    koze-lsp ignores it and uses the default, so the check does not do what package.json says. The settings are listed in
    docs/configuration.md.
    """

    code = "invalid-config"
    severity = Severity.WARNING
    fixable = Fixable.USER
    kinds = frozenset({FileKind.PACKAGE})
    needs = (f'"{KEY}"',)
    source = "koze-lsp itself."
    wrong = _package('{ "rules": { "poll-unitt": "off" } }')
    right = _package('{ "rules": { "poll-unit": "off" } }')

    def check(self, document: Document, project: Project) -> Iterator[Diagnostic]:
        """Unknown keys and codes, and values of the wrong type."""
        root = document.json.root
        member = _find(root, (KEY,)) if isinstance(root, JsonObject) else None
        if member is None or member.value is None:
            return
        data = to_data(member.value)
        for problem in problems(data):
            yield self._report(document, member, problem)
        rules = data.get("rules") if isinstance(data, dict) else None
        for code in rules if isinstance(rules, dict) else ():
            if code not in registry():
                message = f"There is no rule '{code}'."
                yield self._report(document, member, SettingProblem(("rules", code), message, True, tuple(registry())))

    def _report(self, document: Document, settings: JsonMember, problem: SettingProblem) -> Diagnostic:
        member = settings if not problem.path else _find(settings.value, problem.path)
        if member is None:
            return self.found(document, settings.key.span, problem.message)
        node = member.key if problem.at_key or member.value is None else member.value
        fixes: tuple[Fix, ...] = ()
        message = problem.message
        if isinstance(node, JsonString) and problem.suggestions:
            near = nearest(node.value, problem.suggestions, 1)
            inner = Span(node.span.start + 1, node.span.end - 1)
            fixes = tuple(edit_fix(document.path, f"Change to {name}", TextEdit(inner, name)) for name in near)
            message += f" Did you mean {near[0]}?" if near else ""
        return self.found(document, node.span, message, fixes=fixes)


def _find(node: object, path: tuple[str, ...]) -> JsonMember | None:
    found: JsonMember | None = None
    for key in path:
        if not isinstance(node, JsonObject):
            return None
        found = next((member for member in reversed(node.members) if member.key.value == key), None)
        node = found.value if found is not None else None
    return found
