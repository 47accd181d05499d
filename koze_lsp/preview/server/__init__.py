"""The preview page's server: on loopback only, with a secret in its address.

    server = start(root, "src/routes/jobs/[id].koze")
    print(server.url)
    server.stop()

The language server keeps one server for all its applications: `open_page` and `stop`, and `changed` whenever it has a
new snapshot of an application.
"""

from __future__ import annotations

from koze_lsp.preview.server.pages import PreviewServer, changed, open_page, shutdown, start, stop

__all__ = ["PreviewServer", "changed", "open_page", "shutdown", "start", "stop"]
