"""How fast koze-lsp is beside the tools that people would use instead: ``python -m benchmarks``."""
