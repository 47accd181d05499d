"""koze-lsp: language server, CI check and preview runtime for Koze Workflows."""

__version__ = "0.1.0"
