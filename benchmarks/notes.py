"""What the profile shows of rows that may miss their reach, printed below such a row; docs/performance.md says more."""

from __future__ import annotations

NOTES = {
    "… against ast-grep scan": """
        Of the processor time a third is listing 27,000 folders and a sixth reading (mostly the system, paid by every
        tool), a fifth the first look at 10,000 pages, a sixth imports and rules of 36 files. Tried: fewer calls a
        file, lines remembered, rules in one process only, sorting where it is listed. ast-grep matches on all cores
        in Rust.""",
    "server start, against a bare pygls server": """
        All but 30 ms are pygls and lsprotocol, which both servers import. Tried: no parser, no rule and no path
        library before the answer.""",
    "first diagnostics, against svelteserver": """
        Three quarters are listing 27,000 folders (system calls on one thread, since a process with threads must not
        fork), the rest importing the parsers and rules. Tried: listing with threads, which is slower.""",
    "keystroke to diagnostics": """
        All of it is the page: cutting the template 1.5 ms, its statements' names and reads 1.6, rules 1, the protocol
        1; where the text is broken, a fresh syntax tree 3 and the broken statement. Tried: keeping what is whole in a
        broken text, one parse instead of two; taking over a broken tree gives another than a fresh look.""",
    "completion in the name": """
        500 items: making them is 1 ms, writing their JSON 1; the rest is the edit before each request.""",
    "1,000 files changed": """
        Two thirds are the rules of 1,000 pages that are not plain, 0.4 ms each; the rest reading and the protocol.""",
}


def note(what: str) -> str | None:
    """The note of a row, if there is one: rows that begin alike share it."""
    text = next((text for start, text in NOTES.items() if what.startswith(start)), None)
    return " ".join(text.split()) if text is not None else None
