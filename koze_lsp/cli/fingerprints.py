"""What a finding is recognised by when lines move: its rule, its file, the text of its line, and which of those it is.

Lines that come or go above a finding, and a change of indentation, leave its fingerprint as it is.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable

from koze_lsp.cli.findings import Finding
from koze_lsp.cli.selection import absolute

_CHECKOUTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
"""Where GitHub and GitLab say that the repository's checkout is."""


def fingerprints(findings: Iterable[Finding], path_of: Callable[[Finding], str]) -> list[str]:
    """One fingerprint a finding, in their order: 32 hexadecimal digits, all different."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = []
    for finding in findings:
        key = (finding.code, path_of(finding), finding.source_line.strip())
        seen[key] += 1
        data = "\0".join((*key, str(seen[key]))).encode("utf-8", "surrogatepass")
        found.append(hashlib.sha256(data).hexdigest()[:32])
    return found


def path_in_repository(finding: Finding) -> str:
    """A finding's path as a CI service wants it: from its checkout if it says where that is, else from here."""
    path = absolute(finding.file)
    for name in _CHECKOUTS:
        checkout = os.environ.get(name)
        if checkout and path.startswith(absolute(checkout) + "/"):
            return path[len(absolute(checkout)) + 1 :]
    return finding.file
