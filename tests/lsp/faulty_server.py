"""The server with three features replaced: hover takes as long as it is told, completion fails, links print."""

from __future__ import annotations

import sys
import time

from koze_lsp.cli.server import main
from koze_lsp.lsp import features

HOVER_SECONDS = 0.3


def slow(_session: object, _params: object) -> None:
    time.sleep(HOVER_SECONDS)


def failing(_session: object, _params: object) -> None:
    raise KeyError("the cause of it")


def printing(_session: object, _params: object) -> list[object]:
    print("this must not end up between the messages")
    return []


class Fake(features.Feature):
    def load(self) -> features.Handle:
        return globals()[self.function]


for method, name in {
    "textDocument/hover": "slow",
    "textDocument/completion": "failing",
    "textDocument/documentLink": "printing",
}.items():
    features.FEATURES[method] = Fake("", name)

sys.exit(main(sys.argv[1:]))
