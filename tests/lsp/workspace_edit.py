"""Carrying out a workspace edit on a tree of files as an editor does, and taking it back as its undo does."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

Edit = dict[str, Any]
Tree = dict[str, bytes]


def read_tree(root: Path) -> Tree:
    """Every file below a folder, byte for byte."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


class Editor:
    """An editor without a screen. Columns are UTF-16 units, as most editors count them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def apply(self, edit: Edit) -> Edit:
        """Carry out an edit on the disk, step by step; gives the edit that takes it back."""
        known = edit.get("changeAnnotations") or {}
        undo: list[Edit] = []
        for step in edit["documentChanges"]:
            for part in (step, *step.get("edits", ())):
                assert part.get("annotationId") is None or part["annotationId"] in known
            undo.insert(0, self._step(step))
        return {"documentChanges": undo}

    def _step(self, step: Edit) -> Edit:
        match step.get("kind"):
            case "rename":
                old, new = self.path(step["oldUri"]), self.path(step["newUri"])
                assert not new.exists()
                old.rename(new)
                return {"kind": "rename", "oldUri": step["newUri"], "newUri": step["oldUri"]}
            case "create":
                self.path(step["uri"]).touch(exist_ok=False)
                return {"kind": "delete", "uri": step["uri"]}
            case "delete":
                self.path(step["uri"]).unlink()
                return {"kind": "create", "uri": step["uri"]}
        return self._edit(step)

    def _edit(self, step: Edit) -> Edit:
        """The edits of one document, all of them in the text as it was before."""
        path = self.path(step["textDocument"]["uri"])
        text = path.read_bytes().decode()
        edits = sorted(step["edits"], key=lambda item: offset_of(text, item["range"]["start"]))
        new, at, places = "", 0, []
        for item in edits:
            start, end = (offset_of(text, item["range"][side]) for side in ("start", "end"))
            assert at <= start <= end, "the edits of a document overlap"
            new += text[at:start]
            places.append((len(new), len(new) + len(item["newText"]), text[start:end]))
            new += item["newText"]
            at = end
        new += text[at:]
        path.write_bytes(new.encode())
        back = [
            {"range": {"start": position_of(new, start), "end": position_of(new, end)}, "newText": old}
            for start, end, old in places
        ]
        return {"textDocument": step["textDocument"], "edits": back}

    def path(self, uri: str) -> Path:
        """The file of a URI, which lies below the editor's folder."""
        path = Path(unquote(uri.removeprefix("file://")))
        assert path.is_relative_to(self.root)
        return path


def units(text: str) -> int:
    """A text's length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def offset_of(text: str, position: dict[str, int]) -> int:
    """The offset (code points) of a position; lines end with LF or CRLF."""
    at = 0
    for _ in range(position["line"]):
        at = text.index("\n", at) + 1
    column = position["character"]
    while units(text[at : at + column]) > position["character"]:
        column -= 1
    assert units(text[at : at + column]) == position["character"], "the position is inside a character"
    return at + column


def position_of(text: str, offset: int) -> dict[str, int]:
    """The position of an offset."""
    line = text.rfind("\n", 0, offset) + 1
    return {"line": text.count("\n", 0, offset), "character": units(text[line:offset])}
