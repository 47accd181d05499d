"""Adding and removing workflows in the wrangler file, several at once, with its comments and layout kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from koze_lsp.ide.changes import difference
from koze_lsp.project.project import Project
from koze_lsp.rules.wrangler_sync import add_entry, is_other_worker
from koze_lsp.syntax import json_edits, wrangler
from koze_lsp.syntax.wrangler import WranglerFacts
from koze_lsp.text import TextEdit, apply_edits

Entry = dict[str, str]
_Step = Callable[[WranglerFacts], tuple[TextEdit, ...]]


def entry(name: str, binding: str, class_name: str) -> Entry:
    """An entry as the framework writes it."""
    return {"name": name, "binding": binding, "class_name": class_name}


def add_entries(project: Project, new: Iterable[Entry]) -> tuple[TextEdit, ...]:
    """The edits that add entries to the top level; an entry whose name or binding is taken is left out."""

    def step(one: Entry) -> _Step:
        return lambda facts: _added(facts, one)

    return _in_turn(project, [step(one) for one in new])


def remove_entries(project: Project, bindings: Iterable[str]) -> tuple[TextEdit, ...]:
    """The edits that remove the entries with some bindings, in all environments; none in a TOML file.

    An entry whose class lives in another Worker stays.
    """

    def step(binding: str) -> _Step:
        return lambda facts: _removed(facts, binding)

    wanted = list(bindings)
    count = sum(entry.binding in wanted for listed in _facts(project).lists for entry in listed.entries)
    return _in_turn(project, [step(binding) for binding in wanted for _ in range(count)])


def _facts(project: Project) -> WranglerFacts:
    return project.wrangler.wrangler if project.wrangler is not None else wrangler.parse("")


def _in_turn(project: Project, steps: list[_Step]) -> tuple[TextEdit, ...]:
    """The edits of steps of which each needs to see the text that the one before left."""
    facts = _facts(project)
    if not facts.readable:
        return ()
    source, alone = facts.tree.source, None
    for step in steps:
        edits = step(facts)
        if edits:
            alone = edits if alone is None else ()
            facts = wrangler.parse(apply_edits(facts.tree.source, edits), toml=facts.toml)
    return alone or difference(source, facts.tree.source)


def _added(facts: WranglerFacts, new: Entry) -> tuple[TextEdit, ...]:
    if facts.root is None or any(fact.name == new["binding"] and fact.env is None for fact in facts.bindings):
        return ()
    if any(entry.name == new["name"] for entry in facts.entries):
        return ()
    listed = facts.workflows
    if listed is not None and listed.array is None and not facts.toml:
        return ()
    return add_entry(facts, new)


def _removed(facts: WranglerFacts, binding: str) -> tuple[TextEdit, ...]:
    if facts.toml:
        return ()
    for listed in facts.lists:
        for found in listed.entries:
            if found.binding == binding and not is_other_worker(facts, found) and listed.array is not None:
                return json_edits.remove_item(facts.tree, listed.array, found.index)
    return ()
