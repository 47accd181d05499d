"""The framework's virtual modules: what each exports, and to which kind of file.

Source: the Koze framework's virtual modules, as its compiler resolves them per context.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Context = Literal["route", "server", "component"]

PREFIXES = ("koze:", "kuratchi:")
REQUEST = frozenset({"url", "pathname", "searchParams", "method", "params", "slug"})
SERVER_REQUEST = REQUEST | {"request", "headers", "locals"}
NAVIGATION = frozenset({"redirect", "navigateTo", "refreshRoute"})
WORKFLOW = frozenset({"workflowStatus"})

MODULES: Mapping[Context, Mapping[str, frozenset[str] | None]] = {
    "route": {
        "request": REQUEST,
        "navigation": NAVIGATION,
        "workflow": WORKFLOW,
        "environment": frozenset({"dev"}),
        "assets": None,
        "access": None,
        "pipeline": None,
        "content": None,
    },
    "server": {
        "request": SERVER_REQUEST,
        "navigation": NAVIGATION,
        "workflow": WORKFLOW,
        "environment": frozenset({"dev"}),
        "cookies": None,
        "middleware": None,
        "assets": None,
        "access": None,
        "pipeline": None,
        "content": None,
    },
    "component": {
        "component": frozenset({"props"}),
        "environment": frozenset({"dev"}),
        "navigation": NAVIGATION,
        "assets": None,
    },
}
"""Context → module without its prefix → its value exports, or None where they are not known in full."""

NOT_IN_COMPONENTS = frozenset({"workflow", "request"})


def split(specifier: str) -> tuple[str, str] | None:
    """``koze:request`` → (``koze:``, ``request``); None for any other module."""
    for prefix in PREFIXES:
        if specifier.startswith(prefix):
            return prefix, specifier[len(prefix) :]
    return None


def is_module(specifier: str, name: str) -> bool:
    """Whether a specifier is a virtual module of that name, under either prefix."""
    found = split(specifier)
    return found is not None and found[1] == name
