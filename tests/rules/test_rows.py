"""Every rule against its table: where it speaks and at what, where it stays quiet, and what its fixes leave."""

from __future__ import annotations

import pytest

from koze_lsp.project.project import Project
from koze_lsp.rules import all_rules
from koze_lsp.rules.base import Diagnostic, Fixable
from koze_lsp.rules.engine import check_document
from tests.rules.rows import At, Rows
from tests.rules.support import apply, project
from tests.rules.tables import all_rows

ROWS = all_rows()
RULES = all_rules()


def _marked(text: str) -> tuple[str, int, int]:
    """A text without its marks, and the place of what they mark."""
    start = text.index("«")
    end = text.index("»") - 1
    return text.replace("«", "").replace("»", ""), start, end


def _project(text: str, path: str, rows: Rows) -> Project:
    made = project({path: text, **rows.more}, path, bare=rows.bare)
    if rows.installed is not None:
        made.__dict__["framework"] = rows.installed
    return made


def _found(text: str, path: str, rows: Rows) -> list[Diagnostic]:
    return check_document(_project(text, path, rows), path)


def _failing(found: list[Diagnostic]) -> set[str]:
    return {one.code for one in found if one.severity.fails}


SPEAKS = [(code, text) for code, rows in ROWS.items() for text in rows.speaks]
QUIET = [(code, text) for code, rows in ROWS.items() for text in rows.quiet]
FIXED = [(code, before, after) for code, rows in ROWS.items() for before, after in rows.fixed]


@pytest.mark.parametrize(("code", "marked"), SPEAKS)
def test_speaks_once_at_the_wrong_token(code: str, marked: str) -> None:
    rows = ROWS[code]
    text, start, end = _marked(marked)
    found = _found(text, rows.place(marked), rows)
    assert [(one.span.start, one.span.end) for one in found if one.code == code] == [(start, end)]
    assert _failing(found) <= {code, *rows.also}


@pytest.mark.parametrize(("code", "text"), QUIET)
def test_stays_quiet(code: str, text: str) -> None:
    assert "«" not in text
    rows = ROWS[code]
    assert code not in [one.code for one in _found(text, rows.place(text), rows)]


@pytest.mark.parametrize(("code", "marked"), SPEAKS)
def test_every_fix_answers_its_finding(code: str, marked: str) -> None:
    """After any of its fixes the finding is gone, and nothing of the kind that fails has come instead."""
    rows = ROWS[code]
    text, path = _marked(marked)[0], rows.place(marked)
    before = _project(text, path, rows)
    files = {name: document.source for name in before.files if (document := before.document(name))}
    found = check_document(before, path)
    for fix in (fix for one in found if one.code == code for fix in one.fixes):
        after = apply(fix, files)
        left = check_document(project(after, path, bare=rows.bare), path) if path in after else []
        assert code not in [one.code for one in left], fix.title
        assert _failing(left) <= _failing(found), fix.title


@pytest.mark.parametrize(("code", "before", "after"), FIXED)
def test_the_first_fix_leaves_exactly_what_is_clean(code: str, before: str, after: str) -> None:
    rows = ROWS[code]
    path, new = rows.place(before), after.path if isinstance(after, At) else rows.place(before)
    fix = next(one for one in _found(before, path, rows) if one.code == code).fixes[0]
    files = apply(fix, {path: before})
    assert files.pop(new) == after
    assert set(files) <= {path}
    left = check_document(project({new: after, **files, **rows.more}, new), new)
    assert code not in [one.code for one in left]
    assert not _failing(left)


# Every rule has its rows ----------------------------------------------------------------------------------


def test_the_tables_are_of_the_rules_that_there_are() -> None:
    assert set(ROWS) == set(RULES)


@pytest.mark.parametrize("code", RULES)
def test_every_rule_has_a_plain_case_and_three_near_misses(code: str) -> None:
    assert ROWS[code].speaks
    assert len({(ROWS[code].place(text), text) for text in ROWS[code].quiet}) >= 3


@pytest.mark.parametrize("code", RULES)
def test_every_rule_that_offers_a_fix_has_the_result_of_one(code: str) -> None:
    """And a rule that says it has no fix offers none; safe means that one is applied unasked."""
    rows, fixable = ROWS[code], RULES[code].fixable
    found = [one for text in rows.speaks for one in _found(_marked(text)[0], rows.place(text), rows)]
    fixes = [fix for one in found if one.code == code for fix in one.fixes]
    if fixable is Fixable.NO:
        assert not fixes
        assert not rows.fixed
    else:
        assert rows.fixed
        assert any(fix.safe for fix in fixes) == (fixable is Fixable.SAFE)
