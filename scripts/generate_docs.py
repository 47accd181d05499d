"""Writes what the documentation takes from the code: docs/rules, docs/configuration.md, the tables in README.md.

``python scripts/generate_docs.py`` writes; ``--check`` only tells whether anything would change (exit status 1).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from koze_lsp.project.settings import LEVELS, SETTINGS, Setting  # noqa: E402
from koze_lsp.rules import MODULES, all_rules  # noqa: E402
from koze_lsp.rules.base import Fixable, Rule  # noqa: E402
from koze_lsp.rules.pages import rule_page, title_of  # noqa: E402

_FIXES = {Fixable.NO: "", Fixable.SAFE: "safe", Fixable.USER: "you pick"}


def rule_index(rules: list[Rule]) -> str:
    """The table of all rules, by module."""
    lines = [
        "# The rules",
        "",
        f"{len(rules)} rules. Errors and warnings fail `koze-lsp --check`; information and hints do not. A safe fix is",
        "applied by `koze-lsp fix`; the others are offered in editors.",
        "",
        "| code | severity | fix | what it means |",
        "|---|---|---|---|",
    ]
    for rule in rules:
        title = title_of(rule).replace("|", "\\|")
        lines.append(f"| [{rule.code}]({rule.code}.md) | {rule.severity.value} | {_FIXES[rule.fixable]} | {title} |")
    return "\n".join(lines) + "\n"


def configuration() -> str:
    """docs/configuration.md."""
    rows = list(_rows(SETTINGS, ""))
    package = {
        "koze-lsp": {
            "rules": {"poll-unit": "error", "polled-form": "off"},
            "poll": {"minimum": 500},
            "ignore": ["src/routes/legacy/**"],
        }
    }
    return (
        "# Configuration\n\n"
        "Nothing needs to be configured. What can be, stands in the nearest `package.json`:\n\n"
        f"```json\n{json.dumps(package, indent=2)}\n```\n\n"
        "Editors may set the same under `koze.` (`koze.poll.minimum`); what they set counts over package.json. A key or a\n"
        "value that can't be read is the diagnostic [invalid-config](rules/invalid-config.md), and the default counts.\n\n"
        "| setting | type | default | what it does |\n|---|---|---|---|\n" + "".join(rows) + "\n"
        f"Levels are {', '.join(f'`{level}`' for level in LEVELS)}. The codes are in [rules/](rules/README.md).\n\n"
        "## One finding\n\n"
        "A comment on the line before accepts a finding; say why behind `--`:\n\n"
        "```html\n<script>\n  // koze-ignore poll-too-fast -- a demo page\n"
        "  const status = await workflowStatus('migration', params.id, { poll: '100ms' });\n</script>\n\n"
        '<!-- koze-ignore polled-form -->\n<input name="note">\n```\n\n'
        "It works in scripts, workflow files and wrangler.jsonc with `//`, in templates with `<!-- -->`, in wrangler.toml with\n"
        "`#`. A comment that accepts nothing any more is the hint [unused-ignore](rules/unused-ignore.md).\n"
    )


def _rows(settings: tuple[Setting, ...], prefix: str) -> list[str]:
    rows: list[str] = []
    for setting in settings:
        if setting.children:
            rows += _rows(setting.children, f"{prefix}{setting.key}.")
        else:
            kind = {"levels": "object", "globs": "list of globs"}.get(setting.kind, setting.kind)
            rows.append(
                f"| `{prefix}{setting.key}` | {kind} | `{json.dumps(setting.default)}` | {setting.documentation} |\n"
            )
    return rows


def generated() -> dict[Path, str]:
    """Every generated file with its text."""
    rules = list(all_rules().values())
    files = {ROOT / "docs/rules" / f"{rule.code}.md": rule_page(rule) for rule in rules}
    files[ROOT / "docs/rules/README.md"] = rule_index(rules)
    files[ROOT / "docs/configuration.md"] = configuration()
    return files


def stale() -> list[Path]:
    """The generated files that are not what the code says, and pages of rules that are gone."""
    files = generated()
    wrong = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    return wrong + [path for path in (ROOT / "docs/rules").glob("*.md") if path not in files]


def main() -> int:
    """Write, or tell."""
    wrong = stale()
    if "--check" in sys.argv[1:]:
        for path in wrong:
            print(f"{path.relative_to(ROOT)} is out of date: run make docs")
        return 1 if wrong else 0
    files = generated()
    for path in wrong:
        if path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
        else:
            path.unlink()
    print(f"{len(wrong)} files written, {len(MODULES)} modules of rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
