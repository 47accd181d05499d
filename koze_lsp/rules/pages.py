"""A rule's page: made from its docstring and examples, for ``koze-lsp explain`` and docs/rules alike."""

from __future__ import annotations

import inspect

from koze_lsp.rules.base import Example, Fixable, Rule

_LANGUAGES = {
    "html": "html",
    "koze": "html",
    "kuratchi": "html",
    "ts": "ts",
    "jsonc": "jsonc",
    "json": "json",
    "toml": "toml",
}
_FIXES = {
    Fixable.NO: "none.",
    Fixable.SAFE: "`koze-lsp fix` applies it, and editors offer it.",
    Fixable.USER: "editors offer it; you pick.",
}


def title_of(rule: Rule) -> str:
    """The first line of a rule's explanation."""
    return inspect.getdoc(type(rule) if rule.__doc__ is None else rule).splitlines()[0]  # type: ignore[union-attr]


def rule_page(rule: Rule) -> str:
    """The Markdown page of a rule."""
    _, _, body = (inspect.getdoc(rule) or "").partition("\n")
    paragraphs = "\n\n".join(" ".join(part.split("\n")) for part in body.strip().split("\n\n"))
    return (
        f"# {rule.code}\n\n**{title_of(rule)}**\n\n"
        f"Severity: {rule.severity.value}. Fix: {_FIXES[rule.fixable]}\n\n{paragraphs}\n\n"
        f"## Wrong\n\n{_shown(rule.wrong)}\n\n## Right\n\n{_shown(rule.right)}\n\n"
        f"Source: {rule.source}\n\n"
        f"To accept one finding, write `koze-ignore {rule.code} -- why` in a comment on the line before it; to switch the rule "
        f'off, `"koze-lsp": {{ "rules": {{ "{rule.code}": "off" }} }}` in package.json.\n'
    )


def _shown(example: Example) -> str:
    if example.show not in example.files:
        return f"`{example.show}`"
    text = example.files[example.show].encode("utf-8", "replace").decode()
    language = _LANGUAGES.get(example.show.rsplit(".", 1)[-1], "")
    return f"`{example.show}`\n\n```{language}\n{text.rstrip()}\n```"
