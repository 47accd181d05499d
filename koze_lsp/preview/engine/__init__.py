"""Cloudflare's workflow engine on a virtual clock, inside an isolate; see ``session.py`` and ``run.py``."""
