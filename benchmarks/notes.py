"""What the profile shows of rows that may miss their reach, printed below such a row; docs/performance.md says more."""

from __future__ import annotations

NOTES = {
    "… against ast-grep scan": """
        Of the processor time about a quarter is listing 27,000 folders and a sixth reading (mostly the system, paid
        by every tool), a quarter the first look at 10,000 pages, a fifth imports and rules of 36 files, paid in each
        process. Tried: fewer calls a file, no full distance to far names, pickle before the fork, parsers only where
        needed. ast-grep matches on all cores in Rust.""",
    "keystroke to diagnostics": """
        All of it is the page: of 30 ms, names 9, following the status through 440 reads 8, the template's lines and
        tags 5, the syntax tree 2, rules 3, letting the old version go 2; the protocol 1. Tried: keeping template pieces
        (16 ms became 1.5), no collector while somebody types (spikes of 40 to 240 ms are gone), queries in place of
        walks (no gain). Left: keeping names and reads by statement.""",
    "completion in the name": """
        500 items: making them is 2 ms, writing their JSON 1.3; the rest is the edit before each request.""",
    "1,000 files changed": """
        Nearly all of it is the rules of 1,000 pages that are not plain, about 1 ms each.""",
    "… slowest hover meanwhile": """
        Most runs give 15 to 60 ms, some 90 to 200. In the one that was traced the server took steps of 1 ms all the
        while and had not received the request yet; neither a pause between steps nor a shorter switch interval
        of Python's lock made a difference. Not explained.""",
}


def note(what: str) -> str | None:
    """The note of a row, if there is one: rows that begin alike share it."""
    text = next((text for start, text in NOTES.items() if what.startswith(start)), None)
    return " ".join(text.split()) if text is not None else None
