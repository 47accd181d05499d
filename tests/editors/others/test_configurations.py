"""Editors that can't be run here: their configurations are at least well-formed, and name what koze-lsp has."""

from __future__ import annotations

import importlib.util
import re

from koze_lsp.syntax.jsonc import JsonObject, parse, to_data
from tests.cli.support import ROOT

EDITORS = ROOT / "editors"
tomllib = importlib.import_module("tomllib" if importlib.util.find_spec("tomllib") else "tomli")


def toml(path: str) -> dict:
    return tomllib.loads((EDITORS / path).read_text(encoding="utf-8"))


def jsonc(path: str) -> dict:
    tree = parse((EDITORS / path).read_text(encoding="utf-8"))
    assert not tree.problems
    assert isinstance(tree.root, JsonObject)
    return to_data(tree.root)


def test_helix() -> None:
    data = toml("helix/languages.toml")
    assert data["language-server"]["koze-lsp"]["command"] == "koze-lsp"
    languages = {language["name"]: language for language in data["language"]}
    assert set(languages) == {"koze", "html", "typescript", "json", "toml"}
    assert all("koze-lsp" in language["language-servers"] for language in languages.values())
    assert languages["koze"]["file-types"] == ["koze", "kuratchi"]


def test_zed() -> None:
    extension = toml("zed/extension.toml")
    server = extension["language_servers"]["koze-lsp"]
    assert set(server["language_ids"]) == set(server["languages"])
    language = toml("zed/languages/koze/config.toml")
    assert language["grammar"] in extension["grammars"]
    assert toml("zed/Cargo.toml")["lib"]["crate-type"] == ["cdylib"]
    source = (EDITORS / "zed/src/lib.rs").read_text()
    assert source.count("{") == source.count("}")
    assert "zed::register_extension!(Koze)" in source


def test_sublime() -> None:
    client = jsonc("sublime/LSP.sublime-settings")["clients"]["koze-lsp"]
    assert client["command"] == ["koze-lsp"]
    assert "text.html" in client["selector"]


def test_kate() -> None:
    for server in jsonc("kate/settings.json")["servers"].values():
        assert server["command"] == ["koze-lsp"]
        re.compile(server["highlightingModeRegex"])
