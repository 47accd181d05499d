"""The backend that asks a real server over stdio; it counts columns by itself, in the client's encoding."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from koze_lsp.text import Span, TextEdit

from .backend import Choice, Finding, Help, Item, Outline, Place, RefusedError, Tree
from .client import Client, ServerError

_LANGUAGES = {".html": "html", ".koze": "koze", ".ts": "typescript", ".json": "json", ".jsonc": "jsonc"}
_SYMBOLS = {
    5: "class", 14: "constant", 24: "event", 12: "function", 20: "key", 6: "method", 2: "module", 19: "object",
    7: "property",
}  # fmt: skip
_SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}


class Protocol:
    """Answers of one server; each case is a workspace folder of its own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.files: dict[str, str] = {}
        self.root = ""

    # --- the workspace

    def open(self, files: Tree) -> None:
        self.files = dict(files)
        self.root = str(Path(tempfile.mkdtemp(prefix="koze-marker-")).resolve())
        for path, text in files.items():
            file = Path(self.root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        self._folders(added=[self._folder()], removed=[])
        for path, text in files.items():
            document = {"uri": self.uri(path), "languageId": _language(path), "version": 1, "text": text}
            self.client.notify("textDocument/didOpen", {"textDocument": document})

    def close(self) -> None:
        for path in self.files:
            self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri(path)}})
        self._folders(added=[], removed=[self._folder()])
        shutil.rmtree(self.root)

    def _folders(self, added: list[object], removed: list[object]) -> None:
        event = {"event": {"added": added, "removed": removed}}
        self.client.notify("workspace/didChangeWorkspaceFolders", event)

    def _folder(self) -> dict[str, str]:
        return {"uri": self.uri("").rstrip("/"), "name": "case"}

    def uri(self, path: str) -> str:
        return "file://" + quote(f"{self.root}/{path}")

    def path(self, uri: str) -> str:
        prefix = f"file://{self.root}/"
        found = unquote(uri)
        assert found.startswith(prefix), f"{uri} is not in the workspace"
        return found[len(prefix) :]

    # --- columns

    def units(self, text: str) -> int:
        if self.client.encoding == "utf-8":
            return len(text.encode())
        return len(text) if self.client.encoding == "utf-32" else len(text.encode("utf-16-le")) // 2

    def position(self, path: str, offset: int) -> dict[str, int]:
        before = self.files[path][:offset]
        start = before.rfind("\n") + 1
        return {"line": before.count("\n"), "character": self.units(before[start:])}

    def offset(self, path: str, position: dict[str, int], files: Tree | None = None) -> int:
        source = (files or self.files)[path]
        lines = source.split("\n")
        at = sum(len(line) + 1 for line in lines[: position["line"]])
        line = lines[position["line"]].removesuffix("\r")
        for index in range(len(line) + 1):
            if self.units(line[:index]) == position["character"]:
                return at + index
        raise AssertionError(f"{path}: {position} is no place of {line!r} in {self.client.encoding}")

    def span(self, path: str, range_: dict[str, Any], files: Tree | None = None) -> Span:
        return Span(self.offset(path, range_["start"], files), self.offset(path, range_["end"], files))

    def place(self, location: dict[str, Any]) -> Place:
        path = self.path(location["uri"])
        return Place(path, self.span(path, location["range"]))

    def at(self, path: str, offset: int | None = None) -> dict[str, Any]:
        params: dict[str, Any] = {"textDocument": {"uri": self.uri(path)}}
        if offset is not None:
            params["position"] = self.position(path, offset)
        return params

    def whole(self, path: str) -> dict[str, Any]:
        return {"start": {"line": 0, "character": 0}, "end": self.position(path, len(self.files[path]))}

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        try:
            return self.client.request(method, params)
        except ServerError as error:
            raise RefusedError(str(error)) from error

    # --- the questions

    def diagnostics(self, path: str) -> list[Finding]:
        report = self.ask("textDocument/diagnostic", self.at(path))
        return [
            Finding(self.span(path, item["range"]), item["code"], _SEVERITIES[item["severity"]])
            for item in report["items"]
        ]

    def complete(self, path: str, offset: int) -> list[Item]:
        return [self._item(path, item) for item in self._items(path, offset)]

    def _items(self, path: str, offset: int) -> list[dict[str, Any]]:
        found = self.ask("textDocument/completion", self.at(path, offset))
        items: list[dict[str, Any]] = found["items"] if isinstance(found, dict) else (found or [])
        return sorted(items, key=lambda item: item.get("sortText") or item["label"])

    def _item(self, path: str, item: dict[str, Any]) -> Item:
        edit = TextEdit(self.span(path, item["textEdit"]["range"]), item["textEdit"]["newText"])
        extra = tuple(self._edits(path, item.get("additionalTextEdits") or []))
        return Item(
            item["label"],
            str(item.get("kind")),
            item.get("detail") or "",
            _markdown(item.get("documentation")),
            edit,
            item.get("insertTextFormat") == 2,
            extra,
            item.get("filterText") or item["label"],
        )

    def _edits(self, path: str, edits: list[dict[str, Any]], files: Tree | None = None) -> Iterable[TextEdit]:
        return [TextEdit(self.span(path, edit["range"], files), edit["newText"]) for edit in edits]

    def document(self, path: str, offset: int, label: str) -> str:
        item = next(item for item in self._items(path, offset) if item["label"] == label)
        if item.get("documentation") is None and item.get("data") is not None:
            item = self.ask("completionItem/resolve", item)
        return _markdown(item.get("documentation"))

    def hover(self, path: str, offset: int) -> tuple[str, Span | None] | None:
        found = self.ask("textDocument/hover", self.at(path, offset))
        if found is None:
            return None
        return _markdown(found["contents"]), self.span(path, found["range"]) if found.get("range") else None

    def signature(self, path: str, offset: int) -> Help | None:
        found = self.ask("textDocument/signatureHelp", self.at(path, offset))
        if found is None:
            return None
        first = found["signatures"][0]
        active = first.get("activeParameter", found.get("activeParameter"))
        parameters = first.get("parameters") or []
        text: str | None = None
        if active is not None and active < len(parameters):
            label = parameters[active]["label"]
            text = label if isinstance(label, str) else _utf16_slice(first["label"], *label)
        return Help(first["label"], text)

    def hints(self, path: str) -> list[tuple[int, str]]:
        found = self.ask("textDocument/inlayHint", {**self.at(path), "range": self.whole(path)})
        return [(self.offset(path, hint["position"]), hint["label"]) for hint in found or []]

    def lenses(self, path: str) -> list[tuple[Span, str, str | None]]:
        found = self.ask("textDocument/codeLens", self.at(path))
        return [
            (self.span(path, lens["range"]), lens["command"]["title"], lens["command"]["command"] or None)
            for lens in found or []
        ]

    def definition(self, path: str, offset: int) -> list[Place]:
        return [self.place(item) for item in self.ask("textDocument/definition", self.at(path, offset)) or []]

    def declaration(self, path: str, offset: int) -> list[Place]:
        return [self.place(item) for item in self.ask("textDocument/declaration", self.at(path, offset)) or []]

    def references(self, path: str, offset: int, declaration: bool) -> list[Place]:
        params = {**self.at(path, offset), "context": {"includeDeclaration": declaration}}
        return [self.place(item) for item in self.ask("textDocument/references", params) or []]

    def highlights(self, path: str, offset: int) -> list[tuple[Span, str]]:
        found = self.ask("textDocument/documentHighlight", self.at(path, offset)) or []
        kinds = {1: "text", 2: "read", 3: "write"}
        return [(self.span(path, item["range"]), kinds[item.get("kind", 1)]) for item in found]

    def links(self, path: str) -> list[tuple[Span, str]]:
        found = self.ask("textDocument/documentLink", self.at(path)) or []
        return [(self.span(path, item["range"]), self.path(item["target"])) for item in found]

    def symbols(self, path: str) -> list[Outline]:
        return [self._outline(path, item) for item in self.ask("textDocument/documentSymbol", self.at(path)) or []]

    def _outline(self, path: str, item: dict[str, Any]) -> Outline:
        children = tuple(self._outline(path, child) for child in item.get("children") or [])
        return Outline(_SYMBOLS[item["kind"]], item["name"], self.span(path, item["selectionRange"]), children)

    def workspace_symbols(self, query: str) -> list[tuple[str, Place]]:
        found = self.ask("workspace/symbol", {"query": query}) or []
        return [(item["name"], self.place(item["location"])) for item in found]

    def prepare_rename(self, path: str, offset: int) -> str:
        found = self.ask("textDocument/prepareRename", self.at(path, offset))
        if found is None:
            raise RefusedError("nothing to rename here")
        return str(found["placeholder"])

    def rename(self, path: str, offset: int, new_name: str) -> Tree:
        return self.after(self.ask("textDocument/rename", {**self.at(path, offset), "newName": new_name}))

    def move(self, path: str, new_path: str) -> Tree:
        params = {"files": [{"oldUri": self.uri(path), "newUri": self.uri(new_path)}]}
        tree = dict(self.after(self.ask("workspace/willRenameFiles", params)))
        if path in tree:
            tree[new_path] = tree.pop(path)
        return tree

    def actions(self, path: str, span: Span) -> list[Choice]:
        return [
            Choice(item["title"], item["kind"], bool(item.get("isPreferred")), self.after(item["edit"]))
            for item in self._actions(path, span, None)
        ]

    def _actions(self, path: str, span: Span, only: str | None) -> list[dict[str, Any]]:
        range_ = {"start": self.position(path, span.start), "end": self.position(path, span.end)}
        context: dict[str, Any] = {"diagnostics": []}
        if only is not None:
            context["only"] = [only]
        found: list[dict[str, Any]] | None = self.ask(
            "textDocument/codeAction", {**self.at(path), "range": range_, "context": context}
        )
        return found or []

    def fix_all(self, path: str) -> Tree | None:
        found = self._actions(path, Span(0, len(self.files[path])), "source.fixAll.koze")
        return self.after(found[0]["edit"]) if found else None

    def incoming(self, path: str, offset: int) -> list[str]:
        return [call["from"]["name"] for item in self._calls(path, offset) for call in self._edges("incoming", item)]

    def outgoing(self, path: str, offset: int) -> list[str]:
        return [call["to"]["name"] for item in self._calls(path, offset) for call in self._edges("outgoing", item)]

    def _calls(self, path: str, offset: int) -> list[dict[str, Any]]:
        return self.ask("textDocument/prepareCallHierarchy", self.at(path, offset)) or []

    def _edges(self, direction: str, item: dict[str, Any]) -> list[dict[str, Any]]:
        return self.ask(f"callHierarchy/{direction}Calls", {"item": item}) or []

    # --- workspace edits

    def after(self, edit: dict[str, Any] | None) -> Tree:
        """The workspace after an edit, carried out in its order as a client does it."""
        tree = dict(self.files)
        if edit is None:
            return tree
        for uri, edits in (edit.get("changes") or {}).items():
            self._apply(tree, self.path(uri), edits)
        for change in edit.get("documentChanges") or []:
            match change.get("kind"):
                case "create":
                    path = self.path(change["uri"])
                    assert path not in tree, f"{path} exists already"
                    tree[path] = ""
                case "rename":
                    tree[self.path(change["newUri"])] = tree.pop(self.path(change["oldUri"]))
                case "delete":
                    del tree[self.path(change["uri"])]
                case _:
                    self._apply(tree, self.path(change["textDocument"]["uri"]), change["edits"])
        return tree

    def _apply(self, tree: dict[str, str], path: str, edits: list[dict[str, Any]]) -> None:
        source = tree[path]
        spans = list(self._edits(path, edits, tree))
        for span, new_text in sorted(enumerate_last(spans), key=lambda item: item[0], reverse=True):
            source = source[: span[0].start] + new_text + source[span[0].end :]
        tree[path] = source


def enumerate_last(edits: list[TextEdit]) -> list[tuple[tuple[Span, int], str]]:
    """Edits with their number, so that insertions at one place keep their order when applied from the end."""
    return [((edit.span, number), edit.new_text) for number, edit in enumerate(edits)]


def _language(path: str) -> str:
    return _LANGUAGES.get(path[path.rfind(".") :], "plaintext")


def _markdown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value["value"])


def _utf16_slice(text: str, start: int, end: int) -> str:
    """Parameter labels count UTF-16 units, whatever encoding is negotiated."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")
