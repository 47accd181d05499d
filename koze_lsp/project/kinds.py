"""Which kind of file a path is, in an application.

Source: the Koze framework's discovery of pages, layouts and workflow files.
"""

from __future__ import annotations

import re

from koze_lsp.project.document import FileKind
from koze_lsp.project.naming import SUFFIX

TEMPLATES = (".html", ".koze", ".kuratchi")
MODULES = (".ts", ".js", ".mts", ".mjs", ".tsx", ".jsx", ".cts", ".cjs")
WRANGLER_FILES = ("wrangler.json", "wrangler.jsonc", "wrangler.toml")
"""In the order in which wrangler takes them."""
SCENARIO = ".preview.json5"

_LOOKALIKE = re.compile(r"\.workflows?\.(?:[tj]sx?|[cm][tj]s)\Z", re.IGNORECASE)
_TOP = {"package.json": FileKind.PACKAGE, **dict.fromkeys(WRANGLER_FILES, FileKind.WRANGLER)}


def kind_of(path: str) -> FileKind:
    """The kind of a path that is relative to its project's root (POSIX)."""
    name = path.rsplit("/", 1)[-1]
    if path in _TOP:
        return _TOP[path]
    if name.endswith(TEMPLATES):
        return _template_kind(path, name)
    if name.endswith(SUFFIX) and path.startswith("src/server/") and name != SUFFIX:
        return FileKind.WORKFLOW
    if path == "src/app.d.ts":
        return FileKind.APP_DTS
    if ".workflow" in name.lower() and _LOOKALIKE.search(name):
        return FileKind.WORKFLOW_LOOKALIKE
    if name.endswith(MODULES) and not name.endswith(".d.ts"):
        return FileKind.SERVER
    return FileKind.SCENARIO if name.endswith(SCENARIO) else FileKind.OTHER


def _template_kind(path: str, name: str) -> FileKind:
    stem = name.rsplit(".", 1)[0]
    if path.startswith("src/routes/") and not path.startswith("src/routes/api/"):
        if stem == "layout":
            return FileKind.LAYOUT
        return FileKind.ROUTE if stem != "error" else FileKind.COMPONENT
    if path in ("src/app.html", "src/app.koze", "src/app.kuratchi"):
        return FileKind.LAYOUT
    return FileKind.COMPONENT
